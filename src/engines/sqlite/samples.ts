import type { Db } from './open.ts';
import { quoted, rowsFrom, type Table } from './schema.ts';

const LONGEST = 400;

/** A select has at most 2,000 columns. */
const COLUMNS_AT_ONCE = 500;

/**
 * Values that may be looked at, as text: the first rows' and the last ones', because data often changes its kind with time. `there` is how many
 * rows the table has.
 */
export function samplesOf(db: Db, table: Table, rows: number, there: number): Map<string, string[]> {
  const columns = table.columns.filter(({ instead }) => instead === undefined);
  const samples = new Map(columns.map(({ name }): [string, string[]] => [name, []]));
  if (columns.length === 0) return samples;
  const terms = columns.map(({ name }) => {
    const column = quoted(name);
    return `CASE typeof(${column}) WHEN 'text' THEN substr(${column}, 1, ${LONGEST}) WHEN 'integer' THEN CAST(${column} AS TEXT) END`;
  });
  const { rowid } = table;
  const key = rowid === undefined || table.hiddenRowid ? rowid : quoted(rowid);
  const orders = key === undefined ? [''] : [`ORDER BY ${key}`, `ORDER BY ${key} DESC`];
  const each = Math.ceil(rows / orders.length);
  // A column at a time: a row at a time takes several times as long.
  for (let from = 0; from < columns.length; from += COLUMNS_AT_ONCE) {
    const some = terms.slice(from, from + COLUMNS_AT_ONCE);
    const named = some.map((term, at) => `${term} AS c${at}`).join(', ');
    const listsOf = (values: readonly string[]) => values.map((value) => `json_group_array(${value})`).join(', ');
    const lists = listsOf(some.map((_, at) => `c${at}`));
    const ends = orders.map(
      (order) => `SELECT ${lists} FROM (SELECT ${named} FROM ${rowsFrom(table)} ${order} LIMIT ${each})`,
    );
    // Of a small table all rows at once, which is sooner compiled and sooner read.
    const sql = there <= rows ? `SELECT ${listsOf(some)} FROM ${rowsFrom(table)}` : ends.join(' UNION ALL ');
    for (const row of db.prepare<[], string[]>(sql).raw().all()) {
      row.forEach((list, at) => {
        const values: (string | null)[] = JSON.parse(list);
        const found = samples.get(columns[from + at]?.name ?? '');
        for (const value of values) if (value !== null) found?.push(value);
      });
    }
  }
  return samples;
}
