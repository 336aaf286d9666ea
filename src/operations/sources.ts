import { OverwinterError, reasonOf } from '../core/errors.ts';
import { ownBackupsDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Entry, readCatalog } from './catalog.ts';
import { newestDate } from './newest.ts';
import type { Project, Source } from './project.ts';

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
  const own = await firstOf(await inOrder(project, isWanted), (store) => use(store, isWanted));
  if (own.chosen !== undefined) return own.chosen;
  if (own.unreachable !== undefined) throw own.unreachable;
  if (own.damaged !== undefined) throw await refusal(own.stores, wanted, own.damaged);
  const any = await firstOf(await inOrder(project, everyOne), (store) => use(store, everyOne));
  if (any.chosen === undefined) {
    if (any.damaged !== undefined) throw any.damaged;
    return undefined;
  }
  const note = `there is no backup of the environment '${wanted}', so the newest of any other was taken`;
  return { ...any.chosen, notes: [...own.notes, note] };
}

const already = (store: ReadableStore): Source => ({ label: store.label, id: store.id, open: async () => store });

/**
 * The folder, then the others; but a live one whose newest own backup is newer than the folder's comes before it. Throws where a
 * live one cannot be asked: older data in the place of what is there would be lost data.
 */
async function inOrder({ store, boot }: Project, isWanted: Among): Promise<Source[]> {
  const newestIn = async (each: ReadableStore) => (await newestDate(each, isWanted)) ?? '';
  const newer: Source[] = [];
  const others: Source[] = [];
  for (const source of boot?.sources ?? []) {
    if (!source.isLive) {
      others.push(source);
      continue;
    }
    const live = await source.open();
    if (live === undefined) continue;
    if ((await newestIn(live)) > (await newestIn(store))) newer.push(already(live));
    else others.push(already(live));
  }
  return [...newer, already(store), ...others];
}

interface Tried<T> {
  readonly chosen: Chosen<T> | undefined;
  /** The stores that could be opened. */
  readonly stores: readonly ReadableStore[];
  readonly damaged: unknown;
  readonly unreachable: unknown;
  readonly notes: readonly string[];
}

async function firstOf<T>(sources: readonly Source[], use: (store: ReadableStore) => Promise<T>): Promise<Tried<T>> {
  const stores: ReadableStore[] = [];
  const notes: string[] = [];
  let damaged: unknown;
  let unreachable: unknown;
  for (const source of sources) {
    const store = await source.open().catch((error: unknown) => {
      unreachable = error;
      notes.push(`${source.label} could not be asked: ${reasonOf(error)}`);
      return undefined;
    });
    if (store === undefined) continue;
    stores.push(store);
    try {
      const chosen = { found: await use(store), source: store.label, notes };
      return { chosen, stores, damaged, unreachable, notes };
    } catch (error) {
      if (codeOf(error) === 'BACKUP_DAMAGED') {
        damaged = error;
        notes.push(reasonOf(error));
      } else if (codeOf(error) !== 'NO_BACKUP') throw error;
    }
  }
  return { chosen: undefined, stores, damaged, unreachable, notes };
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
