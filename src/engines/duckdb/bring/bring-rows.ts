import { join } from 'node:path';
import type { Saved } from '../../../core/manifest.ts';
import type { Bringing, RowsBrought, RowsWanted, SliceSource } from '../../engine.ts';
import { build } from '../build.ts';
import { duckdbProblem } from '../duckdb-problem.ts';
import { raiseSequences } from '../fill.ts';
import type { Original } from '../inspect.ts';
import { tablesIn } from '../keys.ts';
import { fold, namedBy, quoted } from '../names.ts';
import { catalogOf, type Db, openFile } from '../open.ts';
import { positionsIn } from '../sequences.ts';
import { namesIn } from '../sql-words.ts';
import { copyHere } from '../stage.ts';
import { takeItsPlace } from '../swap.ts';
import { readTables, type Table } from '../tables.ts';
import { apply } from './apply.ts';
import { SAVED, WANTED } from './kept.ts';
import { type Counts, choose, plan } from './plan.ts';
import { lift, mustPointSomewhere } from './references.ts';
import { contentFor, type Shape, wantedTables } from './wanted-tables.ts';

/** A copy of a database, which is ours alone, and what the database calls itself. */
interface Copy {
  readonly file: string;
  readonly catalog: string;
  readonly label: string;
}

/**
 * Makes the backup's tables beside, works out what differs, and does it in a copy, which then takes the database's place: whoever dies meanwhile
 * leaves it as it was.
 */
export async function bringRows(
  original: Original,
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
  bringing: Bringing,
): Promise<RowsBrought> {
  const { first, scratch } = bringing;
  const copy = await copyHere(original, first === undefined ? scratch : undefined);
  try {
    const { path, label } = original;
    const brought = await bringInto(
      { file: copy.file, catalog: catalogOf(path), label },
      content,
      slices,
      wanted,
      bringing,
    );
    if (first !== undefined && hasChanges(brought)) await takeItsPlace(original, copy, first);
    return brought;
  } finally {
    copy.discard();
  }
}

export const hasChanges = ({ added, changed, removed }: RowsBrought) => added.size + changed.size + removed.size > 0;

/** Changes rows in a copy. What it throws leaves the copy in any state. */
export async function bringInto(
  copy: Copy,
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
  { scratch, onRows }: Bringing,
): Promise<RowsBrought> {
  const { file, catalog, label } = copy;
  try {
    const here = await tablesOf(copy, scratch);
    const { shapes, needed } = wantedTables(here, await tablesIn(content.schema), content, wanted);
    const source = join(scratch, 'rows.duckdb');
    const some = contentFor(content, needed);
    await build({ file: source, catalog, label, scratch }, some, slices, onRows);
    await chooseThere(source, copy, scratch, shapes, wanted);
    const opening = { label, catalog, write: true, folder: scratch };
    const db = await openFile(file, { ...opening, beside: { file: source, as: SAVED } });
    try {
      return await bring(db, here, shapes, some, slices, wanted);
    } finally {
      db.close();
    }
  } catch (error) {
    throw duckdbProblem(label, error);
  }
}

async function tablesOf({ file, catalog, label }: Copy, folder: string): Promise<Table[]> {
  const db = await openFile(file, { label, catalog, write: false, folder });
  try {
    return await readTables(db);
  } finally {
    db.close();
  }
}

/** Asks the condition of the backup's rows, where there is nothing else that it could reach. */
async function chooseThere(
  source: string,
  { catalog, label }: Copy,
  folder: string,
  shapes: readonly Shape[],
  { where }: RowsWanted,
): Promise<void> {
  const [shape] = shapes.filter(({ isAsked }) => isAsked);
  if (where === undefined || shape === undefined) return;
  const db = await openFile(source, { label, catalog, write: true, folder });
  try {
    await choose(db, shape.saved, where, `TABLE main.${quoted(WANTED)}`);
  } finally {
    db.close();
  }
}

async function bring(
  db: Db,
  here: readonly Table[],
  shapes: readonly Shape[],
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
): Promise<RowsBrought> {
  // A checkpoint moves rows, and where they are is how they are told apart.
  await db.run("SET wal_autocheckpoint = '1TB'");
  const counts = await plan(db, shapes, wanted);
  const brought = broughtBy(counts);
  if (!hasChanges(brought)) return brought;
  const lifted = await lift(db, here, shapes);
  await mustPointSomewhere(db, lifted);
  await apply(db, lifted);
  const warnings = await raise(db, [...counts.keys()], content, slices);
  await db.run('CHECKPOINT');
  return { ...brought, warnings };
}

function broughtBy(counts: ReadonlyMap<Shape, Counts>): RowsBrought {
  const by = (kind: keyof Counts) =>
    new Map([...counts].flatMap(([{ table }, each]) => (each[kind] > 0 ? [[table.key, each[kind]] as const] : [])));
  return { added: by('added'), changed: by('changed'), removed: by('removed'), warnings: [] };
}

/** Numbers that were given out for these tables are not given out again. */
async function raise(db: Db, shapes: readonly Shape[], content: Saved, slices: SliceSource): Promise<string[]> {
  const mentioned = new Set(shapes.flatMap(({ table }) => [...namesIn(table.sql)]));
  const positions = await positionsIn(content, slices);
  return raiseSequences(db, new Map([...positions].filter(([key]) => mentioned.has(fold(namedBy(key).name)))));
}
