import { storedFiles } from '../format/sealed.ts';
import type { Batch } from '../stores/store.ts';
import { everyEntry, openBackup, readCatalog } from './catalog.ts';
import { type PartSink, storeSink } from './write-parts.ts';

/** A sink into a store whose parts can go again, where no backup comes of them. */
export interface RevocableSink {
  readonly put: PartSink;
  /** Removes the parts that were not there before. Never fails: what it leaves, the next backup uses or prune removes. */
  removeNewParts(): Promise<void>;
}

export function revocableSink(store: Batch): RevocableSink {
  const written = new Set<string>();
  return {
    put: storeSink(store, (file) => written.add(file)),
    async removeNewParts() {
      try {
        const needed = await neededIn(store);
        await store.remove([...written].filter((file) => !needed.has(file)));
      } catch {
        // A store that cannot be read may need all of them.
      }
    },
  };
}

/** What the backups there are now name: git may have brought some since. Throws where one cannot be read. */
async function neededIn(store: Batch): Promise<Set<string>> {
  const catalog = await readCatalog(store);
  const [damaged] = catalog.unreadable;
  if (damaged !== undefined) throw new Error(damaged.reason);
  const needed = new Set<string>();
  for (const { name } of everyEntry(catalog)) {
    for (const { file } of storedFiles((await openBackup(store, name)).manifest)) needed.add(file);
  }
  return needed;
}
