import { rmSync } from 'node:fs';
import { databaseLocked } from '../../core/problems/database.ts';
import { faultsOf, mustBeWhole } from './check.ts';
import { openForReading, openForWriting, type SqliteOptions, withProblems } from './open.ts';
import { makePrivate } from './private.ts';
import { copyProblem } from './sqlite-problem.ts';

/** A consistent copy, page by page, while others may write; checked before it counts as one. */
export async function copy(path: string, target: string, options: SqliteOptions): Promise<void> {
  const source = openForReading(path, options);
  try {
    makePrivate(target);
    await source.backup(target, { progress: () => 0x7fffffff });
    mustBeSound(target, options);
  } catch (error) {
    rmSync(target, { force: true });
    throw copyProblem(path, target, error);
  } finally {
    source.close();
  }
}

function mustBeSound(path: string, options: SqliteOptions): void {
  const db = openForWriting(path, options);
  try {
    mustBeWhole(db, faultsOf(db, 'quick_check'));
  } finally {
    db.close();
  }
}

/**
 * Brings everything a WAL or a hot journal holds into the file itself and removes them: a new file put in its place must
 * never meet the old one's side files. Going out of WAL mode also finds out whether anyone else has the database open. What
 * was written while `first` ran would be in nobody's copy: then DATABASE_LOCKED. The exclusive lock is held until `then` is done.
 */
export async function swapExclusively(
  path: string,
  first: () => Promise<void>,
  then: () => void,
  options: SqliteOptions,
): Promise<void> {
  const db = openForWriting(path, options);
  try {
    const version = () => db.pragma('data_version', { simple: true });
    const before = version();
    await first();
    withProblems(path, () => {
      if (version() !== before) throw databaseLocked(path)();
      const mode = db.pragma('journal_mode', { simple: true });
      db.pragma('journal_mode = delete');
      const settled = version();
      try {
        db.exec('BEGIN EXCLUSIVE');
        if (version() !== settled) throw databaseLocked(path)();
        then();
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        if (mode === 'wal') db.pragma('journal_mode = wal');
        throw error;
      }
    });
  } finally {
    db.close();
  }
}
