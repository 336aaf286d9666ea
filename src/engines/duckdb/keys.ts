import type { SchemaObject } from '../../core/manifest.ts';
import { sessionInMemory } from './driver.ts';
import { makeAll } from './make-schema.ts';
import { keyColumns, readTables } from './tables.ts';

/** For each table the columns that say which row is which: DuckDB reads them in the definitions, in a database that nobody sees. */
export async function keysOf(schema: readonly SchemaObject[]): Promise<Map<string, readonly string[]>> {
  const session = await sessionInMemory();
  try {
    await session.run('SET enable_external_access = false');
    const db = { ...session, catalog: 'memory', label: 'what a backup defines' };
    const needed = ['schema', 'type', 'sequence', 'macro', 'table'];
    await makeAll(
      db,
      schema.filter(({ type }) => needed.includes(type)),
    );
    return new Map((await readTables(db)).map((table) => [table.key, keyColumns(table)]));
  } finally {
    session.close();
  }
}
