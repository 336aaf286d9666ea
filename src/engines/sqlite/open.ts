import { databaseMissing, databaseNotAFile } from '../../core/problems/database.ts';
import { statIfThere } from '../../files/if-there.ts';
import { connect, type Db } from './driver.ts';
import { neighbourOf } from './neighbour.ts';
import { sqliteProblem } from './sqlite-problem.ts';

export type { Db } from './driver.ts';

/** Registers what the app itself registers: functions, collations, extensions. */
export type Prepare = (db: Db) => void;

export interface SqliteOptions {
  readonly prepare?: Prepare;
  /** How long to wait for a lock, in milliseconds. */
  readonly busyTimeout: number;
  /** A database of fewer bytes is read whole each time, which takes no longer than to find what has changed. */
  readonly wholeBelow?: number;
}

/** Runs `work` and puts whatever SQLite throws into our words. */
export function withProblems<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteProblem(path, error);
  }
}

/** Throws unless a database could be here: a file, and not one of another kind. */
function mustBeDatabase(path: string): void {
  const stat = statIfThere(path);
  if (stat === undefined) throw databaseMissing(path, neighbourOf(path))();
  if (!stat.isFile()) throw databaseNotAFile(path)();
}

function open(path: string, options: SqliteOptions, readonly: boolean): Db {
  const db = connect(path, { readonly, fileMustExist: true, timeout: options.busyTimeout });
  try {
    distrust(db, options);
    // The first read is what finds out whether this is a database at all.
    db.pragma('schema_version');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens for reading. A database whose last writer died in the middle needs its journal rolled back, which a read-only
 * connection may not do: then it is opened for writing, and only read.
 */
export function openForReading(path: string, options: SqliteOptions): Db {
  mustBeDatabase(path);
  return withProblems(path, () => {
    try {
      return open(path, options, true);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!code.startsWith('SQLITE_READONLY') && code !== 'SQLITE_CANTOPEN') throw error;
      const db = open(path, options, false);
      db.pragma('query_only = on');
      return db;
    }
  });
}

export function openForWriting(path: string, options: SqliteOptions): Db {
  mustBeDatabase(path);
  return withProblems(path, () => open(path, options, false));
}

/** A new database that nobody else knows of yet: its journal need not outlive it, because an unfinished one is thrown away. */
export function openForBuilding(path: string, options: SqliteOptions): Db {
  return withProblems(path, () => {
    const db = connect(path, { timeout: options.busyTimeout });
    distrust(db, options);
    db.pragma('ignore_check_constraints = on');
    db.pragma('journal_mode = memory');
    db.pragma('synchronous = off');
    db.pragma('locking_mode = exclusive');
    db.pragma('cache_size = -16384');
    return db;
  });
}

/**
 * A schema is somebody's code: what it may call is limited to what is harmless, unless the app registers functions of its
 * own, which SQLite cannot know to be.
 */
function distrust(db: Db, options: SqliteOptions): void {
  // The app's own habits, which it may set here too, come before ours.
  options.prepare?.(db);
  db.defaultSafeIntegers(false);
  db.pragma(`trusted_schema = ${options.prepare === undefined ? 'off' : 'on'}`);
  db.pragma('foreign_keys = off');
}
