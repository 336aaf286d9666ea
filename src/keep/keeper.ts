import { inPieces, isErrorCode, OverwinterError, type Problem } from '../core/errors.ts';
import { type Background, openBackground } from './background.ts';
import type { Channel, WorkerListener } from './channel.ts';
import { failure, type KeepEvent, sentenceOf } from './events.ts';
import { type Health, HealthRecord } from './health.ts';
import type { SettledOptions } from './options.ts';
import { atShutdown } from './shutdown.ts';

/**
 * What backs a database up while the app runs.
 * @example
 * ```ts
 * import type { Keeper } from 'overwinter';
 * export const report = (keeper: Keeper) => keeper.on('error', (event) => console.error(event)).health().light;
 * ```
 */
export interface Keeper {
  /** Hears of every event of one kind. What a listener throws goes to the logger. */
  on(type: KeepEvent['type'], listener: (event: KeepEvent) => void): Keeper;
  health(): Health;
  /** Backs up now. It never throws: failing is an event too. */
  backup(): Promise<KeepEvent>;
  /** Says that something was written to a database that is no file, which is asked only now and then. */
  changed(): void;
  /** Saves what is not saved yet and lets go of everything. */
  stop(): Promise<void>;
}

const FIRST_RESTART = 1000;
const LAST_RESTART = 3_600_000;
const NOT_AT_WORK: Problem = {
  code: 'INTERNAL',
  message: 'The keeper is not at work: no backup was made.',
  ...inPieces([]),
};
const MISTAKES = ['CONFIG_INVALID', 'USAGE', 'ENGINE_MISSING'];

export class Keeping implements Keeper {
  readonly #options: SettledOptions;
  /** How what it says begins in a log. */
  readonly #speaker: string;
  readonly #open: (listener: WorkerListener) => Channel;
  readonly #listeners = new Map<string, ((event: KeepEvent) => void)[]>();
  readonly #health = new HealthRecord();
  readonly #forget: () => void;
  #background: Background | undefined;
  #restarts = 0;
  #isStopped = false;

  constructor(options: SettledOptions, open: (listener: WorkerListener) => Channel, speaker: string) {
    this.#options = options;
    this.#speaker = speaker;
    this.#open = open;
    this.#forget = atShutdown({
      flush: async () => void (await this.#background?.ask('flush', options.setup.deadline)),
      finish: () => this.#background?.askAndWait('stop', options.setup.deadline),
    });
  }

  /** Starts the worker. What it cannot do because the call is wrong is returned; everything else is tried again. */
  async begin(): Promise<OverwinterError | undefined> {
    const background = openBackground(this.#open, this.#options.setup, {
      onEvent: (event) => this.#heard(event),
      onNote: (text) => this.#safely(() => this.#options.logger.warn(`${this.#speaker}: ${text}`)),
      onPending: (pending) => this.#health.pending(pending),
      onDeath: (death) => this.#again(death),
    });
    this.#background = background;
    const problem = await background.ready;
    if (problem === undefined) {
      this.#restarts = 0;
      return undefined;
    }
    if (MISTAKES.includes(problem.code) && this.#restarts === 0) {
      this.#end();
      return revived(problem);
    }
    background.close();
    this.#again(problem);
    return undefined;
  }

  #again(problem: Problem): void {
    if (this.#isStopped || this.#background === undefined) return;
    this.#background = undefined;
    const wait = Math.min(LAST_RESTART, FIRST_RESTART * 2 ** this.#restarts++);
    this.#heard(failure(problem, wait));
    setTimeout(() => void (this.#isStopped || this.begin()), wait).unref();
  }

  #heard(event: KeepEvent): void {
    this.#health.event(event);
    const { logger, onEvent } = this.#options;
    const listeners = [...(onEvent === undefined ? [] : [onEvent]), ...(this.#listeners.get(event.type) ?? [])];
    const said = () => {
      const text = `${this.#speaker}: ${sentenceOf(event)}`;
      if (!('problem' in event)) return logger.info(text);
      return event.type === 'refused' ? logger.warn(text) : logger.error(text);
    };
    for (const each of [said, ...listeners]) this.#safely(() => each(event));
  }

  /** A listener's mistake is the listener's, not the app's end; it may also be asynchronous. */
  #safely(work: () => unknown): void {
    const complain = (error: unknown) => console.error(`overwinter: a listener threw: ${error}`);
    try {
      Promise.resolve(work()).catch(complain);
    } catch (error) {
      complain(error);
    }
  }

  on(type: KeepEvent['type'], listener: (event: KeepEvent) => void): this {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
    return this;
  }

  health(): Health {
    return this.#health.now;
  }

  async backup(): Promise<KeepEvent> {
    const event = await this.#background?.ask('backup');
    return event ?? failure(NOT_AT_WORK, 0);
  }

  changed(): void {
    this.#background?.changed();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#background?.ask('stop', this.#options.setup.deadline);
    this.#end();
  }

  #end(): void {
    this.#isStopped = true;
    this.#forget();
    this.#background?.close();
    this.#background = undefined;
  }
}

function revived({ code, message, hintPieces }: Problem): OverwinterError {
  return new OverwinterError(isErrorCode(code) ? code : 'USAGE', message, hintPieces);
}
