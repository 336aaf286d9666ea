import type { SchemaObject } from '../../core/manifest.ts';
import { primaryKeyIn, wholeNumbersIn } from './sql-words.ts';

/** The primary keys that definitions declare. A table of partitions declares one for all of them. */
export function keysIn(schema: readonly SchemaObject[]): Map<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const { type, table, sql } of schema) {
    const key = type === 'constraint' ? primaryKeyIn(sql) : undefined;
    if (key !== undefined) keys.set(table, key);
  }
  return new Map(schema.filter(({ type }) => type === 'table').map(({ name }) => [name, keys.get(name) ?? []]));
}

/** The keys that are one whole number, by which a reading cuts the rows. */
export function numberedIn(schema: readonly SchemaObject[]): Map<string, string> {
  const keys = keysIn(schema);
  return new Map(
    schema.flatMap(({ type, name, sql }) => {
      const [key, ...more] = type === 'table' ? (keys.get(name) ?? []) : [];
      return key !== undefined && more.length === 0 && wholeNumbersIn(sql).includes(key) ? [[name, key] as const] : [];
    }),
  );
}
