import type { Light } from '../../core/decide.ts';
import type { KeepEvent, Problem } from './events.ts';

/** For a `/health` route. It holds no data and no path but what an error's sentence names. */
export interface Health {
  /** Green: what was last tried worked. Yellow: nothing is saved yet. Red: backups fail, or are refused. */
  readonly light: Light;
  readonly lastBackup: { readonly name: string; readonly date: string; readonly rows: number } | undefined;
  /** When the database was last seen to be saved, whether that took a new backup or not. */
  readonly lastChecked: string | undefined;
  readonly lastError: (Problem & { readonly date: string }) | undefined;
  /** Whether something is not saved yet. */
  readonly pending: boolean;
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
  };

  get now(): Health {
    return this.#health;
  }

  pending(pending: boolean): void {
    this.#health = { ...this.#health, pending };
  }

  event(event: KeepEvent): void {
    if ('result' in event) {
      const { name, date, rows } = event.result;
      const saved = { light: 'green', lastBackup: { name, date, rows }, lastChecked: event.date, failures: 0 } as const;
      this.#health = { ...this.#health, ...saved };
    } else {
      const lastError = { ...event.problem, date: event.date };
      this.#health = { ...this.#health, light: 'red', lastError, failures: this.#health.failures + 1, pending: true };
    }
  }
}
