import { inGroups, type LookedAt, samplesAmong, sparseAmong } from '../column-looks.ts';
import type { Session } from './driver.ts';
import { quoted } from './names.ts';
import { keyColumns, rowsFrom, type Source } from './rows-sql.ts';

/** A table as both kinds of servers are asked about it. */
const lookedAt = (session: Session, source: Source): LookedAt => ({
  columns: source.columns,
  key: keyColumns(source.table),
  from: (condition) => rowsFrom(source, condition),
  ask: (sql) => session.query(sql),
});

/** Columns that hold no value in the first rows nor in the last ones. */
export const sparseColumns = (session: Session, source: Source) => sparseAmong(lookedAt(session, source));

/** Values that may be looked at. */
export const samplesOf = (session: Session, source: Source, rows: number) =>
  samplesAmong(lookedAt(session, source), rows);

/** Those that hold no value in any row: each look ends where one of them does, which is then out. */
export async function emptyAmong(session: Session, source: Source, columns: readonly string[]): Promise<string[]> {
  const empty: string[] = [];
  for (const some of inGroups(columns)) empty.push(...(await emptyOf(session, source, some)));
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
