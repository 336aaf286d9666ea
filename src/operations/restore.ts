import { OverwinterError } from '../core/errors.ts';
import { identityInWords, linesFor } from '../core/identity.ts';
import { backupOfAnother, rowsOverAnother } from '../core/problems/another-database.ts';
import { noBackupAsOf } from '../core/problems/backups.ts';
import { noBackupOfOthers } from '../core/problems/fakes.ts';
import { targetExists, targetNotEmpty } from '../core/problems/usage.ts';
import { moment } from '../core/words.ts';
import type { Database } from '../engines/engine.ts';
import { isThere } from '../files/if-there.ts';
import { forgetFailure } from '../local/attempt.ts';
import { liftHold } from '../local/hold.ts';
import type { ReadableStore } from '../stores/store.ts';
import { asFile } from './as-file.ts';
import { type Entry, nameMeant, type Opened, openBackup, type Skipped } from './catalog.ts';
import { mustBeThisEnvironment, mustComeFromElsewhere, mustNotBeTheirs } from './development/guards.ts';
import type { Making } from './development/making.ts';
import { settleMarkLocked } from './development/mark.ts';
import { replacedMustLookFamiliar } from './familiar.ts';
import { lockDatabase } from './lock-database.ts';
import { withNewest } from './newest.ts';
import { strangersIn, theirsIn } from './ours.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { type MayReplace, type Placed, putInPlace } from './put-in-place.ts';

export interface RestoreOptions {
  /** A backup's name, or `latest` for the newest intact one. */
  readonly name: string;
  /** Another file than the database itself, which must not exist; or another database, which must be empty. */
  readonly to?: string | Database;
  /** Which backups `latest` may mean. Default: every one. */
  readonly among?: (entry: Entry) => boolean;
  /** `latest` is the newest of then or before. */
  readonly asOf?: Date;
  /** Where to take the backup from, when not from the project's own store. */
  readonly from?: ReadableStore;
  /** Takes the backup that is named even where it is of another database, and even where it goes over one that looks like another. */
  readonly ofAnother?: boolean;
  readonly onProgress?: OnProgress;
  /** Data for development is made of it: with fakes, or of a share of the rows. */
  readonly making?: Making;
}

export interface RestoreResult extends Placed {
  readonly name: string;
  readonly date: string;
  /** Where the backup was made: `production`, `development`, … */
  readonly environment: string;
  readonly db: string;
  readonly skipped: readonly Skipped[];
}

/**
 * Builds the database aside, checks it, and puts it in place in one step, after a snapshot of what was there. Throws NO_BACKUP,
 * BACKUP_NOT_FOUND, BACKUP_DAMAGED, ANOTHER_DATABASE, WRONG_KEY, RESTORE_INEXACT, COLUMN_GONE, TABLE_GONE, DATABASE_LOCKED, DISK_FULL,
 * NOT_WRITABLE, NOT_READABLE;
 * whatever it throws, the database that was there is there.
 */
export async function restore(project: Project, options: RestoreOptions): Promise<RestoreResult> {
  const database = whereTo(project, options);
  return lockDatabase(project, database, project.wait, async () => {
    await mustBeFree(options);
    if (options.making !== undefined) await settleMarkLocked(project.local, database);
    if (options.to === undefined) await mustBeForHere(project, options);
    return restoreLocked(project, options, database);
  });
}

/** What is restored into. */
export function whereTo({ database }: Project, { to = database }: Pick<RestoreOptions, 'to'>): Database {
  return typeof to === 'string' ? asFile(database).at(to) : to;
}

/** Throws DATABASE_EXISTS where something beside is restored into that has something already. */
export async function mustBeFree({ name, to, making }: Pick<RestoreOptions, 'name' | 'to' | 'making'>): Promise<void> {
  const inPlace = [
    ...(name === 'latest' ? [] : [name]),
    ...(making === undefined ? [] : ['--for', making.environment]),
  ];
  if (typeof to === 'string' && isThere(to)) throw targetExists(to, inPlace)();
  if (typeof to === 'object' && (await to.standing([])) !== 'nothing') throw targetNotEmpty(to.label)();
}

/** The same for a caller that holds the database's lock. */
export async function restoreLocked(
  project: Project,
  options: RestoreOptions,
  database: Database,
): Promise<RestoreResult> {
  const { making } = options;
  return withChosen(project, options, database, async (opened, store, skipped) => {
    const placed = await putInPlace(project, opened, store, database, {
      onProgress: options.onProgress ?? silent,
      how: 'replace',
      mayReplace: mayReplaceWith(project, opened, store, options),
      ...(making && { making }),
      mark: making === undefined ? 'data' : { environment: making.environment, backup: opened.name },
    });
    // Whoever restores says what the data is; a restore into another file says nothing.
    if (database === project.database) {
      if (making === undefined) liftHold(project.local, database.id);
      // What was refused or failed is not there any more.
      forgetFailure(project.local, database.id);
    }
    const { backup_date: date, origin } = opened.manifest.metadata;
    return {
      name: opened.name,
      date,
      environment: origin.environment,
      db: database.label,
      skipped,
      ...placed,
    };
  });
}

/** Hands over the backup that is asked for: of `latest` the newest that is intact. */
export async function withChosen<T>(
  project: Project,
  options: RestoreOptions,
  database: Database,
  use: (opened: Opened, store: ReadableStore, skipped: readonly Skipped[]) => Promise<T>,
): Promise<T> {
  const store = options.from ?? project.store;
  const take = (opened: Opened, skipped: readonly Skipped[]) => {
    if (database === project.database) {
      mustBeMeant(project, store, opened, options);
      if (options.making !== undefined) mustComeFromElsewhere(options.making, opened);
    }
    return use(opened, store, skipped);
  };
  if (options.name === 'latest')
    return withNewestAsOf(store, amongOthers(options, database === project.database), take);
  return take(await openBackup(store, await nameMeant(store, options.name)), []);
}

/** Data for development comes from another environment, where it goes into the database itself. */
function amongOthers(options: RestoreOptions, isOwn: boolean): RestoreOptions {
  const { making, among = () => true } = options;
  if (making === undefined || !isOwn) return options;
  return {
    ...options,
    among: (entry) => among(entry) && entry.metadata.origin.environment !== making.environment,
  };
}

/** Throws NO_BACKUP in words that fit, where the only ones there are were made later. */
async function withNewestAsOf<T>(
  store: ReadableStore,
  { among = () => true, asOf, making }: RestoreOptions,
  take: (opened: Opened, skipped: readonly Skipped[]) => Promise<T>,
): Promise<T> {
  const until = asOf?.toISOString();
  const meant = (entry: Entry) => among(entry) && (until === undefined || entry.metadata.backup_date <= until);
  try {
    return await withNewest(store, async (...found) => take(...found), meant);
  } catch (error) {
    if (!(error instanceof OverwinterError) || error.code !== 'NO_BACKUP') throw error;
    if (making !== undefined && until === undefined) throw noBackupOfOthers(making.environment, store.label)(error);
    if (until === undefined) throw error;
    throw noBackupAsOf(moment(until), store.label)(error);
  }
}

/** Throws ANOTHER_DATABASE for a backup of another database that nobody asked for by its name and confirmed. */
function mustBeMeant(
  { identity }: Project,
  store: ReadableStore,
  { name, manifest }: Opened,
  options: RestoreOptions,
): void {
  const theirs = theirsIn(identity, manifest.metadata);
  if (theirs === undefined) return;
  if (options.name === 'latest') throw strangersIn(store.label, theirs, identity);
  if (options.ofAnother === true) return;
  throw backupOfAnother(name, identityInWords(theirs), identityInWords(identity), linesFor(theirs, identity).one)();
}

/** Whoever takes the newest thinks of no backup in particular, and so has not said that it may go over another database. */
export function mayReplaceWith(
  project: Project,
  { name }: Opened,
  store: ReadableStore,
  options: Pick<RestoreOptions, 'name' | 'ofAnother'>,
): MayReplace {
  if (options.name !== 'latest' && options.ofAnother === true) return async () => {};
  return (manifest) =>
    replacedMustLookFamiliar(project, manifest, store, (db, strange) => rowsOverAnother(db, name, strange)());
}

/** Throws USAGE, and DATABASE_EXISTS. */
export async function mustBeForHere(project: Project, { making }: RestoreOptions): Promise<void> {
  if (making === undefined) return;
  mustBeThisEnvironment(project, making);
  await mustNotBeTheirs(project, project.database);
}
