import type { Db } from './open.ts';
import { quoted, rowsFrom, type Table } from './schema.ts';

const LONGEST = 400;

/** Values that may be looked at, as text: the first rows' and the last ones', because data often changes its kind with time. */
export function samplesOf(db: Db, table: Table, rows: number): Map<string, string[]> {
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
  for (const order of orders) {
    const some = db.prepare<[number], (string | null)[]>(
      `SELECT ${terms.join(', ')} FROM ${rowsFrom(table)} ${order} LIMIT ?`,
    );
    for (const row of some.raw().all(Math.ceil(rows / orders.length))) {
      columns.forEach(({ name }, at) => {
        const value = row[at];
        if (typeof value === 'string') samples.get(name)?.push(value);
      });
    }
  }
  return samples;
}
