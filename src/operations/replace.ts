import { basename } from 'node:path';
import { isHindrance } from '../core/damage.ts';
import { OverwinterError } from '../core/errors.ts';
import type { Database, Staged, Standing } from '../engines/engine.ts';
import { whichFileAndWhen } from '../files/if-there.ts';
import { holdOf, isHoldChanging } from '../local/hold.ts';
import { makeLocalFolder } from '../local/place.ts';
import {
  type Copying,
  filesOfSnapshot,
  forgetSnapshot,
  rotateSnapshots,
  type Snapshot,
  takeSnapshot,
} from '../local/snapshots.ts';
import { forgetTakenFor, noteTakenFor, type TakenFor } from '../local/taken-for.ts';
import { beginMarking, type Mark, settleMark, settleMarkLocked } from './development/mark.ts';
import { lockDatabase } from './lock-database.ts';
import { type FilesRestored, hasPlacing, type StagedFiles, settlePlacing } from './place-files.ts';
import { copyPortably } from './portable-copy.ts';
import type { Project } from './project.ts';
import { settleSnapshots } from './settle-snapshots.ts';

export interface Replaced {
  /** What was there before, if anything was. */
  readonly snapshot: Snapshot | undefined;
  /** Where a database that could not be read was moved; nothing is ever deleted. */
  readonly setAside: string | undefined;
  /** What became of the files, where there are any. */
  readonly files?: FilesRestored;
  /** What to know of it, in sentences without their full stops. */
  readonly warnings: readonly string[];
}

/** What there is to say where nothing kept others from writing meanwhile. */
export const cautionOf = ({ caution }: Database): string[] => (caution === undefined ? [] : [caution]);

export interface Replacing {
  /** Called the very moment the data is in its place: what is asked of it later may be of what an app wrote since. */
  readonly whenReplaced?: () => void;
  /** What the snapshot of what is there is called. */
  readonly label: string;
  /** What stood there when the work began: rows that somebody wrote since are not replaced. */
  readonly expected?: Standing;
  /** How old the data is, where it is not of now. */
  readonly date?: Date;
  /** What it is that is put in its place. */
  readonly mark: Mark;
  /** Files that are put in place with it. */
  readonly files?: StagedFiles | undefined;
}

/** How a safety copy of a project's database is made: of one that is a file, as it is; of any other as a backup. */
export function copyingOf(project: Project): Copying {
  const { file } = project.database;
  if (file !== undefined) return { name: basename(file.path), kind: 'db', copyTo: file.copyTo };
  return { name: project.identity.name, kind: 'backup', copyTo: (folder) => copyPortably(project, folder) };
}

const withFiles = ({ copyTo, ...copying }: Copying, files: StagedFiles): Copying => ({
  ...copying,
  async copyTo(path) {
    await copyTo(path);
    await files.keep(filesOfSnapshot(path));
  },
});

/** How whoever comes after a kill will know whether other rows are in a database that stays; of MotherDuck nobody can. */
export function rowsToldBy({ file }: Database, transaction: string | undefined): { readonly what?: TakenFor } {
  if (transaction !== undefined) return { what: { transaction } };
  return file === undefined ? {} : { what: { rows: true } };
}

/** How whoever comes after a kill will know whether it is in its place; of MotherDuck nobody can. */
function toldBy({ file, wentThrough }: Database): { readonly what: TakenFor } | undefined {
  if (file !== undefined) return { what: { file: file.path, was: whichFileAndWhen(file.path) } };
  return wentThrough === undefined ? undefined : { what: {} };
}

/** Whoever only looks is soon done; an app is not. */
const patience = ({ wait }: Project) => Math.min(wait, 1000);

/** Puts staged data in the database's place, after a snapshot of what is there. Whatever fails, the old database stays. */
export async function replaceWith(
  project: Project,
  database: Database,
  staged: Staged,
  { label, expected, date, files, mark, whenReplaced }: Replacing,
): Promise<Replaced> {
  let snapshot: Snapshot | undefined;
  let isReplaced = false;
  const keep = async () => {
    const copying = copyingOf({ ...project, database });
    snapshot = await takeSnapshot(
      project,
      database.id,
      files === undefined ? copying : withFiles(copying, files),
      label,
      // By the time it is taken, the mark may be of what comes.
      { madeFor, ...toldBy(database) },
    );
  };
  const replaced = async (): Promise<Replaced> => {
    files?.ready();
    const { setAside, marked } = await staged.commit({
      ignore: project.ignoreTables,
      patience: patience(project),
      ...(marking.ownMark === undefined ? {} : { ownMark: marking.ownMark }),
      keep,
      replacing(transaction) {
        if (snapshot !== undefined && transaction !== undefined)
          noteTakenFor(project.local, snapshot.id, { transaction });
        marking.about(transaction);
        project.onEnding?.();
      },
      replaced() {
        project.onEnding?.();
        isReplaced = true;
        whenReplaced?.();
      },
      asideFolder: () => makeLocalFolder(project.local, 'aside'),
      stamp: project
        .now()
        .toISOString()
        .replace(/[-:T.Z]/g, ''),
      ...(expected === undefined ? {} : { expected }),
      ...(date === undefined ? {} : { date }),
    });
    const ofMark = marking.done(marked);
    if (snapshot !== undefined) forgetTakenFor(project.local, snapshot.id);
    // Whoever comes after a kill between the two goes on from here.
    const placed = files?.place();
    const warnings = [...cautionOf(database), ...ofMark];
    return { snapshot, setAside, warnings, ...(placed === undefined ? {} : { files: placed }) };
  };
  await settleSnapshots(project.local, database);
  const marking = await beginMarking(project, database, mark);
  const madeFor = holdOf(project.local, database.id)?.madeFor;
  const done = await replaced().catch((error: unknown) => {
    if (!isReplaced) marking.undone();
    // Once it is replaced, the snapshot is all that is left of what was there.
    if (snapshot !== undefined && !isReplaced) forgetSnapshot(project.local, snapshot.id);
    throw error;
  });
  // Older ones go only once this one is needed: a restore that fails again and again must not push them out.
  if (done.snapshot !== undefined) rotate(project, database.id);
  return done;
}

/** The database is replaced by now, and its snapshot is all that is left of what it held: nothing that fails here takes that away. */
function rotate({ local, keepSnapshots }: Project, id: string): void {
  try {
    rotateSnapshots(local, id, keepSnapshots);
  } catch (error) {
    if (!isHindrance(error)) throw error;
  }
}

/** Removes what a restore that died left beside the database, or ends it, unless one is at work right now. */
export async function tidyAside(project: Project): Promise<void> {
  const { database } = project;
  const isTidy = database.isTidy() && !hasPlacing(project) && !isHoldChanging(project.local, database.id);
  try {
    if (!isTidy)
      await lockDatabase(project, database, 0, async () => {
        await database.tidy();
        settlePlacing(project);
        await settleMarkLocked(project.local, database);
      });
  } catch (error) {
    if (!(error instanceof OverwinterError && error.code === 'BUSY')) throw error;
  }
  // Somebody may have brought the data back from elsewhere; what was made there says the database when it is read.
  if (holdOf(project.local, database.id)?.said !== undefined) await settleMark(project);
}
