import type { SchemaObject } from '../../core/manifest.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { type Db, openForBuilding, type SqliteOptions, withProblems } from './open.ts';
import { readTables } from './schema.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';

/** The primary keys that definitions declare. */
export function keysOf(schema: readonly SchemaObject[], options: SqliteOptions): Map<string, readonly string[]> {
  return asMade(schema, options, (db, tables) => {
    const key = db
      .prepare<[string], string>('SELECT name FROM temp.pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
      .pluck();
    return new Map(tables.map((name) => [name, key.all(name)]));
  });
}

/** What the rowid is called in the rows of each table that has one. */
export function rowidsOf(schema: readonly SchemaObject[], options: SqliteOptions): Map<string, string> {
  return asMade(
    schema,
    options,
    (db) => new Map(readTables(db).flatMap(({ name, rowid }) => (rowid === undefined ? [] : [[name, rowid]]))),
  );
}

/** Finds out what definitions say by letting SQLite read them: tables are made in memory, without rows. */
function asMade<T>(
  schema: readonly SchemaObject[],
  options: SqliteOptions,
  ask: (db: Db, tables: readonly string[]) => T,
): T {
  const db = openForBuilding(':memory:', options);
  try {
    return withProblems('the schema', () => {
      const tables = schema.filter((object) => object.type === 'table' && !isVirtualDefinition(object));
      for (const table of tables) makeWithOldStrings(db, table);
      return ask(
        db,
        tables.map(({ name }) => name),
      );
    });
  } finally {
    db.close();
  }
}
