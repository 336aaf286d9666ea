import type { KnownSlice } from './known-slices.ts';
import type { Leaf } from './leaves.ts';

/** What a reading found, for the next one. */
export interface Notes {
  /** The bytes of a page. */
  readonly size: number;
  /** The hashes of all runs of pages. */
  readonly hashes: Buffer;
  readonly tables: readonly TableNotes[];
}

export interface TableNotes {
  readonly name: string;
  /** Tells whether the same pages would make the same lines. */
  readonly shape: string;
  readonly slices: readonly KnownSlice[];
  readonly leaves: readonly Leaf[];
}

const SLICE_BYTES = 32;
const LEAF_BYTES = 20;

interface Head {
  readonly size: number;
  readonly hashes: number;
  readonly tables: readonly TableHead[];
}

interface TableHead {
  readonly name: string;
  readonly shape: string;
  readonly slices: number;
  readonly leaves: number;
}

/** A line of JSON that says what follows, and then numbers: there is a leaf for every few kilobytes of a database. */
export function writeNotes({ size, hashes, tables }: Notes): Uint8Array {
  const heads = tables.map(
    ({ name, shape, slices, leaves }): TableHead => ({ name, shape, slices: slices.length, leaves: leaves.length }),
  );
  const head: Head = { size, hashes: hashes.length, tables: heads };
  const bodies = tables.flatMap(({ slices, leaves }) => [slicesAsBytes(slices), leavesAsBytes(leaves)]);
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), hashes, ...bodies]);
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
    const head = headIn(all.toString('utf8', 0, at));
    const hashes = all.subarray(at, at + head.hashes);
    at += head.hashes;
    const tables = head.tables.map(({ name, shape, slices, leaves }) => ({
      name,
      shape,
      slices: take(slices, SLICE_BYTES, (from) => sliceAt(all, from)),
      leaves: take(leaves, LEAF_BYTES, (from) => leafAt(all, from)),
    }));
    return { size: head.size, hashes, tables };
  } catch {
    return undefined;
  }
}

function headIn(line: string): Head {
  const { size, hashes, tables } = fieldsOf(JSON.parse(line));
  if (!Array.isArray(tables)) throw new Error('no list of tables');
  return { size: numberIn(size), hashes: numberIn(hashes), tables: tables.map(tableHeadIn) };
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

function leavesAsBytes(leaves: readonly Leaf[]): Buffer {
  const all = Buffer.alloc(LEAF_BYTES * leaves.length);
  for (const [n, { page, first, last }] of leaves.entries()) {
    all.writeUInt32BE(page, n * LEAF_BYTES);
    all.writeBigInt64BE(first, n * LEAF_BYTES + 4);
    all.writeBigInt64BE(last, n * LEAF_BYTES + 12);
  }
  return all;
}

const leafAt = (all: Buffer, at: number): Leaf => ({
  page: all.readUInt32BE(at),
  first: all.readBigInt64BE(at + 4),
  last: all.readBigInt64BE(at + 12),
});
