import { Worker } from 'node:worker_threads';
import type { SchemaObject } from '../../core/manifest.ts';
import type { LongValue } from './long-values.ts';
import type { Field } from './rows.ts';
import type { SqliteSettings } from './settings.ts';

/** What the second thread is told and answers. */
export interface Setup {
  readonly file: string;
  readonly settings: SqliteSettings;
  readonly tables: readonly SchemaObject[];
}

export type Message =
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly fields: readonly Field[];
      readonly lines: Uint8Array;
      readonly values: readonly LongValue[];
    }
  | { readonly kind: 'finish' }
  /** To compare the indexes of the database that was made with its tables. */
  | { readonly kind: 'check'; readonly file: string };

export interface Done {
  readonly rows: number;
  readonly faults: readonly string[];
}

export type Answer = Done | { readonly error: { readonly message: string; readonly code: string } };

/** The thread, as whoever started it sees it. */
export interface Thread {
  /** Resolves once there is room for more; its `rows` once these lines are in. */
  insert(
    table: string,
    fields: readonly Field[],
    lines: Uint8Array,
    values: readonly LongValue[],
  ): Promise<{ rows: Promise<number> }>;
  ask(message: Message): Promise<Done>;
  stop(): Promise<void>;
}

const BYTES_ON_THEIR_WAY = 3 * 1024 * 1024;

/** What is all of a piece of memory, or all that is wanted of it, changes hands without being copied. */
function movable(message: Message): ArrayBuffer[] {
  if (message.kind !== 'insert') return [];
  const { buffer, byteLength } = message.lines;
  const whole = buffer.byteLength === byteLength ? [buffer] : [];
  return [...whole, ...message.values.map(({ bytes }) => bytes.buffer)].filter((each) => each instanceof ArrayBuffer);
}

export function startThread(script: URL, setup: Setup): Thread {
  const worker = new Worker(script, { workerData: setup, execArgv: [] });
  const waiting: { resolve: (done: Done) => void; reject: (error: unknown) => void }[] = [];
  const running = new Set<Promise<number>>();
  let onTheirWay = 0;
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    for (const each of waiting.splice(0)) each.reject(error);
  };
  worker.on('error', fail);
  worker.on('message', (answer: Answer) => {
    if ('error' in answer) fail(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    else waiting.shift()?.resolve(answer);
  });
  const ask = (message: Message): Promise<Done> => {
    if (failure) return Promise.reject(failure.error);
    const answer = new Promise<Done>((resolve, reject) => waiting.push({ resolve, reject }));
    worker.postMessage(message, movable(message));
    return answer;
  };
  return {
    async insert(table, fields, lines, values) {
      const length = values.reduce((sum, { bytes }) => sum + bytes.length, lines.length);
      while (running.size > 0 && onTheirWay + length > BYTES_ON_THEIR_WAY) await Promise.race(running);
      onTheirWay += length;
      const rows = ask({ kind: 'insert', table, fields, lines, values })
        .then((done) => done.rows)
        .finally(() => {
          onTheirWay -= length;
          running.delete(rows);
        });
      running.add(rows);
      // Whoever awaits it sees the failure; until then it is not unhandled.
      rows.catch(() => {});
      return { rows };
    },
    ask,
    async stop() {
      fail(new Error('the second thread was stopped'));
      await worker.terminate();
    },
  };
}
