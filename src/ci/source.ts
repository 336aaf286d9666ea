import { heal } from '../commit/heal.ts';
import { type Opened, readCatalog } from '../operations/catalog.ts';
import { withNewest } from '../operations/newest.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';
import type { Source } from './place.ts';
import type { Target } from './target.ts';

/**
 * The newest intact backup that is deployed with the commit: the one in it, or, where backups have a branch to themselves, the
 * newer one of that branch. Undefined where there is none yet. Throws BACKUP_DAMAGED where none is intact.
 */
export async function newestOfCommit(
  { repository, separate }: Target,
  branch: ReadableStore,
  deployed: WritableStore,
): Promise<Source | undefined> {
  await heal(repository, deployed, { among: 'newest' });
  const found: Source[] = [];
  for (const store of separate ? [deployed, branch] : [deployed]) {
    const { entries, unreadable } = await readCatalog(store);
    if (entries.length + unreadable.length === 0) continue;
    const opened = await withNewest(store, async (each) => each);
    found.push({ opened, store, kind: 'committed' });
  }
  return found.sort((a, b) => dateOf(b.opened) - dateOf(a.opened))[0];
}

const dateOf = ({ manifest }: Opened) => Date.parse(manifest.metadata.backup_date);
