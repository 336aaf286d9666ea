import { restoreInexact } from '../../core/problems/restoring.ts';
import { qualified, quoted, rowsCalled } from './names.ts';
import type { Db } from './open.ts';
import type { Table } from './tables.ts';

/** Rows of a table, and the columns that they have values for. */
export interface Batch {
  readonly columns: readonly string[];
  readonly select: string;
}

/** A number that tells rows apart while they wait: DuckDB's own is hidden by a column that is called like it. */
const NUMBER = '"overwinter number of the row"';
const waitingOf = (at: number) => `temp."overwinter waiting ${at}"`;
const [WAITING, PARENT] = [rowsCalled('waiting'), rowsCalled('parent')];
const FREE = 'temp."overwinter free"';

/**
 * Inserts rows of a table that points to itself: DuckDB looks at each row's parent before any row of the same statement is there, so those
 * without one go first, then those whose parents are there, and so on.
 */
export async function insertInLevels(db: Db, table: Table, batches: readonly Batch[]): Promise<void> {
  for (const [at, { select }] of batches.entries())
    await db.run(
      `CREATE OR REPLACE TEMP TABLE ${waitingOf(at)} AS SELECT row_number() OVER () AS ${NUMBER}, * FROM (${select})`,
    );
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const [at, batch] of batches.entries()) isMore = (await insertFree(db, table, batch, waitingOf(at))) || isMore;
  }
  let left = 0n;
  for (const at of batches.keys()) {
    const [[rows = '0'] = []] = await db.rows(`SELECT count(*) FROM ${waitingOf(at)}`);
    left += BigInt(rows ?? '0');
    await db.run(`DROP TABLE ${waitingOf(at)}`);
  }
  await db.run(`DROP TABLE IF EXISTS ${FREE}`);
  if (left > 0n)
    throw restoreInexact(
      `with table '${table.key}'`,
      `${left} of its rows point to rows that are not there, or in a circle`,
    )();
}

/** Inserts those whose parents are there. Returns whether there were any. */
async function insertFree(db: Db, table: Table, { columns }: Batch, waiting: string): Promise<boolean> {
  const keys = table.references.filter((key) => key.table === table.key);
  const isFree = keys.map(({ from, to }) => {
    // A column that they have no value for gets its default, which is nothing where it points to the table itself.
    const known = from.every((name) => columns.includes(name));
    if (!known) return 'true';
    const isNull = from.map((name) => `${WAITING}.${quoted(name)} IS NULL`);
    const same = from.map((name, at) => `${PARENT}.${quoted(to[at] ?? '')} = ${WAITING}.${quoted(name)}`);
    return `(${isNull.join(' OR ')} OR EXISTS (SELECT 1 FROM ${qualified(table)} AS ${PARENT} WHERE ${same.join(' AND ')}))`;
  });
  const names = columns.map(quoted).join(', ');
  await db.run(
    `CREATE OR REPLACE TEMP TABLE ${FREE} AS SELECT ${WAITING}.${NUMBER} AS id FROM ${waiting} AS ${WAITING} WHERE ${isFree.join(' AND ')}`,
  );
  const [[free = '0'] = []] = await db.rows(`SELECT count(*) FROM ${FREE}`);
  if (free === '0') return false;
  const chosen = `IN (SELECT id FROM ${FREE})`;
  await db.run(
    `INSERT INTO ${qualified(table)} (${names}) SELECT ${names} FROM ${waiting} AS ${WAITING} WHERE ${WAITING}.${NUMBER} ${chosen}`,
  );
  await db.run(`DELETE FROM ${waiting} WHERE ${NUMBER} ${chosen}`);
  return true;
}
