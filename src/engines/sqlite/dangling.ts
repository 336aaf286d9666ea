import { codeOf } from '../../core/system-error.ts';
import { danglingInWords } from '../dangling.ts';
import type { Db } from './open.ts';
import { quoted, type Table } from './schema.ts';

/** One column of a foreign key. */
export interface KeyRow {
  id: number;
  parent: string;
  from: string;
  to: string;
}

/** Rows that are kept and point to rows that are there and not kept, in sentences. */
export function danglingRows(db: Db, kept: readonly Table[], gone: readonly string[]): string[] {
  const conditions = new Map(kept.map(({ name, only }) => [name.toLowerCase(), only]));
  for (const name of gone) conditions.set(name.toLowerCase(), '0');
  if ([...conditions].every(([name, only]) => only === undefined || name.startsWith('sqlite_'))) return [];
  return kept.flatMap((table) =>
    foreignKeysOf(db, table.name).flatMap((key) => {
      const parent = key[0]?.parent ?? '';
      const only = conditions.get(parent.toLowerCase());
      return only === undefined ? [] : danglingInWords(countDangling(db, table, parent, key, only), table.name, parent);
    }),
  );
}

/** The foreign keys of a table, each with its columns in order. */
export function foreignKeysOf(db: Db, table: string): KeyRow[][] {
  const rows = db
    .prepare<[string], KeyRow>(
      `SELECT k.id, k."table" AS parent, k."from",
          ifnull(k."to", (SELECT name FROM temp.pragma_table_xinfo(k."table") WHERE pk = k.seq + 1)) AS "to"
        FROM temp.pragma_foreign_key_list(?) k ORDER BY k.id, k.seq`,
    )
    .all(table);
  return [...new Set(rows.map(({ id }) => id))].map((id) => rows.filter((row) => row.id === id));
}

function countDangling(db: Db, table: Table, parent: string, key: readonly KeyRow[], only: string): number {
  const match = key.map(({ from, to }) => `${quoted(parent)}.${quoted(to)} = overwinter_child.${quoted(from)}`);
  const parents = (condition: string) =>
    `EXISTS (SELECT 1 FROM ${quoted(parent)} WHERE ${match.join(' AND ')}${condition})`;
  const children = `(SELECT * FROM ${quoted(table.name)}${table.only === undefined ? '' : ` WHERE (${table.only})`})`;
  try {
    const counted = db
      .prepare(
        `SELECT count(*) FROM ${children} AS overwinter_child WHERE ${parents('')} AND NOT ${parents(` AND (${only})`)}`,
      )
      .pluck();
    return Number(counted.get());
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_ERROR') throw error;
    // A key whose parent has no such column points to nothing anyway.
    return 0;
  }
}
