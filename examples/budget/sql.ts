import type Database from 'better-sqlite3';

type Value = string | number | null;

/** A database as this app asks it. SQL that both kinds take, with `$1`, `$2` for values; numbers come as numbers. */
export interface Sql {
  all<Row>(sql: string, ...values: Value[]): Promise<Row[]>;
  run(sql: string, ...values: Value[]): Promise<void>;
}

/** SQLite in a file, over better-sqlite3. */
export function overSqlite(db: Database.Database): Sql {
  // `$1` is a parameter whose name is 1.
  const named = (values: readonly Value[]) => Object.fromEntries(values.map((value, at) => [at + 1, value]));
  const bound = (values: readonly Value[]) => (values.length === 0 ? [] : [named(values)]);
  return {
    all: async <Row>(sql: string, ...values: Value[]) => db.prepare<unknown[], Row>(sql).all(...bound(values)),
    run: async (sql, ...values) => void db.prepare<unknown[]>(sql).run(...bound(values)),
  };
}

/** Whatever is asked as the `Pool` of pg is, and as PGlite is. */
interface Client {
  query(sql: string, values: Value[]): Promise<{ rows: unknown[] }>;
}

/** PostgreSQL on a server, over pg, or in a folder, over PGlite. */
export function overPostgres(client: Client): Sql {
  return {
    all: async <Row>(sql: string, ...values: Value[]) => (await client.query(sql, values)).rows as Row[],
    run: async (sql, ...values) => void (await client.query(sql, values)),
  };
}
