import { lineSql } from './line-sql.ts';
import { literal, qualified, quoted } from './names.ts';
import { type Column, keyColumns, type Table } from './tables.ts';
import { isWholeNumber, type Kind } from './types.ts';
import { textOf } from './values.ts';

/** A column that is read, and the text that stands in a backup instead of its value, where something does. */
export interface ReadColumn extends Column {
  readonly kind: Kind;
  readonly instead?: string;
}

/** A table, as far as it is read. */
export interface Source {
  readonly table: Table;
  readonly columns: readonly ReadColumn[];
  /** The condition that rows meet, in SQL; all do where there is none. */
  readonly only?: string;
}

export function rowsFrom({ table, only }: Pick<Source, 'table' | 'only'>, also?: string): string {
  const conditions = [only, also].flatMap((each) => (each === undefined ? [] : [`(${each})`]));
  return `${qualified(table)}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`;
}

/** The column of whole numbers that tells all rows apart by itself, by its place among those that are saved. */
export function numberedBy({ table, columns }: Source): number | undefined {
  const [name, ...more] = keyColumns(table);
  const at = columns.findIndex((column) => column.name === name && isWholeNumber(column.type));
  return at < 0 || more.length > 0 || columns[at]?.instead !== undefined ? undefined : at;
}

const termOf = ({ name, type, kind, instead }: ReadColumn) =>
  instead === undefined ? textOf(quoted(name), type, kind) : literal(instead);

/** What no line of JSON has in it: so a line is written as it is. */
const [BETWEEN, NULL] = ['\u0002', '\u0003'];

/**
 * Writes a table to a file, a line of JSON a row. They are put in order before: a line is longer than what it is made of. To put them in order,
 * DuckDB holds all of them; where they lie in it, none.
 */
export function copySql(source: Source, file: string, liesInOrder: boolean): string {
  const format = `FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '${BETWEEN}', NULLSTR '${NULL}', USE_TMP_FILE false`;
  const rows = `SELECT * FROM ${rowsFrom(source)}${liesInOrder ? '' : orderOf(source)}`;
  return `COPY (SELECT ${lineSql(source.columns)} FROM (${rows})) TO ${literal(file)} (${format})`;
}

/**
 * Asks whether rows lie in the order of a key that is one whole number, as they do where none was ever inserted late. DuckDB hands rows over as they
 * lie, and shows them to a window without an order so, unless it is told that it need not. Undefined for other keys.
 */
export function liesInOrderSql(source: Source): string | undefined {
  const key = source.columns[numberedBy(source) ?? -1];
  if (key === undefined) return undefined;
  const pairs = `SELECT ${quoted(key.name)} AS key, lag(${quoted(key.name)}) OVER () AS before FROM ${rowsFrom(source)}`;
  return `SELECT current_setting('preserve_insertion_order') AND NOT EXISTS (SELECT 1 FROM (${pairs}) WHERE before >= key)`;
}

/**
 * The order of the rows follows from the rows: DuckDB's own is another after rows were deleted. Texts go by their bytes, whatever the
 * collation of a column.
 */
function orderOf({ table, columns }: Source): string {
  const key = keyColumns(table);
  const known = new Map(columns.map((column) => [column.name, column]));
  const isKnown = key.length > 0 && key.every((name) => known.has(name) && known.get(name)?.instead === undefined);
  // Rows that read alike are alike, whichever is first.
  const terms = isKnown ? key.map((name) => orderedBy(name, known.get(name)?.type)) : columns.map(byBytes);
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`;
}

const orderedBy = (name: string, type: string | undefined) =>
  type === 'VARCHAR' ? `encode(${quoted(name)})` : `${quoted(name)} ASC NULLS FIRST`;

const byBytes = (column: ReadColumn) => `encode(${termOf(column)}) ASC NULLS FIRST`;
