import { statSync } from 'node:fs';
import type { DatabaseState } from '../../core/decide.ts';
import { databaseNotAFile } from '../../core/problems/database.ts';
import { type Db, openForReading, type SqliteOptions, withProblems } from './open.ts';
import { quoted, readTables } from './schema.ts';

/** Looks whether the database holds anything, as cheaply as it can: one row of a table is enough. */
export function inspect(path: string, ignore: readonly string[], options: SqliteOptions): DatabaseState {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'missing' };
  if (!stat.isFile()) throw databaseNotAFile(path)();
  // A WAL beside an empty file may hold everything that was ever written.
  if (stat.size === 0 && (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0)
    return { kind: 'blank' };
  return reading(path, options, (db) => {
    const tables = readTables(db).filter((table) => table.own);
    if (tables.length === 0) return { kind: 'no-tables' };
    const filled = tables
      .filter(({ name }) => db.prepare(`SELECT 1 FROM ${quoted(name)} LIMIT 1`).get() !== undefined)
      .map(({ name }) => name);
    return filled.some((name) => !ignore.includes(name))
      ? { kind: 'rows', tables: tables.length, filled }
      : { kind: 'no-rows', tables: tables.length };
  });
}

export function counts(path: string, options: SqliteOptions): Map<string, number> {
  return reading(path, options, (db) => {
    const own = readTables(db).filter((table) => table.own);
    return new Map(
      own.map(({ name }) => [
        name,
        Number(
          db
            .prepare(`SELECT count(*) FROM ${quoted(name)}`)
            .pluck()
            .get(),
        ),
      ]),
    );
  });
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
