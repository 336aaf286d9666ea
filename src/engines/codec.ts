import type { Bookkeeping } from '../core/bookkeeping.ts';
import type { OwnNumber } from '../core/diff.ts';
import type { Fields } from '../core/fields.ts';
import type { Manifest, SchemaObject, Settings } from '../core/manifest.ts';
import type { Fold } from '../core/privacy/shape.ts';

/** How many rows a stored table has, by its name; undefined where there is no such table. */
export type RowsOf = (stored: string) => number | undefined;

/** A table whose rows are counted, and how. It asks for no more stored tables than it must. */
export interface CountedTable {
  readonly name: string;
  rows(rowsOf: RowsOf): number;
}

/**
 * What backups of one type of database say, for whoever reads them without that database: it computes, and loads no driver. A
 * manifest names the type, and nobody reads one whose type nobody knows.
 */
export interface ContentCodec {
  /** As manifests say it: `sqlite`. */
  readonly databaseType: string;
  /** As people say it: `SQLite`. */
  readonly name: string;
  /** The kinds that definitions in a schema are of. `table` is one of them. */
  readonly kinds: readonly string[];
  /** How names of tables and columns are compared. */
  readonly fold: Fold;
  /** What belongs to the whole database, in the order in which it is written. Throws JsonSyntaxError for anything else. */
  readSettings(fields: Fields): Settings;
  /** The user's tables, in the order of the schema: those that guards, lists and the pointer count. */
  countedTables(schema: readonly SchemaObject[]): readonly CountedTable[];
  /** Whether a table is one that the engine keeps for itself, and that follows from the others. */
  isInternal(table: string): boolean;
  /** The number that the database itself gave a row, where it gives them one that tells it from all others. */
  readonly ownNumber?: OwnNumber;
  /** What stands between quotes in a definition, strings and names. */
  quotedIn(sql: string): readonly string[];
  /** Rows of a document that some older tool wrote, as a backup of this type. Throws JsonSyntaxError. Not every type can tell. */
  readForeign?(source: string, environment: string): Manifest;
  /** What a table is to a tool for migrations. */
  bookkeepingOf(object: SchemaObject): Bookkeeping | undefined;
}

/** The rows of each table whose rows count. */
export function countRows(tables: readonly CountedTable[], rowsOf: RowsOf): Map<string, number> {
  return new Map(tables.map(({ name, rows }) => [name, rows(rowsOf)]));
}
