import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ColumnType } from '../../src/engines/across.ts';
import type { Database as Ours } from '../../src/engines/engine.ts';
import { postgresDatabase } from '../../src/engines/postgres/database.ts';
import { inFolder } from '../../src/engines/postgres/folder.ts';
import { quoted } from '../../src/engines/sqlite/schema.ts';
import type { Types } from '../../src/operations/across/choose-types.ts';
import { type CopiedAcross, copyAcross } from '../../src/operations/across/copy-across.ts';
import type { CopyReport } from '../../src/operations/across/report.ts';
import { projectAt } from './project.ts';

const WAIT = 5000;

export const pgliteIn = (folder: string): Ours => postgresDatabase(inFolder(folder, WAIT));

/** Copies one database into another, with what it needs beside itself in `folder`. */
export function copy(folder: string, from: Ours, to: Ours, dryRun = false): Promise<CopiedAcross> {
  return copyAcross({ ...projectAt(folder), database: from }, { to, dryRun });
}

/** What becomes of each column: `users.id`. */
export function typesIn({ tables }: CopyReport): Record<string, string | undefined> {
  return Object.fromEntries(
    tables.flatMap(({ name, columns }) => columns.map((column) => [`${name}.${column.name}`, column.type])),
  );
}

/** Every value of an SQLite database with its storage class, by table; rows in an order that follows from them alone. */
export function valuesIn(file: string): Record<string, readonly string[]> {
  const db = new Database(file, { readonly: true });
  db.defaultSafeIntegers(true);
  try {
    const tables = db
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
      )
      .pluck()
      .all();
    return Object.fromEntries(
      tables.map((table) => {
        const columns = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
        const said = columns.map((column) => `typeof(${quoted(column)}) || ' ' || quote(${quoted(column)})`);
        const rows = db
          .prepare<[], string>(`SELECT ${said.join(" || ', ' || ")} FROM ${quoted(table)}`)
          .pluck()
          .all();
        return [table, rows.sort()];
      }),
    );
  } finally {
    db.close();
  }
}

/** A new SQLite file in a folder. */
export function madeIn(folder: string, sql: string, name = 'app.db'): string {
  const file = join(folder, name);
  const db = new Database(file);
  db.pragma('foreign_keys = off');
  db.exec(sql);
  db.close();
  return file;
}

/** Whole numbers, for a target that is none. */
export const WHOLE: ColumnType = {
  name: 'bigint',
  held: 'numbers',
  write: (value) => (typeof value === 'bigint' ? String(value) : undefined),
  read: BigInt,
};

/** A target that has these types alone. */
export const onlyTypes = (own: Partial<Types>): Types => ({
  integer: [],
  real: [],
  decimal: [],
  truth: [],
  text: [],
  bytes: [],
  date: [],
  time: [],
  timestamp: [],
  moment: [],
  json: [],
  uuid: [],
  any: [],
  ...own,
});
