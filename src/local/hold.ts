import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, writeProblem } from '../core/write-problem.ts';
import { realPath } from '../engines/real-path.ts';
import { makeLocalFolder } from './place.ts';

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

function holdFile(local: string, db: string): string {
  const id = createHash('sha256').update(realPath(db)).digest('hex').slice(0, 16);
  return join(local, `hold-${id}.json`);
}

/** Leaves a hold; one that stands already stays, because it says when the trouble began. Throws DISK_FULL or NOT_WRITABLE. */
export function placeHold(local: string, db: string, reason: string, time: Date): void {
  if (holdOf(local, db) !== undefined) return;
  const file = holdFile(local, db);
  const hold: Hold = { db: realPath(db), reason, time: time.toISOString() };
  makeLocalFolder(local);
  try {
    writeFileSync(`${file}-${process.pid}`, `${JSON.stringify(hold, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}-${process.pid}`, file);
  } catch (error) {
    rmSync(`${file}-${process.pid}`, { force: true });
    throw writeProblem(file, error);
  }
}

/** The hold on a database, if there is one. A file that cannot be read is one too: it was left for a reason. */
export function holdOf(local: string, db: string): Hold | undefined {
  let source: string;
  try {
    source = readFileSync(holdFile(local, db), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    source = '';
  }
  return readHold(source) ?? { db: realPath(db), reason: 'a restore failed', time: new Date(0).toISOString() };
}

function readHold(source: string): Hold | undefined {
  try {
    const { db, reason, time }: Partial<Hold> = JSON.parse(source);
    return db === undefined || reason === undefined || time === undefined ? undefined : { db, reason, time };
  } catch {
    return undefined;
  }
}

/** Says whether there was one. Throws NOT_WRITABLE. */
export function liftHold(local: string, db: string): boolean {
  if (holdOf(local, db) === undefined) return false;
  const file = holdFile(local, db);
  try {
    rmSync(file, { force: true });
    return true;
  } catch (error) {
    throw writeProblem(file, error);
  }
}
