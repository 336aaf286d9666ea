import { DuckDBInstance } from '@duckdb/node-api';
import type { Instance } from '../../../src/engines/duckdb/driver.ts';
import { hostOver } from '../../../src/engines/duckdb/hosted/host.ts';
import { hostedDatabase } from '../../../src/engines/duckdb/hosted/hosted-database.ts';
import type { Database } from '../../../src/engines/engine.ts';

/**
 * In the place of MotherDuck: one instance, with databases in memory that are attached to it under their names, which everybody reaches over
 * connections of their own. How it is opened is all that differs.
 */
export interface TestHost {
  /** A database that is there, or is made now. `through` is what stands between it and us. */
  database(name: string, through?: (instance: Instance) => Instance): Promise<Database>;
  /** What somebody else does to it. */
  run(name: string, sql: string): Promise<void>;
  rows(name: string, sql: string): Promise<readonly unknown[][]>;
  /** The same in a transaction that stays open until what this gives is called, which commits it. */
  begin(name: string, sql: string): Promise<() => Promise<void>>;
  close(): void;
}

export async function startHost(): Promise<TestHost> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const over = async <T>(name: string, work: (db: Awaited<ReturnType<typeof instance.connect>>) => Promise<T>) => {
    await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS "${name}"`);
    const db = await instance.connect();
    try {
      await db.run(`USE "${name}".main`);
      return await work(db);
    } finally {
      db.closeSync();
    }
  };
  // It stays when one of its guests goes.
  const shared: Instance = { connect: () => instance.connect(), closeSync() {} };
  return {
    async database(name, through = (same) => same) {
      await over(name, async () => {});
      const label = `md:${name}`;
      return hostedDatabase(hostOver({ label, id: label, catalog: name, open: async () => through(shared) }));
    },
    run: (name, sql) => over(name, async (db) => void (await db.run(sql))),
    rows: (name, sql) => over(name, async (db) => (await db.runAndReadAll(sql)).getRowsJson()),
    async begin(name, sql) {
      const db = await instance.connect();
      await db.run(`USE "${name}".main; BEGIN TRANSACTION; ${sql}`);
      return async () => {
        try {
          await db.run('COMMIT');
        } finally {
          db.closeSync();
        }
      };
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
