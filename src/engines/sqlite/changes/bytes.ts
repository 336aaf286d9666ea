import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Moment } from '../moment.ts';

/** Bytes of a database file by their position. */
export interface Bytes {
  readonly length: number;
  /** Fills `into` from a position; returns how much of it there was. */
  read(into: Buffer, at: number): number;
}

/** The pages of a database that is in WAL mode are held in memory while they are gone over, so not of a larger one. */
const LARGEST_IN_MEMORY = 80 * 1024 * 1024;

/** Of each page something is held in memory. */
const LARGEST = 1024 * 1024 * 1024;

/** The pages as they are in a moment; undefined where that takes more memory than there may be. */
export async function bytesOf<T>(
  { db, file, pagesIn }: Moment,
  work: (bytes: Bytes) => Promise<T>,
): Promise<T | undefined> {
  const size = sizeOfPages(db);
  if (size > (pagesIn === 'wal' ? LARGEST_IN_MEMORY : LARGEST)) return undefined;
  switch (pagesIn) {
    case 'copy': {
      const copy = openSync(file, 'r');
      return await work(bytesIn(copy)).finally(() => closeSync(copy));
    }
    case 'file':
      return work(bytesIn(heldOpen(file)));
    case 'wal': {
      // As SQLite itself gives them, with what is still in the WAL.
      const all = db.serialize();
      return work({ length: all.length, read: (into, at) => all.copy(into, 0, at, at + into.length) });
    }
  }
}

/** With what is still in the WAL. */
export const sizeOfPages = (db: Moment['db']): number =>
  Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));

const bytesIn = (file: number): Bytes => ({
  length: fstatSync(file).size,
  read: (into, at) => readSync(file, into, 0, into.length, at),
});

const open = new Map<string, number>();

/**
 * Opens a file and never closes it while it is there: the system gives file locks to processes, and to close a file drops those of every
 * connection that this process has to it, an app's own among them.
 */
function heldOpen(path: string): number {
  const known = open.get(path);
  const now = statSync(path, { bigint: true });
  if (known !== undefined) {
    const then = fstatSync(known, { bigint: true });
    if (then.ino === now.ino && then.dev === now.dev) return known;
    open.delete(path);
    // Of a file that nobody can find any more there is nothing to be locked out of.
    if (then.nlink === 0n) closeSync(known);
  }
  const file = openSync(path, 'r');
  open.set(path, file);
  return file;
}
