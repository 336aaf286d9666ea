import type { Light } from '../core/decide.ts';
import type { Problem } from '../core/errors.ts';
import type { KeepEvent } from './events.ts';

/**
 * For a `/health` route. It holds no data and no path but what an error's sentence names.
 * @example
 * ```ts
 * import type { Health } from 'overwinter';
 * export const status = ({ light }: Health) => (light === 'red' ? 503 : 200);
 * ```
 */
export interface Health {
  /** Green: what was last tried worked. Yellow: nothing is saved yet, or nothing is to be. Red: backups fail, or are refused, here or in another place. */
  readonly light: Light;
  readonly lastBackup: { readonly name: string; readonly date: string; readonly rows: number } | undefined;
  /** When the database was last seen to be saved, whether that took a new backup or not. */
  readonly lastChecked: string | undefined;
  readonly lastError: (Problem & { readonly date: string }) | undefined;
  /** Whether something is not saved yet. */
  readonly pending: boolean;
  readonly failures: number;
  /** How it goes with the other places that are to have every backup. */
  readonly copies: readonly Copy[];
}

export interface Copy {
  readonly store: string;
  readonly light: Exclude<Light, 'yellow'>;
  readonly lastCopied: { readonly name: string; readonly date: string } | undefined;
  readonly lastError: (Problem & { readonly date: string }) | undefined;
  readonly failures: number;
}

export class HealthRecord {
  #health: Health = {
    light: 'yellow',
    lastBackup: undefined,
    lastChecked: undefined,
    lastError: undefined,
    pending: false,
    failures: 0,
    copies: [],
  };

  get now(): Health {
    const isCopied = this.#health.copies.every(({ light }) => light === 'green');
    return isCopied ? this.#health : { ...this.#health, light: 'red' };
  }

  pending(pending: boolean): void {
    this.#health = { ...this.#health, pending };
  }

  event(event: KeepEvent): void {
    if ('result' in event) {
      const { name, date, rows } = event.result;
      const saved = { light: 'green', lastBackup: { name, date, rows }, lastChecked: event.date, failures: 0 } as const;
      this.#health = { ...this.#health, ...saved };
    } else if (event.type === 'skipped')
      this.#health = { ...this.#health, light: 'yellow', lastChecked: event.date, failures: 0 };
    else if (event.type === 'copied') this.#copied(event.store, event);
    else if (event.store !== undefined) this.#copied(event.store, event);
    else {
      const lastError = { ...event.problem, date: event.date };
      this.#health = { ...this.#health, light: 'red', lastError, failures: this.#health.failures + 1, pending: true };
    }
  }
  #copied(store: string, event: Exclude<KeepEvent, { result: unknown } | { type: 'skipped' }>): void {
    const before = this.#health.copies.find((copy) => copy.store === store);
    const { lastCopied, lastError, failures = 0 } = before ?? {};
    const copy: Copy =
      event.type === 'copied'
        ? { store, light: 'green', lastCopied: { name: event.name, date: event.date }, lastError, failures: 0 }
        : {
            store,
            light: 'red',
            lastCopied,
            lastError: { ...event.problem, date: event.date },
            failures: failures + 1,
          };
    this.#health = { ...this.#health, copies: [...this.#health.copies.filter((each) => each.store !== store), copy] };
  }
}
