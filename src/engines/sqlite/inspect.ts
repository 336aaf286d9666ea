import type { DatabaseState } from '../../core/decide.ts';
import { databaseNotAFile } from '../../core/problems/database.ts';
import { statIfThere } from '../../files/if-there.ts';
import { countRows } from '../codec.ts';
import { type Db, openForReading, type SqliteOptions, withProblems } from './open.ts';
import { quoted, readSchema } from './schema.ts';
import { countedTables } from './sql/counted-tables.ts';
import { countOf } from './table-rows.ts';

/** Looks whether the database holds anything, as cheaply as it can: one row of a table is enough. */
export function inspect(path: string, ignore: readonly string[], options: SqliteOptions): DatabaseState {
  const stat = statIfThere(path);
  if (stat === undefined) return { kind: 'missing' };
  if (!stat.isFile()) throw databaseNotAFile(path)();
  // A WAL beside an empty file may hold everything that was ever written.
  if (stat.size === 0 && (statIfThere(`${path}-wal`)?.size ?? 0) === 0) return { kind: 'blank' };
  return reading(path, options, (db) => {
    const tables = countedTables(readSchema(db));
    if (tables.length === 0) return { kind: 'no-tables' };
    const hasRow = (stored: string) =>
      db.prepare(`SELECT 1 FROM ${quoted(stored)} LIMIT 1`).get() === undefined ? 0 : 1;
    const isFilled = tables.some(({ name, rows }) => !ignore.includes(name) && rows(hasRow) > 0);
    return { kind: isFilled ? 'rows' : 'no-rows', tables: tables.length };
  });
}

export function counts(path: string, options: SqliteOptions): Map<string, number> {
  return reading(path, options, (db) => countRows(countedTables(readSchema(db)), (name) => countOf(db, { name })));
}

/** Opens, looks, closes; one transaction, so that all answers are of one moment. */
export function reading<T>(path: string, options: SqliteOptions, look: (db: Db) => T): T {
  const db = openForReading(path, options);
  try {
    return withProblems(path, () => {
      db.exec('BEGIN');
      return look(db);
    });
  } finally {
    db.close();
  }
}
