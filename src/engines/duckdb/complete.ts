import { reasonOf } from '../../core/errors.ts';
import { entryOf, type LeftOut } from '../../core/privacy/left-out.ts';
import { valuesLost } from '../values-lost.ts';
import type { Place } from './build.ts';
import { duckdbProblem, firstLine } from './duckdb-problem.ts';
import { insertInLevels } from './insert-in-levels.ts';
import { makeAll } from './make-schema.ts';
import { namedBy, qualified, quoted, rowsCalled } from './names.ts';
import { type Db, inTurn, mustNotBeOpenHere, openFile } from './open.ts';
import { readSchema } from './schema.ts';
import { keyColumns, parentsFirst, readTables, type Table } from './tables.ts';

/** No database is called so by itself. */
const LIVE = 'overwinter live';

/**
 * What a backup leaves out, a restore does not take away: it comes from the database that is being replaced, where that has it. Rows are the
 * same where their keys are. Returns what could not be taken over.
 */
export async function complete({ file, catalog, label }: Place, replaced: string, leftOut: LeftOut): Promise<string[]> {
  return inTurn(replaced, async () => {
    mustNotBeOpenHere(replaced, label);
    const db = await openFile(file, {
      label,
      catalog,
      write: true,
      beside: { file: replaced, as: LIVE },
    });
    try {
      const live = await readTables({ ...db, catalog: LIVE });
      const notes = await takeTables(db, leftOut, live);
      const tables = await readTables(db);
      for (const table of parentsFirst(tables)) {
        const condition = entryOf(leftOut.included, table.key);
        if (condition === undefined) continue;
        notes.push(
          ...(await noting(table.key, () =>
            takeRows(db, table, live, condition, entryOf(leftOut.redacted, table.key)),
          )),
        );
      }
      for (const table of tables) {
        const columns = entryOf(leftOut.redacted, table.key) ?? [];
        notes.push(...(await noting(table.key, () => takeColumns(db, table, live, columns))));
      }
      await db.run('CHECKPOINT');
      return notes;
    } catch (error) {
      throw duckdbProblem(label, error);
    } finally {
      db.close();
    }
  });
}

/** The rows of now may not fit what was restored: that is no reason against the rest. */
async function noting(table: string, work: () => Promise<string[]>): Promise<string[]> {
  try {
    return await work();
  } catch (error) {
    return [`what backups leave out of ${table} was not taken over: ${firstLine(reasonOf(error))}`];
  }
}

/** Tables that backups leave out, with their rows. */
async function takeTables(db: Db, { excluded = {} }: LeftOut, live: readonly Table[]): Promise<string[]> {
  const notes: string[] = [];
  const schema = Object.values(excluded).includes('whole') ? await readSchema({ ...db, catalog: LIVE }, live) : [];
  for (const table of parentsFirst(live)) {
    const what = entryOf(excluded, table.key);
    if (what === undefined) continue;
    const take = async () => {
      const its = schema.filter((object) => object.table === table.key && object.type !== 'macro');
      if (what === 'whole')
        await makeAll(
          db,
          its.filter(({ type }) => type === 'table'),
        );
      const mine = (await readTables(db)).find(({ key }) => key === table.key);
      if (mine !== undefined) await takeRows(db, mine, live, undefined);
      if (what === 'whole')
        await makeAll(
          db,
          its.filter(({ type }) => type === 'index' || type === 'comment'),
        );
      return [];
    };
    notes.push(...(await noting(table.key, take)));
  }
  return notes;
}

/** The stored columns that a table has on both sides, and its key where that is the same. */
function sharedColumns(table: Table, live: readonly Table[]) {
  const other = live.find(({ key }) => key === table.key);
  if (other === undefined) return undefined;
  const stored = (each: Table) => each.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const theirs = new Set(stored(other));
  const [ours, others] = [keyColumns(table), keyColumns(other)];
  const isSameKey = ours.length === others.length && ours.every((name) => others.includes(name));
  return { all: stored(table).filter((name) => theirs.has(name)), key: isSameKey ? ours : [] };
}

const [MINE, THEIRS, PARENT] = [rowsCalled('mine'), rowsCalled('theirs'), rowsCalled('parent')];

const liveOf = (table: Table) => `${quoted(LIVE)}.${qualified(table)}`;

/** Rows that do not meet a condition; every row without one. A row that came with the backup stays as it came. */
async function takeRows(
  db: Db,
  table: Table,
  live: readonly Table[],
  condition: string | undefined,
  redacted: readonly string[] = [],
): Promise<string[]> {
  const shared = sharedColumns(table, live);
  if (shared === undefined) return [];
  const names = shared.all.map(quoted).join(', ');
  const same = shared.key.map((name) => `${MINE}.${quoted(name)} = ${THEIRS}.${quoted(name)}`);
  const isNew =
    same.length === 0 ? [] : [`NOT EXISTS (SELECT 1 FROM ${qualified(table)} AS ${MINE} WHERE ${same.join(' AND ')})`];
  // Rows of other tables may have gone with the restore, and with them the reason for a row that points there.
  const hasParents = table.references
    .filter((key) => key.table !== table.key)
    .map(({ table: parent, from, to }) => parentThere(parent, from, to));
  const isKeyless = condition !== undefined && shared.key.length === 0;
  const from = isKeyless ? rowsWithoutKey(table, shared.all, redacted, condition) : liveOf(table);
  const meets = condition === undefined || isKeyless ? [] : [`(${condition}) IS NOT TRUE`];
  const where = [...meets, ...isNew, ...hasParents];
  const select = `SELECT ${names} FROM ${from} AS ${THEIRS}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}`;
  if (table.references.some((key) => key.table === table.key))
    await insertInLevels(db, table, [{ columns: shared.all, select }]);
  else {
    // DuckDB does not ignore where nothing can be in the way.
    const mayCollide = table.primary.length > 0 || table.uniques.length > 0;
    await db.run(`INSERT ${mayCollide ? 'OR IGNORE ' : ''}INTO ${qualified(table)} (${names}) ${select}`);
  }
  return [];
}

/**
 * Rows that do not meet a condition, of a table without a key. A condition may ask for the time, or for what is left out: then it holds no
 * longer for rows that came with the backup. So of rows that look the same to a backup, as many are left where they are as came with it.
 */
function rowsWithoutKey(table: Table, all: readonly string[], redacted: readonly string[], condition: string): string {
  const seen = all.filter((name) => !redacted.includes(name)).map((name) => `${quoted(name)}::VARCHAR`);
  const looks = `[${["''", ...seen].join(', ')}]`;
  const names = all.map(quoted).join(', ');
  const [place, lacks, same, nth] = ['place', 'lacks', 'same', 'nth'].map((name) => quoted(`overwinter ${name}`));
  return `(SELECT ${names} FROM (SELECT *, row_number() OVER (PARTITION BY ${same} ORDER BY ${lacks}, ${place}) AS ${nth}
      FROM (SELECT ${names}, row_number() OVER () AS ${place}, (${condition}) IS NOT TRUE AS ${lacks}, ${looks} AS ${same} FROM ${liveOf(table)} AS ${THEIRS}))
    LEFT JOIN (SELECT ${looks} AS "overwinter came", count(*) AS "overwinter rows" FROM ${qualified(table)} GROUP BY 1) ON "overwinter came" = ${same}
    WHERE ${lacks} AND ${nth} > coalesce("overwinter rows", 0) ORDER BY ${place})`;
}

function parentThere(parent: string, from: readonly string[], to: readonly string[]): string {
  const isNull = from.map((name) => `${THEIRS}.${quoted(name)} IS NULL`);
  const same = from.map((name, at) => `${PARENT}.${quoted(to[at] ?? '')} = ${THEIRS}.${quoted(name)}`);
  return `(${isNull.join(' OR ')} OR EXISTS (SELECT 1 FROM ${qualified(namedBy(parent))} AS ${PARENT} WHERE ${same.join(' AND ')}))`;
}

/** Returns what could not be taken over. */
async function takeColumns(
  db: Db,
  table: Table,
  live: readonly Table[],
  redacted: readonly string[],
): Promise<string[]> {
  const shared = sharedColumns(table, live);
  const columns = redacted.filter((name) => shared?.all.includes(name));
  if (shared === undefined || columns.length === 0) return [];
  if (shared.key.length === 0) {
    const has = columns.map((name) => `${quoted(name)} IS NOT NULL`).join(' OR ');
    const found = await db.rows(`SELECT 1 FROM ${liveOf(table)} WHERE ${has} LIMIT 1`);
    return found.length === 0 ? [] : [valuesLost(table.key, columns)];
  }
  const set = columns.map((name) => `${quoted(name)} = ${THEIRS}.${quoted(name)}`);
  const same = shared.key.map((name) => `${THEIRS}.${quoted(name)} = ${qualified(table)}.${quoted(name)}`);
  await db.run(
    `UPDATE ${qualified(table)} SET ${set.join(', ')} FROM ${liveOf(table)} AS ${THEIRS} WHERE ${same.join(' AND ')}`,
  );
  return [];
}
