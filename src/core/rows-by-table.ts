import { countedTables, type RowsOf } from './counted-tables.ts';
import { type Content, rowCount, type SchemaObject } from './manifest.ts';

/**
 * How many rows each of the user's tables has in a backup, in the order of the schema: what guards, lists and the pointer go by.
 * A virtual table's rows stand under its own name.
 */
export function rowsByTable({ schema, data }: Pick<Content, 'schema' | 'data'>): Map<string, number> {
  return countRows(schema, (stored) => {
    const table = data.get(stored);
    return table && rowCount(table);
  });
}

/** The same for tables that can be asked, wherever they are. */
export function countRows(schema: readonly SchemaObject[], rowsOf: RowsOf): Map<string, number> {
  return new Map(countedTables(schema).map(({ name, rows }) => [name, rows(rowsOf)]));
}

export function totalRows(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const rows of counts.values()) total += rows;
  return total;
}
