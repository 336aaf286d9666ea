import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Range, Slice } from '../../core/slices.ts';
import { whichFile } from '../../files/if-there.ts';
import { HUGE_ROW } from './huge-row.ts';
import { beginAgain, type Moment, versionOf } from './moment.ts';
import type { SqliteOptions } from './open.ts';
import { type Ahead, ahead } from './read-ahead.ts';
import {
  type Conversation,
  conversation,
  type Divided,
  NEXT,
  type Order,
  type Shared,
  STOPPED,
  type Told,
  WAITING,
} from './reader-messages.ts';
import { threadScript } from './thread-script.ts';

/**
 * A second thread for large tables. Making lines out of rows is most of a backup, so a thread with a connection of its own
 * reads some of the ranges between a table's cuts while this one reads others and puts away what both found.
 */
export interface ReaderThread {
  /** Has it see the very same moment, which may be a later one; without that it must not share. */
  join(moment: Moment): Promise<Joined>;
  /** Gives it the tables to share. They are read in the order in which they are given. */
  share(tables: readonly Divided[]): void;
  /** The slices of a table, in order, where it was given; `here` reads a range in this thread. */
  slices(table: string, here: (within: Range) => Iterable<Slice>): AsyncGenerator<Slice> | undefined;
  close(): Promise<void>;
}

export interface Joined {
  readonly moment: Moment;
  readonly isShared: boolean;
}

/** Below this a thread would be started for less work than starting it is. */
const LARGE_FILE = 8 * 1024 * 1024;

/** None where it would not pay, or could not be: a thread has nothing that an app registers. */
export function readerThread(fileSize: number, options: SqliteOptions): ReaderThread | undefined {
  if (options.prepare !== undefined || fileSize < LARGE_FILE) return undefined;
  const script = threadScript('reader-worker');
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
async function join(moment: Moment, thread: Conversation): Promise<Joined> {
  const { db, file, which, pagesIn } = moment;
  const ask = () => thread.ask({ kind: 'begin', file });
  if (pagesIn === 'copy') {
    // Only this moment is there to be seen. Should it fail to open the file it takes no range, and this thread reads them all.
    ask();
    return { moment, isShared: true };
  }
  let now = moment;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    db.exec('COMMIT');
    const version = versionOf(db);
    // Only now: what is committed after it began must be seen to differ.
    ask();
    const told = await thread.next();
    now = beginAgain(moment);
    // Nor must it have opened another file that was put in the place of this one.
    const isSame = versionOf(db) === version && whichFile(file) === which;
    if (told.kind === 'begun' && isSame) return { moment: now, isShared: true };
  }
  return { moment: now, isShared: false };
}

/** Lets messages come in. */
const turn = promisify(setImmediate);

function sharing(thread: Conversation, state: Int32Array<SharedArrayBuffer>): Pick<ReaderThread, 'share' | 'slices'> {
  const tables = new Map<string, Shared>();
  let position = 0;
  let ours: number | undefined;
  let begun: Ahead | undefined;
  const take = () => Atomics.add(state, NEXT, 1);

  /** What the thread says next. Rather than wait for it, this one goes on with the range that it has taken. */
  async function toldBeside(read: () => Ahead | undefined): Promise<Told> {
    while (!thread.hasTold() && read()?.more() === true) await turn();
    return thread.next();
  }

  async function* slices(
    { first, ranges, size }: Shared,
    here: (within: Range) => Iterable<Slice>,
  ): AsyncGenerator<Slice> {
    if (position > first) throw new Error('tables are read in order, each once');
    // A row too large to be held is read when somebody goes through it, and before anything else is.
    const canBeHeld = size.widest <= HUGE_ROW;
    const beginOurs = () => {
      const range = canBeHeld && ours !== undefined ? ranges[ours - first] : undefined;
      if (range === undefined) return undefined;
      begun ??= ahead(here(range));
      return begun;
    };
    for (ours ??= take(); position < first + ranges.length; position++) {
      const range = ranges[position - first];
      if (position === ours) {
        if (range !== undefined) yield* begun?.all() ?? here(range);
        begun = undefined;
        ours = take();
        continue;
      }
      for (let told = await toldBeside(beginOurs); told.kind !== 'end'; told = await toldBeside(beginOurs)) {
        if (told.kind === 'begun') continue;
        if (told.kind === 'left') {
          if (range !== undefined) yield* here(told.keys);
          continue;
        }
        const { rows, mark, keys, id, bytes } = told;
        Atomics.sub(state, WAITING, bytes.length);
        Atomics.notify(state, WAITING);
        // Without a range it is of a table that was passed over.
        if (range === undefined) continue;
        const known = { ...(keys === undefined ? {} : { keys }), ...(id === undefined ? {} : { id }) };
        yield { rows, mark, bytes: bytes.length, chunks: [bytes], ...known };
      }
    }
  }

  return {
    share(divided) {
      let first = 0;
      for (const each of divided) {
        tables.set(each.table.name, { ...each, first });
        first += each.ranges.length;
      }
      thread.ask({ kind: 'share', tables: [...tables.values()] });
    },
    slices(table, here) {
      const shared = tables.get(table);
      return shared && slices(shared, here);
    },
  };
}
