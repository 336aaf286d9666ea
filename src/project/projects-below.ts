import { dirname, join } from 'node:path';
import { POINTER_FILE } from '../core/names.ts';
import { isThere } from '../files/if-there.ts';
import { insideOf, projectRoot } from '../local/place.ts';
import { findConfigFile } from './config-file.ts';

/**
 * The project below a root that a folder belongs to, the nearest; undefined where it is the root's. Its databases are kept there: whoever
 * took them for the root's would have a second configuration and second backups of them.
 */
export function projectBelow(root: string, folder: string): string | undefined {
  for (let at = folder; isBelow(root, at); at = dirname(at)) if (isKept(at)) return at;
  return undefined;
}

const isBelow = (root: string, folder: string) => !['', undefined].includes(insideOf(root, folder));

/** Whether somebody has begun to use Overwinter there. */
export const isKept = (folder: string) =>
  findConfigFile(folder) !== undefined ||
  (isThere(join(folder, 'backups', POINTER_FILE)) && projectRoot(folder) === folder);
