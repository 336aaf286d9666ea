import { unlessHindered } from '../core/damage.ts';
import { reasonOf } from '../core/errors.ts';
import { LARGEST_MANIFEST, type Part } from '../core/manifest.ts';
import { isNamedByTime, isOlderByName, manifestFile } from '../core/names.ts';
import { keptBackups, keptConflicts, type Retention } from '../core/retention.ts';
import { rowsByTable } from '../format/rows-by-table.ts';
import { storedFiles } from '../format/sealed.ts';
import { withLock } from '../local/lock.ts';
import type { Batch } from '../stores/store.ts';
import { type Entry, everyEntry, type Opened, openBackup, readCatalog, type Skipped } from './catalog.ts';
import { contentsOf } from './loss.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';

export interface PruneResult {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  readonly partsRemoved: number;
  /** Parts that no backup needs, and that go later: where others may be about to name them, not before a day. */
  readonly partsLater: number;
  readonly bytesFreed: number;
  /** Backups that are damaged. While there are any, nothing is removed. */
  readonly unreadable: readonly Skipped[];
}

/**
 * Applies retention: manifests first, then the parts that none of the remaining ones names, so that a kill in between leaves
 * nothing but parts for the next time. Backups that a user named are kept: whoever names one wants it, and those that `mayGo` spares.
 * Of those that are kept aside a few stay, whatever retention says. Throws ANOTHER_DATABASE where some are of another database.
 */
export async function prune(
  project: Project,
  retention: Retention,
  dryRun: boolean,
  /** Backups that it does not hold of stay, whatever retention says. */
  mayGo: (entry: Entry) => boolean = () => true,
): Promise<PruneResult> {
  const isJudged = ({ name }: Entry) => isNamedByTime(name);
  return pruneWhere(project, { retention, dryRun, isJudged, mayGo: (entry) => isJudged(entry) && mayGo(entry) });
}

const NO_RETENTION: Retention = { last: 0, daily: 0, weekly: 0, monthly: 0 };

/**
 * Removes one backup, whatever it is called, and the parts that only it names. What no retention would let go stays, and `removed` is empty: the
 * newest one, and one that a loss would be undone with.
 */
export function removeBackup(project: Project, wanted: string, dryRun: boolean): Promise<PruneResult> {
  const mayGo = ({ name }: Entry) => name === wanted;
  return pruneWhere(project, { retention: NO_RETENTION, dryRun, isJudged: () => true, mayGo });
}

interface Which {
  readonly retention: Retention;
  readonly dryRun: boolean;
  /** Those that retention is about. */
  readonly isJudged: (entry: Entry) => boolean;
  readonly mayGo: (entry: Entry) => boolean;
}

function pruneWhere(project: Project, which: Which): Promise<PruneResult> {
  const thinIn = (store: Batch) => pruneIn({ ...project, store }, store, which);
  return withLock(project.local, project.store.id, project.wait, () => project.store.batch(thinIn));
}

async function pruneIn(
  project: Project,
  store: Batch,
  { retention, dryRun, isJudged, mayGo }: Which,
): Promise<PruneResult> {
  const catalog = await readCatalog(store);
  const { entries, conflicts } = catalog;
  mustBeOurs(project, store.label, entries);
  const present = await store.list('parts');
  const torn = await tornAmong(store, catalog.unreadable);
  const damaged: Skipped[] = catalog.unreadable.filter(({ name }) => !torn.includes(name));
  const partsByName = new Map<string, readonly Part[]>();
  const rowsByName = new Map<string, ReadonlyMap<string, number>>();
  for (const { name } of everyEntry(catalog)) {
    try {
      const opened = await openBackup(store, name);
      const parts = storedFiles(opened.manifest);
      const gone = parts.find((part) => present.get(part.file) !== part.bytes);
      if (gone === undefined) {
        partsByName.set(name, parts);
        rowsByName.set(name, await rowsOf(project, opened));
      } else damaged.push({ name, reason: `${gone.file} is missing or cut` });
    } catch (error) {
      unlessHindered(error);
      damaged.push({ name, reason: reasonOf(error) });
    }
  }
  const intact = entries.filter(({ name }) => partsByName.has(name));
  const dated = (among: readonly Entry[]) =>
    among
      .filter(({ name }) => partsByName.has(name))
      .map(({ name, metadata }) => ({
        name,
        date: new Date(metadata.backup_date),
        environment: metadata.origin.environment,
        rows: rowsByName.get(name) ?? new Map(),
      }));
  const staying = [...intact, ...conflicts].filter((entry) => !mayGo(entry));
  const around = { now: project.now(), maxShrink: project.maxShrink, mayShrink: project.mayShrink };
  const keep = new Set([
    ...keptBackups(dated(entries.filter(isJudged)), retention, around),
    ...keptConflicts(dated(conflicts), dated(entries), around.now),
    ...staying.map(({ name }) => name),
  ]);
  // While some are damaged, the others are what is left to go back to: then nothing goes.
  const removed =
    damaged.length > 0 ? [] : [...intact, ...conflicts].filter(({ name }) => !keep.has(name)).map(({ name }) => name);
  const needed = new Set([...keep].flatMap((name) => partsByName.get(name) ?? []).map(({ file }) => file));
  const parts = damaged.length > 0 ? [] : [...present].filter(([file]) => !needed.has(file));
  const leftBehind = damaged.length > 0 ? [] : torn.filter((name) => isLeftBehind(name, project.now()));
  const gone = [...[...removed, ...leftBehind].map(manifestFile), ...parts.map(([file]) => file)];
  const later = new Set(!dryRun && gone.length > 0 ? await store.remove(gone) : []);
  const partsGone = parts.filter(([file]) => !later.has(file));
  return {
    removed,
    kept: everyEntry(catalog)
      .filter(({ name }) => !removed.includes(name))
      .map(({ name }) => name),
    partsRemoved: partsGone.length,
    partsLater: later.size,
    bytesFreed: partsGone.reduce((sum, [, size]) => sum + size, 0),
    unreadable: damaged,
  };
}

/**
 * Those that nobody ever finished writing: their ends are not there. Whoever finishes one looks anew which of its parts are there, so it keeps none.
 */
async function tornAmong(store: Batch, unreadable: readonly Skipped[]): Promise<string[]> {
  if (!store.limits.tears) return [];
  const torn = await Promise.all(
    unreadable.map(async ({ name }) => {
      const bytes = isNamedByTime(name) ? await store.read(manifestFile(name), { most: LARGEST_MANIFEST }) : undefined;
      return bytes !== undefined && !bytes.toString('utf8').trimEnd().endsWith('}') ? [name] : [];
    }),
  );
  return torn.flat();
}

const DAY = 24 * 3_600_000;

/** Nobody is at it any more. */
const isLeftBehind = (name: string, now: Date) => isOlderByName(name, new Date(now.getTime() - DAY).toISOString());

/** Of one that cannot be opened here, all that is public. */
async function rowsOf(project: Project, opened: Opened): Promise<ReadonlyMap<string, number>> {
  const contents = await contentsOf(project, project.store, opened);
  return contents === undefined ? new Map([['', opened.manifest.metadata.rows]]) : rowsByTable(contents.manifest);
}
