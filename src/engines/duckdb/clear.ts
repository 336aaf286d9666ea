import { reasonOf } from '../../core/errors.ts';
import { rowsReferenced, tableUnknown } from '../../core/problems/usage.ts';
import type { Place } from './build.ts';
import { openCopy } from './copy-aside.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import type { Original } from './inspect.ts';
import { fold, qualified, quoted, rowsCalled } from './names.ts';
import { catalogOf, type Db } from './open.ts';
import { copyHere } from './stage.ts';
import { takeItsPlace } from './swap.ts';
import { countRowsOf } from './table-rows.ts';
import { parentsFirst, readTables, type Table } from './tables.ts';

/**
 * Empties tables in a copy, which then takes the database's place: inside of one transaction DuckDB still sees the rows that pointed to
 * those that are to go. Returns how many rows went, by table.
 */
export async function clear(
  original: Original,
  names: readonly string[],
  first: () => Promise<void>,
): Promise<Map<string, number>> {
  const { path, label } = original;
  const aside = await copyHere(original);
  try {
    const gone = await emptied({ file: aside.file, catalog: catalogOf(path), label, scratch: aside.scratch }, names);
    await takeItsPlace(original, aside, first);
    return gone;
  } finally {
    aside.discard();
  }
}

/** Empties tables in a copy. Returns how many rows went, by table. */
export async function emptied(
  { file, catalog, label, scratch }: Place,
  names: readonly string[],
): Promise<Map<string, number>> {
  const db = await openCopy(file, label, catalog, scratch, true);
  try {
    const tables = await readTables(db);
    const wanted = names.map((name) => {
      const table = tables.find(({ key }) => fold(key) === fold(name));
      if (table === undefined)
        throw tableUnknown(
          name,
          tables.map(({ key }) => key),
        )();
      return table;
    });
    const counted = () =>
      countRowsOf(
        db,
        tables.map((table) => ({ table })),
      );
    const before = await counted();
    for (const table of parentsFirst(tables).reverse()) if (wanted.includes(table)) await empty(db, table, tables);
    const after = await counted();
    await db.run('CHECKPOINT');
    return new Map(tables.map(({ key }) => [key, (before.get(key) ?? 0) - (after.get(key) ?? 0)]));
  } catch (error) {
    throw duckdbProblem(label, error);
  } finally {
    db.close();
  }
}

const CHILD = rowsCalled('child');

/** Where a table points to itself, rows go once no row that is left points to them. */
async function empty(db: Db, table: Table, tables: readonly Table[]): Promise<void> {
  const itself = table.references.filter((key) => key.table === table.key);
  const isFree = itself.map(({ from, to }) => {
    const same = from.map((name, at) => `${CHILD}.${quoted(name)} = ${qualified(table)}.${quoted(to[at] ?? '')}`);
    return `NOT EXISTS (SELECT 1 FROM ${qualified(table)} AS ${CHILD} WHERE ${same.join(' AND ')})`;
  });
  const where = isFree.length === 0 ? '' : ` WHERE ${isFree.join(' AND ')}`;
  try {
    for (let left = -1; left !== 0; ) {
      await db.run(`DELETE FROM ${qualified(table)}${where}`);
      const [[now = '0'] = []] = await db.rows(`SELECT count(*) FROM ${qualified(table)}`);
      if (Number(now) === left) throw rowsReferenced([table.key], [table.key])();
      left = Number(now);
    }
  } catch (error) {
    if (!/foreign key constraint/i.test(reasonOf(error))) throw error;
    const children = tables.filter((other) => other.references.some((key) => key.table === table.key));
    throw rowsReferenced(
      [table.key],
      children.map(({ key }) => key),
    )(error);
  }
}
