import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { busy } from '../core/problems.ts';
import { makeLocalFolder } from './place.ts';

/**
 * One writer at a time, across processes. The lock is SQLite's own on an empty file: the system takes it back from a process
 * that dies, however it dies, so there is no stale lock to judge. Throws BUSY after `wait` milliseconds.
 */
export async function withLock<T>(local: string, what: string, wait: number, work: () => Promise<T>): Promise<T> {
  const folder = makeLocalFolder(local, 'locks');
  const name = createHash('sha256').update(realPath(what)).digest('hex').slice(0, 16);
  const lock = new Database(join(folder, name), { timeout: wait });
  try {
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      throw busy(what)(error);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
