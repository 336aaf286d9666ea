import { parentPort, workerData } from 'node:worker_threads';
import { blobId } from '../../core/digest.ts';
import { reasonOf } from '../../core/errors.ts';
import type { Slice } from '../../core/slices.ts';
import { begin, keepPages } from './moment.ts';
import { type Db, openForReading } from './open.ts';
import { type Ask, NEXT, type Order, type Shared, STOPPED, type Tell, WAITING } from './reader-messages.ts';
import { registerRowFunctions } from './rows.ts';
import { readSettings } from './schema.ts';
import { sliceReader } from './table-rows.ts';

/** What `reader-thread.ts` starts: reads the ranges that it gets hold of, in order, and sends what it found. */
const { busyTimeout, state }: Order = workerData;

const BYTES_AHEAD = 8 * 1024 * 1024;

const tell = (told: Tell, moved: ArrayBuffer[] = []) => parentPort?.postMessage(told, moved);
const isStopped = () => Atomics.load(state, STOPPED) === 1;

let db: Db | undefined;

function begun(file: string): Db {
  if (db === undefined) {
    const opened = openForReading(file, { busyTimeout });
    registerRowFunctions(opened, readSettings(opened).encoding);
    begin(opened);
    return opened;
  }
  db.exec('COMMIT');
  begin(db);
  return db;
}

/** The range that this thread has taken; it may be of a table that is still to come. */
let taken: number | undefined;

function share(db: Db, encoding: string, { table, size, first, ranges }: Shared): void {
  let slicesOf: ReturnType<typeof sliceReader> | undefined;
  for (;;) {
    taken ??= Atomics.add(state, NEXT, 1);
    const range = ranges[taken - first];
    if (range === undefined || isStopped()) return;
    if (slicesOf === undefined) {
      keepPages(db, table.only === undefined ? 'few' : 'many');
      slicesOf = sliceReader(db, table, encoding, size);
    }
    for (const slice of slicesOf(range)) {
      waitForRoom();
      if (isStopped()) return;
      // What is larger than all that may wait is left to the other thread, which need not hold it whole.
      if (slice.bytes > BYTES_AHEAD && slice.keys !== undefined) tell({ kind: 'left', keys: slice.keys });
      else send(slice);
    }
    tell({ kind: 'end' });
    taken = undefined;
  }
}

/** Whoever puts the slices away is slower at times than who finds them: then this thread sleeps. */
function waitForRoom(): void {
  for (let waiting = Atomics.load(state, WAITING); waiting > BYTES_AHEAD && !isStopped(); ) {
    Atomics.wait(state, WAITING, waiting);
    waiting = Atomics.load(state, WAITING);
  }
}

/** Sent as one piece of memory of its own, which changes hands without being copied again. */
function send({ rows, mark, keys, chunks, bytes: length }: Slice): void {
  const bytes = wholeOf(chunks, length);
  // Whoever puts slices away has the time to name them as long as none is waiting.
  const id = Atomics.add(state, WAITING, length) > 0 ? blobId(bytes) : undefined;
  tell({ kind: 'slice', rows, mark, keys, id, bytes }, [bytes.buffer]);
}

function wholeOf(chunks: Iterable<Uint8Array>, length: number): Uint8Array<ArrayBuffer> {
  const [only] = chunks;
  if (only?.buffer instanceof ArrayBuffer && only.buffer.byteLength === length) return new Uint8Array(only.buffer);
  const bytes = new Uint8Array(new ArrayBuffer(length));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

parentPort?.on('message', (ask: Ask) => {
  try {
    if (ask.kind === 'share' && db !== undefined) {
      const { encoding } = readSettings(db);
      for (const each of ask.tables) share(db, encoding, each);
    }
    if (ask.kind === 'begin') {
      db = begun(ask.file);
      tell({ kind: 'begun' });
    }
    if (ask.kind === 'close') {
      db?.close();
      parentPort?.close();
    }
  } catch (error) {
    // An error's code is lost on the way between threads.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    tell({ kind: 'failed', message: reasonOf(error), code });
  }
});
