import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../core/errors.ts';
import { bringNewest } from '../operations/bring.ts';
import type { Project } from '../operations/project.ts';
import type { Remote } from '../stores/store.ts';
import { failure, type KeepEvent } from './events.ts';
import { patienceAfter } from './schedule.ts';

/** How long a timer waits at most: a clock may be set meanwhile. */
const LONGEST_WAIT = 3_600_000;

/** Brings backups to the other places that are to have them. One that fails holds up neither the others nor the next backup. */
export interface Copies {
  /** Whether a place does not have the newest backup. */
  behind(): boolean;
  /** The folder holds the state of the database, by a new backup or by the newest one. */
  backedUp(isNew: boolean): void;
  /** Brings what is not there yet, without waiting for the time of the next try; for so many milliseconds. */
  flush(patience: number): Promise<void>;
  stop(): void;
}

export function startCopies(project: Project, pause: number, onEvent: (event: KeepEvent) => void): Copies {
  const all = (project.remotes ?? []).map((each) => new Copying(each, project, pause, onEvent));
  return {
    behind: () => all.some((copying) => copying.isBehind),
    backedUp(isNew) {
      for (const copying of all) copying.backedUp(isNew);
    },
    flush: async (patience) => void (await Promise.all(all.map((copying) => copying.flush(patience)))),
    stop() {
      for (const copying of all) copying.stop();
    },
  };
}

class Copying {
  readonly #remote: Remote;
  readonly #project: Project;
  readonly #pause: number;
  readonly #onEvent: (event: KeepEvent) => void;
  /** Nobody knows what is there before the first try. */
  #isBehind = true;
  /** A mailbox is not to have one yet. */
  #isWaiting = false;
  #failures = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(remote: Remote, project: Project, pause: number, onEvent: (event: KeepEvent) => void) {
    this.#remote = remote;
    this.#project = project;
    this.#pause = pause;
    this.#onEvent = onEvent;
  }

  get isBehind(): boolean {
    return (this.#isBehind && !this.#isWaiting) || this.#running !== undefined;
  }

  backedUp(isNew: boolean): void {
    this.#isBehind ||= isNew;
    // Whoever is at it, or waits, takes what is newest then.
    if (this.#isBehind && this.#running === undefined && this.#timer === undefined) void this.#bring();
  }

  async flush(patience: number): Promise<void> {
    this.stop();
    const end = sleep(patience, undefined, { ref: false });
    await Promise.race([this.#running, end]);
    if (this.#isBehind && this.#running === undefined) await Promise.race([this.#bring(), end]);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #bring(): Promise<void> {
    this.#isBehind = false;
    this.#running ??= this.#attempt().then((event) => {
      this.#running = undefined;
      if (event !== undefined) this.#onEvent(event);
    });
    return this.#running;
  }

  async #attempt(): Promise<KeepEvent | undefined> {
    const { label } = this.#remote;
    try {
      const copied = await bringNewest(this.#project, this.#remote);
      this.#failures = 0;
      this.#isWaiting = copied?.status === 'later';
      if (copied?.status === 'later') {
        this.#isBehind = true;
        this.#againIn(Math.min(LONGEST_WAIT, Math.max(this.#pause, copied.at.getTime() - Date.now())));
        return undefined;
      }
      this.#againIn(this.#pause);
      return copied && { type: 'copied', store: label, date: new Date().toISOString(), name: copied.name };
    } catch (error) {
      this.#isBehind = true;
      // Of many apps that lost the same place not all are to come back to it at once.
      const wait = Math.round(patienceAfter(this.#failures++) * (0.75 + Math.random() / 2));
      this.#againIn(wait);
      const problem = problemOf(error);
      return failure(problem, wait, label);
    }
  }

  /** A pause after each, so that an app that writes all the time does not push all the time. */
  #againIn(wait: number): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.backedUp(false);
    }, wait).unref();
  }
}
