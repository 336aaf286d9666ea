import { OverwinterError, reasonOf } from '../../core/errors.ts';
import type { BackupResult } from '../../operations/backup.ts';

/** What went wrong, as plain data: it crosses threads and goes into health reports. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type KeepEvent =
  | { readonly type: 'backup' | 'unchanged'; readonly date: string; readonly result: BackupResult }
  /** `refused` is the guard's word: rows were lost. It tries again, as after an `error`, in `retryIn` milliseconds. */
  | { readonly type: 'refused' | 'error'; readonly date: string; readonly problem: Problem; readonly retryIn: number };

export function problemOf(error: unknown): Problem {
  const known = error instanceof OverwinterError;
  return { code: known ? error.code : 'INTERNAL', message: reasonOf(error), hint: known ? error.hint : '' };
}

const REFUSALS = ['BACKUP_EMPTY', 'BACKUP_SHRUNK'];

export function failure(problem: Problem, retryIn: number): KeepEvent {
  const type = REFUSALS.includes(problem.code) ? 'refused' : 'error';
  return { type, date: new Date().toISOString(), problem, retryIn };
}
