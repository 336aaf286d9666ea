import { partsOf } from '../core/manifest.ts';
import { manifestFile } from '../core/names.ts';
import { keptBackups, type Retention } from '../core/retention.ts';
import { withLock } from '../local/lock.ts';
import { type Entry, openBackup, readCatalog, type Skipped } from './catalog.ts';
import type { Project } from './project.ts';

export interface PruneResult {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  readonly partsRemoved: number;
  readonly bytesFreed: number;
  /** Backups that cannot be read. While there are any, no part is removed: one of theirs might be among them. */
  readonly unreadable: readonly Skipped[];
}

const NAMED_BY_TIME = /^(backup|deployment)_\d{8}_\d{6}_[0-9a-f]{8}$/;

/**
 * Applies retention: manifests first, then the parts that none of the remaining ones names, so that a kill in between leaves
 * nothing but parts for the next time. Backups that a user named are kept: whoever names one wants it.
 */
export async function prune(
  project: Project,
  retention: Retention,
  dryRun: boolean,
  /** Backups that stay whatever retention says. */
  also: readonly string[] = [],
): Promise<PruneResult> {
  const { store } = project;
  return withLock(project.local, store.label, project.wait, async () => {
    const { entries, unreadable } = await readCatalog(store);
    const keep = new Set([...kept(entries, retention), ...also]);
    const removed = entries.filter(({ name }) => !keep.has(name)).map(({ name }) => name);
    const unread: Skipped[] = [...unreadable];
    const needed = new Set<string>();
    for (const { name } of entries.filter((entry) => keep.has(entry.name))) {
      try {
        for (const part of partsOf((await openBackup(store, name)).manifest)) needed.add(part.file);
      } catch (error) {
        unread.push({ name, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    const parts = unread.length > 0 ? [] : [...(await store.parts())].filter(([file]) => !needed.has(file));
    if (!dryRun) {
      for (const name of removed) await store.remove(manifestFile(name));
      await store.settle();
      for (const [file] of parts) await store.remove(file);
      await store.settle();
    }
    return {
      removed,
      kept: entries.filter(({ name }) => keep.has(name)).map(({ name }) => name),
      partsRemoved: parts.length,
      bytesFreed: parts.reduce((sum, [, size]) => sum + size, 0),
      unreadable: unread,
    };
  });
}

function kept(entries: readonly Entry[], retention: Retention): Set<string> {
  const byTime = entries.filter(({ name }) => NAMED_BY_TIME.test(name));
  const named = entries.filter(({ name }) => !NAMED_BY_TIME.test(name));
  const dated = byTime.map(({ name, metadata }) => ({ name, date: new Date(metadata.backup_date) }));
  return new Set([...keptBackups(dated, retention), ...named.map(({ name }) => name)]);
}
