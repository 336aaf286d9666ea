import { type Column, endIn, NUMBER, startIn, TEXT } from './column.ts';

/** Which of two values stands first, each the value of a row in its column. */
export function compareValues(left: Column, a: number, right: Column, b: number): number {
  const rank = left.ranks[a] ?? 0;
  const ranks = rank - (right.ranks[b] ?? 0);
  if (ranks !== 0) return ranks;
  const [key, other] = [left.keys[a] ?? 0, right.keys[b] ?? 0];
  if (key !== other) return key < other ? -1 : 1;
  const bytes = compareBytes(left, a, right, b);
  return bytes === 0 || rank === TEXT ? bytes : rank === NUMBER ? compareNumbers(left, a, right, b) : 0;
}

function compareBytes(left: Column, a: number, right: Column, b: number): number {
  const [from, other] = [startIn(left, a), startIn(right, b)];
  const [length, otherLength] = [endIn(left, a) - from, endIn(right, b) - other];
  const shared = Math.min(length, otherLength);
  for (let i = 0; i < shared; i++) {
    const difference = (left.bytes[from + i] ?? 0) - (right.bytes[other + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

/** Numbers of which the first digits are the same. */
function compareNumbers(left: Column, a: number, right: Column, b: number): number {
  const [one, other] = [numberAt(left, a), numberAt(right, b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function numberAt(column: Column, row: number): number | bigint {
  const raw = Buffer.from(column.bytes.subarray(startIn(column, row), endIn(column, row))).toString('latin1');
  const value = Number(raw);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(raw) ? BigInt(raw) : value;
}
