import { ALL_KEYS, type Cutter, markOf, rangeAround, type Slice } from './slices.ts';

/** Whole lines in the order of their 64-bit keys, which are looked at where they decide something. */
export interface KeyedLines {
  readonly bytes: Uint8Array;
  /** Where each line ends. */
  readonly ends: ArrayLike<number>;
  keyAt(line: number): bigint;
}

/** No range reaches over zero. */
const MOST_BITS = 63;

/**
 * Cuts rows as `sliceByKey` does, but as they come: what a slice holds is decided once more is there than it may hold. So no more than a
 * slice and the lines that came with its end are kept.
 */
export function keyCutter(target: number): Cutter<KeyedLines> {
  const waiting = waitingLines();
  /** Where the slices before end. */
  let done = ALL_KEYS.from;
  const cut = (): Slice => {
    const key = waiting.firstKey();
    if (key < done) throw new Error('rows came in another order than that of their keys');
    let bits = 0;
    let rows = 1;
    for (; bits < MOST_BITS; bits++) {
      const parent = rangeAround(key, bits + 1);
      if (parent.from < done) break;
      const inside = waiting.upTo(parent.to, rows);
      if (inside > 1 && waiting.bytesOf(inside) > target) break;
      rows = inside;
    }
    const range = rangeAround(key, bits);
    done = range.to + 1n;
    const bytes = waiting.bytesOf(rows);
    return { rows, bytes, chunks: waiting.take(rows), mark: markOf(Buffer.from(String(range.from))), keys: range };
  };
  return {
    *add(lines) {
      waiting.add(lines);
      // Whatever holds all of them is too much, and whatever holds less is known whole.
      while (waiting.rows() > 1 && waiting.bytes() > target) yield cut();
    },
    *end() {
      while (waiting.rows() > 0) yield cut();
    },
  };
}

interface Batch {
  readonly lines: KeyedLines;
  /** The first of its lines that waits. */
  first: number;
}

/** Lines whose slice is not decided. */
function waitingLines() {
  const batches: Batch[] = [];
  let rows = 0;
  let bytes = 0;
  return {
    rows: () => rows,
    bytes: () => bytes,
    add(lines: KeyedLines) {
      if (lines.ends.length === 0) return;
      batches.push({ lines, first: 0 });
      rows += lines.ends.length;
      bytes += lines.bytes.length;
    },
    firstKey: () => (batches[0] === undefined ? 0n : batches[0].lines.keyAt(batches[0].first)),
    /** How many of them have a key at or before `last`, of which `atLeast` are known to be. */
    upTo(last: bigint, atLeast: number): number {
      let counted = 0;
      for (const { lines, first } of batches) {
        const there = lines.ends.length - first;
        const from = Math.min(Math.max(atLeast - counted, 0), there);
        const found = from === there ? there : search(lines, first + from, last) - first;
        counted += found;
        if (found < there) break;
      }
      return counted;
    },
    bytesOf(count: number): number {
      let sum = 0;
      let left = count;
      for (const { lines, first } of batches) {
        if (left === 0) break;
        const some = Math.min(left, lines.ends.length - first);
        sum += endOf(lines, first + some) - endOf(lines, first);
        left -= some;
      }
      return sum;
    },
    take(count: number): Uint8Array[] {
      const taken: Uint8Array[] = [];
      let left = count;
      for (let batch = batches[0]; batch !== undefined && left > 0; batch = batches[0]) {
        const { lines, first } = batch;
        const some = Math.min(left, lines.ends.length - first);
        const piece = lines.bytes.subarray(endOf(lines, first), endOf(lines, first + some));
        taken.push(piece);
        left -= some;
        rows -= some;
        bytes -= piece.length;
        batch.first += some;
        if (batch.first === lines.ends.length) batches.shift();
      }
      return taken;
    },
  };
}

/** Where a line begins is where the one before ends. */
const endOf = ({ ends }: KeyedLines, line: number) => (line === 0 ? 0 : (ends[line - 1] ?? 0));

/** The first line from `low` on whose key is beyond `last`. */
function search(lines: KeyedLines, low: number, last: bigint): number {
  let from = low;
  let to = lines.ends.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (lines.keyAt(middle) <= last) from = middle + 1;
    else to = middle;
  }
  return from;
}
