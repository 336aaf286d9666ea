import { existsSync, utimesSync } from 'node:fs';
import { rowCount, type SchemaObject } from '../core/manifest.ts';
import { userName } from '../core/names.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { isSame } from '../core/privacy/shape.ts';
import { targetExists } from '../core/problems/usage.ts';
import type { LoadReport, SliceSource } from '../engines/engine.ts';
import { beginAside, removeDatabase } from '../engines/sqlite/swap.ts';
import { liftHold } from '../local/hold.ts';
import { withLock } from '../local/lock.ts';
import { realPath } from '../local/place.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Entry, type Opened, openBackup, type Skipped, withNewest } from './catalog.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { readAnySlices } from './read-parts.ts';
import { type Replaced, replaceWith, type Standing, standing } from './replace.ts';
import { type Unsealed, unseal } from './unseal.ts';

export interface RestoreOptions {
  /** A backup's name, or `latest` for the newest intact one. */
  readonly name: string;
  /** Another file than the database itself; it must not exist. */
  readonly to?: string;
  /** Which backups `latest` may mean. Default: every one. */
  readonly among?: (entry: Entry) => boolean;
  /** Where to take the backup from, when not from the project's own store. */
  readonly from?: ReadableStore;
  readonly onProgress?: OnProgress;
}

export interface RestoreResult extends Replaced {
  readonly name: string;
  readonly date: string;
  /** Where the backup was made: `production`, `development`, … */
  readonly environment: string;
  readonly rows: number;
  readonly db: string;
  readonly skipped: readonly Skipped[];
  /** What the backup does not hold: it stayed as it was where rows were here already, else it is empty. */
  readonly leftOut: LeftOut;
  readonly warnings: readonly string[];
}

/**
 * Builds the database aside, checks it, and puts it in place in one step, after a snapshot of what was there. Throws NO_BACKUP,
 * BACKUP_NOT_FOUND, BACKUP_DAMAGED, WRONG_KEY, RESTORE_INEXACT, COLUMN_GONE, TABLE_GONE, DATABASE_LOCKED, DISK_FULL, NOT_WRITABLE;
 * whatever it throws, the database that was there is there.
 */
export async function restore(project: Project, options: RestoreOptions): Promise<RestoreResult> {
  const { to } = options;
  const target = to ?? project.db;
  return withLock(project.local, target, project.wait, async () => {
    if (to !== undefined && existsSync(to)) throw targetExists(to)();
    return restoreLocked(project, options, target);
  });
}

/** The same for a caller that holds the database's lock. */
export async function restoreLocked(project: Project, options: RestoreOptions, target: string): Promise<RestoreResult> {
  const store = options.from ?? project.store;
  const put = async (opened: Opened, skipped: readonly Skipped[]) => {
    const placed = await putInPlace(project, opened, store, target, options.onProgress ?? silent);
    if (target === project.db) liftHold(project.local, project.db);
    const { backup_date: date, origin } = opened.manifest.metadata;
    return { name: opened.name, date, environment: origin.environment, db: target, skipped, ...placed };
  };
  if (options.name === 'latest') return withNewest(store, put, options.among);
  return put(await openBackup(store, userName(options.name)), []);
}

/** Builds what `opened` describes aside and puts it in place of `target`. The caller holds the lock. */
export async function putInPlace(
  project: Project,
  opened: Opened,
  store: ReadableStore,
  place: string,
  onProgress: OnProgress,
  how: 'replace' | 'add' = 'replace',
): Promise<Omit<RestoreResult, 'name' | 'date' | 'environment' | 'db' | 'skipped'>> {
  // A link is followed: the file it names is replaced, beside its own side files.
  const target = realPath(place);
  const aside = beginAside(target);
  try {
    const { before, fills, ...made } = await makeAside(project, opened, store, target, aside, onProgress, how);
    // The file is as old as the data in it: so status can tell what was written since.
    const date = new Date(opened.manifest.metadata.backup_date);
    if (!fills) utimesSync(aside, date, date);
    return { ...made, ...(await replaceWith(project, aside, target, `before restoring ${opened.name}`, before)) };
  } catch (error) {
    removeDatabase(aside);
    throw error;
  }
}

interface MadeAside extends Pick<RestoreResult, 'rows' | 'leftOut' | 'warnings'> {
  /** What stands where it is to go. */
  readonly before: Standing;
  /** Whether it is a copy of what is there, with rows put into empty tables. */
  readonly fills: boolean;
}

/** Builds at `aside`, a new file, what is to stand in the place of `target`. */
export async function makeAside(
  project: Project,
  opened: Opened,
  store: ReadableStore,
  target: string,
  aside: string,
  onProgress: OnProgress,
  how: 'replace' | 'add',
): Promise<MadeAside> {
  const unsealed = await unseal(project.encryption, store, opened);
  const before = standing(project, target);
  const fills =
    before !== 'nothing' && (how === 'add' || (before === 'empty-tables' && hasOtherTables(project, unsealed, target)));
  const report = await buildAside(project, unsealed, fills, target, aside, onProgress);
  const leftOut = trusted(project, leftOutOf(unsealed.manifest.metadata));
  const isPartial = !fills && Object.keys(leftOut).length > 0;
  const live = before === 'data' || before === 'empty-tables' ? target : undefined;
  const warnings = isPartial ? project.engine.complete(aside, leftOut, live) : report.warnings;
  return { rows: fills ? report.rows : opened.manifest.metadata.rows, leftOut, warnings, before, fills };
}

/** A condition is SQL, and a backup is somebody's text: it is only asked where the project's own configuration says the same. */
function trusted({ privacy = {} }: Project, { included = {}, ...others }: LeftOut): LeftOut {
  const own = Object.entries(included).filter(([table, condition]) =>
    Object.entries(privacy.include ?? {}).some(([name, each]) => isSame(name, table) && each === condition),
  );
  return leftOutOf({ ...others, included: Object.fromEntries(own) });
}

async function buildAside(
  project: Project,
  { manifest, store }: Unsealed,
  fill: boolean,
  target: string,
  aside: string,
  onProgress: OnProgress,
): Promise<LoadReport> {
  const total = [...manifest.data.values()].reduce((sum, table) => sum + rowCount(table), 0);
  let done = 0;
  const onRows = (rows: number) => {
    done += rows;
    onProgress(done === total ? 'checking' : 'restoring', done, total);
  };
  const slices: SliceSource = (table, share) => readAnySlices(store, manifest.data.get(table) ?? { rows: [] }, share);
  if (fill) {
    await project.engine.copy(target, aside);
    return project.engine.fill(aside, manifest, slices, onRows);
  }
  return project.engine.build(aside, manifest, slices, onRows);
}

/** Migrations made the tables already, maybe newer ones than the backup knows: then those stay, and the rows move in. */
function hasOtherTables(project: Project, { manifest }: Unsealed, target: string): boolean {
  const text = (schema: readonly SchemaObject[]) =>
    JSON.stringify(schema.map(({ type, name, sql }) => [type, name, sql]).sort());
  return text(project.engine.schemaOf(target)) !== text(manifest.schema);
}
