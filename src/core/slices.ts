/**
 * Where a table is cut into slices. Boundaries depend on the rows alone: equal tables are cut alike, and a changed row
 * changes one slice. docs/format.md states the rule; this file is the rule.
 */

export interface Piece {
  readonly rows: number;
  readonly bytes: number;
  /**
   * Its bytes, in order. Those of a row too large to be held are read whenever somebody goes through them; so that must be before
   * the reading goes on.
   */
  readonly chunks: Iterable<Uint8Array>;
  /** It holds what a slice of a reading before held, and was not read again. */
  readonly same?: Same;
}

/** Which slice of its table it was, counted from 0, and where its rows lay. */
export interface Same {
  readonly index: number;
  readonly keys: Range;
}

/** What a reading before found does not fit what is there: then everything is to be read. */
export class NotAsBefore extends Error {}

export interface Slice extends Piece {
  /** Eight hex digits, the same for every version of the slice. */
  readonly mark: string;
  /** Where its rows lie, in a table with 64-bit keys. */
  readonly keys?: Range;
  /** The git blob id of its bytes, where whoever read them has worked it out. */
  readonly id?: string;
}

/** How rows with 64-bit keys are reached. */
export interface KeyedRows {
  /** The first key at or after `from`. */
  next(from: bigint): bigint | undefined;
  /** The rows of a range, or undefined where they cannot weigh less than `limit` bytes and are more than one. */
  fetch(from: bigint, to: bigint, limit: number): Piece | undefined;
  /** Where a slice around a key is known already, how large its range is, as a power of two. */
  bitsAt?(key: bigint): number | undefined;
}

const FIRST_KEY = -(2n ** 63n);
const LAST_KEY = 2n ** 63n - 1n;

const SMALLEST_TARGET = 128 * 1024;
const LARGEST_TARGET = 1024 * 1024;

/** The size slices aim at: it grows with the square root of the table, by powers of two so that boundaries nest. */
export function targetSize(rows: number): number {
  let target = SMALLEST_TARGET;
  for (let limit = 2 ** 16; rows > limit && target < LARGEST_TARGET; limit *= 4) target *= 2;
  return target;
}

export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The mark of what begins so. */
export const markOf = (bytes: Uint8Array) => fnv1a(bytes).toString(16).padStart(8, '0');

/** Keys from one to another; both ends belong to it. */
export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

export const ALL_KEYS: Range = { from: FIRST_KEY, to: LAST_KEY };

/** The aligned range of 2^bits keys that holds `key`. */
export function rangeAround(key: bigint, bits: number): Range {
  const shift = BigInt(bits);
  const from = (key >> shift) << shift;
  return { from, to: from + (1n << shift) - 1n };
}

/** The marks that a slice can have which holds the row with this key, where slices are ranges of keys: all others cannot hold it. */
export function marksOf(key: bigint): ReadonlySet<string> {
  return new Set(Array.from({ length: 64 }, (_, bits) => markOf(Buffer.from(String(rangeAround(key, bits).from)))));
}

/** Only for what fits the target together, and so is held. */
const join = (a: Piece, b: Piece): Piece => ({
  rows: a.rows + b.rows,
  bytes: a.bytes + b.bytes,
  chunks: [...a.chunks, ...b.chunks],
});

/**
 * Cuts a table with 64-bit keys into the largest aligned key ranges that fit the target. It walks forward from a guess (at first of
 * 2^guess keys, then the size of the range before), goes down while a range is too heavy, and up while a range and its sibling fit together; the
 * result does not depend on the guess. `within` are the keys between two cuts (`cutsOf`), where no slice reaches over.
 */
export function* sliceByKey(rows: KeyedRows, target: number, within: Range = ALL_KEYS, guess = 6): Generator<Slice> {
  let ahead: { range: Range; piece: Piece | undefined } | undefined;
  const weigh = (range: Range): Piece | undefined => {
    if (ahead?.range.from === range.from && ahead.range.to === range.to) return ahead.piece;
    const piece = rows.fetch(range.from, range.to, target);
    return piece !== undefined && (piece.bytes <= target || piece.rows <= 1) ? piece : undefined;
  };

  let bits = guess;
  let done = within.from;
  for (let key = rows.next(within.from); key !== undefined && key <= within.to; ) {
    bits = rows.bitsAt?.(key) ?? bits;
    let range = rangeAround(key, bits);
    while (range.from < done || range.to > within.to) range = rangeAround(key, --bits);
    let piece = weigh(range);
    while (piece === undefined) {
      range = rangeAround(key, --bits);
      piece = weigh(range);
    }
    let following = range.to < LAST_KEY ? rows.next(range.to + 1n) : undefined;
    for (;;) {
      const parent = rangeAround(key, bits + 1);
      // What is out already did not fit together with this, or it would have come along. No range reaches over zero.
      if (parent.from < done || parent.to > within.to) break;
      if (following !== undefined && following <= parent.to) {
        const sibling = { from: range.to + 1n, to: parent.to };
        const other = weigh(sibling);
        ahead = { range: sibling, piece: other };
        if (other === undefined || piece.bytes + other.bytes > target) break;
        piece = join(piece, other);
        following = parent.to < LAST_KEY ? rows.next(parent.to + 1n) : undefined;
      }
      range = parent;
      bits++;
    }
    yield { ...piece, mark: markOf(Buffer.from(String(range.from))), keys: range };
    done = range.to + 1n;
    key = following;
  }
}

/**
 * Keys at which a table can be divided among several readers without changing a slice: aligned, with more around each than a
 * slice may hold. There are `most` of them or fewer. `isHeavy` tells whether a range certainly weighs more than the target.
 */
export function cutsOf(first: bigint, last: bigint, most: number, isHeavy: (range: Range) => boolean): bigint[] {
  let bits = 0n;
  while ((last - first) >> bits >= BigInt(most)) bits++;
  const cuts: bigint[] = [];
  for (let at = (first >> bits) + 1n; at << bits <= last; at++) {
    const cut = at << bits;
    // Whatever reaches over the cut holds at least the two ranges that meet there.
    if (isHeavy({ from: cut - (1n << bits), to: cut + (1n << bits) - 1n })) cuts.push(cut);
  }
  return cuts;
}

/** Cuts rows that come in order as whole lines, as they come. What it gives was given when the next lines are asked for. */
export interface Cutter<Lines = Uint8Array> {
  add(lines: Lines): Iterable<Slice>;
  /** What is left when no more lines come. */
  end(): Iterable<Slice>;
}

/**
 * Cuts rows that have no 64-bit key, given in order as whole lines, however many at a time: after a line whose hash says so, the likelier
 * the longer it is. A line too large to be held comes as a piece; it is longer than any target, so a slice ends there whatever its hash.
 */
export function* sliceByContent(lines: Iterable<Uint8Array | Piece>, target: number): Generator<Slice> {
  const cutter = contentCutter(target);
  for (const some of lines) yield* cutter.add(some);
  yield* cutter.end();
}

export function contentCutter(target: number): Cutter<Uint8Array | Piece> {
  let chunks: Uint8Array[] = [];
  let rows = 0;
  let bytes = 0;
  const add = (some: Uint8Array, count: number) => {
    chunks.push(some);
    rows += count;
    bytes += some.length;
  };
  const cut = (): Slice => {
    const slice = { rows, bytes, chunks, mark: markOf(headOf(chunks)) };
    chunks = [];
    rows = 0;
    bytes = 0;
    return slice;
  };
  return {
    *add(some) {
      if (some instanceof Uint8Array) {
        for (let from = 0; from < some.length; ) {
          const { to, count, isCut } = stretch(some, from, target);
          add(some.subarray(from, to), count);
          from = to;
          if (isCut) yield cut();
        }
        return;
      }
      const before = cut();
      const mark = before.rows === 0 ? markOf(headOf(some.chunks)) : before.mark;
      const all = {
        *[Symbol.iterator]() {
          yield* before.chunks;
          yield* some.chunks;
        },
      };
      yield { rows: before.rows + some.rows, bytes: before.bytes + some.bytes, chunks: all, mark };
    },
    *end() {
      if (rows > 0) yield cut();
    },
  };
}

/** Goes over lines from one on, to the end of the first after which a slice ends, or of all, with `fnv1a` of each. */
function stretch(lines: Uint8Array, begin: number, target: number): { to: number; count: number; isCut: boolean } {
  const line = { hash: 0, end: begin };
  let count = 0;
  for (let from = begin; from < lines.length; from = line.end) {
    overLine(lines, from, line);
    count++;
    if ((line.hash >>> 0) / 2 ** 32 < (line.end - from) / target) return { to: line.end, count, isCut: true };
  }
  return { to: lines.length, count, isCut: false };
}

/**
 * A function for each line, since V8 is sooner done with making it fast than with a loop that goes on. The numbers stand in it, since from
 * within the published program those of a file are looked up for every byte; and the first of a hash has a sign, as all that follow have, or V8
 * makes fractions of all of them.
 */
function overLine(lines: Uint8Array, from: number, line: { hash: number; end: number }): void {
  const last = lines.length;
  let hash = 0x811c9dc5 | 0;
  for (let at = from; at < last; at++) {
    const byte = lines[at] ?? 0;
    hash = Math.imul(hash ^ byte, 0x01000193);
    if (byte !== 10) continue;
    line.hash = hash;
    line.end = at + 1;
    return;
  }
  throw new Error('a line has no end');
}

const LINE_END = 10;
const MARKED_BYTES = 64;

/** The beginning of the first line, as the mark of a slice. */
function headOf(chunks: Iterable<Uint8Array>): Uint8Array {
  const head: number[] = [];
  for (const chunk of chunks) {
    for (const byte of chunk.subarray(0, MARKED_BYTES - head.length)) {
      head.push(byte);
      if (byte === LINE_END) return Uint8Array.from(head);
    }
    if (head.length === MARKED_BYTES) break;
  }
  return Uint8Array.from(head);
}
