import { setImmediate } from 'node:timers/promises';
import type { Db } from './open.ts';
import { type Field, hasTags, insertSlice } from './rows.ts';
import { mustBeText, rowsOf } from './shape.ts';

const COMMA = 44;
const NEWLINE = 10;
const OPEN = 91;
const CLOSE = 93;

/** Inserts a table's slices in their order; returns how many rows that were. */
export async function insertTable(
  db: Db,
  table: string,
  fields: readonly Field[],
  slices: AsyncIterable<Uint8Array>,
  onRows: (rows: number) => void,
  /** Every key that a row has: the fields', and those that have no place. */
  keys = fields.map(({ name }) => name),
): Promise<number> {
  const insert = inserter(db, table, fields, keys);
  let rows = 0;
  for await (const slice of slices) {
    const count = insert(slice);
    rows += count;
    onRows(count);
    // Slices that are here already come without a turn of the loop, and a second pair of hands would wait for its own.
    await setImmediate();
  }
  return rows;
}

/** A function that inserts one slice and returns its number of rows. */
export function inserter(
  db: Db,
  table: string,
  fields: readonly Field[],
  keys = fields.map(({ name }) => name),
): (slice: Uint8Array) => number {
  const mustBeRows = rowsOf(table, keys);
  const plain = db.prepare<[Buffer]>(insertSlice(db, table, fields, false));
  const tagged = db.prepare<[Buffer]>(insertSlice(db, table, fields, true));
  // Bytes that are UTF-8 already need not become a string first, where the database takes them as they are.
  const isUtf8 = db.pragma('encoding', { simple: true }) === 'UTF-8';
  const binary = db.prepare<[Buffer | string], Buffer>(`SELECT jsonb(${isUtf8 ? 'CAST(? AS TEXT)' : '?'})`).pluck();
  // Used again for every slice: what is thrown away waits in memory until the engine comes round to collect it.
  let room = Buffer.alloc(0);
  return (slice) => {
    mustBeText(table, slice);
    if (room.length < slice.length + 2) room = Buffer.allocUnsafe(2 * slice.length + 2);
    const array = asArray(slice, room);
    const rows = binary.get(isUtf8 ? array : array.toString('utf8')) ?? Buffer.from([0]);
    mustBeRows(rows);
    return (hasTags(slice) ? tagged : plain).run(rows).changes;
  };
}

/** Lines to one JSON array, made in `array`: an unescaped line end is never inside a value. */
function asArray(slice: Uint8Array, array: Buffer): Buffer {
  array[0] = OPEN;
  array.set(slice, 1);
  let end = slice.length + 1;
  while (array[end - 1] === NEWLINE) end--;
  for (let at = array.indexOf(NEWLINE); at !== -1 && at < end; at = array.indexOf(NEWLINE, at + 1)) array[at] = COMMA;
  array[end] = CLOSE;
  return array.subarray(0, end + 1);
}
