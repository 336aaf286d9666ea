import type { Worker } from 'node:worker_threads';
import type { Range } from '../../core/slices.ts';
import type { Table } from './schema.ts';
import type { TableSize } from './table-rows.ts';

/** What the second reader is told and tells. */
export interface Order {
  readonly busyTimeout: number;
  /** What both sides see: `NEXT`, `WAITING` and `STOPPED`. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** The range that nobody has taken yet, counted over all the tables. */
export const NEXT = 0;
/** Bytes that were sent and not yet used. */
export const WAITING = 1;
export const STOPPED = 2;

export type Ask =
  | { readonly kind: 'begin'; readonly file: string }
  | { readonly kind: 'share'; readonly tables: readonly Shared[] }
  | { readonly kind: 'close' };

/** A table, and where it can be divided. */
export interface Divided {
  readonly table: Table;
  readonly size: TableSize;
  readonly ranges: readonly Range[];
}

export interface Shared extends Divided {
  /** The number of the first of its ranges. */
  readonly first: number;
}

export type Tell = Told | { readonly kind: 'failed'; readonly message: string; readonly code: string };

export type Told =
  | { readonly kind: 'begun' }
  | {
      readonly kind: 'slice';
      readonly rows: number;
      readonly mark: string;
      readonly keys: Range | undefined;
      readonly id: string | undefined;
      readonly bytes: Uint8Array;
    }
  /** A slice that is to be read by whoever uses it. */
  | { readonly kind: 'left'; readonly keys: Range }
  | { readonly kind: 'end' };

export interface Conversation {
  ask(ask: Ask): void;
  /** Whether `next` need not wait. */
  hasTold(): boolean;
  /** What the thread says next. Throws what went wrong there, or that it died. */
  next(): Promise<Told>;
  end(): Promise<void>;
}

export function conversation(worker: Worker): Conversation {
  const told: Told[] = [];
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the second reader ended early')));
  worker.on('message', (tell: Tell) => {
    if (tell.kind === 'failed') {
      fail(Object.assign(new Error(tell.message), { code: tell.code }));
      return;
    }
    told.push(tell);
    wake();
  });
  return {
    ask: (ask) => worker.postMessage(ask),
    hasTold: () => told.length > 0 || failure !== undefined,
    async next() {
      for (;;) {
        const tell = told.shift();
        if (tell !== undefined) return tell;
        if (failure) throw failure.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    end() {
      worker.postMessage({ kind: 'close' } satisfies Ask);
      return ended;
    },
  };
}
