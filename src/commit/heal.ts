import { unlessHindered } from '../core/damage.ts';
import { blobId } from '../core/digest.ts';
import type { Part } from '../core/manifest.ts';
import { idOfPart } from '../core/names.ts';
import { storedFiles } from '../format/sealed.ts';
import { openObjects } from '../git/objects.ts';
import type { Repository } from '../git/repository.ts';
import { everyEntry, openBackup, readCatalog } from '../operations/catalog.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';

export interface HealOptions {
  /** The newest readable backup alone, which is what a restore would take, or all of them. */
  readonly among: 'newest' | 'all';
  /** Hashes the parts that have the right size too: finds a flipped byte, and reads everything. */
  readonly deep?: boolean;
}

export interface Healed {
  /** Parts that are whole again, by their path in the store. */
  readonly healed: readonly string[];
  /** Parts that git does not have either. */
  readonly lost: readonly string[];
}

/**
 * Brings parts that are missing or damaged back from git's own objects: a part is named by the id git gave it when it was
 * committed, on whatever branch. Nothing else is touched. Throws GIT_FAILED, DISK_FULL and NOT_WRITABLE.
 */
export async function heal(repository: Repository, store: WritableStore, options: HealOptions): Promise<Healed> {
  const broken = await brokenParts(store, options);
  if (broken.length === 0) return { healed: [], lost: [] };
  const objects = openObjects(repository);
  try {
    return await store.batch(async (into) => {
      const healed: string[] = [];
      const lost: string[] = [];
      for (const { file, bytes: size } of broken) {
        const id = idOfPart(file) ?? '';
        const bytes = await objects.blob(id, size);
        if (Buffer.isBuffer(bytes) && blobId(bytes) === id) {
          await into.put(file, bytes);
          healed.push(file);
        } else lost.push(file);
      }
      return { healed, lost };
    });
  } finally {
    objects.close();
  }
}

/** Parts that are missing or damaged, as `heal` would look for them. */
export async function brokenParts(store: ReadableStore, { among, deep }: HealOptions): Promise<Part[]> {
  const catalog = await readCatalog(store);
  const present = await store.list('parts');
  const broken = new Map<string, Part>();
  for (const { name } of among === 'all' ? everyEntry(catalog) : catalog.entries) {
    const opened = await openBackup(store, name).catch(unlessHindered);
    // A damaged manifest cannot say what it needs; the backup before it can.
    if (opened === undefined) continue;
    for (const part of storedFiles(opened.manifest)) {
      if (broken.has(part.file)) continue;
      if (present.get(part.file) !== part.bytes || (deep && !(await isIntact(store, part))))
        broken.set(part.file, part);
    }
    if (among === 'newest') break;
  }
  return [...broken.values()];
}

async function isIntact(store: ReadableStore, { file }: Part): Promise<boolean> {
  const bytes = await store.read(file);
  return bytes !== undefined && blobId(bytes) === idOfPart(file);
}
