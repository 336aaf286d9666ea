import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { readProblem } from '../../core/read-problem.ts';
import { codeOf } from '../../core/system-error.ts';
import { lstatIfThere } from '../../files/if-there.ts';

/**
 * What is in a folder; empty for one that is not there. A link that leads nowhere is one to a disk that is gone, and a file is in the way of a
 * folder: of both NOT_READABLE is thrown.
 */
export async function entriesIn(folder: string, recursive: boolean): Promise<Dirent[]> {
  try {
    return await entriesOf(folder, recursive);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && lstatIfThere(folder) === undefined) return [];
    throw readProblem(folder, error);
  }
}

/** Others may prune meanwhile: where a folder in it went while it was read, it is read again. */
async function entriesOf(folder: string, recursive: boolean, again = 20): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true, recursive });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || lstatIfThere(folder) === undefined || again === 0) throw error;
    return entriesOf(folder, recursive, again - 1);
  }
}
