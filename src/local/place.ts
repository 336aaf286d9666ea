import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

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

/** Makes a folder inside `.overwinter/`, readable by the user alone, and the ignore file that hides it all. */
export function makeLocalFolder(local: string, ...inside: string[]): string {
  const folder = join(local, ...inside);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ignore = join(local, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  return folder;
}
