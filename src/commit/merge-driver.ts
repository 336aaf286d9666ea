import { writeFile } from 'node:fs/promises';
import { readIfThere } from '../files/if-there.ts';
import { type Pointer, readPointer } from '../format/pointer.ts';
import type { PassedOver } from '../local/passed-over.ts';

/** The three files git hands to a merge driver; the result goes into `ours`. */
export interface MergeFiles {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What git's configuration must hold, so that `.gitattributes` can say `latest_backup.json merge=overwinter`. */
export const MERGE_DRIVER = 'overwinter';

/**
 * Merges two pointers: the newer backup wins, whichever side it is on, and both sides come to the same answer. Damaged ones are no
 * obstacle, because nothing depends on the pointer: where neither side is one, the base stays, or an empty document. Throws
 * NOT_READABLE: what could not be read may be the newer one.
 */
export async function mergePointers(files: MergeFiles): Promise<Merged> {
  // A side that has no such file gives git an empty one, or none.
  const textOf = (path: string) => readIfThere(path) ?? '';
  const texts = [textOf(files.ours), textOf(files.theirs), textOf(files.base)] as const;
  const { text, pointer } = newerPointer(texts);
  await writeFile(files.ours, text);
  const [ours, theirs, base] = texts.map(readPointer);
  const other = [ours, theirs].find((each) => each !== undefined && each.name !== pointer?.name);
  const isNew = other !== undefined && other.digest !== base?.digest;
  return { pointer, passedOver: isNew ? { name: other.name, ...(base && { since: base.name }) } : undefined };
}

export interface Merged {
  readonly pointer: Pointer | undefined;
  /** The newest backup of the other side: the two went on each from the base, and neither has what the other brought. */
  readonly passedOver: PassedOver | undefined;
}

/** The newest of the texts that are pointers; of two as new, the one whose name comes later. The base is the last resort. */
export function newerPointer(texts: readonly [ours: string, theirs: string, base: string]): {
  readonly text: string;
  readonly pointer: Pointer | undefined;
} {
  const [ours, theirs, base] = texts.map((text) => ({ text, pointer: readPointer(text) }));
  const sides = [ours, theirs].filter((side) => side?.pointer !== undefined);
  const [best] = sides.sort((a, b) => compare(b?.pointer, a?.pointer));
  return best ?? (base?.pointer === undefined ? { text: '{}\n', pointer: undefined } : base);
}

function compare(a: Pointer | undefined, b: Pointer | undefined): number {
  const dates = Date.parse(a?.backup_date ?? '') - Date.parse(b?.backup_date ?? '');
  if (dates !== 0 && !Number.isNaN(dates)) return dates;
  return (a?.name ?? '') < (b?.name ?? '') ? -1 : 1;
}
