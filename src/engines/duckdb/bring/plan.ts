import { reasonOf } from '../../../core/errors.ts';
import { conditionUnclear, parentsMissing } from '../../../core/problems/some-rows.ts';
import { count } from '../../../core/words.ts';
import type { RowsWanted } from '../../engine.ts';
import { isOneExpression, wordsIn } from '../../sql-words.ts';
import { firstLine } from '../duckdb-problem.ts';
import { qualified, quoted } from '../names.ts';
import type { Db } from '../open.ts';
import type { Table } from '../tables.ts';
import {
  allOf,
  CHILD,
  changing,
  coming,
  differs,
  fresh,
  going,
  inBackup,
  inDatabase,
  KEPT,
  merged,
  OURS,
  of,
  SAVED,
  same,
  samePair,
  THEIRS,
  valueThen,
  WANTED,
} from './kept.ts';
import type { Shape } from './wanted-tables.ts';

export interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Works out which rows come, change and go. Throws USAGE for a condition that cannot be asked, ROWS_REFERENCED for rows that are needed besides. */
export async function plan(db: Db, shapes: readonly Shape[], wanted: RowsWanted): Promise<Map<Shape, Counts>> {
  for (const shape of shapes) await planTable(db, shape, wanted);
  const parents = await addParents(db, shapes);
  if (parents.size > 0 && !wanted.withParents)
    throw parentsMissing(
      [...parents].map(([{ table }, rows]) => count(rows, `row of ${table.key}`, `rows of ${table.key}`)).join(', '),
    )();
  const counts = new Map<Shape, Counts>();
  for (const shape of shapes) {
    await keepNewRows(db, shape);
    counts.set(shape, {
      added: await rowsIn(db, coming(shape)),
      changed: await rowsIn(db, changing(shape)),
      removed: await rowsIn(db, going(shape)),
    });
  }
  return counts;
}

export async function rowsIn(db: Db, from: string): Promise<number> {
  const [[rows] = []] = await db.rows(`SELECT count(*) FROM ${from}`);
  return Number(rows ?? 0);
}

/** Keeps which rows of a table meet the condition, in a table of its own. Throws USAGE for one that cannot be asked. */
export async function choose(db: Db, table: Table, where: string, into: string): Promise<void> {
  try {
    // A comment at its end is not to take along what stands behind it.
    const bare = [...wordsIn(where)].some(({ kind }) => kind === 'comment') ? where.replace(COMMENTS, ' ') : where;
    if (!isOneExpression(bare) || bare.trim() === '') throw new Error('it is not one condition');
    const sql = `CREATE ${into} AS SELECT rowid AS id FROM ${qualified(table)} WHERE (${bare}\n)`;
    if ((await db.statements(sql)) !== 1) throw new Error('it is not one condition');
    await db.run(sql);
  } catch (error) {
    throw conditionUnclear(table.key, firstLine(reasonOf(error)))(error);
  }
}

const COMMENTS = /("(?:[^"]|"")*"|'(?:[^']|'')*')|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** A condition on where a row is. */
type Test = (id: string) => string;

async function planTable(db: Db, shape: Shape, { where, exact }: RowsWanted): Promise<void> {
  const make = (table: string, select: string) => db.run(`CREATE TEMP TABLE ${table} AS SELECT ${select}`);
  const { isAsked, key } = shape;
  const [theirs, ours] = [`${inBackup(shape)} AS ${THEIRS}`, `${inDatabase(shape)} AS ${OURS}`];
  const isChosen = isAsked && where !== undefined;
  const chosen = `temp."overwinter chosen ${shape.at}"`;
  if (isChosen && exact) await choose(db, shape.table, where, `TEMP TABLE ${chosen}`);
  const isWanted: Test = (id) =>
    isChosen ? `${id} IN (SELECT id FROM ${quoted(SAVED)}.${quoted(WANTED)})` : String(isAsked);
  const mayGo: Test = (id) => (isChosen && exact ? `${id} IN (SELECT id FROM ${chosen})` : String(isAsked && exact));
  if (key.length === 0) return planRowsWithoutKey(db, shape, isWanted, mayGo);
  const pair = samePair(key);
  await make(
    coming(shape),
    `${THEIRS}.rowid AS i FROM ${theirs} WHERE ${isWanted(`${THEIRS}.rowid`)} AND NOT EXISTS (SELECT 1 FROM ${ours} WHERE ${pair})`,
  );
  await make(
    changing(shape),
    `${THEIRS}.rowid AS i, ${OURS}.rowid AS j FROM ${theirs} JOIN ${ours} ON ${pair} WHERE ${isWanted(`${THEIRS}.rowid`)} AND ${differs(shape.compared)}`,
  );
  await make(
    going(shape),
    `${OURS}.rowid AS j FROM ${ours} WHERE ${mayGo(`${OURS}.rowid`)} AND NOT EXISTS (SELECT 1 FROM ${theirs} WHERE ${pair})`,
  );
}

/** Rows without a key are told by all their values. Of rows that are alike it is their number that counts. */
async function planRowsWithoutKey(db: Db, shape: Shape, isWanted: Test, mayGo: Test): Promise<void> {
  const [then, now] = [`temp."overwinter values then ${shape.at}"`, `temp."overwinter values now ${shape.at}"`];
  for (const [row, from, table] of [
    [THEIRS, inBackup(shape), then],
    [OURS, inDatabase(shape), now],
  ] as const)
    await db.run(
      `CREATE TEMP TABLE ${table} AS SELECT *, row_number() OVER (PARTITION BY v ORDER BY id) AS n
        FROM (SELECT ${row}.rowid AS id, ${allOf(row, shape.compared)} AS v FROM ${from} AS ${row})`,
    );
  const only = (one: string, other: string, test: Test) =>
    `FROM ${one} AS one ANTI JOIN ${other} AS other ON one.v = other.v AND one.n = other.n WHERE ${test('one.id')}`;
  await db.run(`CREATE TEMP TABLE ${coming(shape)} AS SELECT one.id AS i ${only(then, now, isWanted)}`);
  await db.run(`CREATE TEMP TABLE ${going(shape)} AS SELECT one.id AS j ${only(now, then, mayGo)}`);
  await db.run(`CREATE TEMP TABLE ${changing(shape)}(i BIGINT, j BIGINT)`);
}

/** Rows that those which come or change point to, and that are neither here nor coming: they come too, with those that they point to. */
async function addParents(db: Db, shapes: readonly Shape[]): Promise<Map<Shape, number>> {
  const added = new Map<Shape, number>();
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const child of shapes)
      for (const { table, from, to } of child.table.references) {
        const parent = shapes.find((shape) => shape.table.key === table);
        const [theirFrom, theirTo] = [columnsThen(CHILD, child, from), parent && columnsThen(THEIRS, parent, to)];
        if (parent === undefined || theirFrom === undefined || theirTo === undefined) continue;
        const isComing = `${CHILD}.rowid IN (SELECT i FROM ${coming(child)} UNION ALL SELECT i FROM ${changing(child)})`;
        const isHere = `EXISTS (SELECT 1 FROM ${inDatabase(parent)} AS ${OURS} WHERE ${same(of(OURS, to), theirFrom)})`;
        const before = await rowsIn(db, coming(parent));
        await db.run(
          `INSERT INTO ${coming(parent)} SELECT DISTINCT ${THEIRS}.rowid FROM ${inBackup(child)} AS ${CHILD}
            JOIN ${inBackup(parent)} AS ${THEIRS} ON ${same(theirTo, theirFrom)}
            WHERE ${isComing} AND NOT ${isHere} AND ${THEIRS}.rowid NOT IN (SELECT i FROM ${coming(parent)})`,
        );
        const more = (await rowsIn(db, coming(parent))) - before;
        if (more === 0) continue;
        added.set(parent, (added.get(parent) ?? 0) + more);
        isMore = true;
      }
  }
  return added;
}

/** Columns of the table here, as the backup has them; undefined where it does not have all. */
function columnsThen(row: string, { inserted }: Shape, names: readonly string[]): string[] | undefined {
  const pairs = names.flatMap((name) => inserted.find(({ here }) => here.name === name) ?? []);
  return pairs.length === names.length ? pairs.map((pair) => valueThen(row, pair)) : undefined;
}

/** Rows as they will be: the backup's values, and the database's own where the backup has none. */
async function keepNewRows(db: Db, shape: Shape): Promise<void> {
  const isCompared = new Map(shape.compared.map((pair) => [pair.here.name, pair]));
  const values = shape.stored.map((name) => {
    const pair = isCompared.get(name);
    return `${pair === undefined ? `${OURS}.${quoted(name)}` : valueThen(THEIRS, pair)} AS ${quoted(name)}`;
  });
  await db.run(
    `CREATE TEMP TABLE ${merged(shape)} AS SELECT ${values.join(', ')} FROM ${changing(shape)} AS ${KEPT}
      JOIN ${inBackup(shape)} AS ${THEIRS} ON ${THEIRS}.rowid = ${KEPT}.i JOIN ${inDatabase(shape)} AS ${OURS} ON ${OURS}.rowid = ${KEPT}.j`,
  );
  const theirs = shape.inserted.map((pair) => `${valueThen(THEIRS, pair)} AS ${quoted(pair.here.name)}`);
  await db.run(
    `CREATE TEMP TABLE ${fresh(shape)} AS SELECT ${theirs.length === 0 ? 'NULL AS nothing' : theirs.join(', ')}
      FROM ${inBackup(shape)} AS ${THEIRS} WHERE ${THEIRS}.rowid IN (SELECT i FROM ${coming(shape)})`,
  );
}
