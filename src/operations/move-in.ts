import { join } from 'node:path';
import { lstatIfThere, namesIn } from '../files/if-there.ts';
import { isStaging, putFileInPlace, putFolderInPlace } from '../folders/staging.ts';
import type { Targets } from '../folders/targets.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import type { Move, Placing } from '../local/placing.ts';

/** Where something was made that is to be put in place; undefined where none of ours can be. */
export function madeAt(
  { folders }: WantedFiles,
  staging: Placing['staging'],
  [number, path]: Move,
): string | undefined {
  const folder = folders.find(({ name }) => path.startsWith(`${name}/`));
  const name = folder && staging[folder.name];
  if (folder === undefined || name === undefined || !isStaging(name)) return undefined;
  return join(folder.path, name, String(number));
}

/**
 * Puts in place what was made at `from`. Whoever came meanwhile and put a link in the way is not followed: every step is looked at again. A file that
 * came meanwhile is nobody's to replace, and where a folder came, what was made goes into it, file by file.
 */
export function moveIn(targets: Targets, from: string, path: string, replaces: boolean): void {
  if (lstatIfThere(from)?.isDirectory()) {
    const target = targets.folder(path);
    if (target === undefined || (!target.isThere && putFolderInPlace(from, target.file))) return;
    for (const name of namesIn(from)) moveIn(targets, join(from, name), `${path}/${name}`, false);
    return;
  }
  const target = targets.of(path);
  if (target === undefined || (target.isThere && !replaces)) return;
  putFileInPlace(from, target.file);
}
