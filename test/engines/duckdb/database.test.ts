import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbDatabase } from '../../../src/engines/duckdb/database.ts';
import type { Database } from '../../../src/engines/engine.ts';
import { engineContract, type Row, type Tables } from '../../contracts/engine.ts';
import { scratch } from '../../support/scratch.ts';

engineContract('DuckDB', () => {
  const folder = scratch();
  const file = join(folder, 'app.duckdb');
  const open = (path: string) => duckdbDatabase(path, { wait: 1000 });
  const database = open(file);
  let others = 0;
  return {
    database,
    again: () => open(join(folder, '.', 'app.duckdb')),
    another: () => open(join(folder, `other-${others++}.duckdb`)),
    write: (tables, into = database) => write(into, tables),
    rowsOf: (table) => rowsOf(file, table),
    spoil: () => writeFileSync(file, 'no database at all, and yet so long that nobody takes it for an empty one\n'),
  };
});

async function write(into: Database, tables: Tables): Promise<void> {
  const instance = await DuckDBInstance.create(into.file?.path ?? '');
  const db = await instance.connect();
  try {
    for (const [table, { columns, rows }] of Object.entries(tables)) {
      const [key = '', ...others] = columns;
      const typed = others.map((column) => `${column} VARCHAR`);
      await db.run(`CREATE TABLE IF NOT EXISTS ${table}(${[`${key} INTEGER PRIMARY KEY`, ...typed].join(', ')})`);
      const values = rows.map((row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`);
      if (values.length > 0) await db.run(`INSERT INTO ${table}(${columns.join(', ')}) VALUES ${values.join(', ')}`);
    }
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

const literal = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

async function rowsOf(file: string, table: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const db = await instance.connect();
  try {
    const read = await db.runAndReadAll(`SELECT * FROM ${table} ORDER BY id`);
    return read.getRowObjectsJson().map((row) => Object.fromEntries(Object.entries(row).map(asCell)));
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

const asCell = ([column, value]: [string, unknown]): [string, string | number | null] => [
  column,
  typeof value === 'number' || value === null ? value : String(value),
];
