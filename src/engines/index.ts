import type { Database } from 'better-sqlite3';
import type { Target } from '../core/target.ts';
import type { InstanceInHand } from './duckdb/in-hand.ts';
import { duckdb, motherduck } from './duckdb/index.ts';
import type { Database as AnyDatabase, Engine, FileLock, OpenOptions } from './engine.ts';
import { pglite, postgres } from './postgres/index.ts';
import { sqlite } from './sqlite/index.ts';

export type Engines = {
  readonly [Kind in Target['kind']]: Engine<Extract<Target, { readonly kind: Kind }>>;
};

/** For each kind of target what opens it. A new engine is a folder beside `sqlite/` and its name here. */
export const engines: Engines = {
  sqlite,
  postgres,
  pglite,
  duckdb,
  motherduck,
};

/**
 * The fingerprint of a database at an address, with nothing loaded but what asks, for whoever only wants to know whether it is as it was. It gives up
 * soon, and throws whatever stands in the way.
 */
export const quickFingerprintOf: {
  readonly [Kind in Target['kind']]?: (
    target: Extract<Target, { readonly kind: Kind }>,
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<string | undefined>;
} = {
  postgres: async ({ url }, env) => (await import('./postgres/quick-fingerprint.ts')).quickFingerprint(url, env),
};

/** A lock that the system takes back from whoever dies. Node has none of its own, and SQLite has, whatever the database is. */
export const fileLock = async (path: string): Promise<FileLock> =>
  (await import('./sqlite/file-lock.ts')).fileLock(path);

/** What every command needs, whatever the database is: the locks are its, too. */
export const driver = {
  /** Undefined where it does not say. */
  version: async () => (await import('./sqlite/driver.ts')).driverVersion(),
  /** Throws DRIVER_NOT_BUILT. */
  mustRun: async () => (await import('./sqlite/driver.ts')).driverMustRun(),
};

/** What apps are given to work with: of all kinds of databases, SQLite's is the one that this package brings. */
export const openSqliteForApp = async (file: string, options: OpenOptions): Promise<Database> => {
  const { openForApp } = await import('./sqlite/open-for-app.ts');
  return openForApp(file, options);
};

/** What an app has open of DuckDB's, which only the app itself can read. */
export const duckdbOfApp = async (instance: InstanceInHand, path: string): Promise<AnyDatabase> => {
  const { duckdbInHand } = await import('./duckdb/in-hand.ts');
  return duckdbInHand(instance, path);
};
