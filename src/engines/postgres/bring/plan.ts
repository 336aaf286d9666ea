import { reasonOf } from '../../../core/errors.ts';
import { conditionUnclear, parentsMissing } from '../../../core/problems/some-rows.ts';
import { codeOf } from '../../../core/system-error.ts';
import { count } from '../../../core/words.ts';
import type { RowsWanted } from '../../engine.ts';
import { isOneExpression } from '../../sql-words.ts';
import type { Session } from '../driver.ts';
import { quoted } from '../names.ts';
import { changing, coming, exactly, going, live, make, namesOf, sameKey, saved } from './aside.ts';
import type { Shape } from './wanted-tables.ts';

export interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Works out which rows come, change and go. Throws USAGE for a condition that cannot be asked, ROWS_REFERENCED for rows that are needed besides. */
export async function plan(
  session: Session,
  shapes: readonly Shape[],
  wanted: RowsWanted,
): Promise<Map<Shape, Counts>> {
  for (const shape of shapes) await planTable(session, shapes, shape, wanted);
  const parents = await addParents(session, shapes);
  const needs = parents.map(({ shape: { table }, rows }) => count(rows, `row of ${table.key}`, `rows of ${table.key}`));
  if (needs.length > 0 && !wanted.withParents) throw parentsMissing(needs.join(', '))();
  const counts = new Map<Shape, Counts>();
  for (const shape of shapes)
    counts.set(shape, {
      added: await rowsIn(session, coming(shape)),
      changed: await rowsIn(session, changing(shape)),
      removed: await rowsIn(session, going(shape)),
    });
  return counts;
}

async function rowsIn(session: Session, from: string): Promise<number> {
  const [[rows = '0'] = []] = await session.query(`SELECT count(*) FROM ${from}`);
  return Number(rows);
}

async function planTable(
  session: Session,
  shapes: readonly Shape[],
  shape: Shape,
  { where, exact }: RowsWanted,
): Promise<void> {
  const { isAsked, key } = shape;
  const isWanted = await conditionOn(session, shapes, shape, isAsked, where, 's');
  const mayGo = await conditionOn(session, shapes, shape, isAsked && exact, where, 'm');
  const [theirs, ours] = [`${saved(shape)} AS s`, `${live(shape)} AS m`];
  if (key.length === 0) return planRowsWithoutKey(session, shape, isWanted, mayGo);
  const pair = sameKey('m', 's', key);
  const differs = shape.compared.map((column) => `${exactly('m', column)} IS DISTINCT FROM ${exactly('s', column)}`);
  const isNew = `NOT EXISTS (SELECT FROM ${ours} WHERE ${pair})`;
  const isGone = `NOT EXISTS (SELECT FROM ${theirs} WHERE ${pair})`;
  await session.query(make(coming(shape), `SELECT s.ctid AS i FROM ${theirs} WHERE ${isWanted} AND ${isNew}`));
  await session.query(
    make(
      changing(shape),
      `SELECT s.ctid AS i, m.ctid AS j FROM ${theirs} JOIN ${ours} ON ${pair} WHERE ${isWanted} AND (${differs.join(' OR ') || 'false'})`,
    ),
  );
  await session.query(make(going(shape), `SELECT m.ctid AS j FROM ${ours} WHERE ${mayGo} AND ${isGone}`));
}

/** Stands beside a table's own columns where a condition is asked. */
const PLACE = '"overwinter: where a row lies"';

/**
 * Of the backup's rows (`s`) or those that are here (`m`), which ones are meant. A condition sees the backup's tables under their own names, or
 * those that are here.
 */
async function conditionOn(
  session: Session,
  shapes: readonly Shape[],
  shape: Shape,
  isMeant: boolean,
  where: string | undefined,
  row: 's' | 'm',
): Promise<string> {
  if (!isMeant) return 'false';
  if (where === undefined) return 'true';
  const { key, name } = shape.table;
  if (!isOneExpression(where)) throw conditionUnclear(key, 'it is not one condition')();
  const chosen = `pg_temp.${quoted(`overwinter chosen ${row} ${shape.at}`)}`;
  const others = shapes.filter((other) => other !== shape && other.table.name !== name);
  const tables = [shape, ...others].map((each) => {
    const columns = row === 's' ? each.inserted : each.table.columns;
    return `${quoted(each.table.name)} AS (SELECT ${namesOf(columns)}${each === shape ? `, ctid AS ${PLACE}` : ''} FROM ${row === 's' ? saved(each) : live(each)})`;
  });
  try {
    await session.query(
      make(chosen, `WITH ${tables.join(', ')} SELECT ${PLACE} AS place FROM ${quoted(name)} WHERE (${where})`),
    );
  } catch (error) {
    if (/^(22|42|0A|21|23)/.test(codeOf(error))) throw conditionUnclear(key, reasonOf(error))(error);
    throw error;
  }
  return `${row}.ctid IN (SELECT place FROM ${chosen})`;
}

/** Rows without a key are told by all their values. Of rows that are alike it is their number that counts. */
async function planRowsWithoutKey(session: Session, shape: Shape, isWanted: string, mayGo: string): Promise<void> {
  const values = (row: string) => shape.compared.map((column) => exactly(row, column));
  const side = (row: 's' | 'm', from: string) =>
    `(SELECT *, row_number() OVER (PARTITION BY v ORDER BY place) AS n FROM (SELECT ${row}.ctid AS place, ROW(${values(row).join(', ')})::text COLLATE "C" AS v FROM ${from} AS ${row}) AS rows)`;
  const [theirs, ours] = [side('s', saved(shape)), side('m', live(shape))];
  const without = (own: string, other: string) =>
    `SELECT a.place FROM ${own} AS a LEFT JOIN ${other} AS b ON b.v = a.v AND b.n = a.n WHERE b.n IS NULL`;
  await session.query(
    make(
      coming(shape),
      `SELECT s.ctid AS i FROM ${saved(shape)} AS s WHERE ${isWanted} AND s.ctid IN (${without(theirs, ours)})`,
    ),
  );
  await session.query(make(changing(shape), 'SELECT NULL::tid AS i, NULL::tid AS j WHERE false'));
  await session.query(
    make(
      going(shape),
      `SELECT m.ctid AS j FROM ${live(shape)} AS m WHERE ${mayGo} AND m.ctid IN (${without(ours, theirs)})`,
    ),
  );
}

/** Rows that those which come or change point to, and that are neither here nor coming: they come too, with those that they point to. */
async function addParents(session: Session, shapes: readonly Shape[]): Promise<{ shape: Shape; rows: number }[]> {
  const added = new Map<Shape, number>();
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const child of shapes)
      for (const reference of child.table.references) {
        const parent = shapes.find(({ table }) => table.key === reference.table);
        if (parent === undefined) continue;
        const rows = await addParentsOf(session, child, parent, reference);
        if (rows === 0) continue;
        added.set(parent, (added.get(parent) ?? 0) + rows);
        isMore = true;
      }
  }
  return [...added].map(([shape, rows]) => ({ shape, rows }));
}

async function addParentsOf(
  session: Session,
  child: Shape,
  parent: Shape,
  { from, to }: { readonly from: readonly string[]; readonly to: readonly string[] },
): Promise<number> {
  const pair = (left: string) =>
    to.map((name, at) => `${left}.${quoted(name)} = c.${quoted(from[at] ?? '')}`).join(' AND ');
  const known = (shape: Shape, names: readonly string[]) =>
    names.every((name) => shape.inserted.some((column) => column.name === name));
  // What the backup does not say points to nothing that it could bring.
  if (!known(child, from) || !known(parent, to)) return 0;
  const [[rows = '0'] = []] = await session.query(`WITH new AS (
    INSERT INTO ${coming(parent)} SELECT DISTINCT s.ctid FROM ${saved(child)} AS c JOIN ${saved(parent)} AS s ON ${pair('s')}
    WHERE c.ctid IN (SELECT i FROM ${coming(child)} UNION ALL SELECT i FROM ${changing(child)})
      AND NOT EXISTS (SELECT FROM ${live(parent)} AS m WHERE ${pair('m')})
      AND s.ctid NOT IN (SELECT i FROM ${coming(parent)}) RETURNING 1) SELECT count(*) FROM new`);
  return Number(rows);
}
