import type { SavedColumn } from './copy-lines.ts';
import { literal, qualified, quoted } from './names.ts';
import type { Column, Table } from './tables.ts';

/** A column that is read, and what stands in a backup instead of its value, where something does. */
export interface ReadColumn extends Column {
  readonly instead?: string;
}

/** A table, as far as it is read. */
export interface Source {
  readonly table: Table;
  readonly columns: readonly ReadColumn[];
  /** The condition that rows meet, in SQL; all do where there is none. */
  readonly only?: string;
}

/** All that a table has and that is not computed. */
export const wholeOf = (table: Table): Source => ({
  table,
  columns: table.columns.filter(({ isGenerated }) => !isGenerated),
});

export const savedColumns = ({ columns }: Source): readonly SavedColumn[] => columns;

/** Rows of a table alone, without those of what inherits from it. */
export function rowsFrom({ table, only }: Pick<Source, 'table' | 'only'>, also?: string): string {
  const conditions = [only, also].flatMap((each) => (each === undefined ? [] : [`(${each})`]));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `ONLY ${qualified(table)}${where}`;
}

/** The column of whole numbers that tells all rows apart by itself, by its place among those that are saved. */
export function numberedBy({ table, columns }: Source): number | undefined {
  const [name, ...more] = keyColumns(table);
  const at = columns.findIndex((column) => column.name === name && ['int2', 'int4', 'int8'].includes(column.base));
  return at < 0 || more.length > 0 || columns[at]?.instead !== undefined ? undefined : at;
}

/** The columns that tell all rows apart: the primary key, or another. None where only all columns together may. */
export function keyColumns({ uniques }: Table): readonly string[] {
  const found = uniques.find(({ isKey, isTotal }) => isKey && isTotal) ?? uniques.find(({ isTotal }) => isTotal);
  return (found?.columns ?? []).flatMap((name) => name ?? []);
}

export function copySql(source: Source): string {
  const terms = source.columns.map(termOf);
  return `COPY (SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}${orderOf(source)}) TO STDOUT`;
}

const termOf = ({ name, type, instead }: ReadColumn) =>
  instead === undefined ? quoted(name) : `${literal(instead)}::${type}`;

/**
 * The order of the rows follows from the rows. Texts go by their bytes: a collation differs from host to host, and from one version of a
 * library to the next.
 */
function orderOf({ table, columns }: Source): string {
  const key = keyColumns(table);
  const known = new Map(columns.map((column) => [column.name, column]));
  if (key.length > 0 && key.every((name) => known.get(name)?.instead === undefined && known.has(name)))
    return ` ORDER BY ${key.map((name) => ordered(name, known.get(name))).join(', ')}`;
  // Rows that read alike are alike, whichever is first.
  return columns.length === 0 ? '' : ` ORDER BY ROW(${columns.map(termOf).join(', ')})::text COLLATE "C"`;
}

function ordered(name: string, column: ReadColumn | undefined): string {
  if (column?.family === 'compound') return `(${quoted(name)})::text COLLATE "C"`;
  return column?.isCollated === true ? `${quoted(name)} COLLATE "C"` : quoted(name);
}
