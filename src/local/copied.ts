import type { Hint } from '../core/hint.ts';
import { hintIn } from '../core/hint-in.ts';
import { readNote, writeNote } from './notes.ts';

/** What is known of another place that is to have every backup. */
export interface KnownCopy {
  /** The newest backup that got there. */
  readonly name?: string;
  readonly date?: string;
  /** Why the last try failed, and since when none worked. */
  readonly failure?: Failure;
}

interface Failure {
  readonly time: string;
  readonly since: string;
  readonly message: string;
  readonly hint: Hint;
}

const KIND = 'copied';

export function noteCopied(local: string, store: string, place: string, name: string, date: Date): void {
  writeNote(local, KIND, store, {
    ...(readNote(local, KIND, store) ?? {}),
    [place]: { name, date: date.toISOString() },
  });
}

export function noteNotCopied(local: string, store: string, place: string, failure: Omit<Failure, 'since'>): void {
  const { name, date, failure: earlier } = knownCopy(local, store, place);
  writeNote(local, KIND, store, {
    ...(readNote(local, KIND, store) ?? {}),
    [place]: { name, date, failure: { ...failure, since: earlier?.since ?? failure.time } },
  });
}

export function knownCopy(local: string, store: string, place: string): KnownCopy {
  const known = record(readNote(local, KIND, store)?.[place]);
  const { name, date } = known;
  const { time, since = time, message, hint } = record(known.failure);
  const next = hintIn(hint);
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof date === 'string' ? { date } : {}),
    ...(typeof time === 'string' && typeof since === 'string' && typeof message === 'string' && next !== undefined
      ? { failure: { time, since, message, hint: next } }
      : {}),
  };
}

const record = (value: unknown): Record<string, unknown> => Object(value);
