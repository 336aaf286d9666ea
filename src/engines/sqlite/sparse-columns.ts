import type { Db } from './open.ts';
import { type Column, quoted, rowsFrom, type Table } from './schema.ts';

/** So many rows at each end say at no cost that a column is in use. */
const ROWS = 256;

/** Columns that hold no value in the first rows nor in the last ones; those that cannot be NULL are not asked. */
export function sparseColumns(db: Db, table: Table): string[] {
  const all = table.columns.filter((column) => mayBeNull(column, table));
  if (all.length === 0) return [];
  // Most tables show all that they hold in their first row.
  const first = db
    .prepare<[], (number | null)[]>(`SELECT ${terms(all)} FROM ${rowsFrom(table)} LIMIT 1`)
    .raw()
    .get();
  const columns = all.filter((_, at) => first?.[at] !== 1);
  if (columns.length === 0) return [];
  const found = columns.map((_, at) => `max(c${at})`);
  const ends = endsOf(table).map((order) => `SELECT * FROM (SELECT ${terms(columns)} FROM ${rowsFrom(table)}${order})`);
  const seen = db
    .prepare<[], (number | null)[]>(`SELECT ${found.join(', ')} FROM (${ends.join(' UNION ALL ')})`)
    .raw()
    .get();
  return columns.filter((_, at) => seen?.[at] !== 1).map(({ name }) => name);
}

/** So many terms of a condition are well below what SQLite takes at once. */
export const TERMS = 200;

/** Those that hold no value in any row. */
export function emptyAmong(db: Db, table: Table, columns: readonly string[]): string[] {
  const empty: string[] = [];
  for (let at = 0; at < columns.length; at += TERMS) empty.push(...emptyOf(db, table, columns.slice(at, at + TERMS)));
  return empty;
}

/** All of them are looked for in one go, which ends where all have been found. */
function emptyOf(db: Db, table: Table, columns: readonly string[]): readonly string[] {
  let empty = columns;
  while (empty.length > 0) {
    const found = empty.map((column) => `${quoted(column)} IS NOT NULL`);
    const row = db
      .prepare<[], number[]>(`SELECT ${found.join(', ')} FROM ${rowsFrom(table, found.join(' OR '))} LIMIT 1`)
      .raw()
      .get();
    if (row === undefined) return empty;
    empty = empty.filter((_, at) => row[at] !== 1);
  }
  return empty;
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
