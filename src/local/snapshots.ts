import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unlessHindered } from '../core/damage.ts';
import type { MadeFor } from '../core/manifest.ts';
import { isThere, lstatIfThere, namesIn } from '../files/if-there.ts';
import { realPath } from '../files/real-path.ts';
import { holdOf } from './hold.ts';
import { withLock } from './lock.ts';
import { localPath, makeLocalFolder, readLocal, writeLocal } from './place.ts';
import { isDone, noteTakenFor, type TakenFor, takenFor } from './taken-for.ts';

/** A copy of the database, local and unseen by git, taken just before something dangerous. */
export interface Snapshot {
  readonly id: string;
  readonly label: string;
  readonly date: string;
  readonly db: string;
  /** Where it is: a file of the database's own kind, or a folder that holds a backup. */
  readonly file: string;
  readonly bytes: number;
  /** Where what is in it was made for an environment. */
  readonly madeFor?: MadeFor;
}

/** How a copy is made. */
export interface Copying {
  /** What stands in the name of a copy, for people. */
  readonly name: string;
  /** `db`: a file of the database's own kind. `backup`: a folder that holds a backup, of a database that is no file. */
  readonly kind: 'db' | 'backup';
  copyTo(path: string): Promise<void>;
}

const KINDS = ['db', 'backup'] as const;

export const isPortable = ({ file }: Pick<Snapshot, 'file'>): boolean => file.endsWith('.backup');

/** What taking a snapshot needs of a project. */
export interface SnapshotPlace {
  readonly local: string;
  readonly wait: number;
  readonly now: () => Date;
}

/** The folder beside a snapshot with the files that were replaced when it was taken, where there were any. */
export const filesOfSnapshot = (file: string): string => file.replace(/\.(db|backup)$/, '.files');

const FOLDER = 'snapshots';
const folderOf = (local: string) => localPath(local, `${FOLDER}/.`);

/** What else is known of what is copied. */
export interface About {
  /** Where it was made for an environment. */
  readonly madeFor: MadeFor | undefined;
  /** What is to be done with the database next. */
  readonly what?: TakenFor;
}

/** Takes one. Its date is later than that of every other of this database, whatever the clock says. */
export async function takeSnapshot(
  place: SnapshotPlace,
  database: string,
  { name, kind, copyTo }: Copying,
  label: string,
  { madeFor, what }: About = { madeFor: holdOf(place.local, database)?.madeFor },
): Promise<Snapshot> {
  const folder = makeLocalFolder(place.local, FOLDER);
  return withLock(place.local, realPath(folder), place.wait, async () => {
    tidy(folder);
    const newest = listSnapshots(place.local, database)[0];
    const date = new Date(Math.max(place.now().getTime(), newest === undefined ? 0 : Date.parse(newest.date) + 1));
    const stamp = date.toISOString().replace(/[-:T.Z]/g, '');
    const id = freeId(folder, `${stamp}-${name.replace(/[^A-Za-z0-9._-]/g, '_')}`);
    const file = join(folder, `${id}.${kind}`);
    await copyTo(file);
    const snapshot = {
      id,
      label,
      date: date.toISOString(),
      db: database,
      file,
      bytes: sizeOf(file),
      ...madeBefore(madeFor),
    };
    describe(place.local, snapshot, what);
    return snapshot;
  });
}

const madeBefore = (madeFor: MadeFor | undefined) => (madeFor === undefined ? {} : { madeFor });

/** The description comes last: a copy without one is not a snapshot yet. */
function describe(local: string, snapshot: Snapshot, what: TakenFor | undefined): void {
  try {
    if (what !== undefined) noteTakenFor(local, snapshot.id, what);
    writeLocal(local, `${FOLDER}/${snapshot.id}.json`, `${JSON.stringify(snapshot, null, 2)}\n`);
  } catch (error) {
    forgetSnapshot(local, snapshot.id);
    throw error;
  }
}

/** Removes what a process that died in the middle of a snapshot left of it. */
function tidy(folder: string): void {
  for (const file of namesIn(folder)) {
    const id = /^(\d{17}-.+)\.((?:json|for)-\d+|db|db-[a-z]+|backup|files|for)$/.exec(file)?.[1];
    if (id !== undefined && !isThere(join(folder, `${id}.json`)))
      rmSync(join(folder, file), { recursive: true, force: true });
  }
}

function freeId(folder: string, wanted: string): string {
  let id = wanted;
  const isTaken = (each: string) => KINDS.some((kind) => isThere(join(folder, `${each}.${kind}`)));
  for (let n = 2; isTaken(id); n++) id = `${wanted}-${n}`;
  return id;
}

/** Lets go of all but the newest `keep` of a database. Those of rows that were made count beside those of the data, which they must not push out. */
export function rotateSnapshots(local: string, db: string, keep: number): void {
  const all = listSnapshots(local, db);
  const isMade = ({ madeFor }: Snapshot) => madeFor !== undefined;
  for (const some of [all.filter(isMade), all.filter((each) => !isMade(each))])
    for (const old of some.slice(Math.max(1, keep))) forgetSnapshot(local, old.id);
}

export function forgetSnapshot(local: string, id: string): void {
  for (const end of ['json', 'files', 'for', ...KINDS])
    rmSync(join(folderOf(local), `${id}.${end}`), { recursive: true, force: true });
}

/** The snapshots of a database, newest first; none that was taken for something that is not done. */
export const listSnapshots = (local: string, db: string): Snapshot[] =>
  allSnapshots(local, db).filter(({ id }) => {
    const what = takenFor(local, id);
    return what === undefined || isDone(what) !== false;
  });

/** Those of which it was not said that what they were taken for is done. */
export function unsettledSnapshots(local: string, db: string): Snapshot[] {
  const names = new Set(namesIn(folderOf(local)));
  if (![...names].some((name) => name.endsWith('.for'))) return [];
  return allSnapshots(local, db).filter(({ id }) => names.has(`${id}.for`));
}

function allSnapshots(local: string, db: string): Snapshot[] {
  const folder = folderOf(local);
  return namesIn(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => readSnapshot(local, file, db) ?? [])
    .sort((a, b) => (a.date < b.date ? 1 : -1));
}

/** Undefined where there is none: a link is none. */
function copyOf(folder: string, id: string): string | undefined {
  const file = join(folder, `${id}.db`);
  if (lstatIfThere(file)?.isFile()) return file;
  const backup = join(folder, `${id}.backup`);
  return lstatIfThere(backup)?.isDirectory() ? backup : undefined;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}

function readSnapshot(local: string, name: string, db: string): Snapshot | undefined {
  try {
    const value: Partial<Snapshot> = JSON.parse(readLocal(local, `${FOLDER}/${name}`) ?? '');
    const { id, label, date, bytes, madeFor } = value;
    if (value.db !== db || id === undefined || label === undefined || date === undefined || bytes === undefined) return;
    const file = copyOf(folderOf(local), name.replace(/\.json$/, ''));
    return file === undefined ? undefined : { id, label, date, db, bytes, file, ...madeBefore(madeFor) };
  } catch (error) {
    return unlessHindered(error);
  }
}
