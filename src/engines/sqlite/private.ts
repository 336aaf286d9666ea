import { closeSync, openSync } from 'node:fs';
import { codeOf } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';

/**
 * Makes an empty file that its owner alone may read, whatever the umask says, for SQLite to make a database of; side files take
 * after it. One that is there already stays as it is. Throws DISK_FULL and NOT_WRITABLE.
 */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw writeProblem(path, error);
  }
}
