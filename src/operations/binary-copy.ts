import { rmSync, utimesSync } from 'node:fs';
import { emptiness, refusal } from '../core/decide.ts';
import { OverwinterError } from '../core/errors.ts';
import { beginAside, removeDatabase, SIDE_FILES } from '../engines/sqlite/swap.ts';
import { adoptBinaryCopy, type BinaryCopy, binaryCopyFile, binaryCopyOf, isIntact } from '../local/binary-copy.ts';
import { liftHold } from '../local/hold.ts';
import { realPath } from '../local/place.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { BackupResult } from './backup.ts';
import { pointerOf, readCatalog } from './catalog.ts';
import type { Project } from './project.ts';
import { replaceWith, standing } from './replace.ts';
import type { RestoreResult } from './restore.ts';

/** What a boot says it restored from. */
export const BINARY_SOURCE = 'the binary copy on this machine';

/**
 * Keeps the database itself beside a backup that was just made of it. What was lost since then is not kept: the guard of backups
 * holds here too. Throws what the engine's `copy` throws.
 */
export async function keepBinaryCopy(project: Project, backup: Pick<BackupResult, 'name' | 'rows'>): Promise<void> {
  const { entries } = await readCatalog(project.store);
  const date = project.now().toISOString();
  const file = binaryCopyFile(project.local, project.db);
  try {
    await project.engine.copy(project.db, file);
    const problem = refusal(rowsIn(project, file), backup.rows, project.maxShrink, project.db);
    if (problem) throw problem;
    removeSideFiles(file);
    const known = entries.map(({ name }) => name);
    const about = { db: project.db, date, environment: project.environment, of: backup.name, known };
    await adoptBinaryCopy(project.local, file, about);
  } catch (error) {
    removeDatabase(file);
    throw error;
  }
}

/** A look at a file in WAL mode leaves empty ones behind. */
function removeSideFiles(file: string): void {
  for (const suffix of SIDE_FILES) rmSync(file + suffix, { force: true });
}

const rowsIn = (project: Project, db: string) =>
  [...project.engine.counts(db).values()].reduce((sum, rows) => sum + rows, 0);

/**
 * The copy, where a start of the app may take it for the newest backup: it is of this environment and whole, its backup is still
 * here, and nobody has made one since that it does not know. A database whose tables are there already, as migrations leave
 * it, takes rows and not another file.
 */
export async function freshBinaryCopy(project: Project): Promise<BinaryCopy | undefined> {
  const copy = binaryCopyOf(project.local, project.db);
  const wanted = project.boot?.from ?? project.environment;
  if (copy === undefined || copy.environment !== wanted || standing(project, project.db) === 'empty-tables') return;
  const stores = await storesOf(project);
  if (stores === undefined || !(await namesIn(project.store, wanted)).includes(copy.of)) return;
  for (const store of stores)
    if ((await namesIn(store, wanted)).some((name) => !copy.known.includes(name) && name !== copy.of)) return;
  if (!(await isIntact(copy)) || emptiness(project.engine.inspect(copy.file, project.ignoreTables)) !== undefined)
    return;
  return copy;
}

/** Undefined where one cannot be asked: then nobody knows what is newest. */
async function storesOf({ store, boot }: Project): Promise<ReadableStore[] | undefined> {
  try {
    const others = await Promise.all((boot?.sources ?? []).map((source) => source.open()));
    return [store, ...others.filter((each) => each !== undefined)];
  } catch {
    return undefined;
  }
}

/** The backups that are, or may be, of an environment; one that the pointer knows and that is gone is one of them. */
async function namesIn(store: ReadableStore, environment: string): Promise<string[]> {
  const { entries, unreadable } = await readCatalog(store);
  const pointer = await pointerOf(store);
  const named = entries.find(({ name }) => name === pointer?.name);
  const isOthers = named !== undefined && named.metadata.origin.environment !== environment;
  return [
    ...entries.filter(({ metadata }) => metadata.origin.environment === environment).map(({ name }) => name),
    ...unreadable.map(({ name }) => name),
    ...(pointer === undefined || isOthers ? [] : [pointer.name]),
  ];
}

/** Puts it in the database's place. Undefined where it turns out to be damaged. The caller holds the lock. */
export async function restoreBinaryCopy(project: Project, copy: BinaryCopy): Promise<RestoreResult | undefined> {
  const target = realPath(project.db);
  const aside = beginAside(target);
  try {
    const before = standing(project, target);
    await project.engine.copy(copy.file, aside);
    const rows = rowsIn(project, aside);
    utimesSync(aside, new Date(copy.date), new Date(copy.date));
    const replaced = await replaceWith(project, aside, target, `before restoring ${copy.of}`, before);
    liftHold(project.local, project.db);
    const { of: name, date, environment } = copy;
    return { name, date, environment, rows, db: project.db, skipped: [], leftOut: {}, warnings: [], ...replaced };
  } catch (error) {
    removeDatabase(aside);
    if (error instanceof OverwinterError && ['DATABASE_CORRUPT', 'DATABASE_NOT_SQLITE'].includes(error.code)) return;
    throw error;
  } finally {
    removeSideFiles(copy.file);
  }
}
