import { Worker } from 'node:worker_threads';
import type { Settings } from '../../core/manifest.ts';
import type { Field } from './rows.ts';

export interface ThreadSetup {
  readonly file: string;
  readonly settings: Settings;
  readonly definitions: readonly string[];
}

export type ThreadMessage =
  | { readonly kind: 'insert'; readonly table: string; readonly fields: readonly Field[]; readonly slice: Uint8Array }
  | { readonly kind: 'finish' };

type Answer = { readonly rows: number } | { readonly error: unknown };

/** A second pair of hands: a thread that inserts rows into a database of its own, which is then copied over. */
export interface SecondBuilder {
  /** Hands a slice over and waits while too many are on their way. Throws what the thread threw. */
  insert(table: string, fields: readonly Field[], slice: Uint8Array): Promise<void>;
  /** All is inserted, committed and closed; how many rows that were. */
  finish(): Promise<number>;
  stop(): Promise<void>;
}

const ON_THEIR_WAY = 4;

export function startSecondBuilder(setup: ThreadSetup): SecondBuilder {
  // Run from source, the thread needs what the program itself was started with to read TypeScript.
  const fromSource = import.meta.url.endsWith('.ts');
  const script = new URL(fromSource ? './second-thread.ts' : './second-thread.js', import.meta.url);
  const worker = new Worker(script, { workerData: setup, ...(fromSource ? { execArgv: ['--import', 'tsx'] } : {}) });
  const waiting: { resolve: (rows: number) => void; reject: (error: unknown) => void }[] = [];
  let failure: { error: unknown } | undefined;
  let rows = 0;
  const fail = (error: unknown) => {
    failure ??= { error };
    for (const each of waiting.splice(0)) each.reject(error);
  };
  worker.on('error', fail);
  worker.on('message', (answer: Answer) => {
    if ('error' in answer) fail(answer.error);
    else waiting.shift()?.resolve(answer.rows);
  });
  const running = new Set<Promise<void>>();
  const ask = async (message: ThreadMessage) => {
    if (failure) throw failure.error;
    const answer = new Promise<number>((resolve, reject) => waiting.push({ resolve, reject }));
    worker.postMessage(message);
    rows += await answer;
  };
  return {
    async insert(table, fields, slice) {
      while (running.size >= ON_THEIR_WAY) await Promise.race(running);
      const one = ask({ kind: 'insert', table, fields, slice }).finally(() => running.delete(one));
      running.add(one);
      one.catch(() => {});
      if (failure) throw failure.error;
    },
    async finish() {
      await Promise.all(running);
      await ask({ kind: 'finish' });
      return rows;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
