/** What two kinds of databases are asked of the columns of a table in the same words. */
import { quoted } from './quoted.ts';

/** A table as it is looked at: its columns, the ones that tell its rows apart, and what stands behind FROM. */
export interface LookedAt {
  readonly columns: readonly LookedAtColumn[];
  readonly key: readonly string[];
  from(condition?: string): string;
  ask(sql: string): Promise<readonly (readonly (string | null)[])[]>;
}

interface LookedAtColumn {
  readonly name: string;
  readonly notNull: boolean;
  readonly kind?: string | undefined;
  /** What stands in the column's place. */
  readonly instead?: string;
}

/** So many rows at each end say at no cost that a column is in use. */
const ENDS = 256;
const LONGEST = 400;
/** A server takes a few hundred more terms than this. */
const TERMS = 500;

/** Columns that hold no value in the first rows nor in the last ones; those that cannot be NULL are not asked. */
export async function sparseAmong(table: LookedAt): Promise<string[]> {
  const columns = table.columns.filter(({ notNull, instead }) => !notNull && instead === undefined);
  const sparse: string[] = [];
  for (const some of inGroups(columns)) {
    const terms = some.map(({ name }, at) => `${quoted(name)} IS NOT NULL AS c${at}`);
    const ends = endsOf(table, ENDS).map((end) => `(SELECT ${terms.join(', ')} FROM ${rowsAt(table, some, end)})`);
    const found = some.map((_, at) => `bool_or(c${at})`);
    const [row = []] = await table.ask(`SELECT ${found.join(', ')} FROM (${ends.join(' UNION ALL ')}) AS ends`);
    // One says t, the other true.
    sparse.push(...some.filter((_, at) => row[at]?.startsWith('t') !== true).map(({ name }) => name));
  }
  return sparse;
}

/** Values that may be looked at, as text: the first rows' and the last ones'. */
export async function samplesAmong(table: LookedAt, rows: number): Promise<Map<string, string[]>> {
  const columns = table.columns.filter(({ instead, kind }) => instead === undefined && kind !== 'bytes');
  const samples = new Map(columns.map(({ name }): [string, string[]] => [name, []]));
  for (const some of inGroups(columns)) {
    const terms = some.map(({ name }) => `left(CAST(${quoted(name)} AS text), ${LONGEST})`);
    for (const end of endsOf(table, Math.ceil(rows / 2)))
      for (const row of await table.ask(`SELECT ${terms.join(', ')} FROM ${rowsAt(table, some, end)}`))
        for (const [at, { name }] of some.entries()) {
          const value = row[at];
          if (typeof value === 'string') samples.get(name)?.push(value);
        }
  }
  return samples;
}

/** Only these rows: what is asked of them together with their order, DuckDB finds out of all. */
const rowsAt = (table: LookedAt, columns: readonly LookedAtColumn[], end: string) =>
  `(SELECT ${columns.map(({ name }) => quoted(name)).join(', ')} FROM ${table.from()}${end}) AS rows_at_end`;

/** The ends of a table by its key, which an index gives; without one, some rows. */
function endsOf({ key }: LookedAt, rows: number): string[] {
  if (key.length === 0) return [` LIMIT ${2 * rows}`];
  const order = (direction: string) => ` ORDER BY ${key.map((name) => quoted(name) + direction).join(', ')}`;
  return [`${order('')} LIMIT ${rows}`, `${order(' DESC')} LIMIT ${rows}`];
}

/** So many at once as a statement takes. */
export function inGroups<T>(all: readonly T[], size = TERMS): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < all.length; at += size) groups.push(all.slice(at, at + size));
  return groups;
}
