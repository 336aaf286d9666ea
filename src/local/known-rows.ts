import type { Known } from '../core/losses.ts';
import { memoryLines, readMemory } from '../core/table-memory.ts';
import { readNote, writeNote } from './notes.ts';

const KIND = 'known';

/**
 * Keeps what the guard is to know of an encrypted backup, for a machine that has public keys alone and cannot open it again. It tells
 * no more than the database beside it. `digest` says which backup it is of: one that another machine made since is not known.
 */
export function noteKnown(local: string, store: string, digest: string, { date, rows, memory }: Known): void {
  writeNote(local, KIND, store, { digest, date, rows: [...rows], memory: `{${memoryLines(memory).join(', ')}}` });
}

export function recallKnown(local: string, store: string, digest: string): Known | undefined {
  const note = readNote(local, KIND, store);
  if (note?.digest !== digest || typeof note.date !== 'string' || typeof note.memory !== 'string') return undefined;
  if (!Array.isArray(note.rows)) return undefined;
  try {
    const rows = new Map<string, number>();
    for (const [table, count] of note.rows) {
      if (typeof table !== 'string' || !Number.isSafeInteger(count)) return undefined;
      rows.set(table, count);
    }
    return { date: note.date, rows, memory: readMemory(note.memory) };
  } catch {
    // Whoever knows nothing goes by what is public.
    return undefined;
  }
}
