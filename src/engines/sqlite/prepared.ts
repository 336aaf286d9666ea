import type { Db } from './open.ts';

/** Prepares a statement once a connection: to compile it takes longer than to run it where it is asked of each of many small tables. */
export function prepared<Statement>(prepare: (db: Db, sql: string) => Statement): (db: Db, sql: string) => Statement {
  const known = new WeakMap<Db, Map<string, Statement>>();
  return (db, sql) => {
    const statements = known.get(db) ?? new Map<string, Statement>();
    known.set(db, statements);
    const statement = statements.get(sql) ?? prepare(db, sql);
    statements.set(sql, statement);
    return statement;
  };
}
