import { rowsStillReferenced } from '../../../core/problems/some-rows.ts';
import { count } from '../../../core/words.ts';
import { quoted } from '../names.ts';
import type { Db } from '../open.ts';
import { storedNames, type Table } from '../tables.ts';
import { CHILD, changing, coming, fresh, going, inDatabase, merged, OURS, of, PARENT, same } from './kept.ts';
import { rowsIn } from './plan.ts';
import type { Shape } from './wanted-tables.ts';

/**
 * DuckDB lets no row go that another points to, nor be changed where that touches a key. So rows that point to such rows are lifted out, with
 * those that point to them, and put back when the others are there.
 */
export interface Lifted {
  readonly at: number;
  readonly table: Table;
  readonly shape: Shape | undefined;
}

/** Of each table, the rows that are taken out for a while or for good, in `j`. */
export const out = ({ at }: Lifted) => `temp."overwinter out ${at}"`;
/** Of these, the ones that come back as they were. */
export const held = ({ at }: Lifted) => `temp."overwinter held ${at}"`;

export async function lift(db: Db, tables: readonly Table[], shapes: readonly Shape[]): Promise<Lifted[]> {
  const all = tables.map(
    (table, at): Lifted => ({ at, table, shape: shapes.find((shape) => shape.table.key === table.key) }),
  );
  for (const lifted of all) await db.run(`CREATE TEMP TABLE ${out(lifted)} AS ${notStaying(lifted)}`);
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const child of all)
      for (const { table, from, to } of child.table.references) {
        const parent = all.find((each) => each.table.key === table);
        if (parent === undefined || (await rowsIn(db, out(parent))) === 0) continue;
        const before = await rowsIn(db, out(child));
        await db.run(
          `INSERT INTO ${out(child)} SELECT DISTINCT ${CHILD}.rowid FROM ${inDatabase(child)} AS ${CHILD}
            JOIN ${inDatabase(parent)} AS ${PARENT} ON ${same(of(PARENT, to), of(CHILD, from))}
            WHERE ${PARENT}.rowid IN (SELECT j FROM ${out(parent)}) AND ${CHILD}.rowid NOT IN (SELECT j FROM ${out(child)})`,
        );
        isMore = isMore || (await rowsIn(db, out(child))) > before;
      }
  }
  for (const lifted of all)
    await db.run(
      `CREATE TEMP TABLE ${held(lifted)} AS SELECT ${storedOf(lifted.table)} FROM ${inDatabase(lifted)} AS ${OURS}
        WHERE ${OURS}.rowid IN (SELECT j FROM ${out(lifted)}) AND ${OURS}.rowid NOT IN (${notStaying(lifted)})`,
    );
  return all;
}

/** Rows that change or go. */
const notStaying = ({ shape }: Lifted) =>
  shape === undefined
    ? 'SELECT 0::BIGINT AS j WHERE false'
    : `SELECT j FROM ${changing(shape)} UNION ALL SELECT j FROM ${going(shape)}`;

const storedOf = (table: Table) => storedNames(table).map(quoted).join(', ');

/** Throws ROWS_REFERENCED where a row would point to one that is not there any more, before anything is done. */
export async function mustPointSomewhere(db: Db, all: readonly Lifted[]): Promise<void> {
  for (const child of all)
    for (const { table, from, to } of child.table.references) {
      const parent = all.find((each) => each.table.key === table);
      if (parent === undefined || !(await isConcerned(db, child, parent))) continue;
      const pointing = rowsAfter(child, from);
      const isNull = of(CHILD, from).map((column) => `${column} IS NULL`);
      const rows = await rowsIn(
        db,
        `(${pointing}) AS ${CHILD} WHERE NOT (${isNull.join(' OR ')})
          AND NOT EXISTS (SELECT 1 FROM (${rowsAfter(parent, to)}) AS ${PARENT} WHERE ${same(of(PARENT, to), of(CHILD, from))})`,
      );
      if (rows > 0) throw rowsStillReferenced(parent.table.key, child.table.key, count(rows, 'row'))();
    }
}

async function isConcerned(db: Db, child: Lifted, parent: Lifted): Promise<boolean> {
  const isChildNew = child.shape !== undefined && (await rowsIn(db, coming(child.shape))) > 0;
  return isChildNew || (await rowsIn(db, out(child))) > 0 || (await rowsIn(db, out(parent))) > 0;
}

/** These columns of all rows that a table will have. */
function rowsAfter(lifted: Lifted, names: readonly string[]): string {
  const { shape } = lifted;
  const columns = names.map(quoted).join(', ');
  const stays = `SELECT ${columns} FROM ${inDatabase(lifted)} AS ${OURS} WHERE ${OURS}.rowid NOT IN (${notStaying(lifted)})`;
  if (shape === undefined) return stays;
  const isKnown = names.every((name) => shape.inserted.some(({ here }) => here.name === name));
  const comes = isKnown ? ` UNION ALL SELECT ${columns} FROM ${fresh(shape)}` : '';
  return `${stays} UNION ALL SELECT ${columns} FROM ${merged(shape)}${comes}`;
}
