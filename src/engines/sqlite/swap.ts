import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isHindrance } from '../../core/damage.ts';
import { diskFull } from '../../core/problems/machine.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { statIfThere } from '../../files/if-there.ts';
import { replaceFile } from '../placing.ts';

export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** Where a new database is built before it takes the old one's place: beside it, so that a rename is all it needs. */
export function asideOf(db: string): string {
  return `${db}-overwinter`;
}

/** Makes sure that a database can be built aside: removes what a builder that died left, and keeps others from reading. */
export function beginAside(db: string): string {
  const aside = asideOf(db);
  try {
    mkdirSync(dirname(db), { recursive: true });
    accessSync(dirname(db), constants.W_OK);
    removeDatabase(aside);
    writeFileSync(aside, '', { mode: 0o600 });
    return aside;
  } catch (error) {
    throw writeProblem(dirname(db), error);
  }
}

/** What is empty beside a database that nobody has open: a look at one in WAL mode leaves such files. */
export function removeSideFiles(db: string): void {
  for (const suffix of SIDE_FILES) rmSync(db + suffix, { force: true });
}

/** Side files first: the file itself is what says that there is something to remove. Throws NOT_WRITABLE. */
export function removeDatabase(db: string): void {
  try {
    // What the second thread of a restore that died made is one of them.
    for (const suffix of ['-second-journal', '-second', ...SIDE_FILES, '']) rmSync(db + suffix, { force: true });
  } catch (error) {
    throw writeProblem(db, error);
  }
}

/** The same, where it is beside the point whether it can go: what is left is removed by the next restore. */
export function discardDatabase(db: string): void {
  try {
    removeDatabase(db);
  } catch (error) {
    if (!isHindrance(error)) throw error;
  }
}

/** Puts a finished database in the place of another in one step, and then calls `replaced`. The other must be settled: free of side files. */
export function swapIn(finished: string, db: string, replaced: () => void): void {
  try {
    mustBeWhole(finished);
    removeSideFiles(db);
    replaceFile(finished, db, replaced);
  } catch (error) {
    throw writeProblem(db, error);
  }
}

/** A WAL or a journal that is left says that the last words did not reach the file: SQLite is silent about it when it closes. */
function mustBeWhole(finished: string): void {
  const left = ['-wal', '-journal'].find((suffix) => (statIfThere(finished + suffix)?.size ?? 0) > 0);
  if (left !== undefined) throw diskFull(finished)();
}
