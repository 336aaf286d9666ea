import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { writeProblem } from '../core/write-problem.ts';

const ROOT_MARKS = [
  'overwinter.config.ts',
  'overwinter.config.js',
  'overwinter.config.mjs',
  'overwinter.config.json',
  'package.json',
  '.git',
];

/** The project a folder belongs to: the nearest folder upwards that is marked as one, else the folder itself. */
export function projectRoot(from: string): string {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (ROOT_MARKS.some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return resolve(from);
  }
}

/** Where a machine keeps what is its own (snapshots, locks, fingerprints), never seen by git. */
export function localFolder(root: string): string {
  return join(root, '.overwinter');
}

/**
 * Makes a folder inside `.overwinter/`, readable by the user alone, and the ignore file that hides it all. Throws DISK_FULL or
 * NOT_WRITABLE.
 */
export function makeLocalFolder(local: string, ...inside: string[]): string {
  const folder = join(local, ...inside);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ignore = join(local, '.gitignore');
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
    return folder;
  } catch (error) {
    throw writeProblem(folder, error);
  }
}

/** The same, without anything in it. */
export function emptyLocalFolder(local: string, ...inside: string[]): string {
  const folder = join(local, ...inside);
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
  return path.startsWith('../') || isAbsolute(path) ? undefined : path;
}
