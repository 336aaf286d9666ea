import { backupName } from '../core/names.ts';
import { saysTheSame } from '../core/privacy/left-out.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';
import { type Entry, type Opened, readCatalog } from './catalog.ts';
import { copyBackup } from './copy.ts';

interface Aside {
  readonly name: string;
  /** It was kept there already. */
  readonly isThere: boolean;
}

/**
 * Keeps a backup that is refused beside the ones it would have stood after: whole, under a name by which nothing takes it for the newest.
 * The same rows of the same environment are kept once. Undefined for one without rows: there is nothing in it that could be lost.
 */
export async function keepAside(from: ReadableStore, to: WritableStore, opened: Opened): Promise<Aside | undefined> {
  const { metadata } = opened.manifest;
  if (metadata.rows === 0) return undefined;
  const already = sameAmong((await readCatalog(to)).conflicts, metadata);
  if (already !== undefined) return { name: already.name, isThere: true };
  const name = backupName('conflict', new Date(metadata.backup_date), opened.digest);
  await to.batch((there) => copyBackup(from, there, opened, { name, manifest: opened.manifest }));
  return { name, isThere: false };
}

const sameAmong = (conflicts: readonly Entry[], metadata: Entry['metadata']): Entry | undefined =>
  conflicts.find(
    (each) => saysTheSame(each.metadata, metadata) && each.metadata.origin.environment === metadata.origin.environment,
  );
