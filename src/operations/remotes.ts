import { storeSilent } from '../core/problems/stores.ts';
import { askedOnce, type Manifests } from '../stores/asked-once.ts';
import { isReadable, type ReadableStore, type Remote, type WritableStore } from '../stores/store.ts';
import type { Project } from './project.ts';
import { within } from './within.ts';

/** Another place, asked by whoever cannot wait for it for ever. */
export interface Reachable {
  readonly store: ReadableStore;
  /** What it answers. Throws STORE_FAILED where it says nothing for too long, and then stops what it is at, where that can be stopped. */
  soon<T>(work: (store: ReadableStore) => Promise<T>): Promise<T>;
  /** The same with the backups of one environment alone, where that is less to look through. */
  only(environment: string): Reachable;
}

const PATIENCE_MS = 20_000;
/** A start must not go on without the first, so it has more time. */
const FOR_THE_FIRST = 4;

/** The other places that a backup can be read from, as they are now. */
export function remotesOf(project: Project): Reachable[] {
  const found: Reachable[] = [];
  for (const remote of project.remotes ?? []) {
    const end = new AbortController();
    const opened = remote.open(end.signal);
    if (!isReadable(opened)) continue;
    const patience = (project.patience ?? PATIENCE_MS) * (found.length === 0 ? FOR_THE_FIRST : 1);
    const silent = () => {
      end.abort();
      return storeSilent(remote.label, Math.round(patience / 1000))();
    };
    found.push(reachable(asked(project, remote, opened), (work) => within(work, patience, silent)));
  }
  return found;
}

const reachable = (store: ReadableStore, bound: <T>(work: Promise<T>) => Promise<T>): Reachable => ({
  store,
  soon: (work) => bound(work(store)),
  only: (environment) => reachable(store.only?.(environment) ?? store, bound),
});

/** What is known of a place as long as this process lives. */
const known = new WeakMap<Remote, Manifests>();

/** A place that is costly to ask, asked as little as can be: what lies in the project's own store is not brought from it. */
export function asked(project: Project, remote: Remote, opened: WritableStore): WritableStore {
  if (!opened.isCostly) return opened;
  const manifests = known.get(remote) ?? new Map();
  known.set(remote, manifests);
  return askedOnce(opened, manifests, project.store);
}
