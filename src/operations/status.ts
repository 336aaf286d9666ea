import { type Chain, chainOf } from '../core/chain/chain.ts';
import type { CopyFacts, DatabaseFacts, NewestFacts, StoreFacts } from '../core/chain/facts.ts';
import { isFromTheFuture } from '../core/chain/future.ts';
import { isHindrance } from '../core/damage.ts';
import { emptiness, type Light } from '../core/decide.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import type { Manifest, Metadata } from '../core/manifest.ts';
import { type LeftOut, leftOutOf, saysTheSame } from '../core/privacy/left-out.ts';
import { failedAttempt } from '../local/attempt.ts';
import { knownCopy } from '../local/copied.ts';
import { drillsOf } from '../local/drills.ts';
import { type Hold, holdOf } from '../local/hold.ts';
import { passedOverIn } from '../local/passed-over.ts';
import { previewBoot } from './auto-restore.ts';
import { bootFromFolder } from './boot-from-folder.ts';
import {
  type Catalog,
  checkPointer,
  type Entry,
  type Opened,
  openBackup,
  readCatalog,
  type Skipped,
} from './catalog.ts';
import { compareFiles } from './compare-files.ts';
import { compareWithNewest, countsWithoutLook } from './compare-newest.ts';
import { settleMark } from './development/mark.ts';
import { whyHeld } from './development/why-held.ts';
import { lookInGit } from './in-git.ts';
import { mustBeCheckedOut } from './must-be-checked-out.ts';
import { lookAtFiles, troubleOf } from './newest-files.ts';
import { nothingBroughtBack, nothingWritten } from './not-writable.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';
import { selecting } from './secrets.ts';
import { unseal } from './unseal.ts';

/** Green: it has the newest backup, or one was handed over when it was due. Yellow: not yet, as far as is known. Red: the last try failed. */
export interface StoreStatus {
  readonly store: string;
  readonly light: Light;
  /** Nothing can be read from it: whether what was handed over arrived nobody knows. */
  readonly handedOver?: true;
  /** The newest backup that got there, and when. */
  readonly last: { readonly name: string; readonly date: string } | undefined;
  /** What is amiss, and since when nothing got there. */
  readonly problem: { readonly message: string; readonly since: string } | undefined;
}

export interface Status {
  readonly light: Light;
  /** From the rows of now to a start of the app elsewhere; the light is the worst of its steps. */
  readonly chain: Chain;
  readonly database: {
    readonly path: string;
    /** It may be there and unreadable. */
    readonly isThere: boolean;
    /** Only of a file, as when it was written to. */
    readonly bytes: number | undefined;
    readonly modified: string | undefined;
    readonly tables: number | undefined;
    readonly rows: number | undefined;
  };
  readonly environment: string;
  readonly host: Project['runsOn'];
  readonly newest: { readonly name: string; readonly metadata: Metadata; readonly ageSeconds: number } | undefined;
  readonly backups: number;
  /** What backups leave out of the database as it is now, or, where there is none, of the newest one. */
  readonly leftOut: LeftOut;
  readonly unreadable: readonly Skipped[];
  /** What keeps backups from being written, where a restore failed. */
  readonly hold: Hold | undefined;
  /** How it goes with each of the other places that are to have every backup. */
  readonly stores: readonly StoreStatus[];
  /** What a start of the app would do now, in words that follow "would". */
  readonly boot: string;
}

/** `quick` reads only what is small. `thorough` reads whatever it takes to know, short of a restore. */
export type Effort = 'quick' | 'thorough';

/** Says how safe the data is and why. Troubles are answers here, not errors; nothing is changed but what this machine remembers. */
export async function status(project: Project, effort: Effort = 'quick'): Promise<Status> {
  const { catalog, trouble } = await lookAtStore(project);
  const [newest] = catalog.entries;
  const opened = newest && (await openNewest(project, newest));
  const database = await lookAtDatabase(project, opened?.manifest);
  await settleMark(project);
  const hold = holdOf(project.local, project.database.id);
  const [git, pointer, boot, ifLost, about] = await Promise.all([
    lookInGit(project, catalog, opened?.opened),
    pointerProblem(project, catalog),
    previewBoot(project),
    bootFromFolder(project, catalog, newest, opened?.failure),
    newest && opened && newestFacts(project, newest, opened, database, effort),
  ]);
  const store: StoreFacts = {
    trouble,
    newest: about,
    notWritable: nothingWritten(project, effort === 'thorough'),
    notCheckedOut: newest === undefined && trouble === undefined ? await notCheckedOut(project) : undefined,
    unreadable: catalog.unreadable.map(({ reason }) => reason),
    pointer,
    fromTheFuture: catalog.entries
      .filter(({ metadata }) => isFromTheFuture(Date.parse(metadata.backup_date), project.now()))
      .map(({ name }) => name),
    passedOver: passedOverIn(project.local, project.store.id).find(({ name }) => isPassedOver(name, catalog.entries)),
    aside: catalog.conflicts.filter((each) => !isTakenIn(each, catalog.entries)).map(({ name }) => name),
  };
  const copies = copyFacts(project, newest);
  const chain = chainOf({
    now: project.now(),
    database: database.facts,
    store,
    hold: hold && { ...troubleOf(whyHeld(project, hold)), ...(hold.madeFor === undefined ? {} : { isMeant: true }) },
    attempt: attemptFacts(project),
    git,
    copies,
    host: project.runsOn,
    boot: {
      now: boot.words,
      refuses: boot.refuses,
      notWritable: nothingBroughtBack(project, effort === 'thorough'),
      ifLost,
    },
  });
  return {
    light: chain.light,
    chain,
    database: {
      path: project.database.label,
      isThere: database.isThere,
      bytes: database.bytes,
      modified: database.modified,
      tables: database.counts?.size,
      rows: database.counts && sum(database.counts),
    },
    environment: project.environment,
    host: project.runsOn,
    newest: newest && { ...newest, ageSeconds: secondsSince(newest.metadata.backup_date, project.now()) },
    backups: catalog.entries.length,
    leftOut: leftOutOf(database.leftOut ?? opened?.manifest?.metadata ?? newest?.metadata ?? {}),
    unreadable: catalog.unreadable,
    hold,
    stores: copies.map(lightOf),
    boot: boot.words,
  };
}

/** What was restored and saved since is an ordinary backup again. */
const isTakenIn = ({ metadata }: Entry, entries: readonly Entry[]) =>
  entries.some((each) => each.metadata.backup_date > metadata.backup_date && saysTheSame(each.metadata, metadata));

/** Until it is removed, or saved again: then the newest has it. */
function isPassedOver(name: string, entries: readonly Entry[]): boolean {
  const entry = entries.find((each) => each.name === name);
  return entry !== undefined && entry !== entries[0] && !isTakenIn(entry, entries);
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, rows) => total + rows, 0);

const secondsSince = (date: string, now: Date) => Math.max(0, Math.round((now.getTime() - Date.parse(date)) / 1000));

interface DatabaseLook {
  readonly isThere: boolean;
  readonly facts: DatabaseFacts;
  readonly counts: ReadonlyMap<string, number> | undefined;
  readonly bytes: number | undefined;
  readonly modified: string | undefined;
  readonly leftOut: LeftOut | undefined;
}

async function lookAtDatabase(project: Project, newest: Manifest | undefined): Promise<DatabaseLook> {
  const file = project.database.file?.seen();
  const seen = { bytes: file?.bytes, modified: file?.modified.toISOString() };
  try {
    const state = await project.database.state(project.ignoreTables);
    const empty = emptiness(state);
    const hasTables = empty === undefined || state.kind === 'no-rows';
    const known = newest && (await countsWithoutLook(project, newest));
    const none = state.kind === 'missing' ? undefined : new Map<string, number>();
    const counts = hasTables ? (known ?? (await project.database.counts())) : none;
    const { leftOut, cannotBeSaved } = await lookAtPrivacy(project, hasTables);
    const facts: DatabaseFacts =
      empty === undefined
        ? { kind: 'rows', rows: counts === undefined ? 0 : sum(counts), cannotBeSaved }
        : { kind: 'empty', why: empty, cannotBeSaved };
    return { facts, isThere: state.kind !== 'missing', counts, leftOut, ...seen };
  } catch (error) {
    const facts: DatabaseFacts = { kind: 'unreadable', trouble: troubleOf(error) };
    return { facts, isThere: true, counts: undefined, leftOut: undefined, ...seen };
  }
}

/** A configuration that cannot be carried out keeps every backup from being written. */
async function lookAtPrivacy(project: Project, hasTables: boolean) {
  if (!hasTables) return { leftOut: undefined, cannotBeSaved: undefined };
  try {
    return { leftOut: selecting(project)((await project.database.describe()).shapes), cannotBeSaved: undefined };
  } catch (error) {
    return { leftOut: undefined, cannotBeSaved: troubleOf(error, 'No backup can be written: ') };
  }
}

async function lookAtStore(project: Project): Promise<Pick<StoreFacts, 'trouble'> & { readonly catalog: Catalog }> {
  let catalog: Catalog = { entries: [], conflicts: [], unreadable: [] };
  try {
    catalog = await readCatalog(project.store);
  } catch (error) {
    return { catalog, trouble: troubleOf(error, 'The backups cannot be looked at: ') };
  }
  try {
    mustBeOurs(project, project.store.label, catalog.entries);
    return { catalog, trouble: undefined };
  } catch (error) {
    return { catalog, trouble: troubleOf(error) };
  }
}

async function notCheckedOut(project: Project): Promise<StoreFacts['notCheckedOut']> {
  return mustBeCheckedOut(project).then(() => undefined, troubleOf);
}

/** The newest backup, opened as far as it can be opened here. */
interface NewestOpened {
  readonly opened: Opened | undefined;
  readonly manifest: Manifest | undefined;
  readonly failure: unknown;
}

async function openNewest({ store, encryption }: Project, newest: Entry): Promise<NewestOpened> {
  let opened: Opened | undefined;
  try {
    opened = await openBackup(store, newest.name);
    return { opened, manifest: (await unseal(encryption, store, opened)).manifest, failure: undefined };
  } catch (failure) {
    return { opened, manifest: undefined, failure };
  }
}

async function newestFacts(
  project: Project,
  newest: Entry,
  { opened, manifest, failure }: NewestOpened,
  { facts, counts, bytes }: DatabaseLook,
  effort: Effort,
): Promise<NewestFacts> {
  const { name, metadata } = newest;
  const drill = opened && drillsOf(project.local, project.store.id)[opened.digest];
  const isShut = failure instanceof OverwinterError && failure.code === 'WRONG_KEY';
  const looked =
    opened === undefined || (failure !== undefined && !isShut)
      ? undefined
      : await lookAtFiles(project, opened, drill, effort);
  const beside = opened && (await compareFiles(project, opened, manifest, effort));
  return {
    name,
    date: metadata.backup_date,
    rows: metadata.rows,
    ...(beside === undefined ? {} : { beside }),
    environment: metadata.origin.environment,
    drill,
    database:
      facts.kind === 'rows' && counts !== undefined
        ? await compareWithNewest(project, newest, manifest, { counts, bytes: bytes ?? metadata.bytes, effort })
        : { kind: 'unknown' },
    files:
      looked === undefined
        ? {
            kind: 'damaged',
            what: opened === undefined ? 'manifest' : 'parts',
            trouble: troubleOf(failure, 'The newest backup cannot be restored: '),
          }
        : isShut && looked.kind !== 'damaged'
          ? { kind: 'shut', trouble: troubleOf(failure, 'The newest backup cannot be restored here: ') }
          : looked,
  };
}

/** On another branch than the default one the pointer is left where it was, so that branches merge. */
async function pointerProblem(project: Project, catalog: Catalog): Promise<string | undefined> {
  const { problem, isStale } = await checkPointer(project.store, catalog).catch((error: unknown) => {
    if (!isHindrance(error)) throw error;
    return { problem: `the pointer: ${reasonOf(error)}`, isStale: false };
  });
  if (!isStale) return problem;
  const repository = await project.repository?.().catch(() => undefined);
  if (repository === undefined) return problem;
  const { branchAndDefault } = await import('../git/branches.ts');
  const { branch, main } = await branchAndDefault(repository);
  return branch === main ? problem : undefined;
}

function attemptFacts({ local, database }: Project) {
  const failed = failedAttempt(local, database.id);
  return failed && { ...failed, text: failed.message };
}

function lightOf({ label, isNewest, handedOver, last, failure }: CopyFacts): StoreStatus {
  const problem = failure && { message: failure.text, since: failure.since };
  const isFine = handedOver === undefined ? isNewest : !handedOver.isDue;
  const light = failure === undefined ? (isFine ? 'green' : 'yellow') : 'red';
  return { store: label, light, ...(handedOver === undefined ? {} : { handedOver: true }), last, problem };
}

/** A mail that is a little late is none that is missing. */
const LATE_BY = 1.25;

function copyFacts({ remotes = [], local, store, now }: Project, newest: Entry | undefined): CopyFacts[] {
  return remotes.map(({ label, id, sentEvery }) => {
    const { name, date, failure } = knownCopy(local, store.id, id);
    const isNewest = newest !== undefined && name === newest.name;
    const age = date === undefined ? Number.POSITIVE_INFINITY : now().getTime() - Date.parse(date);
    return {
      label,
      isNewest,
      ...(sentEvery === undefined ? {} : { handedOver: { isDue: !isNewest && age > sentEvery * LATE_BY } }),
      last: name === undefined || date === undefined ? undefined : { name, date },
      failure: failure && { text: failure.message, hint: failure.hint, since: failure.since },
    };
  });
}
