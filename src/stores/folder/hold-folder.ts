import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { lstatIfThere } from '../../files/if-there.ts';
import { holdLock } from '../../local/lock.ts';

/** Its name is one that the folder's own `.gitignore` covers. */
export const FOLDER_LOCK = '.overwinter-lock';

/**
 * Does the work while this process alone holds the lock that lies in a folder of backups, for writers whose `.overwinter/` are not
 * the same: two containers on one volume. A folder that is made for the lock goes with it where nothing was written; `work` is told the
 * first that was not there. Throws BUSY after `wait` milliseconds, DISK_FULL, NOT_WRITABLE, and NOT_OURS for a lock that is not as we
 * make it.
 */
export async function holdFolder<T>(
  root: string,
  wait: number,
  work: (made: string | undefined) => Promise<T>,
): Promise<T> {
  for (;;) {
    const made = makeLock(root);
    const file = join(root, FOLDER_LOCK);
    const before = lstatIfThere(file)?.ino;
    const result = await holdLock(file, root, wait, async () => {
      // Who held it before may have removed it: then it is nobody's, and another one is there or will be.
      if (before === undefined || lstatIfThere(file)?.ino !== before) return undefined;
      try {
        return { value: await work(made) };
      } finally {
        if (made !== undefined) removeUnused(root, made);
      }
    });
    if (result !== undefined) return result.value;
  }
}

/**
 * Makes the folder and the file to lock; answers the first folder that was not there. A file that is there is not opened, because
 * closing it would let go of this process's own lock on it.
 */
function makeLock(root: string): string | undefined {
  const path = join(root, FOLDER_LOCK);
  let made: string | undefined;
  try {
    made = mkdirSync(root, { recursive: true });
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || lstatIfThere(path) === undefined) throw writeProblem(root, error);
  }
  return made;
}

function removeUnused(root: string, made: string): void {
  try {
    const names = readdirSync(root);
    if (!names.every((name) => ['.gitignore', '.gitattributes', FOLDER_LOCK].includes(name))) return;
    for (const name of names) rmSync(join(root, name), { force: true });
    for (let at = root; at.length >= made.length; at = dirname(at)) rmdirSync(at);
  } catch {
    // Something was put in meanwhile, or the system keeps what is open: it stays, and is used the next time.
  }
}
