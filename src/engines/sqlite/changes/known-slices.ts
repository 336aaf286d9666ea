import { type KeyedRows, markOf, NotAsBefore, type Range, type Slice, sliceByKey } from '../../../core/slices.ts';
import { beginsBefore, firstKey, hasSameNumbers, lastKey } from './key-ends.ts';
import type { Leaves } from './leaves.ts';

/** A slice that a reading before this one found. */
export interface KnownSlice {
  readonly keys: Range;
  readonly rows: number;
  readonly bytes: number;
}

/** Keys between which rows may differ from what they were, in order, none overlapping. */
export type Changes = readonly Range[];

/**
 * Where rows may have changed: between the ends of every leaf that was there and is not, or is there and was not. A leaf with the same bytes
 * holds the same rows, if the pages that they go on on are the same, too; all other rows lie between those ends.
 */
export function changesBetween(before: Leaves, now: Leaves): Changes {
  const ranges: Range[] = [];
  const add = ({ ends }: Leaves, at: number) => ranges.push({ from: firstKey(ends, at), to: lastKey(ends, at) });
  for (let then = 0, at = 0; then < before.count || at < now.count; ) {
    const isLeft = at === now.count || (then < before.count && beginsBefore(before.ends, then, now.ends, at));
    const isNew = then === before.count || (at < now.count && beginsBefore(now.ends, at, before.ends, then));
    const isSame =
      !isLeft &&
      !isNew &&
      hasSameNumbers(before.ends, then, now.ends, at) &&
      hasSameNumbers(before.hashes, then, now.hashes, at);
    if (!isNew && !isSame) add(before, then);
    if (!isLeft && !isSame) add(now, at);
    if (!isNew) then++;
    if (!isLeft) at++;
  }
  return merged(ranges);
}

/** Whether anything may have changed in a range. */
export function touches(changes: Changes, { from, to }: Range): boolean {
  const next = changes[firstAt(changes, from, (change) => change.to)];
  return next !== undefined && next.from <= to;
}

function merged(ranges: Range[]): Range[] {
  const sorted = ranges.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const result: Range[] = [];
  for (const { from, to } of sorted) {
    const last = result.at(-1);
    if (last === undefined || from > last.to) result.push({ from, to });
    else if (to > last.to) result[result.length - 1] = { from: last.from, to };
  }
  return result;
}

/**
 * The slices of a table, the same as a full reading makes: those in which nothing changed are not read, and say which they were. Where
 * the rule joins or cuts them anew, they are.
 */
export function* slicesSince(
  rows: KeyedRows,
  target: number,
  slices: readonly KnownSlice[],
  changes: Changes,
): Generator<Slice> {
  if (changes.length === 0) {
    // Not a row is asked for: of many small tables, that would be most of the work.
    for (const [index, { keys, ...size }] of slices.entries()) {
      const chunks = { [Symbol.iterator]: () => wholly(rows, keys.from, keys.to)[Symbol.iterator]() };
      yield { ...size, mark: markOf(Buffer.from(String(keys.from))), keys, same: { index, keys }, chunks };
    }
    return;
  }
  const hasChanged = (range: Range) => touches(changes, range);
  const known: KeyedRows = {
    next: (from) => rows.next(from),
    bitsAt(key) {
      const slice = slices[firstAt(slices, key, ({ keys }) => keys.to)];
      return slice === undefined || slice.keys.from > key || hasChanged(slice.keys) ? undefined : bitsOf(slice.keys);
    },
    fetch(from, to, limit) {
      const first = firstAt(slices, from, ({ keys }) => keys.to);
      let end = first;
      while ((slices[end]?.keys.from ?? to + 1n) <= to) end++;
      const inside = slices.slice(first, end);
      const isWhole = inside.every(({ keys }) => keys.from >= from && keys.to <= to);
      if (inside.length === 0 || !isWhole || hasChanged({ from, to })) return rows.fetch(from, to, limit);
      const sum = (of: (slice: KnownSlice) => number) => inside.reduce((total, slice) => total + of(slice), 0);
      const [count, bytes] = [sum((slice) => slice.rows), sum((slice) => slice.bytes)];
      if (bytes > limit && count > 1) return undefined;
      const [only] = inside;
      return {
        rows: count,
        bytes,
        chunks: { [Symbol.iterator]: () => wholly(rows, from, to)[Symbol.iterator]() },
        ...(inside.length === 1 && only !== undefined ? { same: { index: first, keys: only.keys } } : {}),
      };
    },
  };
  for (const slice of sliceByKey(known, target)) {
    const { same, ...rest } = slice;
    const isSame = same !== undefined && same.keys.from === slice.keys?.from && same.keys.to === slice.keys.to;
    yield isSame ? slice : rest;
  }
}

/** All rows of a range, however many bytes that are. */
function wholly(rows: KeyedRows, from: bigint, to: bigint): Iterable<Uint8Array> {
  const piece = rows.fetch(from, to, Number.POSITIVE_INFINITY);
  if (piece === undefined) throw new NotAsBefore('a range that was known to be small cannot be read');
  return piece.chunks;
}

/** The first of some in order that ends at a key or after it. */
function firstAt<T>(all: readonly T[], key: bigint, endOf: (one: T) => bigint): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = all[middle];
    if (one !== undefined && endOf(one) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of an aligned range. */
const bitsOf = ({ from, to }: Range) => (from === to ? 0 : (to - from).toString(2).length);
