import { isDamage, isHindrance } from '../core/damage.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { kindOf, manifestFile, POINTER_FILE, secondInName, secondOf } from '../core/names.ts';
import { noBackup, noIntactBackup } from '../core/problems/backups.ts';
import type { Pointer } from '../format/pointer.ts';
import type { ReadableStore } from '../stores/store.ts';
import {
  type Catalog,
  type Entry,
  mustHaveParts,
  namesOf,
  newestFirst,
  type Opened,
  openBackup,
  pointerOf,
  readBackup,
  readCatalog,
  type Skipped,
} from './catalog.ts';

/** The newest backup whose manifest is whole, and the ones that are not: what those say of themselves may be wrong. */
export async function newestWhole(
  store: ReadableStore,
  entries: readonly Entry[],
): Promise<{ newest: Opened | undefined; damaged: readonly Entry[] }> {
  const damaged: Entry[] = [];
  for (const entry of entries) {
    try {
      return { newest: await readBackup(store, entry.name), damaged };
    } catch (error) {
      if (!isDamage(error) && !isTooNew(error)) throw error;
      damaged.push(entry);
    }
  }
  return { newest: undefined, damaged };
}

/**
 * Hands the newest backup to `use`, and where that fails because the backup is damaged, the one before, and so on. Throws
 * NO_BACKUP where there is none, BACKUP_DAMAGED where none is intact.
 */
export async function withNewest<T>(
  store: ReadableStore,
  use: (opened: Opened, skipped: readonly Skipped[]) => Promise<T>,
  among: (entry: Entry) => boolean = () => true,
): Promise<T> {
  const skipped: Skipped[] = [];
  let last: unknown;
  for await (const name of store.isCostly ? byName(store, among, skipped) : byDate(store, among, skipped)) {
    try {
      const opened = await readBackup(store, name);
      await mustHaveParts(store, opened);
      return await use(opened, skipped);
    } catch (error) {
      if (!isDamage(error)) throw error;
      last = error;
      skipped.push({ name, reason: reasonOf(error) });
    }
  }
  if (skipped.length === 0) throw noBackup(store.label)();
  throw noIntactBackup(store.label, skipped.length)(last);
}

/** The backups to try, newest first by what each says of itself. */
async function* byDate(
  store: ReadableStore,
  among: (entry: Entry) => boolean,
  skipped: Skipped[],
): AsyncGenerator<string> {
  const catalog = await readCatalog(store);
  const lost = await lostNewest(store, catalog);
  const sifted = await sift(store, catalog.entries.filter(among));
  skipped.push(...sifted.skipped, ...catalog.unreadable, ...lost);
  for (const { name } of sifted.whole) yield name;
}

/**
 * The same, newest first by their names, where each manifest that is read is a request: the ones behind the first that is intact are not
 * looked into. A name that was made of a date and a digest is held against what it stands for, so the order is as sure as the backups
 * are; only those that a user named are read first, to be put in their place.
 */
async function* byName(
  store: ReadableStore,
  among: (entry: Entry) => boolean,
  skipped: Skipped[],
): AsyncGenerator<string> {
  const top = await store.list('top');
  const names = namesOf(top).filter((name) => kindOf(name) !== 'conflict');
  const open = async (name: string): Promise<Opened[]> => {
    try {
      return [await openBackup(store, name)];
    } catch (error) {
      if (!isDamage(error)) throw error;
      skipped.push({ name, reason: reasonOf(error) });
      return [];
    }
  };
  const bySecond = new Map<string, string[]>();
  for (const name of names) {
    const second = secondInName(name) ?? secondOf((await open(name))[0]?.manifest.metadata.backup_date ?? '');
    if (second !== '') bySecond.set(second, [...(bySecond.get(second) ?? []), name]);
  }
  const seconds = [...bySecond].sort(([a], [b]) => (a < b ? 1 : -1));
  const pointer = top.has(POINTER_FILE) ? await pointerOf(store) : undefined;
  if (pointer !== undefined && !names.includes(pointer.name) && secondOf(pointer.backup_date) > (seconds[0]?.[0] ?? ''))
    skipped.push(lostAs(pointer));
  for (const [, ofSecond] of seconds) {
    const opened = (await Promise.all(ofSecond.map(open))).flat();
    const entries = opened.map(({ name, manifest: { metadata } }): Entry => ({ name, metadata }));
    for (const entry of entries.sort(newestFirst)) if (among(entry)) yield entry.name;
  }
}

/**
 * What `withNewest` would begin with, found without reading more manifests than it takes: a look, not a promise. Throws as it
 * does.
 */
export async function newestReady(
  store: ReadableStore,
  catalog: Catalog,
  among: (entry: Entry) => boolean = () => true,
): Promise<Entry> {
  const entries = catalog.entries.filter(among);
  const doubtful = [...catalog.unreadable, ...(await lostNewest(store, catalog))];
  if (entries.length + doubtful.length === 0) throw noBackup(store.label)();
  let last: unknown;
  for (const entry of entries) {
    try {
      await mustHaveParts(store, await readBackup(store, entry.name));
      return entry;
    } catch (error) {
      if (!isDamage(error)) throw error;
      last = error;
    }
  }
  throw noIntactBackup(store.label, entries.length + doubtful.length)(last);
}

/**
 * The date by which backups are ordered may be what is damaged, and then the newest looks like an old one that nobody would miss. So a manifest is
 * checked before one is chosen, unless its name was made of the same date: those that are older than the one that is chosen nobody looks into.
 */
async function sift(store: ReadableStore, entries: readonly Entry[]): Promise<{ whole: Entry[]; skipped: Skipped[] }> {
  const whole: Entry[] = [];
  const skipped: Skipped[] = [];
  for (const entry of entries) {
    try {
      if (secondInName(entry.name) !== secondOf(entry.metadata.backup_date)) await readBackup(store, entry.name);
      whole.push(entry);
    } catch (error) {
      if (isHindrance(error)) throw error;
      if (isDamage(error)) skipped.push({ name: entry.name, reason: reasonOf(error) });
      // Whoever gets to it learns what is wrong.
      else whole.push(entry);
    }
  }
  return { whole, skipped };
}

/** How new the newest of some backups is, by what it says of itself; undefined where there is none. */
export async function newestDate(store: ReadableStore, among: (entry: Entry) => boolean): Promise<string | undefined> {
  if (!store.isCostly) return (await readCatalog(store)).entries.find(among)?.metadata.backup_date;
  for await (const name of byName(store, among, []))
    return (await openBackup(store, name)).manifest.metadata.backup_date;
  return undefined;
}

/** The backup that the pointer knows to be newer than every manifest there is: its own is gone. */
async function lostNewest(store: ReadableStore, catalog: Catalog): Promise<Skipped[]> {
  const pointer = await pointerOf(store);
  const newest = catalog.entries[0]?.metadata.backup_date ?? '';
  if (pointer === undefined || pointer.backup_date <= newest) return [];
  if ([...catalog.entries, ...catalog.unreadable].some(({ name }) => name === pointer.name)) return [];
  return [lostAs(pointer)];
}

const lostAs = ({ name }: Pointer): Skipped => ({
  name,
  reason: `${manifestFile(name)} is missing, and ${POINTER_FILE} names it`,
});

const isTooNew = (error: unknown) => error instanceof OverwinterError && error.code === 'BACKUP_TOO_NEW';
