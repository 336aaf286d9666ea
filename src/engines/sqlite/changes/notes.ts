import { endianness } from 'node:os';
import { NUMBERS } from './key-ends.ts';
import type { KnownSlice } from './known-slices.ts';
import type { Leaves } from './leaves.ts';
import { KEY_BYTES, MARK_BYTES } from './runs.ts';
import type { PageNotes } from './scan-pages.ts';

/** What a reading found, for the next one. */
export interface Notes {
  readonly pages: PageNotes;
  readonly tables: readonly TableNotes[];
}

export interface TableNotes {
  readonly name: string;
  /** Tells whether the same pages would make the same lines. */
  readonly shape: string;
  readonly slices: readonly KnownSlice[];
  readonly leaves: Leaves;
}

const SLICE_BYTES = 32;

interface Head {
  readonly size: number;
  readonly usable: number;
  readonly followsRows: boolean;
  readonly runs: number;
  readonly pages: number;
  /** How the machine writes numbers. */
  readonly order: string;
  readonly tables: readonly TableHead[];
}

interface TableHead {
  readonly name: string;
  readonly shape: string;
  readonly slices: number;
  readonly leaves: number;
}

/** A line of JSON that says what follows, and then numbers: there is a leaf for every few kilobytes of a database. */
export function writeNotes({ pages: noted, tables }: Notes): Uint8Array {
  const { size, usable, followsRows, key, marks, hashes, widths } = noted;
  const heads = tables.map(
    ({ name, shape, slices, leaves }): TableHead => ({ name, shape, slices: slices.length, leaves: leaves.count }),
  );
  const [runs, pages] = [marks.length / MARK_BYTES, widths.length];
  const head: Head = { size, usable, followsRows, runs, pages, order: endianness(), tables: heads };
  const bodies = tables.flatMap(({ slices, leaves: { ends, hashes } }) => [
    slicesAsBytes(slices),
    bytesOf(ends),
    bytesOf(hashes),
  ]);
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...bodies,
    key,
    marks,
    bytesOf(hashes),
    bytesOf(widths),
  ]);
}

/** Undefined for what `writeNotes` did not write. */
export function readNotes(bytes: Uint8Array): Notes | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    let at = all.indexOf('\n') + 1;
    const take = <T>(count: number, size: number, read: (from: number) => T): T[] => {
      const begin = at;
      at += count * size;
      return Array.from({ length: count }, (_, n) => read(begin + n * size));
    };
    // A copy, which begins where numbers may begin.
    const some = (length: number) => {
      const begin = at;
      at += length;
      if (at > all.length) throw new Error('it is cut');
      return new Uint8Array(all.subarray(begin, at));
    };
    const numbers = (count: number) => new Int32Array(some(4 * count).buffer);
    const { size, usable, followsRows, runs, pages, ...head } = headIn(all.toString('utf8', 0, at));
    const tables = head.tables.map(({ name, shape, slices, leaves }) => ({
      name,
      shape,
      slices: take(slices, SLICE_BYTES, (from) => sliceAt(all, from)),
      leaves: { count: leaves, ends: numbers(leaves * NUMBERS), hashes: numbers(leaves * NUMBERS) },
    }));
    const [key, marks, hashes] = [some(KEY_BYTES), some(runs * MARK_BYTES), numbers(pages * NUMBERS)];
    const widths = new Uint32Array(some(4 * pages).buffer);
    return { pages: { size, usable, followsRows, key, marks, hashes, widths }, tables };
  } catch {
    return undefined;
  }
}

function headIn(line: string): Head {
  const { size, usable, followsRows, runs, pages, order, tables } = fieldsOf(JSON.parse(line));
  if (!Array.isArray(tables)) throw new Error('no list of tables');
  if (order !== endianness()) throw new Error('another machine wrote it');
  return {
    size: numberIn(size),
    usable: numberIn(usable),
    followsRows: followsRows === true,
    runs: numberIn(runs),
    pages: numberIn(pages),
    order: endianness(),
    tables: tables.map(tableHeadIn),
  };
}

function tableHeadIn(value: unknown): TableHead {
  const { name, shape, slices, leaves } = fieldsOf(value);
  if (typeof name !== 'string' || typeof shape !== 'string') throw new Error('no name');
  return { name, shape, slices: numberIn(slices), leaves: numberIn(leaves) };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('no object');
  return { ...value };
}

function numberIn(value: unknown): number {
  if (typeof value !== 'number') throw new Error('no number');
  return value;
}

function slicesAsBytes(slices: readonly KnownSlice[]): Buffer {
  const all = Buffer.alloc(SLICE_BYTES * slices.length);
  for (const [n, { keys, rows, bytes }] of slices.entries()) {
    all.writeBigInt64BE(keys.from, n * SLICE_BYTES);
    all.writeBigInt64BE(keys.to, n * SLICE_BYTES + 8);
    all.writeDoubleBE(rows, n * SLICE_BYTES + 16);
    all.writeDoubleBE(bytes, n * SLICE_BYTES + 24);
  }
  return all;
}

const sliceAt = (all: Buffer, at: number): KnownSlice => ({
  keys: { from: all.readBigInt64BE(at), to: all.readBigInt64BE(at + 8) },
  rows: all.readDoubleBE(at + 16),
  bytes: all.readDoubleBE(at + 24),
});

const bytesOf = (numbers: Int32Array | Uint32Array) =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
