import type { Db } from './open.ts';
import { type Column, quoted, rowsFrom, type Table } from './schema.ts';

/** So many rows at each end say at no cost that a column is in use. */
const ROWS = 256;

/** Columns that hold no value in the first rows nor in the last ones; those that cannot be NULL are not asked. */
export function sparseColumns(db: Db, table: Table): string[] {
  const columns = table.columns.filter((column) => mayBeNull(column, table));
  if (columns.length === 0) return [];
  const found = columns.map((_, at) => `max(c${at})`);
  const ends = endsOf(table).map((order) => `SELECT * FROM (SELECT ${terms(columns)} FROM ${rowsFrom(table)}${order})`);
  const seen = db
    .prepare<[], (number | null)[]>(`SELECT ${found.join(', ')} FROM (${ends.join(' UNION ALL ')})`)
    .raw()
    .get();
  return columns.filter((_, at) => seen?.[at] !== 1).map(({ name }) => name);
}

/** Whether any row holds a value there: every row may have to be looked at. */
export function hasValue(db: Db, table: Table, column: string): boolean {
  const rows = rowsFrom(table, `${quoted(column)} IS NOT NULL`);
  return db.prepare(`SELECT 1 FROM ${rows} LIMIT 1`).get() !== undefined;
}

const mayBeNull = ({ name, notNull, instead }: Column, { rowid }: Table) =>
  !notNull && instead === undefined && name !== rowid;

const terms = (columns: readonly Column[]) =>
  columns.map(({ name }, at) => `${quoted(name)} IS NOT NULL AS c${at}`).join(', ');

function endsOf({ rowid, hiddenRowid }: Table): string[] {
  if (rowid === undefined) return [` LIMIT ${2 * ROWS}`];
  const key = hiddenRowid ? rowid : quoted(rowid);
  return [` ORDER BY ${key} LIMIT ${ROWS}`, ` ORDER BY ${key} DESC LIMIT ${ROWS}`];
}
