import type { Db } from './open.ts';
import { type Column, quoted, rowsFrom, type Table } from './schema.ts';
import { TERMS } from './sparse-columns.ts';

/**
 * A column that is declared NOT NULL and is NULL in some row, as it may be where a definition was edited under the rows
 * (`writable_schema`). SQLite believes the definition, so `IS NULL` would not even look. Every row is looked at.
 */
export function missingValue(db: Db, table: Table): string | undefined {
  const columns = table.columns.filter(
    ({ name, notNull, instead }) => notNull && instead === undefined && name !== table.rowid,
  );
  for (let at = 0; at < columns.length; at += TERMS) {
    const found = missingOf(db, table, columns.slice(at, at + TERMS));
    if (found !== undefined) return found;
  }
  return undefined;
}

function missingOf(db: Db, table: Table, columns: readonly Column[]): string | undefined {
  const isMissing = columns.map(({ name }) => `typeof(${quoted(name)}) = 'null'`);
  const cases = isMissing.map((term, at) => `WHEN ${term} THEN ${at}`).join(' ');
  const at = db
    .prepare<[], number>(`SELECT CASE ${cases} END FROM ${rowsFrom(table, isMissing.join(' OR '))} LIMIT 1`)
    .pluck()
    .get();
  return at === undefined ? undefined : columns[at]?.name;
}
