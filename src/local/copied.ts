import { readNote, writeNote } from './notes.ts';

/** What is known of another place that is to have every backup. */
export interface KnownCopy {
  /** The newest backup that got there. */
  readonly name?: string;
  readonly date?: string;
  /** Why the last try failed. */
  readonly failure?: { readonly time: string; readonly message: string; readonly hint: string };
}

const KIND = 'copied';

export function noteCopied(local: string, store: string, place: string, name: string, date: Date): void {
  writeNote(local, KIND, store, {
    ...(readNote(local, KIND, store) ?? {}),
    [place]: { name, date: date.toISOString() },
  });
}

export function noteNotCopied(
  local: string,
  store: string,
  place: string,
  failure: { readonly time: string; readonly message: string; readonly hint: string },
): void {
  const { name, date } = knownCopy(local, store, place);
  const before = { ...(name === undefined ? {} : { name }), ...(date === undefined ? {} : { date }) };
  writeNote(local, KIND, store, { ...(readNote(local, KIND, store) ?? {}), [place]: { ...before, failure } });
}

export function knownCopy(local: string, store: string, place: string): KnownCopy {
  const known = record(readNote(local, KIND, store)?.[place]);
  const { name, date } = known;
  const { time, message, hint } = record(known.failure);
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof date === 'string' ? { date } : {}),
    ...(typeof time === 'string' && typeof message === 'string' && typeof hint === 'string'
      ? { failure: { time, message, hint } }
      : {}),
  };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
