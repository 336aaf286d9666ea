import { chmodSync, rmSync } from 'node:fs';
import { databaseCorrupt } from '../../core/problems.ts';
import { openForReading, openForWriting, type SqliteOptions, sqliteProblem, withProblems } from './open.ts';

/** A consistent copy, page by page, while others may write; checked before it counts as one. */
export async function copy(path: string, target: string, options: SqliteOptions): Promise<void> {
  const source = openForReading(path, options);
  try {
    await source.backup(target, { progress: () => 0x7fffffff });
    chmodSync(target, 0o600);
    mustBeSound(target, options);
  } catch (error) {
    rmSync(target, { force: true });
    throw sqliteProblem(path, error);
  } finally {
    source.close();
  }
}

function mustBeSound(path: string, options: SqliteOptions): void {
  const db = openForWriting(path, options);
  try {
    const found = db.prepare<[], string>('PRAGMA quick_check').pluck().all();
    if (found.length !== 1 || found[0] !== 'ok') throw databaseCorrupt(path)(new Error(found.join('; ')));
  } finally {
    db.close();
  }
}

/**
 * Brings everything a WAL or a hot journal holds into the file itself and removes them: a new file put in its place must
 * never meet the old one's side files. Going out of WAL mode also finds out whether anyone else has the database open; the
 * exclusive lock is held until `then` is done.
 */
export function settle(path: string, then: () => void, options: SqliteOptions): void {
  const db = openForWriting(path, options);
  try {
    withProblems(path, () => {
      const mode = db.pragma('journal_mode', { simple: true });
      db.pragma('journal_mode = delete');
      try {
        db.exec('BEGIN EXCLUSIVE');
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
