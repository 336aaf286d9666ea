import { parse } from '../json.ts';
import { fieldMark, valueStart } from './find-value.ts';
import { numberKey } from './number-key.ts';

/** What is missing, nothing, numbers, and then text: as SQLite sorts. What is neither number nor text is its JSON. */
export const MISSING = 0;
export const NOTHING = 1;
export const NUMBER = 2;
export const TEXT = 3;

/** A column of a table, so small that a million rows of it are kept, sorted and searched: no value of it is one of JavaScript's. */
export interface Column {
  /** One of the four for each row. */
  readonly ranks: Uint8Array;
  /** What sorts as the values of one rank do, but may be equal where they are not. */
  readonly keys: Float64Array;
  /** Each row's number as it is written, or its text in UTF-8, behind that of the row before. */
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

export const startIn = ({ ends }: Column, row: number): number => (row === 0 ? 0 : (ends[row - 1] ?? 0));
export const endIn = ({ ends }: Column, row: number): number => ends[row] ?? 0;

const COMMA = 44;
const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 123;
const END_BRACE = 125;
const NEWLINE = 10;
const N = 110;

/** So many bytes of a text fit into a number. */
const KEY_BYTES = 6;
/** Fewer bytes are copied sooner one by one. */
const SHORT = 64;
/** So much more than the first rows let expect. */
const SPARE = 1.1;

/**
 * Takes a column out of a table's lines, so many rows in at most so many bytes, without taking the rest apart: whoever shows a row reads it
 * properly.
 */
export function takeColumn(name: string, rows: number, most: number): { add(lines: Buffer): void; taken(): Column } {
  const mark = fieldMark(name);
  const ranks = new Uint8Array(rows);
  const keys = new Float64Array(rows);
  const ends = new Uint32Array(rows);
  let bytes = Buffer.allocUnsafeSlow(0);
  let used = 0;
  let row = 0;

  function add(lines: Buffer): void {
    // No value is longer here than in its line.
    if (bytes.length < used + lines.length) {
      const expected = row === 0 ? 0 : Math.ceil((used / row) * rows * SPARE);
      bytes = copyOf(
        bytes.subarray(0, used),
        Math.max(Math.min(expected, most), bytes.length * 2, used + lines.length),
      );
    }
    const find = valueStart(lines, mark);
    let backslash = -1;
    for (let from = 0, end = 0; from < lines.length; from = end + 1, row++) {
      end = lines.indexOf(NEWLINE, from);
      if (end === -1) end = lines.length;
      const at = find(from, end);
      if (at !== -1) {
        const first = lines[at];
        const start = used;
        if (first === QUOTE) {
          if (backslash < at) backslash = found(lines.indexOf(BACKSLASH, at), lines.length);
          const close = lines.indexOf(QUOTE, at + 1);
          if (backslash < close) {
            used += bytes.write(plainText(lines, at, end), used);
          } else used += copied(lines, at + 1, close, bytes, used);
          ranks[row] = TEXT;
          keys[row] = textKey(bytes, start, used);
        } else if (first === N) ranks[row] = NOTHING;
        else {
          const close = first === BRACE ? lines.indexOf(END_BRACE, at) + 1 : numberEnd(lines, at, end);
          used += copied(lines, at, close, bytes, used);
          const key = first === BRACE ? Number.NaN : numberKey(bytes, start, used);
          ranks[row] = Number.isNaN(key) ? TEXT : NUMBER;
          keys[row] = Number.isNaN(key) ? textKey(bytes, start, used) : key;
        }
      }
      ends[row] = used;
    }
  }

  return { add, taken: () => ({ ranks, keys, ends, bytes: bytes.subarray(0, used) }) };
}

/** A column of one value: what others are compared with. */
export function columnOfOne(json: string): Column {
  const one = takeColumn('', 1, 0);
  one.add(Buffer.from(`{"":${json}}\n`));
  return one.taken();
}

const found = (at: number, otherwise: number) => (at === -1 ? otherwise : at);

function copyOf(bytes: Buffer, size: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(size);
  bytes.copy(larger);
  return larger;
}

function copied(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  const length = to - from;
  if (length > SHORT) return source.copy(target, at, from, to);
  for (let i = 0; i < length; i++) target[at + i] = source[from + i] ?? 0;
  return length;
}

function numberEnd(lines: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && lines[at] !== COMMA && lines[at] !== END_BRACE) at++;
  return at;
}

/** A text with escapes in it; one without an end is what there is. */
function plainText(lines: Buffer, from: number, last: number): string {
  let close = lines.indexOf(QUOTE, from + 1);
  while (close !== -1 && isEscaped(lines, close)) close = lines.indexOf(QUOTE, close + 1);
  const isWhole = close !== -1 && close < last;
  const raw = lines.toString('utf8', from, isWhole ? close + 1 : last);
  return isWhole ? String(parse(raw)) : raw;
}

function isEscaped(lines: Buffer, at: number): boolean {
  let backslashes = 0;
  while (lines[at - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function textKey(bytes: Buffer, from: number, to: number): number {
  let key = 0;
  for (let at = from; at < from + KEY_BYTES; at++) key = key * 256 + (at < to ? (bytes[at] ?? 0) : 0);
  return key;
}
