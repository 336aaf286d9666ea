import { shortName } from '../core/digest.ts';
import { readLocal, removeLocal, writeLocal } from './place.ts';

/** What this machine knows about a file or folder `of`, as JSON under `.overwinter/`. */
const nameOf = (kind: string, of: string) => `${kind}-${shortName(of)}.json`;

/** Undefined where nothing is known, or what is known cannot be read: whoever asks must do without. */
export function readNote(local: string, kind: string, of: string): Record<string, unknown> | undefined {
  try {
    return { ...JSON.parse(readLocal(local, nameOf(kind, of)) ?? '') };
  } catch {
    return undefined;
  }
}

/** A disk that takes no notes makes nobody fail: without one, the light is not green. */
export function writeNote(local: string, kind: string, of: string, note: unknown): void {
  try {
    writeLocal(local, nameOf(kind, of), `${JSON.stringify(note)}\n`, { flush: false });
  } catch {
    // What is not true any more is worse than nothing.
    removeNote(local, kind, of);
  }
}

export const removeNote = (local: string, kind: string, of: string) => removeLocal(local, nameOf(kind, of));
