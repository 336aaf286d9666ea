import { quoted } from './names.ts';
import type { Db } from './open.ts';
import { rowsFrom, type Source } from './rows-sql.ts';
import { keyColumns } from './tables.ts';

/** So many rows at each end say at no cost that a column is in use. */
const ENDS = 256;
const LONGEST = 400;
/** So many columns at once keep a statement short. */
const TERMS = 500;

/** Columns that hold no value in the first rows nor in the last ones; those that cannot be NULL are not asked. */
export async function sparseColumns(db: Db, source: Source): Promise<string[]> {
  const columns = source.columns.filter(({ notNull, instead }) => !notNull && instead === undefined);
  const sparse: string[] = [];
  for (const some of groupsOf(columns, TERMS)) {
    const terms = some.map(({ name }, at) => `${quoted(name)} IS NOT NULL AS c${at}`);
    const ends = endsOf(source, ENDS).map((end) => `(SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}${end})`);
    const found = some.map((_, at) => `bool_or(c${at})`);
    const [row = []] = await db.rows(`SELECT ${found.join(', ')} FROM (${ends.join(' UNION ALL ')}) AS ends`);
    sparse.push(...some.filter((_, at) => row[at] !== 'true').map(({ name }) => name));
  }
  return sparse;
}

/** Those that hold no value in any row: a count of values is a look at each column alone. */
export async function emptyAmong(db: Db, source: Source, columns: readonly string[]): Promise<string[]> {
  const empty: string[] = [];
  for (const some of groupsOf(columns, TERMS)) {
    const counts = some.map((column) => `count(${quoted(column)})`);
    const [row = []] = await db.rows(`SELECT ${counts.join(', ')} FROM ${rowsFrom(source)}`);
    empty.push(...some.filter((_, at) => row[at] === '0'));
  }
  return empty;
}

/** Values that may be looked at, as text: the first rows' and the last ones'. */
export async function samplesOf(db: Db, source: Source, rows: number): Promise<Map<string, string[]>> {
  const columns = source.columns.filter(({ instead, kind }) => instead === undefined && kind !== 'bytes');
  const samples = new Map(columns.map(({ name }): [string, string[]] => [name, []]));
  for (const some of groupsOf(columns, TERMS)) {
    const terms = some.map(({ name }) => `left(CAST(${quoted(name)} AS VARCHAR), ${LONGEST})`);
    for (const end of endsOf(source, Math.ceil(rows / 2)))
      for (const row of await db.rows(`SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}${end}`))
        for (const [at, { name }] of some.entries()) {
          const value = row[at];
          if (typeof value === 'string') samples.get(name)?.push(value);
        }
  }
  return samples;
}

/** The ends of a table by its key; without one, some rows. */
function endsOf(source: Source, rows: number): string[] {
  const key = keyColumns(source.table);
  if (key.length === 0) return [` LIMIT ${2 * rows}`];
  const order = (direction: string) => ` ORDER BY ${key.map((name) => quoted(name) + direction).join(', ')}`;
  return [`${order('')} LIMIT ${rows}`, `${order(' DESC')} LIMIT ${rows}`];
}

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < all.length; at += size) groups.push(all.slice(at, at + size));
  return groups;
}
