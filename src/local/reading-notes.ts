import { createHash } from 'node:crypto';
import { shortName } from '../core/digest.ts';
import { localBytes, removeLocal, writeLocal } from './place.ts';

/** What an engine wants to know of the reading that a backup was made from, to read less for the next one. */
export interface ReadingNotes {
  /** The backup, by its digest, and its parts, by what they look like from outside. */
  readonly of: string;
  /** How many backups were made since everything was read. */
  readonly runs: number;
  /** The engine's own. */
  readonly notes: Uint8Array;
}

/** `key` says of what and for what. */
const fileOf = (key: string) => `reading-${shortName(key)}.bin`;

const SUM_BYTES = 32;

const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Undefined where nothing is known, or what is known cannot be trusted: then everything is read. */
export function readReadingNotes(local: string, key: string): ReadingNotes | undefined {
  try {
    const all = localBytes(local, fileOf(key)) ?? Buffer.alloc(0);
    if (!sumOf(all.subarray(SUM_BYTES)).equals(all.subarray(0, SUM_BYTES))) return undefined;
    const end = all.indexOf('\n', SUM_BYTES);
    // Its sum says that it is ours.
    const { of, runs }: Pick<ReadingNotes, 'of' | 'runs'> = JSON.parse(all.toString('utf8', SUM_BYTES, end));
    return { of, runs, notes: all.subarray(end + 1) };
  } catch {
    return undefined;
  }
}

/** A disk that takes none makes nobody fail. */
export function writeReadingNotes(local: string, key: string, { of, runs, notes }: ReadingNotes): void {
  const body = Buffer.concat([Buffer.from(`${JSON.stringify({ of, runs })}\n`), notes]);
  // Where a new file takes the place of another, ext4 has its bytes written at once, which takes longer than to write the notes.
  removeReadingNotes(local, key);
  try {
    writeLocal(local, fileOf(key), Buffer.concat([sumOf(body), body]), { flush: false });
  } catch {
    // There are none then.
  }
}

export const removeReadingNotes = (local: string, key: string) => removeLocal(local, fileOf(key));
