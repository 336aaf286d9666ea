import { OverwinterError, reasonOf } from '../core/errors.ts';
import { identityInWords, linesFor } from '../core/identity.ts';
import { type Manifest, rowCount, type SchemaObject } from '../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { backupOfAnother, backupOfOtherType, rowsOverAnother } from '../core/problems/another-database.ts';
import { noBackupAsOf } from '../core/problems/backups.ts';
import { noBackupOfOthers, ruleBroken } from '../core/problems/fakes.ts';
import { targetExists } from '../core/problems/usage.ts';
import { count, moment } from '../core/words.ts';
import type { Database, LoadReport, Staged, Standing } from '../engines/engine.ts';
import { isThere } from '../files/if-there.ts';
import { codecFor } from '../format/codec-for.ts';
import { forgetFailure } from '../local/attempt.ts';
import { liftHold } from '../local/hold.ts';
import { forgetLineage, lineageTo, noteLineage } from '../local/lineage.ts';
import { withScratch } from '../local/scratch.ts';
import type { ReadableStore } from '../stores/store.ts';
import { asFile } from './as-file.ts';
import { type Entry, nameMeant, type Opened, openBackup, type Skipped } from './catalog.ts';
import { mustBeThisEnvironment, mustComeFromElsewhere, mustNotBeTheirs } from './development/guards.ts';
import type { Made, Making, Remade } from './development/making.ts';
import type { Mark } from './development/mark.ts';
import { replacedMustLookFamiliar } from './familiar.ts';
import { lockDatabase } from './lock-database.ts';
import { withNewest } from './newest.ts';
import { strangersIn, theirsIn } from './ours.ts';
import { type StagedFiles, stageFiles } from './place-files.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { readAnySlices } from './read-parts.ts';
import { cautionOf, type Replaced, replaceWith } from './replace.ts';
import { type Unsealed, unseal } from './unseal.ts';

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
  /** What became of the rows, where they were made for development. */
  readonly made?: Made;
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
    if (options.to === undefined) await mustBeForHere(project, options);
    return restoreLocked(project, options, database);
  });
}

/** What is restored into. */
export function whereTo({ database }: Project, { to = database }: Pick<RestoreOptions, 'to'>): Database {
  return typeof to === 'string' ? asFile(database).at(to) : to;
}

/** Throws DATABASE_EXISTS where something beside is restored into that has something already. */
export async function mustBeFree({ to }: Pick<RestoreOptions, 'to'>): Promise<void> {
  if (typeof to === 'string' && isThere(to)) throw targetExists(to)();
  if (typeof to === 'object' && (await to.standing([])) !== 'nothing') throw targetExists(to.label)();
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
    if (making !== undefined) forgetFailure(project.local, database.id);
    else if (database === project.database) {
      liftHold(project.local, database.id);
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

/** Throws where the rows that are there are not to be replaced by these. */
export type MayReplace = (manifest: Manifest) => Promise<void>;

export interface Placing {
  readonly onProgress: OnProgress;
  readonly how: 'replace' | 'add';
  /** Asked where rows would be replaced. */
  readonly mayReplace: MayReplace;
  /** Data for development is made of what comes. */
  readonly making?: Making;
  readonly mark: Mark;
}

/** Makes what `opened` describes out of sight and puts it in the database's place. The caller holds the lock. */
export async function putInPlace(
  project: Project,
  opened: Opened,
  store: ReadableStore,
  database: Database,
  placing: Placing,
): Promise<Omit<RestoreResult, 'name' | 'date' | 'environment' | 'db' | 'skipped'>> {
  const { making, mark } = placing;
  const { staged, before, fills, contents, ...made } = await stageBackup(project, opened, store, database, placing);
  let files: StagedFiles | undefined;
  let stamp: Promise<string | undefined> | undefined;
  try {
    files = making === undefined ? await filesOf(project, database, contents) : undefined;
    const replaced = await replaceWith(project, database, staged, {
      label: `before restoring ${opened.name}`,
      expected: before,
      files,
      mark,
      whenReplaced() {
        // Where rows were put into tables of other shapes the database says more than the backup.
        stamp = fills ? undefined : stampOf(database);
      },
      // The file is as old as the data in it: so status can tell what was written since.
      ...(fills ? {} : { date: new Date(opened.manifest.metadata.backup_date) }),
    });
    // What was made of a backup is not that backup.
    if (making !== undefined) forgetLineage(project.local, database.id);
    else if (database === project.database)
      noteLineage(project.local, database.id, lineageTo(opened.name, opened.manifest.metadata, await stamp));
    const warnings = [...made.warnings, ...aboutFiles(project, database, contents, making), ...cautionOf(database)];
    return { ...made, warnings, ...replaced };
  } catch (error) {
    files?.discard();
    throw ofFakes(making, error);
  } finally {
    await staged.discard();
  }
}

/** The files of a backup on their way. What is restored into another file than the database brings no files. */
async function filesOf(project: Project, database: Database, { manifest, store }: Unsealed) {
  const isOwn = database === project.database;
  return isOwn && manifest.files ? stageFiles(project, database, manifest.files, store) : undefined;
}

/** Files that stay in a backup, because the configuration does not say where they belong. */
function aboutFiles(
  project: Project,
  database: Database,
  { manifest: { files, metadata } }: Unsealed,
  making: Making | undefined,
): string[] {
  if (making !== undefined)
    return metadata.files
      ? [`${count(metadata.files, 'file')} stayed in the backup: nobody can tell what is in files`]
      : [];
  if (database !== project.database) return [];
  const named = project.files?.folders.map(({ name }) => name) ?? [];
  return (files?.folders ?? [])
    .filter((folder) => folder.files > 0 && !named.includes(folder.name))
    .map(
      (folder) =>
        `${count(folder.files, 'file')} of ${folder.name} stayed in the backup: the configuration's 'files' names no such folder`,
    );
}

/**
 * The fingerprint of what is put in place at this very moment. Only a file's is of that for certain; into another database somebody may have
 * written before it answers.
 */
const stampOf = async (database: Database) => (database.file === undefined ? undefined : database.fingerprint());

interface StagedBackup extends Pick<RestoreResult, 'rows' | 'leftOut' | 'warnings' | 'made'> {
  readonly staged: Staged;
  /** What stands where it is to go. */
  readonly before: Standing;
  /** Whether it is a copy of what is there, with rows put into empty tables. */
  readonly fills: boolean;
  readonly contents: Unsealed;
}

/** Makes what is to stand in the place of the database; in a `scratch` folder, where it is only to be looked at. */
export async function stageBackup(
  project: Project,
  opened: Opened,
  store: ReadableStore,
  database: Database,
  { onProgress, how, mayReplace, making }: Omit<Placing, 'mark'>,
  scratch?: string,
): Promise<StagedBackup> {
  mustBeOfType(database, opened);
  const unsealed = await unseal(project.encryption, store, opened);
  const remade = making && (await remadeFor(project, database, unsealed, making, onProgress));
  const before = await database.standing(project.ignoreTables);
  if (before === 'data' && how === 'replace') await mayReplace(unsealed.manifest);
  const fills =
    before !== 'nothing' &&
    (how === 'add' || (before === 'empty-tables' && (await hasOtherTables(database, unsealed))));
  const staged = await database.stage(fills ? 'fill' : 'replace', scratch);
  try {
    const report = await load(staged, remade ?? asSaved(unsealed), onProgress);
    const leftOut = trusted(project, leftOutOf(unsealed.manifest.metadata));
    if (remade !== undefined) {
      const { rows, made, rebuild } = remade;
      const warnings = rebuild === undefined ? report.warnings : await staged.complete(rebuild);
      mustKeepRules(warnings, Object.keys(made.faked));
      return { staged, rows, leftOut, warnings, before, fills, contents: unsealed, made };
    }
    const isPartial = !fills && Object.keys(leftOut).length > 0;
    const warnings = isPartial ? await staged.complete(leftOut) : report.warnings;
    const rows = fills ? report.rows : opened.manifest.metadata.rows;
    return { staged, rows, leftOut, warnings, before, fills, contents: unsealed };
  } catch (error) {
    await staged.discard();
    throw ofFakes(making, error);
  }
}

/** Rows that do not fit are no fault of the backup, so no other is tried. */
function ofFakes(making: Making | undefined, error: unknown): unknown {
  const isOfRows = error instanceof OverwinterError && error.code === 'RESTORE_INEXACT';
  return making !== undefined && isOfRows ? ruleBroken(reasonOf(error).replace(/\.$/, ''))(error) : error;
}

/** Throws ANOTHER_DATABASE for a backup that another engine made: its rows are not of this one's types. */
export function mustBeOfType({ codec }: Database, { name, manifest }: Opened): void {
  const theirs = codecFor(name, manifest.metadata);
  if (theirs.databaseType !== codec.databaseType) throw backupOfOtherType(name, theirs.name, codec.name)();
}

/** A condition is SQL, and a backup is somebody's text: it is only asked where the project's own configuration says the same. */
function trusted({ privacy = {}, database }: Project, { included = {}, ...others }: LeftOut): LeftOut {
  const { fold } = database.codec;
  const own = Object.entries(included).filter(([table, condition]) =>
    Object.entries(privacy.include ?? {}).some(([name, each]) => fold(name) === fold(table) && each === condition),
  );
  return leftOutOf({ ...others, included: Object.fromEntries(own) });
}

async function remadeFor(
  project: Project,
  database: Database,
  unsealed: Unsealed,
  making: Making,
  onProgress: OnProgress,
): Promise<Remade> {
  let done = 0;
  return withScratch(project.local, 'development', (scratch) =>
    making.remake(database, unsealed, scratch, (rows) => {
      done += rows;
      onProgress('comparing', done, done);
    }),
  );
}

/** SQLite says it of rows that are in already; others take none such. What was odd in other tables was so before. */
function mustKeepRules(warnings: readonly string[], faked: readonly string[]): void {
  const broken = warnings.filter((each) => OF_RULES.test(each) && faked.some((table) => each.includes(` in ${table}`)));
  if (broken.length > 0) throw ruleBroken(broken.join('; '))();
}

const OF_RULES = /^(CHECK constraint failed|NULL value in|non-\w+ value in)/;

/** Throws USAGE, and DATABASE_EXISTS. */
export async function mustBeForHere(project: Project, { making }: RestoreOptions): Promise<void> {
  if (making === undefined) return;
  mustBeThisEnvironment(project, making);
  await mustNotBeTheirs(project, project.database);
}

type Loadable = Pick<Remade, 'content' | 'slices'>;

const asSaved = ({ manifest, store }: Unsealed): Loadable => ({
  content: manifest,
  slices: (table, share) => readAnySlices(store, manifest.data.get(table) ?? { rows: [] }, share),
});

async function load(staged: Staged, { content, slices }: Loadable, onProgress: OnProgress): Promise<LoadReport> {
  const total = [...content.data.values()].reduce((sum, table) => sum + rowCount(table), 0);
  let done = 0;
  const onRows = (rows: number) => {
    done += rows;
    onProgress(done === total ? 'checking' : 'restoring', done, total);
  };
  return staged.load(content, slices, onRows);
}

/** Migrations made the tables already, maybe newer ones than the backup knows: then those stay, and the rows move in. */
async function hasOtherTables(database: Database, { manifest }: Unsealed): Promise<boolean> {
  const text = (schema: readonly SchemaObject[]) =>
    JSON.stringify(schema.map(({ type, name, sql }) => [type, name, sql]).sort());
  return text((await database.describe()).schema) !== text(manifest.schema);
}
