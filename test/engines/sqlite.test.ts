import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Database } from '../../src/engines/engine.ts';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import { engineContract, type Row, type Tables } from '../contracts/engine.ts';
import { scratch } from '../support/scratch.ts';

for (const journal of ['delete', 'wal'])
  engineContract(`SQLite in ${journal} mode`, () => {
    const folder = scratch();
    const file = join(folder, 'app.db');
    const open = (path: string) => sqliteDatabase(path, { busyTimeout: 1000 });
    const database = open(file);
    let others = 0;
    return {
      database,
      again: () => open(join(folder, '.', 'app.db')),
      another: () => open(join(folder, `other-${others++}.db`)),
      write: (tables, into = database) => write(into, journal, tables),
      rowsOf(table) {
        const db = new BetterSqlite(file, { readonly: true });
        const rows = db.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY id`).all();
        db.close();
        return rows;
      },
      spoil: () => writeFileSync(file, 'no database at all, and yet so long that nobody takes it for an empty one\n'),
    };
  });

function write(into: Database, journal: string, tables: Tables): void {
  const db = new BetterSqlite(into.file?.path ?? '', { timeout: 0 });
  db.pragma(`journal_mode = ${journal}`);
  db.transaction(() => {
    for (const [table, { columns, rows }] of Object.entries(tables)) {
      const [key = '', ...others] = columns;
      const typed = others.map((column) => `${column} TEXT`);
      db.exec(`CREATE TABLE IF NOT EXISTS ${table}(${[`${key} INTEGER PRIMARY KEY`, ...typed].join(', ')})`);
      const insert = db.prepare(
        `INSERT INTO ${table}(${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      );
      for (const row of rows) insert.run(columns.map((column) => row[column] ?? null));
    }
  })();
  db.close();
}

test('what stands in the WAL alone makes another fingerprint, and what is seen of the file newer', async () => {
  const file = join(scratch(), 'app.db');
  const database = sqliteDatabase(file, { busyTimeout: 1000 });
  expect([await database.fingerprint(), database.file.seen()]).toEqual([undefined, undefined]);
  const app = new BetterSqlite(file);
  try {
    app.pragma('journal_mode = wal');
    app.exec('CREATE TABLE notes(text)');
    const once = await settled(database);
    const { bytes, modified } = database.file.seen() ?? { bytes: 0, modified: new Date(0) };
    app.exec("INSERT INTO notes VALUES ('in the WAL')");
    expect(await settled(database)).not.toBe(once);
    expect(statSync(file).size).toBe(bytes);
    expect(database.file.seen()?.modified.getTime()).toBeGreaterThan(modified.getTime());
  } finally {
    app.close();
  }
});

async function settled(database: Database): Promise<string> {
  await expect.poll(() => database.fingerprint(), { interval: 10 }).toBeDefined();
  return (await database.fingerprint()) ?? '';
}
