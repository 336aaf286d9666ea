import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { whichFile } from '../../files/if-there.ts';
import { toStartPrograms } from '../../files/programs.ts';
import { realPath } from '../../files/real-path.ts';
import { sizeOfPages } from './changes/bytes.ts';
import { type WalState, walState } from './changes/wal.ts';
import { type Db, openForReading, type SqliteOptions } from './open.ts';
import { makePrivate } from './private.ts';
import { copyProblem, sqliteProblem } from './sqlite-problem.ts';

/** One moment of a database, held by an open read transaction. */
export interface Moment {
  readonly db: Db;
  /** Where another connection finds the same rows: the database itself, or the copy that was made aside. */
  readonly file: string;
  /** Which file that was when it was opened: another may be put in its place meanwhile. Undefined where that happened while it was opened. */
  readonly which: string | undefined;
  /**
   * Where the pages of this moment are: in the WAL and the file; in the file, which nobody can write to as long as the transaction is open; or
   * in a copy, where nobody else can write at all.
   */
  readonly pagesIn: 'wal' | 'file' | 'copy';
  /** Large enough that it is looked for what has changed. */
  readonly isFollowed: boolean;
  /** What there is in the WAL of this moment; undefined where nobody can say. */
  readonly wal?: WalState | undefined;
  close(): Promise<void>;
}

/** A smaller database is read whole each time, which takes no longer than to find what has changed. */
const WHOLE_BELOW = 8 * 1024 * 1024;

/** So many bytes are read in place whatever the journal mode: that takes no longer than a query of the app's. */
export const SOON_READ = 4 * 1024 * 1024;

/** Begins a moment in the database itself. Throws what SQLite says, in our words. */
export function beginMoment(path: string, options: SqliteOptions): Moment {
  const before = whichFile(path);
  const db = openForReading(path, options);
  try {
    keepPages(db, 'few');
    const which = whichFile(path) === before ? before : undefined;
    const isFollowed = sizeOfPages(db) >= (options.wholeBelow ?? WHOLE_BELOW);
    return beginAgain({ db, file: path, which, pagesIn: 'file', isFollowed, close: async () => void db.close() });
  } catch (error) {
    if (db.open) db.close();
    throw sqliteProblem(path, error);
  }
}

/** An app that writes all the time commits thousands of times a second, and to begin takes less than a tenth of a thousandth. */
const ATTEMPTS = 20;

/** The moment that it is now. In WAL mode it is begun anew until nobody has committed meanwhile, so that it is known what the WAL had of it. */
export function beginAgain({ wal: _, ...moment }: Moment): Moment {
  const { db, isFollowed } = moment;
  const file = realPath(moment.file);
  const inWal = { ...moment, pagesIn: 'wal' as const };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (db.inTransaction) db.exec('COMMIT');
    const before = isFollowed ? walState(file) : undefined;
    begin(db);
    // Only now nobody can give it another mode.
    if (db.pragma('journal_mode', { simple: true }) !== 'wal') return { ...moment, pagesIn: 'file' };
    if (before === undefined) return inWal;
    if (walState(file)?.bytes.equals(before.bytes)) return { ...inWal, wal: before };
  }
  return inWal;
}

/**
 * In WAL mode a read transaction holds a moment and hinders nobody. In the other journal modes a reader keeps writers waiting, so
 * where there is much to read the database is first copied aside, which is a tenth of the time of reading it. `look` is called meanwhile.
 */
export async function copyAside<T>(
  { db, file: path, which, isFollowed }: Moment,
  scratch: string,
  options: SqliteOptions,
  look: () => T,
): Promise<{ moment: Moment; found: T }> {
  const file = `${scratch}/reading-${process.pid}.db`;
  let aside: Db | undefined;
  const close = () => {
    aside?.close();
    return rm(file, { force: true });
  };
  try {
    rmSync(file, { force: true });
    const [copied, found] = await Promise.allSettled([copyHeld(db, path, which, file), (async () => look())()]);
    if (copied.status === 'rejected') throw copied.reason;
    if (found.status === 'rejected') throw found.reason;
    db.close();
    aside = openForReading(file, options);
    keepPages(aside, 'few');
    begin(aside);
    const moment: Moment = { db: aside, file, which: whichFile(file), pagesIn: 'copy', isFollowed, close };
    return { moment, found: found.value };
  } catch (error) {
    if (db.open) db.close();
    await close();
    throw error;
  }
}

/** Another number wherever somebody else has committed since the last one: then it is another moment. */
export function versionOf(db: Db): unknown {
  return db.pragma('data_version', { simple: true });
}

/**
 * Where each page is read once, keeping more of them only takes memory that nothing has touched yet: a third of the time of a look at
 * all pages. Conditions, and rows that point to others, are looked up in no order.
 */
export function keepPages(db: Db, how: 'few' | 'many'): void {
  db.pragma(`cache_size = ${how === 'few' ? -1024 : -16384}`);
}

/** A transaction only holds its moment from the first read on. */
export function begin(db: Db): void {
  db.exec('BEGIN');
  db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
}

const run = promisify(execFile);

/**
 * Copies a database while an open read transaction keeps every writer out of its file. Another process must do it: the system
 * gives file locks to processes, and closing the file here would drop those of every connection that this process has to it.
 *
 * It must make the file, too, and as its owner's alone: where it empties one that is there, ext4 writes all of the copy to the disk
 * once it is closed, and deleting it waits for that, a tenth of a whole backup.
 */
async function copyHeld(db: Db, path: string, which: string | undefined, file: string): Promise<void> {
  try {
    const copying = ['-c', 'umask 077; exec cp -- "$1" "$2"', 'sh', path, file];
    await run('/bin/sh', copying, { env: toStartPrograms(process.env) });
    if (whichFile(path) !== which) throw new Error('another file is in its place');
  } catch {
    // No such program, another file in its place, or no room for the copy, which SQLite's own way says better.
    rmSync(file, { force: true });
    makePrivate(file);
    try {
      await db.backup(file, { progress: () => 0x7fffffff });
    } catch (error) {
      throw copyProblem(path, file, error);
    }
  }
}
