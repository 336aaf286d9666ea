import { type Chain, chainOf } from '../core/chain/chain.ts';
import type { StoreFacts } from '../core/chain/facts.ts';
import { isFromTheFuture } from '../core/chain/future.ts';
import { isHindrance } from '../core/damage.ts';
import type { Light } from '../core/decide.ts';
import { reasonOf } from '../core/errors.ts';
import type { Metadata } from '../core/manifest.ts';
import { type LeftOut, leftOutOf, saysTheSame } from '../core/privacy/left-out.ts';
import { totalRows } from '../format/rows-by-table.ts';
import { failedAttempt } from '../local/attempt.ts';
import { type Hold, holdOf } from '../local/hold.ts';
import { passedOverIn } from '../local/passed-over.ts';
import { previewBoot } from './auto-restore.ts';
import { bootFromFolder } from './boot-from-folder.ts';
import { type Catalog, checkPointer, type Entry, readCatalog, type Skipped } from './catalog.ts';
import { settleMark } from './development/mark.ts';
import { whyHeld } from './development/why-held.ts';
import type { Effort } from './effort.ts';
import { lookInGit } from './in-git.ts';
import { copyFacts, type StoreStatus, storeStatus } from './look-at-copies.ts';
import { lookAtDatabase } from './look-at-database.ts';
import { newestFacts, openNewest } from './look-at-newest.ts';
import { mustBeCheckedOut } from './must-be-checked-out.ts';
import { troubleOf } from './newest-files.ts';
import { nothingBroughtBack, nothingWritten } from './not-writable.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';

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
      rows: database.counts && totalRows(database.counts),
    },
    environment: project.environment,
    host: project.runsOn,
    newest: newest && { ...newest, ageSeconds: secondsSince(newest.metadata.backup_date, project.now()) },
    backups: catalog.entries.length,
    leftOut: leftOutOf(database.leftOut ?? opened?.manifest?.metadata ?? newest?.metadata ?? {}),
    unreadable: catalog.unreadable,
    hold,
    stores: copies.map(storeStatus),
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

const secondsSince = (date: string, now: Date) => Math.max(0, Math.round((now.getTime() - Date.parse(date)) / 1000));

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
