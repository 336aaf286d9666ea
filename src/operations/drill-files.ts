import type { Manifest } from '../core/manifest.ts';
import type { ReadableStore } from '../stores/store.ts';
import { bytesOf, savedFilesIn } from './read-files.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** How many are named. */
const NAMED = 5;

/**
 * Reads every file of a backup as a restore would. Says which of them somebody wrote to while they were saved. Throws BACKUP_DAMAGED, and what
 * reading throws.
 */
export async function drillFiles({ files }: Manifest, store: ReadableStore): Promise<string[]> {
  if (files === undefined) return [];
  const changing: string[] = [];
  for await (const saved of savedFilesIn(store, files)) {
    for await (const _ of bytesOf(store, saved)) await yieldToEventLoop();
    if (saved.line.changing) changing.push(saved.line.path);
  }
  if (changing.length === 0) return [];
  const more = changing.length > NAMED ? ` and ${changing.length - NAMED} more` : '';
  return [
    `written to while they were saved, so maybe half old and half new: ${changing.slice(0, NAMED).join(', ')}${more}`,
  ];
}
