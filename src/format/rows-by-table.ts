import { type Content, type Manifest, rowCount } from '../core/manifest.ts';
import { type ContentCodec, countRows } from '../engines/codec.ts';
import { codecFor } from './codec-for.ts';

/**
 * How many rows each of the user's tables has in a backup, in the order of the schema: what guards, lists and the pointer go by.
 * A virtual table's rows stand under its own name.
 */
export function rowsByTable(manifest: Manifest): Map<string, number> {
  return rowsIn(codecFor('It', manifest.metadata), manifest);
}

/** The same where it is known what type of database it is. */
export function rowsIn(codec: ContentCodec, { schema, data }: Pick<Content, 'schema' | 'data'>): Map<string, number> {
  return countRows(codec.countedTables(schema), (stored) => {
    const table = data.get(stored);
    return table && rowCount(table);
  });
}

export function totalRows(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const rows of counts.values()) total += rows;
  return total;
}
