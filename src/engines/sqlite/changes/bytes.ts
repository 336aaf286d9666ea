import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { realPath } from '../../../files/real-path.ts';
import { type Held, heldOpen } from '../held-open.ts';
import type { Moment } from '../moment.ts';
import { openWal, type WalState } from './wal.ts';

/** Bytes of a database file by their position. */
export interface Bytes {
  readonly length: number;
  /** Fills `into` from a position; returns how much of it there was. */
  read(into: Buffer, at: number): number;
}

/** Of each page something is held in memory. */
const LARGEST = 1024 * 1024 * 1024;

/** What `work` makes of the pages as they are in a moment; undefined where nobody can see them, and where there are too many. */
export async function bytesOf<T>(
  { db, file, which, pagesIn, wal }: Moment,
  work: (bytes: Bytes) => Promise<T>,
): Promise<T | undefined> {
  const length = sizeOfPages(db);
  if (length > LARGEST) return undefined;
  switch (pagesIn) {
    case 'copy': {
      const copy = openSync(file, 'r');
      return await work(bytesIn({ file: copy })).finally(() => closeSync(copy));
    }
    case 'file':
      return work(bytesIn(heldOpenAs(which, file)));
    case 'wal':
      return wal && withWal(heldOpenAs(which, file), realPath(file), wal, length, pageSizeOf(db), work);
  }
}

/** With what is still in the WAL. */
export const sizeOfPages = (db: Moment['db']): number =>
  Number(db.pragma('page_count', { simple: true })) * pageSizeOf(db);

const pageSizeOf = (db: Moment['db']): number => Number(db.pragma('page_size', { simple: true }));

/** Throws where another file has been put in the place of the one that was opened. */
function heldOpenAs(which: string | undefined, file: string): Held {
  const held = heldOpen(file);
  if (held.which !== which) throw new Error('another file is in its place');
  return held;
}

const bytesIn = (held: Pick<Held, 'file'>): Bytes => ({
  length: fstatSync(held.file).size,
  read: (into, at) => readSync(held.file, into, 0, into.length, at),
});

/**
 * The pages of a moment in WAL mode: each as the newest frame has it that was committed then, and else as the file has it, into which nobody
 * brings later ones while the transaction is open. Throws where the WAL was begun anew meanwhile.
 */
async function withWal<T>(
  database: Held,
  file: string,
  state: WalState,
  length: number,
  pageSize: number,
  work: (bytes: Bytes) => Promise<T>,
): Promise<T> {
  const wal = openWal(file, state, pageSize);
  try {
    const result = await work({
      length,
      read(into, at) {
        let read = readSync(database.file, into, 0, into.length, at);
        for (let from = 0; from < into.length; from += pageSize) {
          const isThere = wal.take((at + from) / pageSize + 1, into.subarray(from, from + pageSize));
          if (isThere && from <= read) read = Math.max(read, from + pageSize);
        }
        return Math.min(read, into.length);
      },
    });
    if (!wal.isSame()) throw new Error('the WAL was begun anew');
    return result;
  } finally {
    wal.close();
  }
}
