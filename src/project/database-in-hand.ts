import { resolve } from 'node:path';
import { databaseInMemory, notInHand } from '../core/problems/database.ts';

/** What is asked of better-sqlite3's `Database`, whichever copy of it made it. */
interface BetterSqlite3 {
  readonly name: string;
  readonly memory: boolean;
}

/** What is asked of node:sqlite's `DatabaseSync`. */
interface NodeSqlite {
  prepare(sql: string): { all(): unknown[] };
  exec(sql: string): void;
}

/** What is asked of Drizzle. */
interface Drizzle {
  readonly $client: BetterSqlite3 | NodeSqlite;
}

/** What is asked of Kysely, which keeps what it is over to itself. */
interface Kysely {
  executeQuery(query: object): Promise<{ readonly rows: readonly unknown[] }>;
  getExecutor(): unknown;
}

/** What is asked of a DuckDB instance, of @duckdb/node-api. */
interface DuckDb {
  connect(): Promise<{
    run(sql: string): Promise<unknown>;
    runAndReadAll(sql: string): Promise<{ getRowsJson(): unknown[][] }>;
    extractStatements(sql: string): Promise<{ readonly count: number }>;
    closeSync(): void;
  }>;
}

/**
 * A database as an app has it: a path or a target, a better-sqlite3 `Database`, node:sqlite's `DatabaseSync`, a Drizzle or Kysely
 * object over one of them, or a DuckDB instance.
 * @example
 * ```ts
 * import { type DatabaseInHand, keep } from 'overwinter';
 * export const guard = (db: DatabaseInHand) => keep(db, { debounce: '5s' });
 * ```
 */
export type DatabaseInHand = string | BetterSqlite3 | NodeSqlite | Drizzle | Kysely | DuckDb;

export interface InHand {
  /** The path or target; asking Kysely takes a query. Throws USAGE. */
  target(): Promise<string>;
  /** The connection itself, where it can be got at. */
  readonly connection?: unknown;
  /** A DuckDB instance: nobody but the app can read what it has open. */
  readonly instance?: DuckDb;
}

/** Throws USAGE for what is no database of these, and for one in memory. */
export function inHand(given: unknown, call: string): InHand {
  if (typeof given === 'string') return { target: async () => given };
  const connection = memberOf(given, '$client') ?? given;
  const file = fileOf(connection, call);
  if (file !== undefined) return { target: async () => file, connection };
  if (isDuckDb(given)) return { target: () => fileOfDuckDb(given, call), instance: given };
  if (isKysely(given)) return { target: () => fileOfKysely(given, call) };
  throw notInHand(whatItIs(connection), call)();
}

/** Where the connection has its file; undefined for a connection of another kind. */
function fileOf(connection: unknown, call: string): string | undefined {
  if (isBetterSqlite3(connection)) {
    if (connection.memory || connection.name === '') throw databaseInMemory()();
    return resolve(connection.name);
  }
  if (!isNodeSqlite(connection)) return undefined;
  // It may have been closed, or not opened yet.
  try {
    return mainFile(connection.prepare(DATABASE_LIST).all(), call);
  } catch (error) {
    if (memberOf(error, 'code') === 'ERR_INVALID_STATE') throw notInHand('a connection that is not open', call)(error);
    throw error;
  }
}

const DATABASE_LIST = 'PRAGMA database_list';

async function fileOfKysely(kysely: Kysely, call: string): Promise<string> {
  const query = {
    sql: DATABASE_LIST,
    parameters: [],
    query: { kind: 'RawNode', sqlFragments: [DATABASE_LIST], parameters: [] },
    queryId: { queryId: 'overwinter' },
  };
  const { rows } = await kysely.executeQuery(query).catch((error: unknown) => {
    throw notInHand('Kysely over something that is not SQLite', call)(error);
  });
  return mainFile(rows, call);
}

async function fileOfDuckDb(instance: DuckDb, call: string): Promise<string> {
  const connection = await instance.connect().catch((error: unknown) => {
    throw notInHand('a DuckDB instance that is not open', call)(error);
  });
  try {
    const read = await connection.runAndReadAll(
      'SELECT path FROM duckdb_databases() WHERE database_name = current_database()',
    );
    const path = read.getRowsJson()[0]?.[0];
    if (typeof path !== 'string') throw databaseInMemory()();
    return `duckdb:${resolve(path)}`;
  } finally {
    connection.closeSync();
  }
}

function mainFile(rows: readonly unknown[], call: string): string {
  const file = rows.find((row) => memberOf(row, 'name') === 'main');
  const path = memberOf(file, 'file');
  if (typeof path !== 'string') throw notInHand('a database that does not say which file it is', call)();
  if (path === '') throw databaseInMemory()();
  return path;
}

const isBetterSqlite3 = (value: unknown): value is BetterSqlite3 =>
  typeof memberOf(value, 'name') === 'string' && typeof memberOf(value, 'memory') === 'boolean';

const isNodeSqlite = (value: unknown): value is NodeSqlite =>
  typeof memberOf(value, 'prepare') === 'function' && classOf(value) === 'DatabaseSync';

const isDuckDb = (value: unknown): value is DuckDb =>
  typeof memberOf(value, 'connect') === 'function' && classOf(value) === 'DuckDBInstance';

const isKysely = (value: unknown): value is Kysely =>
  typeof memberOf(value, 'executeQuery') === 'function' && typeof memberOf(value, 'getExecutor') === 'function';

function memberOf(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, key);
}

const classOf = (value: unknown) => memberOf(memberOf(value, 'constructor'), 'name');

/** As its owner would call it. */
function whatItIs(value: unknown): string {
  if (typeof memberOf(value, '$queryRaw') === 'function') return 'a Prisma client';
  if (typeof memberOf(value, 'execute') === 'function' && memberOf(value, 'protocol') !== undefined)
    return 'a libsql client';
  if (typeof value === 'function') return 'a function';
  const name = classOf(value);
  return typeof name === 'string' && name !== 'Object' ? `a ${name}` : 'something else';
}
