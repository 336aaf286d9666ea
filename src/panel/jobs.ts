import { randomBytes } from 'node:crypto';
import { type Problem, problemOf } from '../core/errors.ts';
import { type Progress, Stopped } from './protocol.ts';
import type { Act, Asks } from './worker/acts.ts';

/** The acts that take their time, and so can be watched. */
export type Long = Extract<
  Act,
  | 'backup'
  | 'push'
  | 'preview'
  | 'bring'
  | 'restore'
  | 'verify'
  | 'diff'
  | 'prune'
  | 'snapshot'
  | 'undo'
  | 'import'
  | 'trial'
>;

/** What came of a job, told by its name. */
export type Outcome = { readonly [N in Long]: { readonly name: N; readonly value: Asks[N][1] } }[Long];

export type Order = { readonly [N in Long]: { readonly name: N; readonly args: Asks[N][0] } }[Long];

export type State = 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  readonly id: string;
  readonly order: Order;
  /** What it is done to, for people: a backup's name, a file. */
  readonly about: string;
  readonly startedAt: Date;
  readonly state: State;
  /** Somebody said that it is to end. */
  readonly stopping: boolean;
  readonly progress: Progress | undefined;
  readonly outcome: Outcome | undefined;
  readonly problem: Problem | undefined;
}

/** Something that is being worked on and can be told to stop: then `outcome` throws Stopped, unless it was too late for that. */
export interface Work {
  readonly outcome: Promise<Outcome>;
  stop(): void;
}

export interface Jobs {
  /** Undefined while another job runs: one operation at a time. */
  start(order: Order, about: string, work: (onProgress: (progress: Progress) => void) => Work): Job | undefined;
  find(id: string): Job | undefined;
  running(): Job | undefined;
  /** Tells a job to stop, unless it is over or cannot be stopped any more. */
  cancel(id: string): void;
  /** Calls back whenever the job changes, until it is over or told to stop. */
  watch(id: string, onChange: (job: Job) => void): () => void;
  /** Calls back whenever any job begins or ends. */
  watchAll(onChange: () => void): () => void;
  /** Until it is over, but not for longer than that. */
  settled(id: string, milliseconds: number): Promise<void>;
}

const REMEMBERED = 40;

/** Those are over in a moment, or remove file after file. */
const UNSTOPPABLE: readonly Long[] = ['undo', 'snapshot', 'prune', 'push'];

/** Once all rows of a restore are there, the database is put in its place. */
export function canCancel({ state, stopping, order, progress }: Job): boolean {
  if (state !== 'running' || stopping || UNSTOPPABLE.includes(order.name)) return false;
  return !changesDatabase(order) || progress === undefined || progress.done < progress.total;
}

export const replacesDatabase = ({ name }: Order) => name === 'restore' || name === 'undo' || name === 'import';

/** Rows come back into it while it stays where it is, and the app may have it open. */
export const changesDatabase = (order: Order) => replacesDatabase(order) || order.name === 'bring';

/** Whether it was not stopped before all was tried. */
const isWhole = (outcome: Outcome) => outcome.name !== 'verify' || outcome.value.found.length === outcome.value.of;

/** Remembers what was done, for as long as the panel lives. */
export function createJobs(now: () => Date): Jobs {
  const jobs = new Map<string, Job>();
  const works = new Map<string, Work>();
  const watchers = new Map<string, Set<(job: Job) => void>>();

  const watchersOfAll = new Set<() => void>();
  const tellAll = () => {
    for (const each of [...watchersOfAll]) each();
  };

  const change = (id: string, what: Partial<Job>) => {
    const job = jobs.get(id);
    if (job === undefined || job.state !== 'running') return;
    const next = { ...job, ...what };
    jobs.set(id, next);
    if (next.state !== 'running') works.delete(id);
    for (const each of [...(watchers.get(id) ?? [])]) each(next);
    if (next.state === 'running') return;
    watchers.delete(id);
    tellAll();
  };

  const watch: Jobs['watch'] = (id, onChange) => {
    const all = watchers.get(id) ?? new Set();
    watchers.set(id, all.add(onChange));
    return () => void all.delete(onChange);
  };

  const running = () => [...jobs.values()].find(({ state }) => state === 'running');

  return {
    running,
    watch,
    watchAll(onChange) {
      watchersOfAll.add(onChange);
      return () => void watchersOfAll.delete(onChange);
    },
    find: (id) => jobs.get(id),
    start(order, about, begin) {
      if (running() !== undefined) return undefined;
      const id = randomBytes(9).toString('base64url');
      const job: Job = {
        id,
        order,
        about,
        startedAt: now(),
        state: 'running',
        stopping: false,
        progress: undefined,
        outcome: undefined,
        problem: undefined,
      };
      jobs.set(id, job);
      for (const old of [...jobs.keys()].slice(0, -REMEMBERED)) jobs.delete(old);
      const work = begin((progress) => change(id, { progress }));
      works.set(id, work);
      tellAll();
      work.outcome.then(
        (outcome) => change(id, { state: isWhole(outcome) ? 'done' : 'cancelled', outcome }),
        (error: unknown) =>
          change(
            id,
            error instanceof Stopped ? { state: 'cancelled' } : { state: 'failed', problem: problemOf(error) },
          ),
      );
      return job;
    },
    cancel(id) {
      const job = jobs.get(id);
      const work = works.get(id);
      if (job === undefined || work === undefined || !canCancel(job)) return;
      change(id, { stopping: true });
      work.stop();
    },
    settled(id, milliseconds) {
      if (jobs.get(id)?.state !== 'running') return Promise.resolve();
      return new Promise((done) => {
        const stop = () => {
          clearTimeout(timer);
          forget();
          done();
        };
        const timer = setTimeout(stop, milliseconds);
        const forget = watch(id, ({ state }) => {
          if (state !== 'running') stop();
        });
      });
    },
  };
}
