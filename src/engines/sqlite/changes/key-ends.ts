/**
 * The keys of the first and the last rows of many pages, as halves of 32 bits: of each page the low and the high half of the first, and those of
 * the last. A number of 64 bits is an object to JavaScript, and there is a page for every few kilobytes of a database.
 */
export type KeyEnds = Int32Array;

const FIRST = 0;
const LAST = 2;
export const NUMBERS = 4;

const isBelow = (some: KeyEnds, one: number, others: KeyEnds, other: number): boolean => {
  const [high, otherHigh] = [some[one + 1] ?? 0, others[other + 1] ?? 0];
  return high === otherHigh ? (some[one] ?? 0) >>> 0 < (others[other] ?? 0) >>> 0 : high < otherHigh;
};

/** Whether the first row of a page comes before that of another. */
export const beginsBefore = (some: KeyEnds, one: number, others: KeyEnds, other: number): boolean =>
  isBelow(some, one * NUMBERS + FIRST, others, other * NUMBERS + FIRST);

/** Whether all rows of a page come before those of another, and its own are in order. */
export const isBefore = (some: KeyEnds, one: number, others: KeyEnds, other: number): boolean =>
  isInOrder(some, one) && isBelow(some, one * NUMBERS + LAST, others, other * NUMBERS + FIRST);

export const isInOrder = (ends: KeyEnds, at: number): boolean =>
  !isBelow(ends, at * NUMBERS + LAST, ends, at * NUMBERS + FIRST);

export const hasSameNumbers = (some: Int32Array, one: number, others: Int32Array, other: number): boolean => {
  for (let n = 0; n < NUMBERS; n++) if (some[one * NUMBERS + n] !== others[other * NUMBERS + n]) return false;
  return true;
};

export const firstKey = (ends: KeyEnds, at: number): bigint => keyAt(ends, at * NUMBERS + FIRST);
export const lastKey = (ends: KeyEnds, at: number): bigint => keyAt(ends, at * NUMBERS + LAST);

const keyAt = (ends: KeyEnds, at: number): bigint => (BigInt(ends[at + 1] ?? 0) << 32n) | BigInt((ends[at] ?? 0) >>> 0);
