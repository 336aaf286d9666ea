import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbDatabase } from '../../../src/engines/duckdb/database.ts';
import { save, slicesOf } from '../../support/as-backup.ts';
import { scratch } from '../../support/scratch.ts';

type Cell = string | number | boolean | null;

/** What the last of some statements says of a file, as an app would ask. */
export async function on(file: string, sql: string, storage = 'v1.0.0'): Promise<Record<string, Cell>[]> {
  const instance = await DuckDBInstance.create(file, { storage_compatibility_version: storage });
  const db = await instance.connect();
  try {
    const read = await db.runAndReadAll(sql);
    return read.getRowObjectsJson().map((row) => Object.fromEntries(Object.entries(row).map(asCell)));
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

const asCell = ([name, value]: [string, unknown]): [string, Cell] => [
  name,
  typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value),
];

/** A file made of statements, which versions of DuckDB since that one can read. */
export async function fileOf(sql: string, storage?: string): Promise<string> {
  const file = join(scratch(), 'app.duckdb');
  await on(file, sql, storage);
  return file;
}

export const open = (file: string) => duckdbDatabase(file, { wait: 1000 });

/** The same database, saved and restored elsewhere. */
export async function restored(file: string): Promise<string> {
  const saved = await save(open(file));
  const copy = join(scratch(), 'app.duckdb');
  const staged = await open(copy).stage('replace');
  try {
    await staged.load(saved.content, slicesOf(saved), () => {});
    await staged.commit({
      ignore: [],
      patience: 0,
      keep: async () => {},
      replaced: () => {},
      asideFolder: scratch,
      stamp: 'before',
    });
  } finally {
    await staged.discard();
  }
  return copy;
}

const CATALOG: Readonly<Record<string, string>> = {
  duckdb_schemas: 'sql, comment',
  duckdb_types: 'type_name, labels::VARCHAR, comment',
  duckdb_sequences: 'sequence_name, increment_by, min_value, max_value, "cycle", sql, comment',
  duckdb_tables: 'table_name, sql, comment',
  duckdb_columns: 'table_name, column_name, column_index, data_type, comment',
  duckdb_views: 'view_name, sql, comment',
  duckdb_indexes: 'index_name, table_name, is_unique, sql, comment',
  duckdb_constraints: `table_name, constraint_type, constraint_text, constraint_column_names::VARCHAR, referenced_table,
    referenced_column_names::VARCHAR`,
  duckdb_functions: 'function_name, parameters::VARCHAR, parameter_types::VARCHAR, macro_definition, comment',
};

/** What DuckDB itself finds in one of two files and not in the other. */
export async function differencesBetween(a: string, b: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const db = await instance.connect();
  const ask = async (sql: string) => (await db.runAndReadAll(sql)).getRowsJson();
  const differences: string[] = [];
  try {
    await db.run(`ATTACH ${literal(a)} AS one (READ_ONLY); ATTACH ${literal(b)} AS other (READ_ONLY)`);
    for (const [list, columns] of Object.entries(CATALOG)) {
      const isOwn = ['duckdb_sequences', 'duckdb_indexes', 'duckdb_constraints'].includes(list)
        ? ''
        : ' AND NOT internal';
      const of = (name: string) =>
        ask(`SELECT schema_name, ${columns} FROM ${list}() WHERE database_name = '${name}'${isOwn} ORDER BY ALL`);
      const [here, there] = [JSON.stringify(await of('one')), JSON.stringify(await of('other'))];
      if (here !== there) differences.push(`${list}:\n${here}\n${there}`);
    }
    const tables = await ask(
      "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'one' AND NOT internal",
    );
    for (const [schema, table] of tables) {
      const name = `${quoted(String(schema))}.${quoted(String(table))}`;
      for (const [from, of] of [
        ['one', 'other'],
        ['other', 'one'],
      ]) {
        // The text besides: to DuckDB 0.0 and -0.0 are equal.
        const rows = `SELECT t, t::VARCHAR FROM`;
        const [found] = await ask(
          `SELECT count(*) FROM (${rows} ${from}.${name} AS t EXCEPT ALL ${rows} ${of}.${name} AS t)`,
        );
        if (Number(found?.[0]) !== 0) differences.push(`${found?.[0]} rows of ${name} are only in ${from}`);
      }
    }
  } finally {
    db.closeSync();
    instance.closeSync();
  }
  return differences;
}

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
