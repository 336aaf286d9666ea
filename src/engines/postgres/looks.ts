import type { Session } from './driver.ts';
import { quoted } from './names.ts';
import { keyColumns, type ReadColumn, rowsFrom, type Source } from './rows-sql.ts';

/** So many rows at each end say at no cost that a column is in use. */
const ENDS = 256;
const LONGEST = 400;

/** A server takes a few hundred more terms than this. */
const TERMS = 500;

/** Columns that hold no value in the first rows nor in the last ones; those that cannot be NULL are not asked. */
export async function sparseColumns(session: Session, source: Source): Promise<string[]> {
  const columns = source.columns.filter(({ notNull, instead }) => !notNull && instead === undefined);
  const seen = await inSome(session, source, columns);
  return columns.filter(({ name }) => !seen.has(name)).map(({ name }) => name);
}

async function inSome(session: Session, source: Source, columns: readonly ReadColumn[]): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const some of groupsOf(columns, TERMS)) {
    const terms = some.map(({ name }, at) => `${quoted(name)} IS NOT NULL AS c${at}`);
    const ends = endsOf(source, ENDS).map((end) => `(SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}${end})`);
    const found = some.map((_, at) => `bool_or(c${at})`);
    const [row = []] = await session.query(`SELECT ${found.join(', ')} FROM (${ends.join(' UNION ALL ')}) AS ends`);
    for (const [at, { name }] of some.entries()) if (row[at] === 't') seen.add(name);
  }
  return seen;
}

/** Those that hold no value in any row: each look ends where one of them does, which is then out. */
export async function emptyAmong(session: Session, source: Source, columns: readonly string[]): Promise<string[]> {
  const empty: string[] = [];
  for (const some of groupsOf(columns, TERMS)) empty.push(...(await emptyOf(session, source, some)));
  return empty;
}

async function emptyOf(session: Session, source: Source, columns: readonly string[]): Promise<readonly string[]> {
  let empty = columns;
  while (empty.length > 0) {
    const found = empty.map((column) => `${quoted(column)} IS NOT NULL`);
    const sql = `SELECT ${found.join(', ')} FROM ${rowsFrom(source, found.join(' OR '))} LIMIT 1`;
    const [row] = await session.query(sql);
    if (row === undefined) return empty;
    empty = empty.filter((_, at) => row[at] !== 't');
  }
  return empty;
}

/** Values that may be looked at, as text: the first rows' and the last ones'. */
export async function samplesOf(session: Session, source: Source, rows: number): Promise<Map<string, string[]>> {
  const columns = source.columns.filter(({ instead, kind }) => instead === undefined && kind !== 'bytes');
  const samples = new Map(columns.map(({ name }): [string, string[]] => [name, []]));
  const ends = endsOf(source, Math.ceil(rows / 2));
  for (const some of groupsOf(columns, TERMS)) {
    const terms = some.map(({ name }) => `left(${quoted(name)}::text, ${LONGEST})`);
    for (const end of ends)
      for (const row of await session.query(`SELECT ${terms.join(', ')} FROM ${rowsFrom(source)}${end}`))
        for (const [at, { name }] of some.entries()) {
          const value = row[at];
          if (typeof value === 'string') samples.get(name)?.push(value);
        }
  }
  return samples;
}

/** The ends of a table by its key, which an index gives; without one, some rows. */
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

/** Types whose text may name several things at once. */
const NAMES_OF_MANY: Readonly<Record<string, string>> = { regproc: 'to_regproc', regoper: 'to_regoper' };

/** A value that would not come back, as its text would not be taken; undefined where there is none. */
export async function unloadable(
  session: Session,
  source: Source,
): Promise<[column: string, value: string] | undefined> {
  for (const { name, base, instead } of source.columns) {
    const back = Object.hasOwn(NAMES_OF_MANY, base) && instead === undefined ? NAMES_OF_MANY[base] : undefined;
    if (back === undefined) continue;
    const column = quoted(name);
    const isLost = `${column}::oid <> 0 AND ${back}(concat(${column}))::oid IS DISTINCT FROM ${column}::oid`;
    const [row] = await session.query(`SELECT concat(${column}) FROM ${rowsFrom(source, isLost)} LIMIT 1`);
    if (row !== undefined) return [name, row[0] ?? ''];
  }
  return undefined;
}
