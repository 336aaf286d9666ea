import { fork } from 'node:child_process';
import type { Config } from '../core/config.ts';
import { errorOf } from '../core/errors.ts';
import { helperEnded } from '../core/problems/machine.ts';
import type { Order, Outcome } from './jobs.ts';
import { type Asked, type Progress, Stopped, type Told } from './protocol.ts';
import type { Act, Asks } from './worker/acts.ts';

/** How a helper is started, and in what. */
export interface Calling {
  readonly program: string;
  readonly flags: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What starts it; tests lend the same one to many panels. */
  readonly start?: StartHelper | undefined;
}

/**
 * A process that opens the database for the panel. The app may have it open with another copy of SQLite, and two copies in one
 * process take each other's locks away; nor must reading a large table hold up the app.
 */
export interface Helper {
  readonly pid: number;
  /** Says whose database it works on, and where; from then on, if it worked for another before. */
  open(place: Pick<Calling, 'flags' | 'cwd'>): void;
  ask<N extends Act>(name: N, args: Asks[N][0]): Promise<Asks[N][1]>;
  /** `onStopping` is called when it was told to stop and does. */
  run(order: Order, onProgress: (progress: Progress) => void, onStopping: () => void): Promise<Outcome>;
  /** Asks it to stop what it does, which then throws Stopped, or is done where it was too late. */
  stop(): void;
  /** Lets it end when it is done. */
  release(): void;
  /** Ends it now. By the laws of backups and restores, what is whole stays whole. */
  kill(): void;
  readonly ended: Promise<void>;
}

interface Waiting {
  hear(told: Told): void;
  reject(error: unknown): void;
}

export type StartHelper = (calling: Calling) => Helper;

export function startHelper({ program, flags, cwd, env }: Calling): Helper {
  const child = fork(program, [], {
    cwd,
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let isOver = false;
  const say = (words: Asked) => void (child.connected && child.send(words, () => {}));
  child.on('message', (told: Told) => waiting.get(told.id)?.hear(told));
  const ended = new Promise<void>((done) => {
    const over = () => {
      isOver = true;
      for (const each of waiting.values()) each.reject(helperEnded()());
      waiting.clear();
      done();
    };
    child.on('exit', over);
    child.on('error', over);
  });
  const open: Helper['open'] = (place) => say({ kind: 'open', flags: place.flags, cwd: place.cwd });
  open({ flags, cwd });
  /** The app may end whenever it likes, unless somebody waits for an answer. */
  const holdWhileAsked = () => {
    if (waiting.size > 0) {
      child.ref();
      child.channel?.ref();
    } else {
      child.unref();
      child.channel?.unref();
    }
  };
  holdWhileAsked();
  const answerTo = (
    name: Act,
    args: Asks[Act][0],
    onProgress: (progress: Progress) => void = () => {},
    onStopping: () => void = () => {},
  ) =>
    new Promise<string>((done, fail) => {
      if (isOver) return fail(helperEnded()());
      const id = ++asked;
      const settle = (work: () => void) => {
        waiting.delete(id);
        holdWhileAsked();
        work();
      };
      waiting.set(id, {
        reject: fail,
        hear(told) {
          if (told.kind === 'progress') onProgress(told.progress);
          else if (told.kind === 'stopping') onStopping();
          else if (told.kind === 'answer') settle(() => done(told.text));
          else if (told.kind === 'stopped') settle(() => fail(new Stopped()));
          else settle(() => fail(errorOf(told.problem)));
        },
      });
      holdWhileAsked();
      say({ kind: 'act', id, name, args });
    });
  return {
    pid: child.pid ?? 0,
    open,
    ended,
    ask: async (name, args) => JSON.parse(await answerTo(name, args)),
    async run({ name, args }, onProgress, onStopping) {
      const value = JSON.parse(await answerTo(name, args, onProgress, onStopping));
      return { name, value };
    },
    stop() {
      for (const id of waiting.keys()) say({ kind: 'stop', id });
    },
    release: () => void (child.connected && child.disconnect()),
    kill: () => void child.kill('SIGKILL'),
  };
}
