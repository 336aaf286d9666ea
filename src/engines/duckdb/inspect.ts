import type { DatabaseState } from '../../core/decide.ts';
import { OverwinterError } from '../../core/errors.ts';
import { databaseNotAFile } from '../../core/problems/database.ts';
import { statIfThere } from '../../files/if-there.ts';
import type { Description, Standing } from '../engine.ts';
import { patiently } from './copy-aside.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { type Db, inTurn, openOriginal } from './open.ts';
import { rowsFrom } from './rows-sql.ts';
import { readSchema } from './schema.ts';
import { shapesOf } from './shapes.ts';
import { countRowsOf } from './table-rows.ts';
import { readTables } from './tables.ts';

/** A database in a file, and how long to wait where somebody has it open. */
export interface Original {
  readonly path: string;
  readonly label: string;
  readonly wait: number;
}

/** Opens, looks, closes. */
async function looking<T>({ path, label, wait }: Original, look: (db: Db) => Promise<T>): Promise<T> {
  return inTurn(path, async () => {
    const db = await patiently(wait, () => openOriginal(path, { label, write: false }));
    try {
      return await look(db);
    } catch (error) {
      throw duckdbProblem(label, error);
    } finally {
      db.close();
    }
  });
}

/** Looks whether the database holds anything, as cheaply as it can: one row of a table is enough. */
export async function inspect(original: Original, ignore: readonly string[]): Promise<DatabaseState> {
  const stat = statIfThere(original.path);
  if (stat === undefined) return { kind: 'missing' };
  if (!stat.isFile()) throw databaseNotAFile(original.label)();
  if (stat.size === 0) return { kind: 'blank' };
  return looking(original, (db) => stateIn(db, ignore));
}

export async function stateIn(db: Db, ignore: readonly string[]): Promise<DatabaseState> {
  const tables = await readTables(db);
  if (tables.length === 0) return { kind: 'no-tables' };
  for (const table of tables) {
    if (ignore.includes(table.key)) continue;
    const rows = await db.rows(`SELECT 1 FROM ${rowsFrom({ table })} LIMIT 1`);
    if (rows.length > 0) return { kind: 'rows', tables: tables.length };
  }
  return { kind: 'no-rows', tables: tables.length };
}

/** What stands where a database is to go. Throws where it cannot be replaced at all: a folder, a database that somebody has open. */
export async function standing(original: Original, ignore: readonly string[]): Promise<Standing> {
  try {
    const { kind } = await inspect(original, ignore);
    if (kind === 'missing' || kind === 'blank') return 'nothing';
    return kind === 'no-rows' ? 'empty-tables' : 'data';
  } catch (error) {
    if (error instanceof OverwinterError && error.code === 'DATABASE_CORRUPT') return 'unreadable';
    throw error;
  }
}

export const countsIn = async (db: Db): Promise<Map<string, number>> =>
  countRowsOf(
    db,
    (await readTables(db)).map((table) => ({ table })),
  );

export async function described(db: Db): Promise<Description> {
  const tables = await readTables(db);
  const schema = await readSchema(db, tables);
  return { schema, shapes: shapesOf(tables, schema) };
}

export const counts = (original: Original): Promise<Map<string, number>> => looking(original, countsIn);
export const describe = (original: Original): Promise<Description> => looking(original, described);
