import { isUtf8 } from 'node:buffer';
import { isDamage, isHindrance, unlessHindered } from '../core/damage.ts';
import type { Digest } from '../core/digest.ts';
import { reasonOf } from '../core/errors.ts';
import { LARGEST_MANIFEST, type Metadata } from '../core/manifest.ts';
import { isMisnamed, kindOf, manifestFile, nameOfManifest, POINTER_FILE, userName } from '../core/names.ts';
import { backupDamaged, backupNotFound } from '../core/problems/backups.ts';
import { nameAmbiguous } from '../core/problems/usage.ts';
import { readAnyManifest } from '../format/any-manifest.ts';
import { LARGEST_POINTER, type Pointer, readPointer } from '../format/pointer.ts';
import { peekMetadata } from '../format/read-metadata.ts';
import { type AnyManifest, storedFiles } from '../format/sealed.ts';
import { keepsPointer, type Listing, type ReadableStore } from '../stores/store.ts';

/** A backup as a list shows it: known by its first bytes, not yet read. */
export interface Entry {
  readonly name: string;
  readonly metadata: Metadata;
}

/** A backup that was passed over, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

export interface Catalog {
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** Those that are kept aside, newest first: found by their name alone, and never taken for the newest of anything. */
  readonly conflicts: readonly Entry[];
  readonly unreadable: readonly Skipped[];
}

export interface Opened {
  readonly name: string;
  /** Of an encrypted backup its public half; `unseal` opens it. */
  readonly manifest: AnyManifest;
  readonly digest: Digest;
}

const HEAD_BYTES = 8 * 1024;
const READS_AT_ONCE = 16;

export const namesOf = (files: Listing): string[] => [...files.keys()].flatMap((file) => nameOfManifest(file) ?? []);

/**
 * Every backup in the store, by its metadata alone. Throws NOT_READABLE where one cannot be looked at, unless `onHindered` takes that: then
 * nobody knows whether it is the newest.
 */
export async function readCatalog(
  store: ReadableStore,
  onHindered?: (name: string, error: unknown) => void,
): Promise<Catalog> {
  const names = namesOf(await store.list('top'));
  const entries: Entry[] = [];
  const unreadable: Skipped[] = [];
  const look = async (name: string) => {
    // What is no plain file is for the whole read to say.
    const head = await store.read(manifestFile(name), { first: HEAD_BYTES }).catch(unlessHindered);
    const metadata = head && peekMetadata(head.toString('utf8'));
    if (metadata !== undefined) {
      entries.push({ name, metadata });
      return;
    }
    // A formatter may have moved white space: the whole file says it better than its beginning.
    const opened = await readBackup(store, name).catch(orHindered);
    if (isOpened(opened)) entries.push({ name, metadata: opened.manifest.metadata });
    else unreadable.push({ name, reason: reasonOf(opened) });
  };
  const tellOrThrow = (name: string) => (error: unknown) => {
    if (onHindered === undefined || !isHindrance(error)) throw error;
    onHindered(name, error);
  };
  for (let i = 0; i < names.length; i += READS_AT_ONCE)
    await Promise.all(names.slice(i, i + READS_AT_ONCE).map((name) => look(name).catch(tellOrThrow(name))));
  entries.sort(newestFirst);
  const isConflict = ({ name }: Entry) => kindOf(name) === 'conflict';
  return { entries: entries.filter((entry) => !isConflict(entry)), conflicts: entries.filter(isConflict), unreadable };
}

/** All that can be restored, and whose parts are needed. */
export const everyEntry = ({ entries, conflicts }: Catalog): readonly Entry[] => [...entries, ...conflicts];

/** What is wrong with a backup. Throws what merely kept it from being read: then nobody knows whether it is the newest. */
function orHindered(error: unknown): unknown {
  if (isHindrance(error)) throw error;
  return error;
}

const isOpened = (value: unknown): value is Opened =>
  typeof value === 'object' && value !== null && 'manifest' in value;

export function newestFirst(a: Entry, b: Entry): number {
  const [left, right] = [Date.parse(a.metadata.backup_date), Date.parse(b.metadata.backup_date)];
  return right - left || (a.name < b.name ? 1 : -1);
}

/** The backup that a name means, or the beginning of one. Throws NAME_INVALID, and USAGE where several begin so. */
export async function nameMeant(store: ReadableStore, given: string): Promise<string> {
  const name = userName(given);
  const begun = namesOf(await store.list('top')).filter((each) => each.startsWith(name));
  const [only, ...others] = begun;
  if (only === undefined || begun.includes(name)) return name;
  if (others.length > 0) throw nameAmbiguous(name, begun.sort())();
  return only;
}

/**
 * Reads one manifest whole, asked for by its name: one that holds another backup than its name says is damaged. Throws
 * BACKUP_NOT_FOUND, BACKUP_DAMAGED, BACKUP_TOO_NEW.
 */
export async function openBackup(store: ReadableStore, name: string): Promise<Opened> {
  const opened = await readBackup(store, name);
  if (isMisnamed(name, opened.manifest.metadata.backup_date, opened.digest))
    throw backupDamaged(manifestFile(name), 'holds another backup than its name says')();
  return opened;
}

/** The same for whoever goes by what a manifest says, not by its name. */
export async function readBackup(store: ReadableStore, name: string): Promise<Opened> {
  const file = manifestFile(name);
  const bytes = await store.read(file, { most: LARGEST_MANIFEST });
  if (bytes === undefined) throw backupNotFound(name, store.label)();
  // A decoder would put marks in the place of what is no text, and one file would say what another said.
  if (!isUtf8(bytes)) throw backupDamaged(file, 'is not valid UTF-8')();
  return { name, ...readAnyManifest(file, bytes.toString('utf8')) };
}

/** Throws BACKUP_DAMAGED where a part is missing or cut: cheap, because no part is read. */
export async function mustHaveParts(store: ReadableStore, opened: Opened): Promise<void> {
  const parts = storedFiles(opened.manifest);
  if (parts.length === 0) return;
  const present = await store.list('parts');
  for (const part of parts) {
    const size = present.get(part.file);
    if (size === undefined) throw backupDamaged(part.file, `is missing, and ${opened.name} needs it`)();
    if (size !== part.bytes) throw backupDamaged(part.file, `has ${size} bytes instead of ${part.bytes}`)();
  }
}

/** The pointer, where it can be read. */
export async function pointerOf(store: ReadableStore): Promise<Pointer | undefined> {
  if (store.isCostly && !(await store.list('top')).has(POINTER_FILE)) return undefined;
  const bytes = await readPointerFile(store);
  return bytes && readPointer(bytes.toString('utf8'));
}

/** Nothing depends on what the pointer says: one that is damaged says nothing. */
export function readPointerFile(store: ReadableStore): Promise<Buffer | undefined> {
  return store.read(POINTER_FILE, { most: LARGEST_POINTER }).catch((error: unknown) => {
    if (isDamage(error)) return Buffer.alloc(0);
    throw error;
  });
}

/** What the pointer says, and whether that is so. `isStale`: it names another backup that may well be there. */
export async function checkPointer(
  store: ReadableStore,
  catalog: Catalog,
): Promise<{ readonly pointer: Pointer | undefined; readonly problem: string | undefined; readonly isStale: boolean }> {
  const newest = catalog.entries[0];
  const bytes = keepsPointer(store) ? await readPointerFile(store) : undefined;
  const pointer = bytes && readPointer(bytes.toString('utf8'));
  const found = (problem: string | undefined, isStale = false) => ({ pointer, problem, isStale });
  if (newest === undefined || !keepsPointer(store)) return found(undefined);
  if (bytes === undefined) return found('the pointer is missing');
  if (pointer === undefined) return found('the pointer cannot be read');
  if (pointer.name !== newest.name) return found(`the pointer names ${pointer.name}, which is not the newest`, true);
  return found(undefined);
}
