import type { SchemaObject } from '../../core/manifest.ts';
import type { Defined } from '../engine.ts';
import { sessionInMemory } from './driver.ts';
import { makeAll } from './make-schema.ts';
import { shapesOf } from './shapes.ts';
import { keyColumns, readTables, type Table } from './tables.ts';
import { isWholeNumber } from './types.ts';

/** What tables need to be made, in the order of a backup's definitions. */
export const NEEDED_BY_TABLES = ['schema', 'type', 'sequence', 'macro'];

/** The tables that a backup defines: DuckDB reads them, in a database that nobody sees. */
export async function tablesIn(schema: readonly SchemaObject[]): Promise<Table[]> {
  const session = await sessionInMemory();
  try {
    await session.run('SET enable_external_access = false');
    const db = { ...session, catalog: 'memory', label: 'what a backup defines' };
    await makeAll(
      db,
      schema.filter(({ type }) => type === 'table' || NEEDED_BY_TABLES.includes(type)),
    );
    return await readTables(db);
  } finally {
    session.close();
  }
}

/** What definitions say of tables. */
export async function defined(schema: readonly SchemaObject[]): Promise<Defined> {
  return { shapes: shapesOf(await tablesIn(schema), schema), empty: new Map() };
}

/** For each table the columns that say which row is which. */
export async function keysOf(schema: readonly SchemaObject[]): Promise<Map<string, readonly string[]>> {
  return new Map((await tablesIn(schema)).map((table) => [table.key, keyColumns(table)]));
}

/** For each table whose slices are ranges of a whole number, the column that has it. */
export async function slicedBy(schema: readonly SchemaObject[]): Promise<Map<string, string>> {
  const tables = await tablesIn(schema);
  return new Map(
    tables.flatMap((table) => {
      const [name, ...more] = keyColumns(table);
      const column = table.columns.find((each) => each.name === name);
      return column !== undefined && more.length === 0 && isWholeNumber(column.type) ? [[table.key, column.name]] : [];
    }),
  );
}
