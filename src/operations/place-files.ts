import { OverwinterError } from '../core/errors.ts';
import type { SavedFiles } from '../core/saved-files.ts';
import { savedFilesText } from '../core/write-manifest.ts';
import type { Database } from '../engines/engine.ts';
import { lstatIfThere, whichFile } from '../files/if-there.ts';
import { scanFolders } from '../folders/scan.ts';
import { hasStaging, removeEmpty, removeStaging } from '../folders/staging.ts';
import { type Target, type Targets, targetsIn } from '../folders/targets.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import { readSavedFiles } from '../format/read-saved-files.ts';
import { forgetPlacing, isPlacing, type Move, notePlacing, type Placing, placingOf } from '../local/placing.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Aside, makeAside } from './make-aside.ts';
import { madeAt, moveIn } from './move-in.ts';
import type { Project } from './project.ts';
import { type SavedFile, savedFilesIn } from './read-files.ts';
import { isSameFile } from './same-file.ts';
import { saveFiles } from './save-files.ts';
import { unitsOf } from './units.ts';
import { storeSink } from './write-parts.ts';

/** What a restore did, or would do, with the files of a backup. */
export interface FilesRestored {
  /** How many of the backup's files belong here. */
  readonly files: number;
  /** Of them those that were not here, and those that were another way. */
  readonly added: number;
  readonly replaced: number;
  /** They are another way here, and stay so: nothing is replaced that no snapshot keeps. */
  readonly kept: number;
  /** Files here that the backup does not know. They stay. */
  readonly unknown: number;
  /** Folders of the backup that the configuration does not name: their files stay in it. */
  readonly elsewhere: readonly string[];
}

/** Files that are made, and not in place yet. They must be put in place or discarded. */
export interface StagedFiles {
  /** Keeps what is about to be replaced, in a folder of its own. Without that, nothing is replaced. */
  keep(folder: string): Promise<void>;
  /** The database is about to be replaced, or stays: from here on, whoever comes after us knows what is to be done. */
  ready(database?: 'stays'): void;
  /** Puts them in place. */
  place(): FilesRestored;
  discard(): void;
}

/** One file that is not here as the backup has it. */
export interface Missing {
  readonly saved: SavedFile;
  readonly target: Target;
}

export interface FilesPlan {
  readonly files: number;
  readonly missing: readonly Missing[];
  readonly unknown: number;
  readonly elsewhere: readonly string[];
}

/**
 * Compares the files of a backup with those that are here; nothing is changed. Throws BACKUP_DAMAGED, and what keeps a file from being
 * where the configuration says: NOT_OURS, NOT_WRITABLE.
 */
export async function planFiles(
  wanted: WantedFiles,
  files: SavedFiles,
  store: ReadableStore,
  now: Date,
): Promise<FilesPlan> {
  const targets = targetsIn(wanted);
  const scan = scanFolders(wanted, now);
  const here = new Map(scan.files.map((found) => [found.path, found]));
  const missing: Missing[] = [];
  const known = new Set<string>();
  let count = 0;
  for await (const saved of savedFilesIn(store, files)) {
    const target = targets.of(saved.line.path);
    if (target === undefined) continue;
    count++;
    known.add(saved.line.path);
    const found = here.get(saved.line.path);
    if (found === undefined || !(await isSameFile(found, saved, wanted))) missing.push({ saved, target });
  }
  const ours = new Set(wanted.folders.map(({ name }) => name));
  return {
    files: count,
    missing,
    unknown: scan.files.filter(({ path }) => !known.has(path)).length,
    elsewhere: files.folders.filter(({ name, files: held }) => held > 0 && !ours.has(name)).map(({ name }) => name),
  };
}

export const saidOfPlan = ({ files, missing, unknown, elsewhere }: FilesPlan, replaces: boolean): FilesRestored => {
  const there = missing.filter(({ target }) => target.isThere).length;
  const [replaced, kept] = replaces ? [there, 0] : [0, there];
  return { files, added: missing.length - there, replaced, kept, unknown, elsewhere };
};

/**
 * Makes the files of a backup beside the places they are to have. The caller holds the database's lock. Throws what `planFiles` throws, and
 * DISK_FULL and NOT_WRITABLE; whatever it throws, nothing is in place.
 */
export async function stageFiles(
  project: Project,
  database: Database,
  files: SavedFiles,
  store: ReadableStore,
): Promise<StagedFiles | undefined> {
  const { files: wanted, local } = project;
  if (wanted === undefined) return undefined;
  settlePlacing(project, database);
  const plan = await planFiles(wanted, files, store, project.now());
  const units = unitsOf(plan.missing);
  const aside: Aside = { staging: new Map(), made: [] };
  let replaces = false;
  const staging = () => Object.fromEntries(aside.staging);
  const moves = () =>
    units
      .filter(({ isThere }) => replaces || !isThere)
      .map(({ number, path, isThere }): Move => [number, path, isThere]);
  const note = (stays?: 'stays') =>
    notePlacing(local, database.id, {
      database: stays === undefined ? lookOfDatabase(database) : undefined,
      staging: staging(),
      files: moves(),
    });
  const discard = () => {
    forgetPlacing(local, database.id);
    removeStaging(wanted);
    for (const [folder, first] of aside.made) removeEmpty(folder, first);
  };
  try {
    await makeAside(units, store, aside);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    async keep(folder) {
      await keepReplaced(project, wanted, plan, folder);
      replaces = true;
      note();
    },
    ready: note,
    place() {
      const targets = targetsIn(wanted);
      for (const move of moves()) putInPlace(wanted, targets, staging(), move);
      discard();
      return saidOfPlan(plan, replaces);
    },
    discard,
  };
}

function putInPlace(wanted: WantedFiles, targets: Targets, staging: Placing['staging'], move: Move): void {
  const from = madeAt(wanted, staging, move);
  const [, path, replaces] = move;
  if (from !== undefined) moveIn(targets, from, path, replaces);
}

/** The list of files in the folder of a snapshot. */
const KEPT_LIST = 'files.json';

/** Saves what is about to be replaced, as a backup would. */
async function keepReplaced(project: Project, wanted: WantedFiles, plan: FilesPlan, folder: string): Promise<void> {
  const replaced = new Set(plan.missing.filter(({ target }) => target.isThere).map(({ saved }) => saved.line.path));
  if (replaced.size === 0) return;
  const scan = scanFolders({ ...wanted, largest: Number.MAX_SAFE_INTEGER }, project.now());
  const files = scan.files.filter(({ path }) => replaced.has(path));
  await folderStore(folder).batch(async (batch) => {
    const saved = await saveFiles(
      { ...scan, files },
      { wanted: { ...wanted, largest: Number.MAX_SAFE_INTEGER }, sink: storeSink(batch) },
    );
    await batch.publish(KEPT_LIST, Buffer.from(savedFilesText(saved.files)));
  });
}

/** What tells whether a database was replaced; empty where nothing does. Throws NOT_READABLE. */
function lookOfDatabase({ file }: Database): string {
  return file === undefined ? '' : whichFile(file.path);
}

/** Whether a restore that was killed left files that it had made. Of a folder that cannot be one whoever saves it tells. */
export function hasPlacing({ files, local, database }: Project): boolean {
  try {
    return files !== undefined && (isPlacing(local, database.id) || hasStaging(files));
  } catch (error) {
    if (error instanceof OverwinterError && error.code !== 'NOT_READABLE') return false;
    throw error;
  }
}

/**
 * Ends what a restore that was killed had begun: where the database was replaced, its files are put in place; where it was not, or
 * nobody can tell, they go. The caller holds the database's lock. Throws NOT_READABLE, and then leaves them.
 */
export function settlePlacing(project: Project, database: Database = project.database): void {
  const { files: wanted, local } = project;
  if (wanted === undefined) return;
  const placing = placingOf(local, database.id);
  if (placing !== undefined && isToBeEnded(placing, lookOfDatabase(database))) {
    const targets = targetsIn(wanted);
    for (const move of placing.files)
      if (isStillStaged(madeAt(wanted, placing.staging, move))) putInPlace(wanted, targets, placing.staging, move);
  }
  removeStaging(wanted);
  forgetPlacing(local, database.id);
}

const isToBeEnded = ({ database }: Placing, now: string) =>
  database === undefined || (now !== '' && now !== 'missing' && database !== now);

/** What was put in place before the kill is not there any more. */
function isStillStaged(path: string | undefined): boolean {
  const found = path === undefined ? undefined : lstatIfThere(path);
  return found?.isFile() === true || found?.isDirectory() === true;
}

/** The files of a snapshot; undefined where it keeps none. Throws BACKUP_DAMAGED. */
export async function keptFiles(
  folder: string,
): Promise<{ readonly files: SavedFiles; readonly store: ReadableStore } | undefined> {
  if (lstatIfThere(folder) === undefined) return undefined;
  const store = folderStore(folder);
  const list = await store.read(KEPT_LIST);
  if (list === undefined) return undefined;
  const files = readSavedFiles(list.toString('utf8'));
  return files && { files, store };
}
