import { execFile } from 'node:child_process';
import { closeSync, fsync } from 'node:fs';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { codeOf } from '../core/system-error.ts';
import { writeProblem } from '../core/write-problem.ts';
import { openAsItIs } from '../files/plain-file.ts';
import { toStartPrograms } from '../files/programs.ts';
import { isOfThisMachine } from './file-system.ts';

const flush = promisify(fsync);
const run = promisify(execFile);

/** Waits until what was written to a file is on the disk. Throws DISK_FULL and NOT_WRITABLE. */
export async function flushFile(path: string): Promise<void> {
  try {
    const { file } = openAsItIs(path);
    await flush(file).finally(() => closeSync(file));
  } catch (error) {
    // A mode that lets nobody read it is the file's own.
    if (codeOf(error) !== 'EACCES') throw writeProblem(path, error);
  }
}

/** Since 5.8 Linux says so where something could not be written. */
const saysWhatFailed = (): boolean => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 8));
};

/**
 * Waits until all that was written to the file systems of these folders is on the disk: for thousands of files a seventh of the time that it takes to
 * ask for each. False where this system cannot, or does not say whether it did: then each is to be asked for.
 */
export async function flushAround(folders: readonly string[]): Promise<boolean> {
  if (!saysWhatFailed() || !folders.every(isOfThisMachine)) return false;
  try {
    await run('sync', ['-f', '--', ...folders], { env: toStartPrograms(process.env) });
    return true;
  } catch {
    return false;
  }
}
