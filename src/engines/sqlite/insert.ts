import { setImmediate } from 'node:timers/promises';
import { restoreInexact } from '../../core/problems/restoring.ts';
import type { LongSlice } from '../engine.ts';
import { groupingOf } from './grouped-values.ts';
import { cutRows, type LongValue } from './long-values.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import { type Field, type Given, hasTags, insertSlice } from './rows.ts';
import { mustBeText, rowsOf } from './shape.ts';
import { sameRoom } from './value-sinks.ts';

const COMMA = 44;
const NEWLINE = 10;
const OPEN = 91;
const CLOSE = 93;

/** Inserts a table's slices in their order; returns how many rows that were. */
export async function insertTable(
  db: Db,
  table: string,
  fields: readonly Field[],
  slices: AsyncIterable<Uint8Array | LongSlice>,
  onRows: (rows: number) => void,
  /** Every key that a row has: the fields', and those that have no place. */
  keys = fields.map(({ name }) => name),
): Promise<number> {
  const insert = inserter(db, table, fields, keys);
  const room = sameRoom();
  let rows = 0;
  for await (const slice of slices) {
    for await (const { lines, values } of cutRows(table, slice, room)) {
      const count = insert(lines, values);
      rows += count;
      onRows(count);
    }
    // Slices that are here already come without a turn of the loop, and a second thread would wait for its own.
    await setImmediate();
  }
  return rows;
}

const binaries = prepared((db, sql) => db.prepare<[Buffer | string], Buffer>(sql).pluck());

export type Insert = (lines: Uint8Array, values?: readonly LongValue[]) => number;

/** A function that inserts lines, or one line with the values that were taken out of it; it returns their number. */
export function inserter(
  db: Db,
  table: string,
  fields: readonly Field[],
  keys = fields.map(({ name }) => name),
): Insert {
  const mustBeRows = rowsOf(table, keys);
  const grouping = groupingOf(keys.length);
  const placeOf = grouping && ((name: string) => grouping.path(keys.indexOf(name)));
  const plain = db.prepare<[Buffer]>(insertSlice(db, table, fields, false, new Map(), placeOf));
  // Most tables have no such rows.
  let tagged: typeof plain | undefined;
  const insertTagged = (rows: Buffer) => {
    tagged ??= db.prepare<[Buffer]>(insertSlice(db, table, fields, true));
    return tagged.run(rows);
  };
  // Bytes that are UTF-8 already need not become a string first, where the database takes them as they are.
  const isUtf8 = db.pragma('encoding', { simple: true }) === 'UTF-8';
  const binary = binaries(db, `SELECT jsonb(${isUtf8 ? 'CAST(? AS TEXT)' : '?'})`);
  // Used again for every slice: what is thrown away waits in memory until the engine comes round to collect it.
  let room = Buffer.alloc(0);
  const insertRows = (rows: Buffer, isTagged: boolean, values: readonly LongValue[]) => {
    if (values.length === 0) return (isTagged ? insertTagged(rows) : plain.run(grouping?.group(rows) ?? rows)).changes;
    const given = givenOf(keys, values, isUtf8);
    const sql = insertSlice(db, table, fields, true, new Map([...given].map(([name, { how }]) => [name, how])));
    const bound = fields.flatMap(({ name }) => given.get(name)?.bound ?? []);
    const { changes } = db.prepare<(Uint8Array | string)[]>(sql).run(...bound, rows);
    if (changes !== 1) throw restoreInexact(`with table '${table}'`, `it holds ${changes} rows in one line`)();
    return changes;
  };
  return (slice, values = []) => {
    mustBeText(table, slice);
    if (room.length < slice.length + 2) room = Buffer.allocUnsafe(2 * slice.length + 2);
    const array = asArray(slice, room);
    const rows = binary.get(isUtf8 ? array : array.toString('utf8')) ?? Buffer.from([0]);
    mustBeRows(rows);
    return insertRows(rows, hasTags(slice), values);
  };
}

interface Bound {
  readonly how: Given;
  readonly bound: Uint8Array | string;
}

/** By column, what is bound in the place of each long value. */
function givenOf(keys: readonly string[], values: readonly LongValue[], isUtf8: boolean): Map<string, Bound> {
  return new Map(
    values.map(({ at, kind, bytes }): [string, Bound] => {
      // Only as a string does it become what the database has for text.
      if (kind === 'utf8' && !isUtf8) return [keys[at] ?? '', { how: 'bytes', bound: asText(bytes) }];
      return [keys[at] ?? '', { how: kind === 'bytes' ? 'bytes' : 'text', bound: bytes }];
    }),
  );
}

const asText = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8');

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
