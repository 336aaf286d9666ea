import { bookkeepingOf } from '../../core/bookkeeping.ts';
import { type Fields, oneOf } from '../../core/fields.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import type { ContentCodec, CountedTable } from '../codec.ts';
import { quotedIn } from '../sql-words.ts';
import { KINDS } from './catalog/kinds.ts';
import { namedBy } from './names.ts';
import { columnsIn } from './sql-words.ts';

/** Under this name backups keep where each sequence stands: a row for each, in the order of their names. It is no user's. */
export const SEQUENCES = 'pg_catalog.pg_sequences';

export type PostgresSettings = {
  /** What rows and definitions are written in, whatever the server keeps them in. */
  readonly encoding: 'UTF8';
};

export const postgresCodec: ContentCodec = {
  databaseType: 'postgresql',
  name: 'PostgreSQL',
  kinds: KINDS,
  fold: (name) => name,
  readSettings,
  countedTables,
  quotedIn,
  isInternal,
  bookkeepingOf: ({ type, name, sql }) =>
    type === 'table' ? bookkeepingOf(namedBy(name).name, () => columnsIn(sql)) : undefined,
};

/** Throws JsonSyntaxError for anything else. */
function readSettings(fields: Fields): PostgresSettings {
  return { encoding: oneOf(fields, 'encoding', ['UTF8']) };
}

/** A whole has no rows of its own: they are its partitions'. */
function countedTables(schema: readonly SchemaObject[]): CountedTable[] {
  return schema
    .filter(({ type, sql }) => type === 'table' && !isPartitioned(sql))
    .map(({ name }) => ({ name, rows: (rowsOf) => rowsOf(name) ?? 0 }));
}

/** What a CREATE TABLE says after its columns. */
const isPartitioned = (sql: string) => /\n\) PARTITION BY |\(\) PARTITION BY /.test(sql);

export function isInternal(table: string): boolean {
  return namedBy(table).schema === 'pg_catalog';
}
