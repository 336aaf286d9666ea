import { unlessHindered } from '../core/damage.ts';
import { isPartFile, manifestFile, nameOfManifest, POINTER_FILE } from '../core/names.ts';
import { storedFiles } from '../format/sealed.ts';
import { everyEntry, type Opened, openBackup, readCatalog } from '../operations/catalog.ts';
import type { ReadableStore } from '../stores/store.ts';

/** The files of the store that a commit needs to carry one backup. */
export async function filesOfBackup(store: ReadableStore, name: string, pointer: boolean): Promise<string[]> {
  const { manifest } = await openBackup(store, name);
  const companions = [...(await store.list('top')).keys()].filter((file) => file.startsWith('.git'));
  const parts = new Set(storedFiles(manifest).map((part) => part.file));
  return [...companions, ...parts, manifestFile(name), ...(pointer ? [POINTER_FILE] : [])];
}

/**
 * Of the files that an aborted commit left, those that only its backups used, now that the backup `current` has taken
 * their place. Where any backup is damaged, nothing is: it may be the one that needs them.
 */
export async function superseded(store: ReadableStore, left: readonly string[], current: string): Promise<string[]> {
  const names = left.flatMap((file) => nameOfManifest(file) ?? []).filter((name) => name !== current);
  if (names.length === 0) return [];
  const catalog = await readCatalog(store);
  if (catalog.unreadable.length > 0) return [];
  const needed = new Set<string>();
  for (const { name } of everyEntry(catalog)) {
    if (names.includes(name)) continue;
    const opened: Opened | undefined = await openBackup(store, name).catch(unlessHindered);
    if (opened === undefined) return [];
    for (const { file } of storedFiles(opened.manifest)) needed.add(file);
  }
  const parts = left.filter((file) => isPartFile(file) && !needed.has(file));
  return [...names.map(manifestFile), ...parts];
}
