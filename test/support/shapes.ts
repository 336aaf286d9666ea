import Database from 'better-sqlite3';
import type { Shapes } from '../../src/core/privacy/select.ts';
import { readShapes } from '../../src/engines/sqlite/table-shapes.ts';

/** The tables, views and triggers of a database with these definitions, as the engine sees them. */
export function shapesOf(definitions: readonly string[]): Shapes {
  const db = new Database(':memory:');
  try {
    for (const sql of definitions) db.exec(sql);
    return readShapes(db);
  } finally {
    db.close();
  }
}
