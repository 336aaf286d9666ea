import { emptiness } from '../core/decide.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { type Hold, holdOf, placeHold } from '../local/hold.ts';
import { BINARY_SOURCE, freshBinaryCopy, restoreBinaryCopy } from './binary-copy.ts';
import { bringBackFiles, filesToBring, lacksFiles } from './bring-files.ts';
import { type Entry, openBackup, readCatalog } from './catalog.ts';
import { lockDatabase } from './lock-database.ts';
import { mustBeCheckedOut } from './must-be-checked-out.ts';
import { newestReady } from './newest.ts';
import { mustBeOurs } from './ours.ts';
import type { FilesRestored } from './place-files.ts';
import type { OnProgress, Project } from './project.ts';
import { tidyAside } from './replace.ts';
import { type RestoreResult, restoreLocked } from './restore.ts';
import { type Chosen, chooseBackup } from './sources.ts';
import { mustOpen } from './unseal.ts';

export interface Restored extends RestoreResult {
  readonly restored: true;
  /** Why it was to be restored, as a sentence's end. */
  readonly reason: string;
  /** Where the backup was. */
  readonly source: string;
  /** What somebody may want to know of how it was chosen. */
  readonly notes: readonly string[];
}

export interface LeftAlone {
  readonly restored: false;
  readonly reason: string;
  /** Files that came back into folders that were empty or gone, and the backup they were in. */
  readonly files?: FilesRestored & { readonly name: string };
  /** A restore failed earlier, and the database has data now, or it was made for development: no backup of it is written. */
  readonly hold?: Hold;
  /** Why the app starts without its data, where it was told to. */
  readonly failure?: unknown;
}

/**
 * What a boot did: whether it restored, and why or why not.
 * @example
 * ```ts
 * import type { AutoRestoreResult } from 'overwinter';
 * export const isFresh = (result: AutoRestoreResult) => !result.restored && result.failure === undefined;
 * ```
 */
export type AutoRestoreResult = Restored | LeftAlone;

/** Who boots together waits for the one that restores, however large the database. */
const PATIENCE_MS = 60_000;

/**
 * What boot does: restores the newest intact backup if the database is missing or empty, and otherwise leaves everything
 * alone. Having no backup at all is an answer, because a first boot has none. Throws what `restore` throws, and then a hold
 * is left behind.
 */
export async function autoRestore(project: Project, onProgress?: OnProgress): Promise<AutoRestoreResult> {
  await tidyAside(project);
  const wasMade = madeForSomething(project);
  if (wasMade !== undefined) return wasMade;
  if ((await reasonToRestore(project)) === undefined && !lacksFiles(project)) return leftAlone(project);
  let isLocked = false;
  const work = async () => {
    isLocked = true;
    // Another process may have restored while this one waited.
    const need = await reasonToRestore(project);
    return need === undefined ? bringFiles(project) : restoreOrHold(project, need, onProgress);
  };
  return lockDatabase(project, project.database, Math.max(project.wait, PATIENCE_MS), work).catch((error: unknown) => {
    // The database is empty, and a start that goes on without the lock, or without us, writes into it.
    if (!isLocked && !isBusy(error)) leaveHold(project, error);
    throw error;
  });
}

/** Where somebody had fakes, a start brings nothing else: not even if the database is gone. */
function madeForSomething(project: Project): LeftAlone | undefined {
  const hold = holdOf(project.local, project.database.id);
  if (hold?.madeFor === undefined) return undefined;
  return { restored: false, reason: hold.reason, hold };
}

const isBusy = (error: unknown) => error instanceof OverwinterError && error.code === 'BUSY';

interface Need {
  readonly reason: string;
  /** What is wrong with the database, where it is not just empty. */
  readonly corrupt?: unknown;
}

/** Undefined where the database holds data. Throws what is wrong with it, unless it is to be restored then. */
async function reasonToRestore(project: Project): Promise<Need | undefined> {
  try {
    const reason = emptiness(await project.database.state(project.ignoreTables));
    return reason === undefined ? undefined : { reason };
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    const unreadable = code === 'DATABASE_CORRUPT' || code === 'DATABASE_NOT_SQLITE';
    if (unreadable && project.boot?.onCorrupt === 'restore')
      return { reason: 'the database cannot be read', corrupt: error };
    throw error;
  }
}

function leftAlone(project: Project): LeftAlone {
  const hold = holdOf(project.local, project.database.id);
  return { restored: false, reason: 'the database has data', ...(hold === undefined ? {} : { hold }) };
}

/** The rows are there, and their files are not: on a host that keeps a database elsewhere and forgets its disk. */
async function bringFiles(project: Project): Promise<LeftAlone> {
  const alone = leftAlone(project);
  if (!lacksFiles(project)) return alone;
  try {
    const files = await bringBackFiles(project);
    if (files === undefined) return alone;
    return { ...alone, reason: `${alone.reason}, and its files came back from ${files.name}`, files };
  } catch (error) {
    if (project.boot?.onFailure !== 'start-empty') throw error;
    return { ...alone, reason: `${alone.reason}, and bringing its files back failed: ${reasonOf(error)}` };
  }
}

async function restoreOrHold(project: Project, { reason, corrupt }: Need, onProgress?: OnProgress) {
  let chosen: Chosen<RestoreResult> | undefined;
  try {
    chosen =
      (await fromBinaryCopy(project)) ??
      (await chooseBackup(project, (from, among) =>
        restoreLocked(
          project,
          { name: 'latest', from, among, ...(onProgress === undefined ? {} : { onProgress }) },
          project.database,
        ),
      ));
    if (chosen === undefined) await mustBeCheckedOut(project);
  } catch (error) {
    leaveHold(project, error);
    if (project.boot?.onFailure !== 'start-empty' || corrupt !== undefined) throw error;
    const why = `${reason}, and restoring it failed: ${reasonOf(error)}`;
    return { restored: false, reason: why, failure: error } as const;
  }
  if (chosen !== undefined) {
    const { found, source, notes } = chosen;
    return { restored: true, reason, ...found, source, notes } as const;
  }
  if (corrupt !== undefined) throw corrupt;
  return { restored: false, reason: `${reason}, and there is no backup yet` } as const;
}

/** The same data as the newest backup's, or newer, and sooner there. */
async function fromBinaryCopy(project: Project): Promise<Chosen<RestoreResult> | undefined> {
  const copy = await freshBinaryCopy(project);
  const found = copy && (await restoreBinaryCopy(project, copy));
  if (found === undefined) return undefined;
  // It is beside the files on the same disk; where they are gone all the same, they are of its backup or a later one.
  const files = lacksFiles(project) ? await bringBackFiles(project) : undefined;
  return { found: { ...found, ...(files === undefined ? {} : { files }) }, source: BINARY_SOURCE, notes: [] };
}

/** A disk that takes no hold takes no backup either: the restore's own failure is what matters. */
function leaveHold(project: Project, error: unknown): void {
  try {
    placeHold(project.local, project.database.id, reasonOf(error), project.now());
  } catch (second) {
    if (!(second instanceof OverwinterError)) throw second;
  }
}

const LEAVE = 'leave the database as it is';

export interface BootPreview {
  /** In words that follow "would". */
  readonly words: string;
  readonly refuses: boolean;
}

/** What `autoRestore` would do now. Changes nothing, and reads as little as it can. */
export async function previewBoot(project: Project): Promise<BootPreview> {
  const goesOn = (words: string): BootPreview => ({ words, refuses: false });
  const refuse = (why: string): BootPreview => ({ words: `refuse to start: ${why}`, refuses: true });
  try {
    const made = madeForSomething(project);
    const need = await reasonToRestore(project).catch((error: unknown) => {
      // A start does not even look.
      if (made === undefined) throw error;
    });
    if (made !== undefined)
      return goesOn(need === undefined ? LEAVE : `restore nothing, although ${need.reason}: ${made.reason}`);
    if (need === undefined)
      return goesOn(`${LEAVE}${(await filesToBring(project)) ? ', and bring its files back' : ''}`);
    const copy = await freshBinaryCopy(project);
    if (copy !== undefined)
      return goesOn(`restore ${copy.of} of ${copy.environment} from ${BINARY_SOURCE}: ${need.reason}`);
    const chosen = await chooseBackup(project, async (store, among): Promise<Entry> => {
      const entry = await newestReady(store, await readCatalog(store), among);
      mustBeOurs(project, store.label, [entry]);
      await mustOpen(project.encryption, store, await openBackup(store, entry.name));
      return entry;
    });
    if (chosen === undefined) await mustBeCheckedOut(project);
    if (chosen === undefined)
      return need.corrupt === undefined
        ? goesOn(`start empty: ${need.reason}, and there is no backup`)
        : refuse('the database cannot be read, and there is no backup');
    const { name, metadata } = chosen.found;
    return goesOn(`restore ${name} of ${metadata.origin.environment} from ${chosen.source}: ${need.reason}`);
  } catch (error) {
    const startsEmpty = project.boot?.onFailure === 'start-empty' && (await reasonOfEmptiness(project)) !== undefined;
    return startsEmpty ? goesOn(`start empty: ${reasonOf(error)}`) : refuse(reasonOf(error));
  }
}

async function reasonOfEmptiness(project: Project): Promise<string | undefined> {
  try {
    return emptiness(await project.database.state(project.ignoreTables));
  } catch {
    return undefined;
  }
}
