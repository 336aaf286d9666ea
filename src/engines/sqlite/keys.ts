import type { SchemaObject } from '../../core/manifest.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { openForBuilding, type SqliteOptions, withProblems } from './open.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';

/** The primary keys that definitions declare, found by letting SQLite read them: tables are made in memory, without rows. */
export function keysOf(schema: readonly SchemaObject[], options: SqliteOptions): Map<string, readonly string[]> {
  const db = openForBuilding(':memory:', options);
  try {
    return withProblems('the schema', () => {
      const tables = schema.filter((object) => object.type === 'table' && !isVirtualDefinition(object));
      for (const table of tables) makeWithOldStrings(db, table);
      const key = db
        .prepare<[string], string>('SELECT name FROM temp.pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
        .pluck();
      return new Map(tables.map(({ name }) => [name, key.all(name)]));
    });
  } finally {
    db.close();
  }
}
