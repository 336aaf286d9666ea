import type { SchemaObject } from '../../core/manifest.ts';
import { openForBuilding, type SqliteOptions, withProblems } from './open.ts';
import { isVirtualTable, readTables } from './schema.ts';

/** The primary keys that definitions declare, found by letting SQLite read them: tables are made in memory, without rows. */
export function keysOf(schema: readonly SchemaObject[], options: SqliteOptions): Map<string, readonly string[]> {
  const db = openForBuilding(':memory:', options);
  try {
    return withProblems('the schema', () => {
      for (const object of schema) if (object.type === 'table' && !isVirtualTable(object)) db.prepare(object.sql).run();
      return new Map(readTables(db).map((table) => [table.name, table.key]));
    });
  } finally {
    db.close();
  }
}
