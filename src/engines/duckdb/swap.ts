import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isHindrance } from '../../core/damage.ts';
import { databaseLocked } from '../../core/problems/database.ts';
import { diskFull } from '../../core/problems/machine.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { isThere, statIfThere } from '../../files/if-there.ts';
import type { Committing } from '../engine.ts';
import { replaceFile, setAside, takeAfter } from '../placing.ts';
import { markOf, patiently, removeFiles, SIDE_FILES } from './copy-aside.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { type Original, standing } from './inspect.ts';
import { inTurn, openOriginal } from './open.ts';

/** Where a new database is built before it takes the old one's place: beside it, so that a rename is all it needs. */
export const asideOf = (path: string) => `${path}-overwinter`;

/** Where rows lie for a moment while it is built, since DuckDB reads them from a file. */
const scratchOf = (path: string) => `${asideOf(path)}-rows`;

export const hasLeftovers = (path: string): boolean => isThere(asideOf(path)) || isThere(scratchOf(path));

/** Throws NOT_WRITABLE. */
export function removeLeftovers(path: string): void {
  try {
    rmSync(scratchOf(path), { recursive: true, force: true });
    removeFiles(asideOf(path));
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/** The same, where it is beside the point whether it can go: what is left is removed by the next restore. */
function discardLeftovers(path: string): void {
  try {
    removeLeftovers(path);
  } catch (error) {
    if (!isHindrance(error)) throw error;
  }
}

/** Where a database is built, and what lies with it meanwhile. */
export interface Aside {
  readonly file: string;
  readonly scratch: string;
  discard(): void;
}

/** One that begins as a copy. */
export interface Copied extends Aside {
  /** The mark of what was copied. */
  readonly madeOf: string;
}

/** Makes sure that a database can be built aside: removes what a builder that died left, and keeps others from reading. */
export function beginAside(path: string): Aside {
  try {
    mkdirSync(dirname(path), { recursive: true });
    accessSync(dirname(path), constants.W_OK);
    removeLeftovers(path);
    mkdirSync(scratchOf(path), { mode: 0o700 });
    return { file: asideOf(path), scratch: scratchOf(path), discard: () => discardLeftovers(path) };
  } catch (error) {
    throw writeProblem(dirname(path), error);
  }
}

/**
 * Puts what is finished in the database's place. What was made of a copy of the database says what was copied (`madeOf`): rows that somebody
 * wrote since are not replaced. Returns where a database that could not be read was moved.
 */
export async function putInPlace(
  original: Original,
  finished: string,
  how: Committing,
  madeOf?: string,
): Promise<string | undefined> {
  const { path, label } = original;
  const { expected, ignore, patience, keep, replaced, asideFolder, stamp } = how;
  const before = await standing(original, ignore);
  if (before === 'data' && (expected === 'nothing' || expected === 'empty-tables')) throw databaseLocked(label)();
  takeAfter(finished, path);
  if (before === 'nothing' || before === 'unreadable') {
    const kept = setAside(path, SIDE_FILES, asideFolder(), stamp);
    swapIn(finished, path, replaced);
    return kept;
  }
  await held(path, label, patience, (db) => {
    if (madeOf !== undefined && markOf(path) !== madeOf) throw databaseLocked(label)();
    // Brings what lies beside the file into it: a new one must never meet that.
    return db.run('CHECKPOINT');
  });
  const seen = markOf(path);
  await keep();
  await held(path, label, patience, async () => {
    // What was written while it was kept would be in nobody's copy.
    if (markOf(path) !== seen) throw databaseLocked(label)();
    swapIn(finished, path, replaced);
  });
  return undefined;
}

/** Puts a copy in which rows were changed in the place of what was copied, after `first`. Throws DATABASE_LOCKED where somebody wrote since. */
export async function takeItsPlace(
  original: Original,
  { file, scratch, madeOf }: Copied,
  first: () => Promise<void>,
): Promise<void> {
  const how: Committing = {
    ignore: [],
    patience: original.wait,
    keep: first,
    replaced: () => {},
    asideFolder: () => scratch,
    stamp: 'before',
  };
  await putInPlace(original, file, how, madeOf);
}

/** Works while nobody else has the database open, and nobody can open it. */
async function held(
  path: string,
  label: string,
  patience: number,
  work: (db: { run(sql: string): Promise<void> }) => Promise<void>,
): Promise<void> {
  await inTurn(path, async () => {
    const db = await patiently(patience, () => openOriginal(path, { label, write: true }));
    try {
      await work(db);
    } catch (error) {
      throw duckdbProblem(label, error);
    } finally {
      db.close();
    }
  });
}

function swapIn(finished: string, path: string, replaced: () => void): void {
  try {
    // What is left beside it says that the last words did not reach the file.
    if (SIDE_FILES.some((end) => (statIfThere(finished + end)?.size ?? 0) > 0)) throw diskFull(finished)();
    for (const end of SIDE_FILES) rmSync(path + end, { force: true });
    replaceFile(finished, path, replaced);
  } catch (error) {
    throw writeProblem(path, error);
  }
}
