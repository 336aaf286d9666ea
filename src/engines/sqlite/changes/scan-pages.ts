import { createHash, hash, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Bytes } from './bytes.ts';
import {
  canListInner,
  canListLeaf,
  childrenOf,
  fourBytes,
  longestWithin,
  overflowsOf,
  putKey,
  twoBytes,
  widestIn,
} from './cells.ts';
import { type KeyEnds, NUMBERS } from './key-ends.ts';
import { KEY_BYTES, MARK_BYTES, markOfRun, RUN } from './runs.ts';

/** The first byte of a page of a table: of one that holds rows, or of one that leads to others. */
const LEAF = 0x0d;
const INNER = 0x05;
/** And of a page of an index. No long row goes on on a page that begins so: there are not as many pages. */
const INDEX_LEAF = 0x0a;
const INDEX_INNER = 0x02;

const HASH_BYTES = 16;
const CHUNK = 1024 * 1024;

/** What is known of pages by their bytes alone, so that the next time it need be worked out only where something is not as it was. */
export interface PageNotes {
  /** In bytes. */
  readonly size: number;
  /** The bytes of a page that SQLite uses. */
  readonly usable: number;
  /** Whether rows go on on other pages; only then those have a hash. */
  readonly followsRows: boolean;
  readonly key: Uint8Array;
  /** By run of pages. */
  readonly marks: Uint8Array;
  /** By page, four numbers: the hash of what it holds. Of pages that hold neither rows of tables nor more of a long row there is none. */
  readonly hashes: Int32Array;
  /** By page, of those that are leaves: the bytes of its largest row. */
  readonly widths: Uint32Array;
}

/** What is known of all pages of a file after they were gone over once. Pages are numbered from 1. */
export interface Pages extends PageNotes {
  readonly count: number;
  /** By page, of those that are leaves and have rows. */
  readonly ends: KeyEnds;
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

/**
 * Goes over the pages of a database once. Undefined where the file is not what it says it is. Runs of pages that are as they were `before` keep
 * what was known of them.
 */
export async function scanPages(bytes: Bytes, before?: PageNotes): Promise<Pages | undefined> {
  const head = Buffer.alloc(100);
  if (bytes.length < head.length || bytes.read(head, 0) < head.length) return undefined;
  const size = twoBytes(head, 16) === 1 ? 65_536 : twoBytes(head, 16);
  if (size < 512 || bytes.length % size !== 0) return undefined;
  const usable = size - (head[20] ?? 0);
  const then = before?.size === size && before.usable === usable ? before : undefined;
  const found = await scan(bytes, { size, usable, followsRows: then?.followsRows ?? false }, then);
  if (found !== 'goes on') return found;
  const again = await scan(bytes, { size, usable, followsRows: true }, undefined);
  return again === 'goes on' ? undefined : again;
}

type Kind = Pick<PageNotes, 'size' | 'usable' | 'followsRows'>;

/** `goes on` where a row goes on on other pages and nobody expected one to. */
async function scan(
  bytes: Bytes,
  { size, usable, followsRows }: Kind,
  then: PageNotes | undefined,
): Promise<Pages | 'goes on' | undefined> {
  const count = bytes.length / size;
  const ends = new Int32Array((count + 1) * NUMBERS);
  const hashes = new Int32Array((count + 1) * NUMBERS);
  const hashBytes = Buffer.from(hashes.buffer);
  const widths = new Uint32Array(count + 1);
  const kinds = new Uint8Array(count + 1);
  const counts = new Uint16Array(count + 1);
  const nexts = new Uint32Array(count + 1);
  const key = then?.key ?? randomBytes(KEY_BYTES);
  const marks = Buffer.alloc(Math.ceil(bytes.length / RUN) * MARK_BYTES);
  const pagesInRun = RUN / size;
  const inner = new Map<number, readonly number[]>();
  const long = new Map<number, readonly number[]>();
  // Whole pages, so that none is cut in two.
  const chunk = Buffer.alloc(Math.min(CHUNK, bytes.length));
  const pagesOfChunk = Array.from({ length: chunk.length / size }, (_, n) => chunk.subarray(n * size, (n + 1) * size));
  let goesOn = false;

  /** Whether a run is as it was; then its pages have the hashes and widths that they had. */
  const isKnown = (run: number, bytesOfRun: Uint8Array): boolean => {
    const [from, to] = [run * MARK_BYTES, (run + 1) * MARK_BYTES];
    const mark = markOfRun(key, bytesOfRun);
    marks.set(mark, from);
    if (then === undefined || !mark.equals(then.marks.subarray(from, to))) return false;
    const [first, end] = [run * pagesInRun + 1, run * pagesInRun + bytesOfRun.length / size + 1];
    hashes.set(then.hashes.subarray(first * NUMBERS, end * NUMBERS), first * NUMBERS);
    widths.set(then.widths.subarray(first, end), first);
    return true;
  };
  const note = (page: number, at: number) => {
    const bytesOfPage = pagesOfChunk[at / size];
    // As a text with a character a byte, which takes less than bytes of their own.
    if (bytesOfPage !== undefined)
      hashBytes.write(hash('sha1', bytesOfPage, 'binary'), page * HASH_BYTES, HASH_BYTES, 'binary');
  };
  const look = (page: number, at: number, isAsBefore: boolean) => {
    const kind = chunk[at];
    nexts[page] = fourBytes(chunk, at);
    // What only looks like a page of a table is none: pages that nobody uses keep what they held.
    const cells = twoBytes(chunk, at + 3);
    if (kind === LEAF && canListLeaf(cells, size)) {
      kinds[page] = cells === 0 ? EMPTY : FILLED;
      counts[page] = cells;
      if (cells > 0) {
        putKey(chunk, at, 0, ends, page * NUMBERS);
        putKey(chunk, at, cells - 1, ends, page * NUMBERS + 2);
        if (!isAsBefore) widths[page] = Math.min(widestIn(chunk, at, cells), MOST);
        if ((widths[page] ?? 0) > longestWithin(usable)) {
          goesOn = true;
          long.set(page, overflowsOf(chunk, at, cells, usable));
        }
      }
    }
    if (kind === INNER && canListInner(cells, size)) inner.set(page, childrenOf(chunk, at, cells));
    const mayHoldRows = kind === LEAF || (followsRows && kind !== INNER && kind !== INDEX_LEAF && kind !== INDEX_INNER);
    if (mayHoldRows && !isAsBefore) note(page, at);
  };

  for (let begin = 0; begin < bytes.length; begin += chunk.length) {
    const filled = chunk.subarray(0, Math.min(chunk.length, bytes.length - begin));
    if (bytes.read(filled, begin) < filled.length) return undefined;
    for (let run = 0; run < filled.length; run += RUN) {
      const end = Math.min(run + RUN, filled.length);
      const isAsBefore = isKnown((begin + run) / RUN, filled.subarray(run, end));
      // The first page begins with the file's head, and holds the schema.
      for (let at = begin + run === 0 ? size : run; at < end; at += size) look((begin + at) / size + 1, at, isAsBefore);
    }
    if (goesOn && !followsRows) return 'goes on';
    // An app's own work waits meanwhile.
    if (begin % (4 * CHUNK) === 0) await setImmediate();
  }
  return {
    count,
    size,
    usable,
    followsRows,
    key,
    marks,
    ends,
    hashes,
    widths,
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

/** The largest width that is written down; what only looks like a page can say anything. */
const MOST = 2 ** 32 - 1;
