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

const CATALOG = [
  'SELECT schema_name, sql, comment FROM duckdb_schemas() WHERE NOT internal',
  'SELECT schema_name, type_name, labels::VARCHAR, comment FROM duckdb_types() WHERE NOT internal',
  'SELECT schema_name, sequence_name, increment_by, min_value, max_value, "cycle", sql, comment FROM duckdb_sequences()',
  'SELECT schema_name, table_name, sql, comment FROM duckdb_tables() WHERE NOT internal',
  'SELECT schema_name, table_name, column_name, column_index, data_type, comment FROM duckdb_columns() WHERE NOT internal',
  'SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE NOT internal',
  'SELECT schema_name, index_name, table_name, is_unique, sql, comment FROM duckdb_indexes()',
  `SELECT schema_name, table_name, constraint_type, constraint_text, constraint_column_names::VARCHAR, referenced_table,
    referenced_column_names::VARCHAR FROM duckdb_constraints()`,
  `SELECT schema_name, function_name, parameters::VARCHAR, parameter_types::VARCHAR, macro_definition, comment
    FROM duckdb_functions() WHERE NOT internal`,
];

/** What DuckDB itself finds in one of two files and not in the other. */
export async function differencesBetween(a: string, b: string): Promise<string[]> {
  const differences: string[] = [];
  for (const sql of CATALOG) {
    const [here, there] = [await on(a, `${sql} ORDER BY ALL`), await on(b, `${sql} ORDER BY ALL`)];
    if (JSON.stringify(here) !== JSON.stringify(there))
      differences.push(`${sql}:\n${JSON.stringify(here)}\n${JSON.stringify(there)}`);
  }
  const tables = await on(a, 'SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL');
  const both = `ATTACH ${literal(a)} AS one (READ_ONLY); ATTACH ${literal(b)} AS other (READ_ONLY);`;
  for (const { schema_name, table_name } of tables) {
    const name = `${quoted(schema_name)}.${quoted(table_name)}`;
    for (const [from, of] of [
      ['one', 'other'],
      ['other', 'one'],
    ]) {
      // The text besides: to DuckDB 0.0 and -0.0 are equal.
      const rows = `SELECT t, t::VARCHAR FROM`;
      const [found] = await on(
        ':memory:',
        `${both} SELECT count(*) AS n FROM (${rows} ${from}.${name} AS t EXCEPT ALL ${rows} ${of}.${name} AS t)`,
      );
      if (Number(found?.n) !== 0) differences.push(`${found?.n} rows of ${name} are only in ${from}`);
    }
  }
  return differences;
}

export const quoted = (name: Cell | undefined) => `"${String(name).replaceAll('"', '""')}"`;
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
