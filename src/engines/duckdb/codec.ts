import { bookkeepingOf } from '../../core/bookkeeping.ts';
import { type Fields, line } from '../../core/fields.ts';
import { JsonSyntaxError } from '../../core/json.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import type { ContentCodec, CountedTable } from '../codec.ts';
import { quotedIn } from '../sql-words.ts';
import { fold, namedBy } from './names.ts';
import { columnsIn } from './sql-words.ts';

/** In the order in which backups list them, and in which most of them can be made. */
const KINDS = ['schema', 'type', 'sequence', 'macro', 'table', 'view', 'index', 'comment'];

/** Under this name backups keep where each sequence stands: a row for each, in the order of their names. It is no user's. */
export const SEQUENCES = 'information_schema.sequences';

export type DuckdbSettings = {
  /** Since which version DuckDB can read the file. */
  readonly storage_version: string;
};

export const duckdbCodec: ContentCodec = {
  databaseType: 'duckdb',
  name: 'DuckDB',
  kinds: KINDS,
  fold,
  readSettings,
  countedTables,
  quotedIn,
  isInternal: (table) => namedBy(table).schema === 'information_schema',
  bookkeepingOf: ({ type, name, sql }) =>
    type === 'table' ? bookkeepingOf(namedBy(name).name, () => columnsIn(sql).map((column) => column.name)) : undefined,
};

/** Throws JsonSyntaxError for anything else. */
export function readSettings(fields: Fields): DuckdbSettings {
  const version = line(fields, 'storage_version');
  if (!/^v\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(version)) throw new JsonSyntaxError('an unknown storage_version');
  return { storage_version: version };
}

function countedTables(schema: readonly SchemaObject[]): CountedTable[] {
  return schema
    .filter(({ type }) => type === 'table')
    .map(({ name }) => ({ name, rows: (rowsOf) => rowsOf(name) ?? 0 }));
}
