import type { Held } from '../../src/operations/development/held.ts';
import { slicesIn } from '../../src/operations/read-parts.ts';
import { memoryPlace, memoryStore } from './memory-store.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A backup of these rows, as whoever makes a database of it for development holds it. */
export function heldOf(tables: Readonly<Record<string, Rows>>): Held {
  const data = new Map(
    Object.entries(tables).map(([name, rows]) => [name, { rows: rows.map((row) => JSON.stringify(row)) }]),
  );
  return { content: { schema: [], settings: {}, data }, slices: slicesIn(memoryStore(memoryPlace()), data) };
}
