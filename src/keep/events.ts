import type { Problem } from '../core/errors.ts';
import type { BackupResult } from '../operations/backup.ts';

/**
 * What a keeper did, or could not do.
 * @example
 * ```ts
 * import type { KeepEvent } from 'overwinter';
 * export const worthACall = (event: KeepEvent) => event.type === 'refused' || event.type === 'error';
 * ```
 */
export type KeepEvent =
  | { readonly type: 'backup' | 'unchanged'; readonly date: string; readonly result: BackupResult }
  /** No backup is meant to be written: the database was made for development. */
  | { readonly type: 'skipped'; readonly date: string; readonly reason: string }
  /** The newest backup is in another place that is to have every one. */
  | { readonly type: 'copied'; readonly date: string; readonly store: string; readonly name: string }
  /** `refused` is the guard's word: rows were lost. It tries again, as after an `error`, in `retryIn` milliseconds. `store` is where, unless it is the folder. */
  | {
      readonly type: 'refused' | 'error';
      readonly date: string;
      readonly problem: Problem;
      readonly retryIn: number;
      readonly store?: string;
    };

/** What a log says of an event. */
export function sentenceOf(event: KeepEvent): string {
  if ('result' in event) return `${event.type} ${event.result.name}`;
  if (event.type === 'copied')
    return `${event.store.startsWith('mailto:') ? 'handed' : 'copied'} ${event.name} to ${event.store}`;
  if (event.type === 'skipped') return `saved nothing: ${event.reason}`;
  const { problem, store } = event;
  const where = store === undefined ? '' : `The backup did not get to ${store}: `;
  return `${where}${problem.message} ${problem.hint}`.trimEnd();
}

const REFUSALS = ['BACKUP_EMPTY', 'BACKUP_SHRUNK', 'ANOTHER_DATABASE'];

export function failure(problem: Problem, retryIn: number, store?: string): KeepEvent {
  const type = REFUSALS.includes(problem.code) ? 'refused' : 'error';
  return { type, date: new Date().toISOString(), problem, retryIn, ...(store === undefined ? {} : { store }) };
}
