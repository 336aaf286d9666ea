import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type KeyEnds, NUMBERS } from './key-ends.ts';

/** The first byte of a page of a table: of one that holds rows, or of one that leads to others. */
const LEAF = 0x0d;
const INNER = 0x05;
/** And of a page of an index. No long row goes on on a page that begins so: there are not as many pages. */
const INDEX_LEAF = 0x0a;
const INDEX_INNER = 0x02;

const HASH_BYTES = 16;
const CHUNK = 1024 * 1024;

/** What is known of all pages of a file after they were gone over once. Pages are numbered from 1. */
export interface Pages {
  readonly count: number;
  /** In bytes. */
  readonly size: number;
  /** The bytes of a page that SQLite uses. */
  readonly usable: number;
  /** By page, of those that are leaves and have rows. */
  readonly ends: KeyEnds;
  /** By page, four numbers: the hash of what it holds. Of pages that hold neither rows of tables nor more of a long row there is none. */
  readonly hashes: Int32Array;
  isLeaf(page: number): boolean;
  /** How many rows a leaf has. */
  rows(leaf: number): number;
  /** The pages that an inner page leads to, in the order of their keys; undefined where it is none. */
  children(page: number): readonly number[] | undefined;
  /** For each row of a leaf that is too long for it, the first of the pages on which it goes on. */
  overflows(leaf: number): readonly number[];
  /** The page after one on which a long row goes on; 0 after the last. */
  following(page: number): number;
}

/** Bytes of a database file by their position. */
export interface Bytes {
  readonly length: number;
  /** Fills `into` from a position; returns how much of it there was. */
  read(into: Buffer, at: number): number;
}

/** Runs `work` on a file that nobody else has open: to close it lets go of the locks that SQLite holds on it in this process. */
export function withFileBytes<T>(path: string, work: (bytes: Bytes) => T): T {
  const file = openSync(path, 'r');
  try {
    return work({ length: fstatSync(file).size, read: (into, at) => readSync(file, into, 0, into.length, at) });
  } finally {
    closeSync(file);
  }
}

/** Whether a row can be longer than a leaf holds of it. */
const canOverflow = (widest: number, { usable }: Pick<Pages, 'usable'>) => widest > usable - 35;

/**
 * Goes over the pages of a database once. Undefined where the file is not what it says it is. `widest` is the largest row of any table:
 * where none goes on on other pages, no row is looked at but the first and last of a page.
 */
export function scanPages(bytes: Bytes, widest: number): Pages | undefined {
  const head = Buffer.alloc(100);
  if (bytes.length < head.length || bytes.read(head, 0) < head.length) return undefined;
  const size = twoBytes(head, 16) === 1 ? 65_536 : twoBytes(head, 16);
  if (size < 512 || bytes.length % size !== 0) return undefined;
  const count = bytes.length / size;
  const usable = size - (head[20] ?? 0);
  const followsRows = canOverflow(widest, { usable });
  const ends = new Int32Array((count + 1) * NUMBERS);
  const hashes = new Int32Array((count + 1) * NUMBERS);
  const hashBytes = Buffer.from(hashes.buffer);
  const kinds = new Uint8Array(count + 1);
  const counts = new Uint16Array(count + 1);
  const nexts = new Uint32Array(count + 1);
  const inner = new Map<number, readonly number[]>();
  const long = new Map<number, readonly number[]>();
  // Whole pages, so that none is cut in two.
  const chunk = Buffer.alloc(Math.min(CHUNK, bytes.length));

  const pagesOfChunk = Array.from({ length: chunk.length / size }, (_, n) => chunk.subarray(n * size, (n + 1) * size));

  const note = (page: number, at: number) => {
    const bytesOfPage = pagesOfChunk[at / size];
    // As a text with a character a byte, which takes less than bytes of their own.
    if (bytesOfPage !== undefined)
      hashBytes.write(hash('sha1', bytesOfPage, 'binary'), page * HASH_BYTES, HASH_BYTES, 'binary');
  };
  const look = (page: number, at: number) => {
    const kind = chunk[at];
    nexts[page] = fourBytes(chunk, at);
    // What only looks like a page of a table is none: pages that nobody uses keep what they held.
    const cells = twoBytes(chunk, at + 3);
    if (kind === LEAF && 8 + 2 * cells <= size) {
      kinds[page] = cells === 0 ? EMPTY : FILLED;
      counts[page] = cells;
      if (cells > 0) {
        putKey(chunk, at, 8, ends, page * NUMBERS);
        putKey(chunk, at, 8 + 2 * (cells - 1), ends, page * NUMBERS + 2);
        if (followsRows) {
          const found = overflowsOf(chunk, at, cells, usable);
          if (found.length > 0) long.set(page, found);
        }
      }
    }
    if (kind === INNER && 12 + 2 * cells <= size) inner.set(page, childrenOf(chunk, at, cells));
    const mayHoldRows = kind === LEAF || (followsRows && kind !== INNER && kind !== INDEX_LEAF && kind !== INDEX_INNER);
    if (mayHoldRows) note(page, at);
  };

  for (let begin = 0; begin < bytes.length; begin += chunk.length) {
    const filled = chunk.subarray(0, Math.min(chunk.length, bytes.length - begin));
    if (bytes.read(filled, begin) < filled.length) return undefined;
    // The first page begins with the file's head, and holds the schema.
    for (let at = begin === 0 ? size : 0; at < filled.length; at += size) look((begin + at) / size + 1, at);
  }
  return {
    count,
    size,
    usable,
    ends,
    hashes,
    isLeaf: (page) => kinds[page] === EMPTY || kinds[page] === FILLED,
    rows: (leaf) => counts[leaf] ?? 0,
    children: (page) => inner.get(page),
    overflows: (leaf) => long.get(leaf) ?? [],
    following: (page) => nexts[page] ?? 0,
  };
}

/** Of a leaf whose long rows go on on other pages: the hash of all of them, as numbers. */
export function hashTogether({ hashes }: Pick<Pages, 'hashes'>, leaf: number, further: readonly number[]): Int32Array {
  const all = createHash('sha1');
  for (const page of [leaf, ...further]) all.update(hashes.subarray(page * NUMBERS, (page + 1) * NUMBERS));
  const bytes = all.digest().subarray(0, HASH_BYTES);
  return Int32Array.from({ length: NUMBERS }, (_, n) => bytes.readInt32LE(4 * n));
}

const EMPTY = 1;
const FILLED = 2;

// What lies beyond the bytes counts as 0: a page that only looks like one can say anything.
const twoBytes = (bytes: Buffer, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const fourBytes = (bytes: Buffer, at: number) => twoBytes(bytes, at) * 65_536 + twoBytes(bytes, at + 2);

/** A number in SQLite's own form of one to nine bytes, and where it ends. As a Number it is exact up to seven. */
function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let end = at; end < at + 7; ) {
    const byte = bytes[end++] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end };
  }
  return { value: Number.NaN, end: (bytes[at + 7] ?? 0) < 0x80 ? at + 8 : at + 9 };
}

/** Puts the key of the row whose place in its page stands at `pointer`, as two halves. */
function putKey(bytes: Buffer, page: number, pointer: number, into: Int32Array, to: number): void {
  const at = varint(bytes, page + twoBytes(bytes, page + pointer)).end;
  const { value, end } = varint(bytes, at);
  if (!Number.isNaN(value)) {
    into[to] = value | 0;
    into[to + 1] = value / 2 ** 32;
    return;
  }
  let key = 0n;
  for (let n = at; n < Math.min(end, at + 8); n++) key = (key << 7n) | BigInt((bytes[n] ?? 0) & 0x7f);
  if (end === at + 9) key = (key << 8n) | BigInt(bytes[at + 8] ?? 0);
  into[to] = Number(BigInt.asIntN(32, key));
  into[to + 1] = Number(BigInt.asIntN(32, key >> 32n));
}

function childrenOf(bytes: Buffer, page: number, cells: number): number[] {
  const children: number[] = [];
  for (let at = 0; at < cells; at++) children.push(fourBytes(bytes, page + twoBytes(bytes, page + 12 + 2 * at)));
  return [...children, fourBytes(bytes, page + 8)];
}

/** How much of a row stands in its leaf is a rule of the file format. */
function overflowsOf(bytes: Buffer, page: number, cells: number, usable: number): number[] {
  const found: number[] = [];
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  for (let at = 0; at < cells; at++) {
    const { value: length, end } = varint(bytes, page + twoBytes(bytes, page + 8 + 2 * at));
    if (length <= most) continue;
    const fitting = least + ((length - least) % (usable - 4));
    found.push(fourBytes(bytes, varint(bytes, end).end + (fitting <= most ? fitting : least)));
  }
  return found;
}
