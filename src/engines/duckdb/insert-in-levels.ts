import { restoreInexact } from '../../core/problems/restoring.ts';
import { qualified, quoted } from './names.ts';
import type { Db } from './open.ts';
import type { Table } from './tables.ts';

/**
 * Inserts rows of a table that points to itself: DuckDB looks at each row's parent before any row of the same statement is there, so those
 * without one go first, then those whose parents are there, and so on.
 */
export async function insertInLevels(db: Db, table: Table, columns: readonly string[], select: string): Promise<void> {
  const keys = table.references.filter((key) => key.table === table.key);
  const isFree = keys.map(({ from, to }) => {
    const isNull = from.map((name) => `waiting.${quoted(name)} IS NULL`);
    const same = from.map((name, at) => `parent.${quoted(to[at] ?? '')} = waiting.${quoted(name)}`);
    return `(${isNull.join(' OR ')} OR EXISTS (SELECT 1 FROM ${qualified(table)} AS parent WHERE ${same.join(' AND ')}))`;
  });
  const names = columns.map(quoted).join(', ');
  await db.run(`CREATE OR REPLACE TEMP TABLE overwinter_waiting AS ${select}`);
  for (;;) {
    await db.run(
      `CREATE OR REPLACE TEMP TABLE overwinter_free AS SELECT waiting.rowid AS id FROM temp.overwinter_waiting AS waiting WHERE ${isFree.join(' AND ')}`,
    );
    const [[free = '0'] = []] = await db.rows('SELECT count(*) FROM temp.overwinter_free');
    if (free === '0') break;
    const chosen = 'IN (SELECT id FROM temp.overwinter_free)';
    await db.run(
      `INSERT INTO ${qualified(table)} (${names}) SELECT ${names} FROM temp.overwinter_waiting AS waiting WHERE waiting.rowid ${chosen}`,
    );
    await db.run(`DELETE FROM temp.overwinter_waiting WHERE rowid ${chosen}`);
  }
  const [[left = '0'] = []] = await db.rows('SELECT count(*) FROM temp.overwinter_waiting');
  await db.run('DROP TABLE temp.overwinter_waiting; DROP TABLE temp.overwinter_free');
  if (left !== '0')
    throw restoreInexact(
      `with table '${table.key}'`,
      `${left} of its rows point to rows that are not there, or in a circle`,
    )();
}
