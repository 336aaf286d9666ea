import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Range, Slice } from '../../core/slices.ts';
import { begin, type Moment } from './moment.ts';
import type { SqliteOptions } from './open.ts';
import type { Table } from './schema.ts';
import type { TableSize } from './table-rows.ts';

/**
 * A second pair of eyes for large tables. Making lines out of rows is most of a backup, so a thread with a connection of its own
 * reads some of the ranges between a table's cuts while this one reads others and puts away what both found.
 */
export interface SecondReader {
  /** Whether it has come to see the very same moment; without that it must not share. */
  join(moment: Moment): Promise<boolean>;
  /** The slices of all the ranges, in order; `here` reads a range in this thread. */
  share(
    table: Table,
    size: TableSize,
    ranges: readonly Range[],
    here: (within: Range) => Iterable<Slice>,
  ): AsyncGenerator<Slice>;
  close(): Promise<void>;
}

export interface Order {
  readonly busyTimeout: number;
  /** What both sides see: `NEXT`, `WAITING` and `STOPPED`. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** The range that nobody has taken yet. */
export const NEXT = 0;
/** Bytes that were sent and not yet used. */
export const WAITING = 1;
export const STOPPED = 2;

export type Ask =
  | { readonly kind: 'begin'; readonly file: string }
  | { readonly kind: 'share'; readonly table: Table; readonly size: TableSize; readonly ranges: readonly Range[] }
  | { readonly kind: 'close' };

export type Tell =
  | { readonly kind: 'begun' }
  | { readonly kind: 'slice'; readonly rows: number; readonly mark: string; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string };

const SCRIPT = new URL(`./second-reader-thread${extname(import.meta.url)}`, import.meta.url);
/** Below this a thread would be started for less work than starting it is. */
const LARGE_FILE = 8 * 1024 * 1024;

/** None where it would not pay, or could not be: a thread can only be started from compiled code, and has nothing an app registers. */
export function secondReader(fileSize: number, options: SqliteOptions): SecondReader | undefined {
  if (SCRIPT.pathname.endsWith('.ts') || options.prepare !== undefined || fileSize < LARGE_FILE) return undefined;
  const state = new Int32Array(new SharedArrayBuffer(12));
  const workerData: Order = { busyTimeout: options.busyTimeout, state };
  const thread = conversation(new Worker(SCRIPT, { workerData, execArgv: [] }));
  return {
    join: (moment) => join(moment, thread),
    share: (table, size, ranges, here) => share(thread, state, { kind: 'share', table, size, ranges }, here),
    close() {
      Atomics.store(state, STOPPED, 1);
      Atomics.notify(state, WAITING);
      return thread.end();
    },
  };
}

const ATTEMPTS = 5;

/**
 * Both connections see the same rows if nobody committed between the beginning of the one's transaction and the other's. On a
 * database that is written to all the time this may not come true; then one reads alone.
 */
async function join({ db, file, isAlone }: Moment, thread: Conversation): Promise<boolean> {
  thread.ask({ kind: 'begin', file });
  if (isAlone) return (await thread.next()).kind === 'begun';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    db.exec('COMMIT');
    const version = db.pragma('data_version', { simple: true });
    if (attempt > 0) thread.ask({ kind: 'begin', file });
    const told = await thread.next();
    begin(db);
    if (told.kind === 'begun' && db.pragma('data_version', { simple: true }) === version) return true;
  }
  return false;
}

async function* share(
  thread: Conversation,
  state: Int32Array<SharedArrayBuffer>,
  ask: Extract<Ask, { kind: 'share' }>,
  here: (within: Range) => Iterable<Slice>,
): AsyncGenerator<Slice> {
  Atomics.store(state, NEXT, 0);
  thread.ask(ask);
  let ours = Atomics.add(state, NEXT, 1);
  for (const [at, range] of ask.ranges.entries()) {
    if (at === ours) {
      yield* here(range);
      ours = Atomics.add(state, NEXT, 1);
      continue;
    }
    for (let told = await thread.next(); told.kind === 'slice'; told = await thread.next()) {
      const { rows, mark, bytes } = told;
      Atomics.sub(state, WAITING, bytes.length);
      Atomics.notify(state, WAITING);
      yield { rows, mark, bytes: bytes.length, chunks: [bytes] };
    }
  }
  // Its 'end': only then does it take no more, and the next table's ranges can be numbered from 0 again.
  await thread.next();
}

interface Conversation {
  ask(ask: Ask): void;
  /** What the thread says next. Throws what went wrong there, or that it died. */
  next(): Promise<Tell>;
  end(): Promise<void>;
}

function conversation(worker: Worker): Conversation {
  const told: Tell[] = [];
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
