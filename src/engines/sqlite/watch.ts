import { statSync } from 'node:fs';
import { OverwinterError } from '../../core/errors.ts';
import type { Watch } from '../engine.ts';
import { type Db, openForReading, openForWriting, type SqliteOptions } from './open.ts';

/**
 * Asks SQLite's own counter, which grows with every commit of every other connection, in this process or another; so it needs a
 * connection that never commits anything itself, and nothing in the user's schema.
 */
export function watch(path: string, options: SqliteOptions): Watch {
  let open: { readonly db: Db; readonly file: string } | undefined;
  let version: unknown;
  let wasThere = false;

  const close = () => {
    open?.db.close();
    open = undefined;
    version = undefined;
  };

  /** The file may be replaced by another one: a restore does that. */
  const connection = (file: string): Db => {
    if (open?.file !== file) close();
    open ??= { db: openWatching(path, options), file };
    return open.db;
  };

  return {
    async changed() {
      try {
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat === undefined) {
          close();
          const gone = wasThere;
          wasThere = false;
          return gone;
        }
        wasThere = true;
        const now = connection(`${stat.dev}:${stat.ino}`).pragma('data_version', { simple: true });
        const changed = now !== version;
        version = now;
        return changed;
      } catch {
        // Somebody is writing, or the file cannot be read, or is no database: a look is due, and the look says what is wrong.
        return true;
      }
    },
    close: async () => close(),
  };
}

/**
 * Whoever closes a database last tidies its WAL up, which a connection for reading alone could not. It waits for nobody: a
 * watcher asks again soon.
 */
function openWatching(path: string, options: SqliteOptions): Db {
  const impatient = { ...options, busyTimeout: 0 };
  try {
    const db = openForWriting(path, impatient);
    db.pragma('query_only = on');
    return db;
  } catch (error) {
    if (error instanceof OverwinterError && error.code === 'NOT_WRITABLE') return openForReading(path, impatient);
    throw error;
  }
}
