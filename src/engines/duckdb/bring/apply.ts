import { reasonOf } from '../../../core/errors.ts';
import { rowsInConflict, rowsInConflictSomehow } from '../../../core/problems/some-rows.ts';
import { firstLine } from '../duckdb-problem.ts';
import { type Batch, insertInLevels } from '../insert-in-levels.ts';
import { literal, qualified, quoted } from '../names.ts';
import type { Db } from '../open.ts';
import { keyColumns, parentsFirst, storedNames, type Table } from '../tables.ts';
import { isWholeNumber } from '../types.ts';
import { CHILD, fresh, merged, OURS, of, same, THEIRS } from './kept.ts';
import { rowsIn } from './plan.ts';
import { held, type Lifted, out } from './references.ts';

/**
 * Does what was planned. What changes goes and comes again, all of a table at once, so that two rows may exchange a value that must be one row's
 * alone. Each step is a transaction of its own: within one, DuckDB goes on seeing rows that went. Throws ROWS_IN_CONFLICT.
 */
export async function apply(db: Db, all: readonly Lifted[]): Promise<void> {
  const ordered = parentsFirst(all.map(({ table }) => table)).flatMap(
    (table) => all.find((each) => each.table === table) ?? [],
  );
  for (const lifted of ordered.toReversed()) await remove(db, lifted);
  for (const lifted of ordered) await insert(db, lifted);
}

/** Where a table points to itself, rows go once no row points to them. */
async function remove(db: Db, lifted: Lifted): Promise<void> {
  const { table } = lifted;
  const expected = await rowsIn(db, out(lifted));
  const isFree = ownKeys(lifted).map(({ from, to }) => {
    const pointing = same(of(CHILD, from), of(qualified(table), to));
    return ` AND NOT EXISTS (SELECT 1 FROM ${qualified(table)} AS ${CHILD} WHERE ${pointing})`;
  });
  for (let gone = 0; gone < expected; ) {
    const [[rows] = []] = await db.rows(
      `DELETE FROM ${qualified(table)} WHERE rowid IN (SELECT j FROM ${out(lifted)})${isFree.join('')}`,
    );
    if (Number(rows) === 0) throw rowsInConflictSomehow(table.key, `${gone} of ${expected} rows went`)();
    gone += Number(rows);
  }
}

const ownKeys = ({ table }: Lifted) => table.references.filter((key) => key.table === table.key);

async function insert(db: Db, lifted: Lifted): Promise<void> {
  const { table, shape } = lifted;
  const stored = storedNames(table);
  const sources = [
    { columns: stored, from: held(lifted) },
    ...(shape === undefined
      ? []
      : [
          { columns: stored, from: merged(shape) },
          { columns: shape.inserted.map(({ here }) => here.name), from: fresh(shape) },
        ]),
  ];
  const batches: Batch[] = [];
  let expected = await rowsIn(db, qualified(table));
  for (const { columns, from } of sources) {
    const rows = await rowsIn(db, from);
    expected += rows;
    if (rows > 0) batches.push({ columns, select: `SELECT ${columns.map(quoted).join(', ')} FROM ${from}` });
  }
  if (batches.length === 0) return;
  try {
    if (ownKeys(lifted).length > 0) await insertInLevels(db, table, batches);
    else
      for (const { columns, select } of batches)
        await db.run(`INSERT INTO ${qualified(table)} (${columns.map(quoted).join(', ')}) ${select}`);
  } catch (error) {
    throw /constraint/i.test(reasonOf(error)) ? await conflict(db, lifted, error) : error;
  }
  const there = await rowsIn(db, qualified(table));
  if (there !== expected) throw rowsInConflictSomehow(table.key, `${there} rows are in it, and not ${expected}`)();
}

/** Names the two rows that cannot both be, where columns alone say so. */
async function conflict(db: Db, { table, shape }: Lifted, error: unknown): Promise<unknown> {
  const somehow = rowsInConflictSomehow(table.key, firstLine(reasonOf(error)));
  if (shape === undefined) return somehow(error);
  const uniques = [table.primary, ...table.uniques.map(({ columns }) => columns)].flatMap((columns) => {
    const names = columns.flatMap((name) => name ?? []);
    return names.length > 0 && names.length === columns.length ? [names] : [];
  });
  const sources = [
    { from: merged(shape), known: storedNames(table) },
    { from: fresh(shape), known: shape.inserted.map(({ here }) => here.name) },
  ];
  for (const unique of uniques)
    for (const { from, known } of sources) {
      const key = keyColumns(table).length > 0 ? keyColumns(table) : unique;
      if (![...unique, ...key].every((name) => known.includes(name))) continue;
      const [[theirs, ours] = []] = await db.rows(
        `SELECT ${named(THEIRS, key, table)}, ${named(OURS, key, table)} FROM ${from} AS ${THEIRS}
          JOIN ${qualified(table)} AS ${OURS} ON ${same(of(OURS, unique), of(THEIRS, unique))} LIMIT 1`,
      );
      if (theirs != null && ours != null) return rowsInConflict(table.key, unique.join(' and '), theirs, ours)(error);
    }
  return somehow(error);
}

/** What tells a row, for people: `id=2 name='b'`. */
function named(row: string, key: readonly string[], { columns }: Table): string {
  const words = key.map((name) => {
    const text = `CAST(${row}.${quoted(name)} AS VARCHAR)`;
    const isBare = isWholeNumber(columns.find((each) => each.name === name)?.type ?? '');
    return `${literal(`${name}=`)} || ${isBare ? text : `'''' || replace(${text}, '''', '''''') || ''''`}`;
  });
  return words.join(" || ' ' || ");
}
