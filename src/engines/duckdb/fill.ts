import { type OverwinterError, reasonOf } from '../../core/errors.ts';
import { membersOf } from '../../core/json.ts';
import { rowCount, type Saved } from '../../core/manifest.ts';
import { columnGone, restoreInexact, tableGone } from '../../core/problems/restoring.ts';
import { wholeLines } from '../../core/whole-lines.ts';
import type { LoadReport, SliceSource } from '../engine.ts';
import { fieldsOf, type Place } from './build.ts';
import { SEQUENCES } from './codec.ts';
import { openCopy } from './copy-aside.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { type Field, type Load, loadRows, piecesOf } from './load-rows.ts';
import { fold, literal, namedBy, qualified } from './names.ts';
import type { Db } from './open.ts';
import { positionsIn, readSequences } from './sequences.ts';
import { countRowsOf } from './table-rows.ts';
import { parentsFirst, readTables, type Table } from './tables.ts';

/** Puts rows into those tables of a copy that have none, by the names of their columns. */
export async function fill(
  { file, catalog, label, scratch }: Place,
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<LoadReport> {
  const db = await openCopy(file, label, catalog, scratch, true);
  try {
    const tables = await readTables(db);
    const named = (name: string) => tables.find(({ key }) => fold(key) === fold(name));
    const counts = await countRowsOf(
      db,
      tables.map((table) => ({ table })),
    );
    const warnings: string[] = [];
    const toFill = new Map<Table, string>();
    for (const [name, saved] of content.data) {
      if (name === SEQUENCES || rowCount(saved) === 0) continue;
      const table = named(name);
      if (table === undefined) throw tableGone(name)();
      if ((counts.get(table.key) ?? 0) > 0) warnings.push(`${table.key} had rows already and keeps them`);
      else toFill.set(table, name);
    }
    const loads: Load[] = [];
    for (const table of parentsFirst(tables)) {
      const name = toFill.get(table);
      if (name === undefined) continue;
      const fields = placesOf(table, await keysOf(name, slices));
      const expected = rowCount(content.data.get(name) ?? { rows: [] });
      loads.push({ table, fields, empty: [], slices: () => slices(name), expected, name });
    }
    const rows = await loadRows(db, loads, scratch, onRows);
    warnings.push(...(await raiseSequences(db, await positionsIn(content, slices))));
    await db.run('CHECKPOINT');
    return { rows, warnings };
  } catch (error) {
    throw duckdbProblem(label, error);
  } finally {
    db.close();
  }
}

/** What the first row calls its values: the others call them so too, or are refused. */
async function keysOf(table: string, slices: SliceSource): Promise<string[]> {
  for await (const lines of wholeLines(piecesOf(slices(table)))) {
    const text = Buffer.from(lines.subarray(0, lines.indexOf(10))).toString('utf8');
    try {
      return [...membersOf(text).keys()];
    } catch (error) {
      throw restoreInexact(`with table '${table}'`, `it holds a row that is none: ${reasonOf(error)}`)(error);
    }
  }
  return [];
}

/** The columns that the backup has values for. Throws COLUMN_GONE where one has no place any more. */
function placesOf(table: Table, keys: readonly string[]): Field[] {
  const fields = fieldsOf(table);
  return keys.map((key) => {
    const field = fields.find(({ column }) => fold(column) === fold(key));
    if (field === undefined) throw goneFrom(table, key);
    return { ...field, key };
  });
}

const goneFrom = (table: Table, key: string): OverwinterError => columnGone(table.key, key)();

/** More than so many numbers would be counted through one by one for too long. */
const MOST_STEPS = 50_000_000n;

/** Rows that came with their numbers must not meet the same numbers again. DuckDB has no way to set a sequence but to go on with it. */
export async function raiseSequences(db: Db, wanted: ReadonlyMap<string, string>): Promise<string[]> {
  const warnings: string[] = [];
  for (const { key, next } of await readSequences(db)) {
    const target = wanted.get(key);
    if (target === undefined) continue;
    const [[step = '1'] = []] = await db.rows(
      `SELECT increment_by FROM duckdb_sequences() WHERE database_name = ${literal(db.catalog)}
        AND schema_name = ${literal(namedBy(key).schema)} AND sequence_name = ${literal(namedBy(key).name)}`,
    );
    const steps = (BigInt(target) - BigInt(next)) / BigInt(step ?? '1');
    if (steps <= 0n) continue;
    if (steps > MOST_STEPS) warnings.push(`the sequence ${key} stands at ${next} and stood at ${target} in the backup`);
    else await db.rows(`SELECT max(nextval(${literal(qualified(namedBy(key)))})) FROM range(${steps})`);
  }
  return warnings;
}
