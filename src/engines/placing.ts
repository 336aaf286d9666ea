import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../core/system-error.ts';
import { writeProblem } from '../core/write-problem.ts';
import { isThere, statIfThere } from '../files/if-there.ts';

/** Puts a finished database that is one file in the place of another, and calls `replaced` once it is there. Both survive a loss of power. */
export function replaceFile(finished: string, db: string, replaced: () => void): void {
  fsync(finished);
  renameSync(finished, db);
  replaced();
  fsync(dirname(db));
}

function fsync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
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
 * until something takes it. Returns where it is kept; undefined where there is nothing.
 */
export function setAside(db: string, sideFiles: readonly string[], folder: string, stamp: string): string | undefined {
  const all = ['', ...sideFiles];
  const wanted = join(folder, `${basename(db)}-${stamp}`);
  let target = wanted;
  for (let n = 2; all.some((suffix) => isThere(target + suffix)); n++) target = `${wanted}-${n}`;
  const kept = all.filter((suffix) => keepOne(db + suffix, target + suffix));
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
