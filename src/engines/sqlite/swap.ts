import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isHindrance } from '../../core/damage.ts';
import { diskFull } from '../../core/problems/machine.ts';
import { codeOf } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { isThere, statIfThere } from '../../files/if-there.ts';

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

function fsync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
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
    fsync(finished);
    removeSideFiles(db);
    renameSync(finished, db);
    replaced();
    fsync(dirname(db));
  } catch (error) {
    throw writeProblem(db, error);
  }
}

/** A WAL or a journal that is left says that the last words did not reach the file: SQLite is silent about it when it closes. */
function mustBeWhole(finished: string): void {
  const left = ['-wal', '-journal'].find((suffix) => (statIfThere(finished + suffix)?.size ?? 0) > 0);
  if (left !== undefined) throw diskFull(finished)();
}

/** Gives a finished database the mode and, where the system lets us, the owner of the one it replaces. */
export function takeAfter(finished: string, db: string): void {
  const old = statIfThere(db);
  chmodSync(finished, old === undefined ? 0o600 : old.mode & 0o777);
  if (old === undefined) return;
  const { uid, gid } = statSync(finished);
  if (uid === old.uid && gid === old.gid) return;
  try {
    chownSync(finished, old.uid, old.gid);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') throw writeProblem(finished, error);
  }
}

/**
 * Keeps what cannot be read, a database or side files without one, where nothing overwrites it. It stays in its place too,
 * until `swapIn`. Returns where it is kept; undefined where there is nothing.
 */
export function setAside(db: string, folder: string, stamp: string): string | undefined {
  const wanted = join(folder, `${basename(db)}-${stamp}`);
  let target = wanted;
  for (let n = 2; ['', ...SIDE_FILES].some((suffix) => isThere(target + suffix)); n++) target = `${wanted}-${n}`;
  const kept = ['', ...SIDE_FILES].filter((suffix) => keepOne(db + suffix, target + suffix));
  return kept.length > 0 ? target : undefined;
}

function keepOne(file: string, target: string): boolean {
  if ((statIfThere(file)?.size ?? 0) === 0) return false;
  try {
    linkSync(file, target);
  } catch {
    // Another file system, or one that has no links.
    copyOne(file, target);
  }
  return true;
}

function copyOne(file: string, target: string): void {
  try {
    copyFileSync(file, target, constants.COPYFILE_EXCL);
    fsync(target);
  } catch (error) {
    rmSync(target, { force: true });
    throw writeProblem(target, error);
  }
}
