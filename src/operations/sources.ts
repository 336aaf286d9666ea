import { OverwinterError, reasonOf } from '../core/errors.ts';
import { ownBackupsDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Entry, readCatalog } from './catalog.ts';
import { newestDate } from './newest.ts';
import type { Project } from './project.ts';
import { type Reachable, remotesOf } from './remotes.ts';

export interface Chosen<T> {
  readonly found: T;
  /** Where it was. */
  readonly source: string;
  /** What somebody may want to know of how it was chosen. */
  readonly notes: readonly string[];
}

type Among = (entry: Entry) => boolean;
const everyOne: Among = () => true;

/**
 * Where a start of the app takes its backup from: this environment's own (or those of `from`) in any source come before
 * those of any other. Where own ones are there and none is intact, another environment's are not used: a laptop's data is not
 * production's. `use` gets a store and which of its backups are meant; it throws NO_BACKUP or BACKUP_DAMAGED to be asked for
 * the next. Undefined where there is no backup at all.
 */
export async function chooseBackup<T>(
  project: Project,
  use: (store: ReadableStore, among: Among) => Promise<T>,
): Promise<Chosen<T> | undefined> {
  const wanted = project.boot?.from ?? project.environment;
  const isWanted: Among = ({ metadata }) => metadata.origin.environment === wanted;
  const remotes = remotesOf(project);
  const ofWanted = remotes.map((remote) => remote.only(wanted));
  const ownOrder = await inOrder(project.store, ofWanted, isWanted);
  const own = await firstOf(ownOrder, (store) => use(store, isWanted));
  if (own.chosen !== undefined) return own.chosen;
  if (ownOrder.unreachable !== undefined) throw ownOrder.unreachable;
  if (own.damaged !== undefined) throw await refusal(ownOrder.stores, wanted, own.damaged);
  const any = await firstOf(await inOrder(project.store, remotes, everyOne), (store) => use(store, everyOne));
  if (any.chosen === undefined) {
    if (any.damaged !== undefined) throw any.damaged;
    return undefined;
  }
  const note = `there is no backup of the environment '${wanted}', so the newest of any other was taken`;
  return { ...any.chosen, notes: [...any.chosen.notes, note] };
}

interface InOrder {
  /** Those that could be asked. */
  readonly stores: readonly ReadableStore[];
  readonly notes: readonly string[];
  /** Why one could not. */
  readonly unreachable: unknown;
}

/**
 * The folder and all other places, the one with the newest backup first; the folder before what is as new. They are asked at once. One
 * that cannot be asked may have the newest, and older data in the place of what is there would be lost data: so throws where that is
 * the first of them, which every backup is meant to reach. The others may be out of reach, or silent, without keeping an app from its start.
 */
async function inOrder(folder: ReadableStore, remotes: readonly Reachable[], isWanted: Among): Promise<InOrder> {
  if (remotes.length === 0) return { stores: [folder], notes: [], unreachable: undefined };
  const dateIn = (store: ReadableStore) => newestDate(store, isWanted);
  const asked = await Promise.allSettled([dateIn(folder), ...remotes.map((remote) => remote.soon(dateIn))]);
  const dated: { readonly store: ReadableStore; readonly newest: string }[] = [];
  const notes: string[] = [];
  let unreachable: unknown;
  for (const [at, store] of [folder, ...remotes.map((remote) => remote.store)].entries()) {
    const answer = asked[at];
    if (answer?.status === 'fulfilled') {
      dated.push({ store, newest: answer.value ?? '' });
      continue;
    }
    const reason: unknown = answer?.reason;
    if (at <= 1) throw reason;
    unreachable ??= reason;
    notes.push(`${store.label} could not be asked: ${reasonOf(reason)}`);
  }
  dated.sort((a, b) => (a.newest === b.newest ? 0 : a.newest < b.newest ? 1 : -1));
  return { stores: dated.map(({ store }) => store), notes, unreachable };
}

interface Tried<T> {
  readonly chosen: Chosen<T> | undefined;
  readonly damaged: unknown;
}

async function firstOf<T>(order: InOrder, use: (store: ReadableStore) => Promise<T>): Promise<Tried<T>> {
  const notes = [...order.notes];
  let damaged: unknown;
  for (const store of order.stores) {
    try {
      return { chosen: { found: await use(store), source: store.label, notes }, damaged };
    } catch (error) {
      if (codeOf(error) === 'BACKUP_DAMAGED') {
        damaged = error;
        notes.push(reasonOf(error));
      } else if (codeOf(error) !== 'NO_BACKUP') throw error;
    }
  }
  return { chosen: undefined, damaged };
}

const codeOf = (error: unknown) => (error instanceof OverwinterError ? error.code : undefined);

/** Says which other data there would be, where there is some. */
async function refusal(stores: readonly ReadableStore[], wanted: string, damaged: unknown): Promise<unknown> {
  for (const store of stores) {
    const { entries } = await readCatalog(store);
    const other = entries.find(({ metadata }) => metadata.origin.environment !== wanted);
    if (other !== undefined) return ownBackupsDamaged(wanted, store.label, other.metadata.origin.environment)(damaged);
  }
  return damaged;
}
