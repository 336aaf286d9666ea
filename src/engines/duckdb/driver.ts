import { createRequire } from 'node:module';
import { driverMissing } from '../../core/problems/server.ts';
import { codeOf } from '../../core/system-error.ts';

/** What each column says, as text, in order; null is NULL. */
export type Row = readonly (string | null)[];

/** A connection, and nothing of the driver's that anybody has to know. It throws what DuckDB says. */
export interface Session {
  /** One or several statements. */
  run(sql: string): Promise<void>;
  /** The rows of one. */
  rows(sql: string): Promise<readonly Row[]>;
  /** How many statements a text is. Throws where it is none. */
  statements(sql: string): Promise<number>;
  /** More than once does nothing. */
  close(): void;
}

/** A database in memory, which others are attached to. Extensions come from nobody. `threads`: as many as there are cores, or fewer. Throws ENGINE_MISSING. */
export async function sessionInMemory(threads?: number): Promise<Session> {
  const { DuckDBInstance } = await driver();
  const instance = await DuckDBInstance.create(':memory:', {
    ...(threads === undefined ? {} : { threads: String(threads) }),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  let isOpen = true;
  return {
    ...over(connection),
    close() {
      if (!isOpen) return;
      isOpen = false;
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** What is asked of an instance of DuckDB's. */
export interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

/** What is not in a file, opened with the driver's own settings. Throws ENGINE_MISSING, and what DuckDB says. */
export async function openInstance(address: string, options: Readonly<Record<string, string>>): Promise<Instance> {
  const { DuckDBInstance } = await driver();
  return DuckDBInstance.create(address, { ...options });
}

/** What is asked of a connection of DuckDB's. */
export interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRowsJson(): unknown[][] }>;
  extractStatements(sql: string): Promise<{ readonly count: number }>;
  closeSync(): void;
}

export const over = (connection: Connection): Omit<Session, 'close'> => ({
  async run(sql) {
    await connection.run(sql);
  },
  async rows(sql) {
    const read = await connection.runAndReadAll(sql);
    return read.getRowsJson().map((row) => row.map(textOf));
  },
  statements: async (sql) => (await connection.extractStatements(sql)).count,
});

function textOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Required and not imported, which would read all of it once more, as modules are. */
async function driver(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return createRequire(typeof import.meta.url === 'string' ? import.meta.url : __filename)('@duckdb/node-api');
  } catch (error) {
    const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error));
    throw isMissing ? driverMissing('DuckDB', ['@duckdb/node-api'])(error) : error;
  }
}
