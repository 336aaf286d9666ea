import { inGroups, type LookedAt, samplesAmong, sparseAmong } from '../column-looks.ts';
import { quoted } from './names.ts';
import type { Db } from './open.ts';
import { rowsFrom, type Source } from './rows-sql.ts';
import { keyColumns } from './tables.ts';

/** A table as both kinds of databases are asked about it. */
const lookedAt = (db: Db, source: Source): LookedAt => ({
  columns: source.columns,
  key: keyColumns(source.table),
  from: (condition) => rowsFrom(source, condition),
  ask: (sql) => db.rows(sql),
});

/** Columns that hold no value in the first rows nor in the last ones. */
export const sparseColumns = (db: Db, source: Source) => sparseAmong(lookedAt(db, source));

/** Values that may be looked at. */
export const samplesOf = (db: Db, source: Source, rows: number) => samplesAmong(lookedAt(db, source), rows);

/** Those that hold no value in any row: a count of values is a look at each column alone. */
export async function emptyAmong(db: Db, source: Source, columns: readonly string[]): Promise<string[]> {
  const empty: string[] = [];
  for (const some of inGroups(columns)) {
    const counts = some.map((column) => `count(${quoted(column)})`);
    const [row = []] = await db.rows(`SELECT ${counts.join(', ')} FROM ${rowsFrom(source)}`);
    empty.push(...some.filter((_, at) => row[at] === '0'));
  }
  return empty;
}
