import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { CONFIG_FILES } from '../core/config-files.ts';
import { localFolderTracked, notOurs } from '../core/problems/machine.ts';
import { absentOr } from '../core/read-problem.ts';
import { codeOf } from '../core/system-error.ts';
import { writeProblem } from '../core/write-problem.ts';
import { isThere, lstatIfThere } from '../files/if-there.ts';
import { readPlainFile } from '../files/plain-file.ts';
import { isTracked } from './tracked.ts';

const ROOT_MARKS = [...CONFIG_FILES, 'package.json', '.git'];

/** The project a folder belongs to: the nearest folder upwards that is marked as one, else the folder itself. */
export function projectRoot(from: string): string {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (ROOT_MARKS.some((mark) => isThere(join(at, mark)))) return at;
    if (dirname(at) === at) return resolve(from);
  }
}

/** Where a machine keeps what is its own (snapshots, locks, fingerprints), never seen by git. */
export function localFolder(root: string): string {
  return join(root, '.overwinter');
}

/** No file of ours in there is larger. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * The path of something in `.overwinter/`; of a folder, where it ends in `/.`. Throws NOT_OURS where that one, or one on the way, is not as
 * we made it: what a branch brought would decide which program runs, which key is used and where copies of the database are written.
 */
export function localPath(local: string, inside: string): string {
  mustBeOurs(local);
  for (let at = dirname(inside); at !== '.'; at = dirname(at))
    if (lstatIfThere(join(local, at))?.isSymbolicLink()) throw notOurs(join(local, at), 'is a link')();
  return join(local, inside);
}

/** Throws NOT_OURS. Where there is no such folder, there is nothing to distrust. */
export function mustBeOurs(local: string): void {
  const found = lstatIfThere(local);
  if (found === undefined) return;
  if (!found.isDirectory()) throw notOurs(local, found.isSymbolicLink() ? 'is a link' : 'is no folder')();
  const project = statSync(dirname(local));
  // Who owns the project's folder, or may write in it, decides about its configuration already, which is code.
  const trusted = [process.getuid?.(), project.uid, 0];
  if (process.getuid !== undefined && !trusted.includes(found.uid)) throw notOurs(local, "is another user's")();
  if ((found.mode & WRITABLE_BY_ALL) !== 0 && (project.mode & WRITABLE_BY_ALL) === 0)
    throw notOurs(local, 'may be written by everybody')();
  if (isTracked(local)) throw localFolderTracked(local)();
}

const WRITABLE_BY_ALL = 0o002;

/** The text of a file in there; undefined where there is none. Throws NOT_OURS, NOT_READABLE, and a plain error for what is no file. */
export const readLocal = (local: string, inside: string): string | undefined =>
  localBytes(local, inside)?.toString('utf8');

/** The same, as bytes. */
export function localBytes(local: string, inside: string): Buffer | undefined {
  const path = localPath(local, inside);
  try {
    return readPlainFile(path, LARGEST_FILE);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') throw new Error(`${path} is a link`);
    return absentOr(path, error);
  }
}

/**
 * Writes one for this user alone, whole or not at all, and through no link. What is not flushed may be lost in a power cut. Throws
 * NOT_OURS, DISK_FULL and NOT_WRITABLE.
 */
export function writeLocal(local: string, inside: string, text: string | Uint8Array, { flush = true } = {}): void {
  makeLocalFolder(local, dirname(inside));
  const path = localPath(local, inside);
  const fresh = `${path}-${process.pid}`;
  try {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx', flush });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw writeProblem(path, error);
  }
}

/** Removes one that must not be believed any more. Never fails: what cannot be removed could not be written either. */
export function removeLocal(local: string, inside: string): void {
  try {
    rmSync(localPath(local, inside), { force: true });
  } catch {
    // Said above.
  }
}

/**
 * Makes a folder inside `.overwinter/`, readable by the user alone, and the ignore file that hides it all. Throws NOT_OURS, DISK_FULL
 * or NOT_WRITABLE.
 */
export function makeLocalFolder(local: string, ...inside: string[]): string {
  const folder = localPath(local, [...inside, '.'].join('/'));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ignore = join(local, '.gitignore');
    if (lstatIfThere(ignore) === undefined) writeFileSync(ignore, '*\n', { flag: 'wx' });
    return folder;
  } catch (error) {
    // Another process was quicker.
    if (codeOf(error) === 'EEXIST' && lstatIfThere(folder)?.isDirectory()) return folder;
    throw writeProblem(folder, error);
  }
}

/** The same, without anything in it. */
export function emptyLocalFolder(local: string, ...inside: string[]): string {
  const folder = localPath(local, [...inside, '.'].join('/'));
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    throw writeProblem(folder, error);
  }
  return makeLocalFolder(local, ...inside);
}

/** The path from `root`, with slashes, of a file inside it. */
export function insideOf(root: string, file: string): string | undefined {
  const path = relative(root, file).replaceAll('\\', '/');
  return path === '..' || path.startsWith('../') || isAbsolute(path) ? undefined : path;
}
