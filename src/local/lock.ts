import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { busy } from '../core/problems/machine.ts';
import { codeOf } from '../core/system-error.ts';
import { connect, type Db } from '../engines/sqlite/driver.ts';
import { makePrivate } from '../engines/sqlite/private.ts';
import { sqliteWriteProblem } from '../engines/sqlite/sqlite-problem.ts';
import { makeLocalFolder } from './place.ts';

const ASK_AGAIN = 20;

/**
 * One writer at a time, across processes. The lock is SQLite's own on an empty file: the system takes it back from a process
 * that dies, however it dies, so there is no stale lock to judge. Throws BUSY after `wait` milliseconds. Waiting leaves the
 * event loop free, because the one waited for may be in this very process.
 */
export async function withLock<T>(local: string, what: string, wait: number, work: () => Promise<T>): Promise<T> {
  const folder = makeLocalFolder(local, 'locks');
  const name = createHash('sha256').update(what).digest('hex').slice(0, 16);
  const file = join(folder, name);
  try {
    // SQLite would not say why it could not make it.
    makePrivate(file);
  } catch (error) {
    throw sqliteWriteProblem(file, error);
  }
  return holdLock(file, what, wait, work);
}

/** The same with a lock of the caller's: an empty file that is there. */
export async function holdLock<T>(file: string, what: string, wait: number, work: () => Promise<T>): Promise<T> {
  const lock = open(file);
  try {
    const giveUpAt = performance.now() + wait;
    while (!take(lock)) {
      if (performance.now() >= giveUpAt) throw busy(what)();
      await sleep(ASK_AGAIN);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function open(file: string): Db {
  try {
    return connect(file, { timeout: 0 });
  } catch (error) {
    throw sqliteWriteProblem(file, error);
  }
}

function take(lock: Db): boolean {
  try {
    // SQLite would begin a journal beside the file, though nothing is ever written.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return false;
    throw sqliteWriteProblem(lock.name, error);
  }
}
