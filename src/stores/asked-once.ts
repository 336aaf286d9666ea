import { LARGEST_MANIFEST } from '../core/manifest.ts';
import { isMisnamed, isNamedByTime, nameOfManifest } from '../core/names.ts';
import { readAnyManifest } from '../format/any-manifest.ts';
import { type Batch, cut, type ReadableStore, type Shelf, type WritableStore } from './store.ts';

/**
 * Whole manifests by their path. Where a name was made of a date and a digest, what it stands for never changes, so it is
 * read once however often a place is looked into.
 */
export type Manifests = Map<string, Buffer>;

/**
 * A store where every question is a request, and is asked once: its listings stay as they were first, a manifest of which only the
 * beginning is wanted is read whole, and one that is known from before, or lies in `nearby` too, is not read at all. A batch begins
 * with a new look, and knows what it wrote.
 */
export function askedOnce(store: WritableStore, manifests: Manifests, nearby?: ReadableStore): WritableStore {
  return {
    ...remembering(store, manifests, nearby).store,
    limits: store.limits,
    batch: (work) => store.batch((batch) => work(rememberingBatch(batch, manifests, nearby))),
  };
}

function rememberingBatch(batch: Batch, manifests: Manifests, nearby: ReadableStore | undefined): Batch {
  const { store, note } = remembering(batch, manifests, nearby);
  const self: Batch = {
    ...store,
    limits: batch.limits,
    batch: (work) => work(self),
    async put(path, bytes) {
      await batch.put(path, bytes);
      await note(path, bytes);
    },
    async publish(path, bytes) {
      await batch.publish(path, bytes);
      await note(path, bytes);
    },
    async remove(paths) {
      const stay = await batch.remove(paths);
      for (const path of paths) if (!stay.includes(path)) await note(path, undefined);
      return stay;
    },
  };
  return self;
}

interface Remembering {
  readonly store: ReadableStore;
  /** A file was written, or is gone. */
  note(path: string, bytes: Uint8Array | undefined): Promise<void>;
}

function remembering(from: ReadableStore, manifests: Manifests, nearby: ReadableStore | undefined): Remembering {
  const listings = new Map<Shelf, Promise<Map<string, number>>>();
  const reading = new Map<string, Promise<Buffer | undefined>>();
  let here: ReturnType<ReadableStore['list']> | undefined;
  const only = from.only?.bind(from);

  const list = (shelf: Shelf) => {
    const known = listings.get(shelf) ?? listed(shelf);
    listings.set(shelf, known);
    return known;
  };

  async function listed(shelf: Shelf): Promise<Map<string, number>> {
    try {
      const found = new Map(await from.list(shelf));
      // What is gone there need not be remembered.
      if (shelf === 'top') for (const path of manifests.keys()) if (!found.has(path)) manifests.delete(path);
      return found;
    } catch (error) {
      listings.delete(shelf);
      throw error;
    }
  }

  async function fromNearby(path: string, size: number): Promise<Buffer | undefined> {
    if (nearby === undefined || !isNamedByTime(nameOfManifest(path) ?? '')) return undefined;
    here ??= nearby.list('top');
    const bytes = (await here).get(path) === size ? await nearby.read(path) : undefined;
    return bytes !== undefined && isLasting(path, bytes) ? bytes : undefined;
  }

  /** A manifest of the size that the listing gives. */
  async function whole(path: string, size: number): Promise<Buffer | undefined> {
    const kept = manifests.get(path);
    if (kept?.length === size) return kept;
    const bytes = (await fromNearby(path, size)) ?? (await from.read(path));
    if (bytes !== undefined && isLasting(path, bytes)) manifests.set(path, bytes);
    return bytes;
  }

  return {
    store: {
      ...(only === undefined ? {} : { only: (environment) => remembering(only(environment), manifests, nearby).store }),
      label: from.label,
      id: from.id,
      ...(from.isCostly ? { isCostly: true } : {}),
      list,
      async read(path, range) {
        const size = nameOfManifest(path) === undefined ? undefined : (await list('top')).get(path);
        if (size === undefined && nameOfManifest(path) !== undefined) return undefined;
        // One that is too large is for the store itself to refuse.
        const most = range !== undefined && 'most' in range ? range.most : LARGEST_MANIFEST;
        if (size === undefined || size > most) return from.read(path, range);
        const known = reading.get(path) ?? whole(path, size);
        reading.set(path, known);
        known.catch(() => reading.delete(path));
        const bytes = await known;
        return bytes && cut(bytes, range);
      },
    },
    async note(path, bytes) {
      reading.delete(path);
      const listing = await listings.get(path.startsWith('parts/') ? 'parts' : 'top');
      if (bytes === undefined) listing?.delete(path);
      else {
        listing?.set(path, bytes.length);
        if (isLasting(path, bytes)) manifests.set(path, Buffer.from(bytes));
      }
    },
  };
}

/** Whether these are, for good, the bytes that a name made of a date and a digest promises. */
function isLasting(path: string, bytes: Uint8Array): boolean {
  const name = nameOfManifest(path);
  if (name === undefined || !isNamedByTime(name)) return false;
  try {
    const { manifest, digest } = readAnyManifest(path, Buffer.from(bytes).toString('utf8'));
    return !isMisnamed(name, manifest.metadata.backup_date, digest);
  } catch {
    // Damaged, or newer than this program: whoever reads it says so.
    return false;
  }
}
