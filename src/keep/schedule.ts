export interface Timing {
  /** How long it must be quiet after a change, in milliseconds. */
  readonly debounce: number;
  /** How long a change waits at most while it is not quiet. */
  readonly longest: number;
  /** How often a database that is no file is asked whether anything changed. Default: every five minutes. */
  readonly every?: number;
}

const DAY = 24 * 3_600_000;
const FIRST_RETRY = 5000;
const LAST_RETRY = 3_600_000;

/** How long the next try waits after so many failures before this one. */
export const patienceAfter = (failures: number) => Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures);

/** When the next backup is due. It knows no clock: whoever calls says what time it is. */
export class Schedule {
  readonly #timing: Timing;
  #first: number | undefined;
  #last = 0;
  #failures = 0;
  #notBefore = 0;
  #checked: number;

  constructor(timing: Timing, now: number) {
    this.#timing = timing;
    this.#checked = now;
  }

  /** Since when there is something that is not saved. */
  get pendingSince(): number | undefined {
    return this.#first;
  }

  changed(now: number): void {
    this.#first ??= now;
    this.#last = now;
  }

  /** A look at the database begins: what is changed from here on is for the next one. */
  begun(): number | undefined {
    const since = this.#first;
    this.#first = undefined;
    return since;
  }

  succeeded(now: number): void {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#checked = now;
  }

  /** What was to be saved still is, and each time that fails there is more patience. Returns how long it waits. */
  failed(now: number, since: number | undefined): number {
    const wait = patienceAfter(this.#failures++);
    this.#notBefore = now + wait;
    this.#first = since ?? this.#first ?? now;
    this.#last = this.#first;
    return wait;
  }

  /** Daily, even where nothing is known to have changed. */
  dueAt(): number {
    if (this.#first === undefined) return this.#checked + DAY;
    return Math.max(this.#notBefore, Math.min(this.#last + this.#timing.debounce, this.#first + this.#timing.longest));
  }
}
