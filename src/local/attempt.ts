import type { ErrorCode, Problem } from '../core/errors.ts';
import { type Hint, hint, overwinter } from '../core/hint.ts';
import { hintIn } from '../core/hint-in.ts';
import { readNote, removeNote, writeNote } from './notes.ts';

/** The last attempt to save a database, where it did not succeed. */
export interface FailedAttempt {
  /** ISO 8601. */
  readonly time: string;
  /** Who tried: `command-line`, `pre-commit`, `keep`, … */
  readonly trigger: string;
  /** Whether a guard refused it. */
  readonly refused: boolean;
  readonly message: string;
  readonly hint: Hint;
}

const KIND = 'attempt';

/** What says nothing about the data: the call was wrong, somebody else was at it, or a look at the database says it anyway. */
const NOT_OF_THE_DATA: readonly ErrorCode[] = [
  'USAGE',
  'NAME_INVALID',
  'NAME_TAKEN',
  'BUSY',
  'HELD',
  'DATABASE_MISSING',
];

export function noteFailure(
  local: string,
  db: string,
  { code, message, hintPieces }: Problem,
  { time, trigger, refused }: { readonly time: Date; readonly trigger: string; readonly refused: boolean },
): void {
  if (NOT_OF_THE_DATA.some((each) => each === code)) return;
  writeNote(local, KIND, db, { time: time.toISOString(), trigger, refused, message, hint: hintPieces });
}

export const forgetFailure = (local: string, db: string): void => removeNote(local, KIND, db);

export function failedAttempt(local: string, db: string): FailedAttempt | undefined {
  const note = readNote(local, KIND, db);
  if (note === undefined) return undefined;
  const { time, trigger, refused, message, hint: said } = note;
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return {
    time: text(time, new Date(0).toISOString()),
    trigger: text(trigger, 'unknown'),
    refused: refused === true,
    message: text(message, 'It failed.'),
    hint: hintIn(said) ?? hint`${overwinter('backup')} tries it again.`,
  };
}
