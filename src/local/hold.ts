import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isHindrance } from '../core/damage.ts';
import { reasonOf } from '../core/errors.ts';
import { writeProblem } from '../core/write-problem.ts';
import { localPath, readLocal, writeLocal } from './place.ts';

/** For which environment a database was made, and from which backup. */
export interface MadeFor {
  readonly environment: string;
  readonly backup: string;
}

/**
 * What a failed restore leaves behind, or one that made data for development: while it stands, no backup of that database is written, so that
 * what the app wrote without its data, or fakes, cannot take the place of the good backup.
 */
export interface Hold {
  readonly db: string;
  readonly reason: string;
  /** When the restore failed, or was made; ISO 8601. */
  readonly time: string;
  /** It did not fail: what is there was made for an environment. */
  readonly madeFor?: MadeFor;
}

const nameOf = (db: string) => `hold-${createHash('sha256').update(db).digest('hex').slice(0, 16)}.json`;

/** Leaves a hold; one that stands already stays, because it says when the trouble began. Throws DISK_FULL or NOT_WRITABLE. */
export function placeHold(local: string, db: string, reason: string, time: Date): void {
  if (holdOf(local, db) !== undefined) return;
  const hold: Hold = { db, reason, time: time.toISOString() };
  writeHold(local, hold);
}

/** Throws DISK_FULL or NOT_WRITABLE. */
export const writeHold = (local: string, hold: Hold): void =>
  writeLocal(local, nameOf(hold.db), `${JSON.stringify(hold, null, 2)}\n`);

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
  const { db, reason, time, madeFor }: Partial<Hold> = JSON.parse(source);
  if (db === undefined || reason === undefined || time === undefined) throw new Error('no hold of ours');
  return { db, reason, time, ...(madeFor === undefined ? {} : { madeFor }) };
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
