import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Metadata } from '../core/manifest.ts';
import { type BackupKind, isMisnamed, manifestFile, userName } from '../core/names.ts';
import { type LeftOut, leavesOutTheSame } from '../core/privacy/left-out.ts';
import { nameTaken } from '../core/problems/usage.ts';
import { NotAsBefore } from '../core/slices.ts';
import { type Memory, NO_MEMORY } from '../core/table-memory.ts';
import { isSealed } from '../format/sealed.ts';
import { forgetFailure } from '../local/attempt.ts';
import { type Hold, liftHold, readHold } from '../local/hold.ts';
import { lineageOf, lineageTo, noteLineage } from '../local/lineage.ts';
import { withLock } from '../local/lock.ts';
import type { PassedOver } from '../local/passed-over.ts';
import { emptyLocalFolder } from '../local/place.ts';
import type { Batch, ReadableStore } from '../stores/store.ts';
import { isAsSaved } from './as-saved.ts';
import { notesOn } from './backup-notes.ts';
import type { Opened } from './catalog.ts';
import { type Collected, collect } from './collect.ts';
import { mustNotLookMadeUp } from './development/looks-made-up.ts';
import { noteReal } from './development/mark.ts';
import { whyHeld } from './development/why-held.ts';
import { type FilesBeside, type FilesSaid, filesBeside } from './files-beside.ts';
import { type ValueWatch, watchForValues } from './filled-again.ts';
import { type AllowShrink, type Judged, mustLoseNothing } from './guard.ts';
import { type Before, contentsOf, lookBack, type Read } from './loss.ts';
import { mustBeCheckedOut } from './must-be-checked-out.ts';
import { noteFailedAttempt } from './note-attempt.ts';
import { aboutToPassOver, rememberPassedOver } from './passed-over.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { type RevocableSink, revocableSink } from './remove-new-parts.ts';
import { tidyAside } from './replace.ts';
import { mustBeRestorable } from './restorable.ts';
import { beginSealing } from './seal.ts';
import { type Suspect, type SuspectDefinition, selecting } from './secrets.ts';
import { forgetReading, type Known, knownOf, noteReading } from './since-before.ts';
import { mendPointer, resultOf, writeBackup } from './write-backup.ts';
import type { PartSink } from './write-parts.ts';

export interface BackupOptions {
  /** A name of the user's own; without one the time and the content make it. */
  readonly name?: string;
  /** A `conflict` is what was refused, and is kept all the same: nothing is asked of it, and it takes no other's place. */
  readonly kind?: BackupKind;
  readonly trigger: string;
  /** Writes even where rows were lost, in these tables or in all; in all, also where a restore failed. */
  readonly allowShrink?: AllowShrink;
  /** Writes also what was made for development, or looks so: it is the data from now on. */
  readonly evenFakes?: boolean;
  /** Says what would be written, and writes nothing. */
  readonly dryRun?: boolean;
  /** Branches that are not the default one leave the pointer alone, so that they merge. */
  readonly leavePointer?: boolean;
  /** Where backups are that this one is compared with if the store has none yet. */
  readonly elsewhere?: ReadableStore;
  readonly onProgress?: OnProgress;
}

export interface BackupResult extends LeftOut {
  readonly status: 'created' | 'unchanged';
  readonly name: string;
  readonly date: string;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesWritten: number;
  /** What was saved beside the rows, where the project names folders. */
  readonly files?: FilesSaid;
  /** Rows that point to rows that are left out, in sentences. */
  readonly dangling?: readonly string[];
  /** Columns of tables that no backup had yet whose values look private, and that nobody said anything about. */
  readonly suspects?: readonly Suspect[];
  /** Definitions that no backup had yet in which something looks like a secret. */
  readonly suspectDefinitions?: readonly SuspectDefinition[];
  /** Columns that are left out from now on, and stand in older backups. */
  readonly stillInOlder?: readonly string[];
  /** Folders that are to be saved beside the rows and are not there: new ones, or misspelt. */
  readonly foldersMissing?: readonly string[];
  /** The newest backup before, where the database never had what is in it. */
  readonly passedOver?: PassedOver;
  /** There was a hold, from a restore that failed, and it is no more. */
  readonly holdLifted?: true;
}

/**
 * Writes a backup if anything changed: parts, then manifest, then pointer, each on the disk before the next. Throws
 * ANOTHER_DATABASE where the backups there are of another, HELD where a restore failed before, BACKUP_EMPTY or BACKUP_SHRUNK where rows were lost, NAME_TAKEN, BUSY, and what engine and store throw; whatever it
 * throws, the backups there are stay as they are.
 */
export async function backup(project: Project, options: BackupOptions): Promise<BackupResult> {
  if (options.dryRun) return save(project, options);
  try {
    const result = await save(project, options);
    if (options.kind !== 'conflict') forgetFailure(project.local, project.database.id);
    return result;
  } catch (error) {
    noteFailedAttempt(project, options.trigger, error);
    throw error;
  }
}

async function save(project: Project, options: BackupOptions): Promise<BackupResult> {
  const wanted = options.name === undefined ? undefined : userName(options.name);
  const { local, store, wait } = project;
  return withLock(local, store.id, wait, () =>
    options.dryRun
      ? saveTo(undefined, project, options, wanted)
      : store.batch((into) => saveTo(into, { ...project, store: into }, options, wanted)),
  );
}

/**
 * Without a batch, nothing is written. What is known of the reading before must never keep a backup from being made: where something does not
 * fit together, it is forgotten, and everything is read.
 */
async function saveTo(
  into: Batch | undefined,
  project: Project,
  options: BackupOptions,
  wanted: string | undefined,
): Promise<BackupResult> {
  try {
    return await saveOnce(into, project, options, wanted);
  } catch (error) {
    if (!(error instanceof NotAsBefore)) throw error;
    forgetReading(project);
    return saveOnce(into, project, options, wanted);
  }
}

async function saveOnce(
  into: Batch | undefined,
  project: Project,
  options: BackupOptions,
  wanted: string | undefined,
): Promise<BackupResult> {
  await tidyAside(project);
  const hold = readHold(project.local, project.database.id);
  if (hold !== undefined && !isAllowed(hold, options)) throw whyHeld(project, hold);
  const before = await lookBack(project);
  const { newest } = before;
  const allow = options.allowShrink ?? false;
  if (newest === undefined && allow !== true && options.kind !== 'conflict') await mustBeCheckedOut(project);
  if (wanted !== undefined && (await project.store.list('top')).has(manifestFile(wanted))) throw nameTaken(wanted)();
  const sealing = await beginSealing(project, newest, before.encrypted);
  // Taken before the database is read: what is written meanwhile is not in the backup.
  const stamp = await project.database.fingerprint();
  const isOrdinary = wanted === undefined && options.kind !== 'conflict' && hold === undefined;
  const isWhole = newest !== undefined && before.rows === newest.manifest.metadata.rows;
  if (isOrdinary && sealing === undefined && isWhole && (await isAsSaved(project, newest, stamp))) {
    if (into !== undefined) {
      await mendPointer(into, newest, options);
      rememberPassedOver(project, undefined, undefined, options.trigger);
    }
    const { metadata } = newest.manifest;
    return resultOf('unchanged', newest.name, metadata, { ...metadata, bytesWritten: 0 });
  }
  const noted = sealing === undefined ? knownOf(project, newest) : undefined;
  const read = await project.database.read(scratchOf(project), selecting(project), noted?.notes);
  try {
    // What came meanwhile may be in what is read.
    mustBeHeldAs(project, hold);
    if (options.evenFakes !== true && options.kind !== 'conflict') await mustNotLookMadeUp(project, read);
    const beside = filesBeside(project);
    const total = read.tables.reduce((sum, table) => sum + table.rows, 0);
    const judged =
      options.kind === 'conflict'
        ? UNJUDGED
        : await mustLoseNothing(project, read, await comparedWith(project, before, options), allow);
    const known = await contentsOf(project, project.store, newest);
    const meant = options.kind === 'conflict' ? [] : (beside?.judge(before, known, allow) ?? []);
    await mustBeRestorable(read, project.database.label, known?.manifest.schema);
    const notes = await notesOn(project, read, known?.manifest);
    const { put: sink, removeNewParts } = await sinkOf(project, into);
    const values = watchForValues(judged.columns);
    const target = sealing?.into(sink) ?? sink;
    const collectAll = async () => {
      // The rows stay as they are, however long it takes until they are read; files do not.
      await beside?.save(target, newest, known, sealing);
      const rows = await collectInto(target, read, options, total, values, noted);
      mustBeHeldAs(project, hold);
      return beside?.with(rows) ?? rows;
    };
    const collected = await collectAll().catch(async (error) => {
      await removeNewParts();
      throw error;
    });
    const content = sealing?.contentOf(collected.digest, read.leftOut) ?? collected.digest;
    const isNamed = newest !== undefined && (sealing?.isIn(collected.content, newest.manifest) ?? true);
    if (newest !== undefined && isNamed && wanted === undefined && isSame(newest, content, read.leftOut)) {
      if (into !== undefined) {
        await mendPointer(into, newest, options);
        noteLineage(project.local, project.database.id, lineageTo(newest.name, newest.manifest.metadata, stamp));
        beside?.note(newest);
        rememberPassedOver(project, undefined, undefined, options.trigger);
      }
      return {
        ...resultOf('unchanged', newest.name, { ...newest.manifest.metadata, ...read.leftOut }, collected),
        ...saidBy(beside),
        ...notes,
        ...lift(project, options, hold),
      };
    }
    const empty = await values.empty(read);
    const isNewest = into !== undefined && options.kind !== 'conflict';
    const from = lineageOf(project.local, project.database.id);
    const passedOver = isNewest ? aboutToPassOver(project, from, newest) : undefined;
    const note = isNewest && newest !== undefined && sealing === undefined ? await noteReading(read, noted) : undefined;
    const writing = writeBackup({
      into,
      project,
      options,
      collected,
      leftOut: read.leftOut,
      memoryOf: (date) => withMeant(judged.memory(date, empty), meant, date),
      wanted,
      newest,
      sink,
      sealing,
      stamp,
      note,
      beside: options.kind === 'conflict' ? undefined : beside,
    });
    // Nothing is read any more, and to delete a copy takes time.
    const [written, closed] = await Promise.allSettled([writing, read.close()]);
    if (written.status === 'rejected') throw written.reason;
    if (closed.status === 'rejected') throw closed.reason;
    if (isNewest) rememberPassedOver(project, from, passedOver, options.trigger);
    const passed = passedOver === undefined ? {} : { passedOver };
    return { ...written.value, ...saidBy(beside), ...notes, ...passed, ...lift(project, options, hold) };
  } finally {
    await read.close();
  }
}

/** Folders of which files were meant to go are remembered as tables are. */
const withMeant = (memory: Memory, folders: readonly string[], date: Date): Memory =>
  new Map([...memory, ...folders.map((name) => [name, { ...memory.get(name), meant: date.toISOString() }] as const)]);

const saidBy = (beside: FilesBeside | undefined) => (beside === undefined ? {} : { files: beside.said() });

/** What is kept aside is compared with nothing, and so remembers nothing. */
const UNJUDGED: Judged = {
  memory: () => NO_MEMORY,
  columns: { empty: new Map(), believed: new Map(), nulled: [] },
};

async function comparedWith(project: Project, before: Before, { elsewhere }: BackupOptions): Promise<Before> {
  return elsewhere === undefined || before.newest !== undefined || before.rows > 0
    ? before
    : lookBack({ ...project, store: elsewhere });
}

const isAllowed = ({ madeFor }: Hold, { allowShrink, evenFakes }: BackupOptions) =>
  (madeFor === undefined ? allowShrink : evenFakes) === true;

/** A restore goes on beside a backup. Throws HELD where another hold came since it was asked, which nobody allowed. */
function mustBeHeldAs(project: Project, allowed: Hold | undefined): void {
  const now = readHold(project.local, project.database.id);
  if (now !== undefined && !isDeepStrictEqual(now, allowed)) throw whyHeld(project, now);
}

/** What is written is meant to be the data now: the hold that was allowed goes, and no other. */
function lift(
  { local, database: { id } }: Project,
  { dryRun, evenFakes }: BackupOptions,
  allowed: Hold | undefined,
): Pick<BackupResult, 'holdLifted'> {
  if (dryRun || !isDeepStrictEqual(readHold(local, id), allowed)) return {};
  if (evenFakes) noteReal(local, id);
  return allowed !== undefined && liftHold(local, id) ? { holdLifted: true } : {};
}

/** A folder for what reading needs, empty: what a backup that died left in it goes. The caller holds the store's lock. */
function scratchOf(project: Project): string {
  const folder = createHash('sha256').update(project.store.id).digest('hex').slice(0, 16);
  return emptyLocalFolder(project.local, 'scratch', folder);
}

async function sinkOf({ store }: Project, into: Batch | undefined): Promise<RevocableSink> {
  if (into !== undefined) return revocableSink(into);
  const present = await store.list('parts');
  return { put: async (file, bytes) => (present.has(file) ? 0 : bytes.length), removeNewParts: async () => {} };
}

async function collectInto(
  sink: PartSink,
  read: Read,
  options: BackupOptions,
  total: number,
  values: ValueWatch,
  noted: Known | undefined,
): Promise<Collected> {
  const onProgress = options.onProgress ?? silent;
  let done = 0;
  const onRows = (rows: number) => {
    done += rows;
    onProgress('saving', done, total);
  };
  return collect(read, sink, onRows, values.part, noted);
}

/** Whether the newest whole backup says the same, under a name that is its own. */
function isSame({ name, manifest, digest }: Opened, same: Metadata['content'], leftOut: LeftOut): boolean {
  const { content, backup_date } = manifest.metadata;
  // The keyed digest of an encrypted one is of what is left out, too.
  const says = content === same && (isSealed(manifest) || leavesOutTheSame(manifest.metadata, leftOut));
  return says && !isMisnamed(name, backup_date, digest);
}
