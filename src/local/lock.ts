import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortName } from '../core/digest.ts';
import { busy } from '../core/problems/machine.ts';
import { fileLock } from '../engines/index.ts';
import { makeLocalFolder } from './place.ts';

const ASK_AGAIN = 20;

/**
 * One writer at a time, across processes. The lock is on an empty file: the system takes it back from a process that dies, however it
 * dies, so there is no stale lock to judge. Throws BUSY after `wait` milliseconds. Waiting leaves the event loop free, because the one
 * waited for may be in this very process.
 */
export async function withLock<T>(local: string, what: string, wait: number, work: () => Promise<T>): Promise<T> {
  const folder = makeLocalFolder(local, 'locks');
  return holdLock(join(folder, shortName(what)), what, wait, work);
}

/** The same with a lock of the caller's. */
export async function holdLock<T>(file: string, what: string, wait: number, work: () => Promise<T>): Promise<T> {
  const lock = await fileLock(file);
  try {
    const giveUpAt = performance.now() + wait;
    while (!lock.take()) {
      if (performance.now() >= giveUpAt) throw busy(what)();
      await sleep(ASK_AGAIN);
    }
    return await work();
  } finally {
    lock.close();
  }
}
