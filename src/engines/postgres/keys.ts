import type { SchemaObject } from '../../core/manifest.ts';
import { primaryKeyIn } from './sql-words.ts';

/** The primary keys that definitions declare. A table of partitions declares one for all of them. */
export function keysIn(schema: readonly SchemaObject[]): Map<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const { type, table, sql } of schema) {
    const key = type === 'constraint' ? primaryKeyIn(sql) : undefined;
    if (key !== undefined) keys.set(table, key);
  }
  return new Map(schema.filter(({ type }) => type === 'table').map(({ name }) => [name, keys.get(name) ?? []]));
}
