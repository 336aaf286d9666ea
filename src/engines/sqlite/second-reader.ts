import { Worker } from 'node:worker_threads';
import type { Range, Slice } from '../../core/slices.ts';
import { begin, type Moment, versionOf } from './moment.ts';
import type { SqliteOptions } from './open.ts';
import type { Table } from './schema.ts';
import type { TableSize } from './table-rows.ts';
import { threadScript } from './thread-script.ts';

/**
 * A second pair of eyes for large tables. Making lines out of rows is most of a backup, so a thread with a connection of its own
 * reads some of the ranges between a table's cuts while this one reads others and puts away what both found.
 */
export interface SecondReader {
  /** Whether it has come to see the very same moment; without that it must not share. */
  join(moment: Moment): Promise<boolean>;
  /** Gives it a table to share. They are read in the order in which they are given. */
  add(table: Table, size: TableSize, ranges: readonly Range[]): void;
  /** The slices of a table, in order, where it was given; `here` reads a range in this thread. */
  slices(table: string, here: (within: Range) => Iterable<Slice>): AsyncGenerator<Slice> | undefined;
  close(): Promise<void>;
}

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
  | ({ readonly kind: 'share'; readonly table: Table; readonly size: TableSize } & Shared)
  | { readonly kind: 'close' };

export interface Shared {
  /** The number of the first of its ranges. */
  readonly first: number;
  readonly ranges: readonly Range[];
}

export type Tell =
  | { readonly kind: 'begun' }
  | { readonly kind: 'slice'; readonly rows: number; readonly mark: string; readonly bytes: Uint8Array }
  /** A slice that is to be read by whoever uses it. */
  | { readonly kind: 'left'; readonly keys: Range }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string };

/** Below this a thread would be started for less work than starting it is. */
const LARGE_FILE = 8 * 1024 * 1024;

/** None where it would not pay, or could not be: a thread has nothing that an app registers. */
export function secondReader(fileSize: number, options: SqliteOptions): SecondReader | undefined {
  if (options.prepare !== undefined || fileSize < LARGE_FILE) return undefined;
  const script = threadScript('second-reader-thread');
  if (script === undefined) return undefined;
  const state = new Int32Array(new SharedArrayBuffer(12));
  const workerData: Order = { busyTimeout: options.busyTimeout, state };
  const thread = conversation(new Worker(script, { workerData, execArgv: [] }));
  return {
    join: (moment) => join(moment, thread),
    ...sharing(thread, state),
    close() {
      Atomics.store(state, STOPPED, 1);
      // Nothing waits any more: whoever is just about to sleep finds another value than it expects.
      Atomics.store(state, WAITING, 0);
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
  const ask = () => thread.ask({ kind: 'begin', file });
  if (isAlone) {
    ask();
    return (await thread.next()).kind === 'begun';
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    db.exec('COMMIT');
    const version = versionOf(db);
    // Only now: what is committed after it began must be seen to differ.
    ask();
    const told = await thread.next();
    begin(db);
    if (told.kind === 'begun' && versionOf(db) === version) return true;
  }
  return false;
}

function sharing(thread: Conversation, state: Int32Array<SharedArrayBuffer>): Pick<SecondReader, 'add' | 'slices'> {
  const tables = new Map<string, Shared>();
  let added = 0;
  let position = 0;
  let ours: number | undefined;
  const take = () => Atomics.add(state, NEXT, 1);

  async function* slices({ first, ranges }: Shared, here: (within: Range) => Iterable<Slice>): AsyncGenerator<Slice> {
    if (position > first) throw new Error('tables are read in order, each once');
    for (ours ??= take(); position < first + ranges.length; position++) {
      const range = ranges[position - first];
      if (position === ours) {
        if (range !== undefined) yield* here(range);
        ours = take();
        continue;
      }
      for (let told = await thread.next(); told.kind === 'slice' || told.kind === 'left'; told = await thread.next()) {
        if (told.kind === 'left') {
          if (range !== undefined) yield* here(told.keys);
          continue;
        }
        const { rows, mark, bytes } = told;
        Atomics.sub(state, WAITING, bytes.length);
        Atomics.notify(state, WAITING);
        // Without a range it is of a table that was passed over.
        if (range !== undefined) yield { rows, mark, bytes: bytes.length, chunks: [bytes] };
      }
    }
  }

  return {
    add(table, size, ranges) {
      const shared = { first: added, ranges };
      tables.set(table.name, shared);
      added += ranges.length;
      thread.ask({ kind: 'share', table, size, ...shared });
    },
    slices(table, here) {
      const shared = tables.get(table);
      return shared && slices(shared, here);
    },
  };
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
