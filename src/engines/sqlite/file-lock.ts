import { notOurs } from '../../core/problems/machine.ts';
import { codeOf } from '../../core/system-error.ts';
import { lstatIfThere } from '../../files/if-there.ts';
import type { FileLock } from '../engine.ts';
import { connect, type Db } from './driver.ts';
import { makePrivate } from './private.ts';
import { sqliteWriteProblem } from './sqlite-problem.ts';
import { SIDE_FILES } from './swap.ts';

/**
 * A lock on an empty file, which is made where it is not there: the one that SQLite would take on a database. Somebody else may have put
 * the file there, and SQLite is to open it: it must be empty. Throws DISK_FULL, NOT_WRITABLE and NOT_OURS.
 */
export function fileLock(path: string): FileLock {
  const db = opened(path);
  return { take: () => take(db), close: () => void db.close() };
}

function opened(path: string): Db {
  for (const file of [path, ...SIDE_FILES.map((end) => path + end)]) {
    const found = lstatIfThere(file);
    if (found !== undefined && (!found.isFile() || found.size > 0)) throw notOurs(file, 'is no empty file')();
  }
  try {
    // SQLite would not say why it could not make it.
    makePrivate(path);
    return connect(path, { timeout: 0 });
  } catch (error) {
    throw sqliteWriteProblem(path, error);
  }
}

function take(db: Db): boolean {
  try {
    // SQLite would begin a journal beside the file, though nothing is ever written.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return false;
    throw sqliteWriteProblem(db.name, error);
  }
}
