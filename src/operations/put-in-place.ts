import { OverwinterError, reasonOf } from '../core/errors.ts';
import { type Manifest, rowCount, type SchemaObject } from '../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { backupOfOtherType } from '../core/problems/another-database.ts';
import { ruleBroken } from '../core/problems/fakes.ts';
import { count } from '../core/words.ts';
import type { Database, LoadReport, Staged, Standing } from '../engines/engine.ts';
import { codecFor } from '../format/codec-for.ts';
import { forgetLineage, lineageTo, noteLineage } from '../local/lineage.ts';
import { withScratch } from '../local/scratch.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';
import type { Made, Making, Remade } from './development/making.ts';
import type { Mark } from './development/mark.ts';
import { type StagedFiles, stageFiles } from './place-files.ts';
import type { OnProgress, Project } from './project.ts';
import { slicesIn } from './read-parts.ts';
import { type Replaced, replaceWith } from './replace.ts';
import { type Unsealed, unseal } from './unseal.ts';

/** What came of putting a backup in place. */
export interface Placed extends Replaced {
  readonly rows: number;
  /** What the backup does not hold: it stayed as it was where rows were here already, else it is empty. */
  readonly leftOut: LeftOut;
  readonly warnings: readonly string[];
  /** What became of the rows, where they were made for development. */
  readonly made?: Made;
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
): Promise<Placed> {
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
    const warnings = [...made.warnings, ...aboutFiles(project, database, contents, making), ...replaced.warnings];
    return { ...made, ...replaced, warnings };
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

interface StagedBackup extends Pick<Placed, 'rows' | 'leftOut' | 'warnings' | 'made'> {
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

type Loadable = Pick<Remade, 'content' | 'slices'>;

const asSaved = ({ manifest, store }: Unsealed): Loadable => ({
  content: manifest,
  slices: slicesIn(store, manifest.data),
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
