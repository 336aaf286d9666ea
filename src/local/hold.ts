import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isHindrance } from '../core/damage.ts';
import { reasonOf } from '../core/errors.ts';
import { writeProblem } from '../core/write-problem.ts';
import { localPath, readLocal, writeLocal } from './place.ts';

/**
 * What a failed restore leaves behind: while it stands, no backup of that database is written, so that what the app wrote
 * without its data cannot take the place of the good backup.
 */
export interface Hold {
  readonly db: string;
  readonly reason: string;
  /** When the restore failed; ISO 8601. */
  readonly time: string;
}

const nameOf = (db: string) => `hold-${createHash('sha256').update(db).digest('hex').slice(0, 16)}.json`;

/** Leaves a hold; one that stands already stays, because it says when the trouble began. Throws DISK_FULL or NOT_WRITABLE. */
export function placeHold(local: string, db: string, reason: string, time: Date): void {
  if (holdOf(local, db) !== undefined) return;
  const hold: Hold = { db, reason, time: time.toISOString() };
  writeLocal(local, nameOf(db), `${JSON.stringify(hold, null, 2)}\n`);
}

/** The hold on a database, if there is one. A damaged one is one too: it was left for a reason. Throws NOT_OURS and NOT_READABLE. */
export function readHold(local: string, db: string): Hold | undefined {
  try {
    const source = readLocal(local, nameOf(db));
    return source === undefined ? undefined : holdIn(source);
  } catch (error) {
    if (isHindrance(error)) throw error;
    return unknownHold(db, 'a restore failed');
  }
}

const unknownHold = (db: string, reason: string): Hold => ({
  db,
  reason,
  time: new Date(0).toISOString(),
});

/** The same for whoever only tells of it: one that cannot be read is one, for that reason. */
export function holdOf(local: string, db: string): Hold | undefined {
  try {
    return readHold(local, db);
  } catch (error) {
    return unknownHold(db, reasonOf(error));
  }
}

function holdIn(source: string): Hold {
  const { db, reason, time }: Partial<Hold> = JSON.parse(source);
  if (db === undefined || reason === undefined || time === undefined) throw new Error('no hold of ours');
  return { db, reason, time };
}

/** Says whether there was one. Throws NOT_WRITABLE. */
export function liftHold(local: string, db: string): boolean {
  if (holdOf(local, db) === undefined) return false;
  const file = localPath(local, nameOf(db));
  try {
    rmSync(file, { force: true });
    return true;
  } catch (error) {
    throw writeProblem(file, error);
  }
}
