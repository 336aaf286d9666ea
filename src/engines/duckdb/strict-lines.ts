import { copyPlain, inFours, viewOf } from '../../core/four-bytes.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import type { Kind } from './types.ts';

export interface LoadedColumn {
  readonly name: string;
  readonly kind: Kind;
}

export interface StrictLines {
  /** What DuckDB reads for whole lines: the same rows, with every single value a text or null, and the keys c0, c1 and so on. */
  convert(lines: Uint8Array): Uint8Array;
  rows(): number;
  /** The bytes of the longest row that was given. */
  longest(): number;
}

const LINE_END = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const OPEN = 123;
const CLOSE = 125;
const SMALL_F = 102;
const SMALL_N = 110;
const SMALL_T = 116;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const BLOB = bytesOf('{"$blob":"');
const WORDS = new Map([
  [SMALL_N, bytesOf('null')],
  [SMALL_T, bytesOf('true')],
  [SMALL_F, bytesOf('false')],
]);
/** More may be written than is meant. */
const SPARE = 16;

/** Where one is in the lines, and in what DuckDB reads for them. */
interface Cursor {
  readonly lines: Uint8Array;
  readonly view: DataView;
  at: number;
  out: Uint8Array;
  output: DataView;
  to: number;
}

/**
 * JSON lines of a table on their way in. DuckDB would take a number that is no double for one, and pass over a key that it does not know: so
 * each row must have exactly these keys in this order, and everything is handed on as text. Throws RESTORE_INEXACT.
 */
export function strictLines(table: string, columns: readonly LoadedColumn[]): StrictLines {
  const heads = columns.map(({ name }, at) => wordOf(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const puts = columns.map((_, at) => wordOf(`${at === 0 ? '{' : ','}"c${at}":`));
  const around = columns.length * 8 + 8 + SPARE;
  let rows = 0;
  let longest = 0;

  const wrong = (what: string): never => {
    throw restoreInexact(`with table '${table}'`, `row ${rows + 1} ${what}`)();
  };

  const convert = (lines: Uint8Array): Uint8Array => {
    const last = lines.length;
    const first = Buffer.allocUnsafe(last + around * 64);
    const cursor: Cursor = { lines, view: viewOf(lines), at: 0, out: first, output: viewOf(first), to: 0 };
    while (cursor.at < last) {
      const begin = cursor.at;
      for (let column = 0; column < heads.length; column++) {
        if (cursor.out.length - cursor.to < last - cursor.at + around) grow(cursor, last - cursor.at + around * 64);
        const head = heads[column];
        const put = puts[column];
        if (head === undefined || put === undefined || !take(cursor, head))
          return wrong('has other columns than the table');
        write(cursor, put);
        value(cursor, columns[column]?.kind ?? 'text', wrong);
      }
      if (heads.length === 0) {
        if (lines[cursor.at++] !== OPEN) wrong('has columns that the table does not have');
        cursor.out[cursor.to++] = OPEN;
      }
      if (lines[cursor.at] !== CLOSE || lines[cursor.at + 1] !== LINE_END) wrong('has other columns than the table');
      copyTo(cursor, cursor.at + 2);
      rows++;
      longest = Math.max(longest, cursor.at - begin);
    }
    return cursor.out.subarray(0, cursor.to);
  };
  return { convert, rows: () => rows, longest: () => longest };
}

function value(cursor: Cursor, kind: Kind, wrong: (what: string) => never): void {
  const { lines, at } = cursor;
  const first = lines[at] ?? 0;
  if (kind === 'json' && (first === OPEN || first === BRACKET)) {
    const end = endOfValue(lines, at);
    if (end < 0) wrong('holds a value without an end');
    copyTo(cursor, end);
  } else if (first === QUOTE) {
    if (kind === 'bytes' || kind === 'json' || kind === 'boolean') wrong('holds a value of another kind');
    if (!copyString(cursor)) wrong('holds a text without an end');
  } else if (first === OPEN) {
    if (kind !== 'bytes' || !startsWith(lines, at, BLOB)) wrong('holds a value of another kind');
    cursor.at += BLOB.length - 1;
    if (!copyString(cursor) || lines[cursor.at++] !== CLOSE) wrong('holds bytes that are none');
  } else bare(cursor, kind, wrong);
}

/** A number, a truth or nothing. */
function bare(cursor: Cursor, kind: Kind, wrong: (what: string) => never): void {
  const { lines, at } = cursor;
  const last = lines.length;
  const first = lines[at] ?? 0;
  let end = at;
  while (end < last && lines[end] !== COMMA && lines[end] !== CLOSE && lines[end] !== LINE_END) end++;
  if (first > 96) {
    const word = WORDS.get(first);
    if (word === undefined || end - at !== word.length || !startsWith(lines, at, word))
      wrong('holds a value that is none');
    if (first !== SMALL_N && (kind === 'bytes' || kind === 'json')) wrong('holds a value of another kind');
  } else if (kind === 'bytes' || kind === 'json' || !isNumber(lines, at, end)) wrong('holds a value that is none');
  const isNull = first === SMALL_N;
  if (!isNull) cursor.out[cursor.to++] = QUOTE;
  copyTo(cursor, end);
  if (!isNull) cursor.out[cursor.to++] = QUOTE;
}

/** Takes the string that begins here over, eight bytes at a time; false where it has no end. */
function copyString(cursor: Cursor): boolean {
  const { lines, view, out, output } = cursor;
  const last = lines.length;
  let { at, to } = cursor;
  out[to++] = 34;
  at++;
  while (at < last) {
    if (at + 8 <= last) {
      const before = copyPlain(view, at, output, to);
      to += before;
      at += before;
      if (before === 8) continue;
    }
    const byte = lines[at++] ?? 0;
    out[to++] = byte;
    if (byte === 34) {
      cursor.at = at;
      cursor.to = to;
      return true;
    }
    if (byte === 92) out[to++] = lines[at++] ?? 0;
    else if (byte < 32) return false;
  }
  return false;
}

/** Where the string that begins at `from` ends, behind its quote; -1 where it does not. */
function endOfString(lines: Uint8Array, from: number): number {
  for (let at = from + 1; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
    else if (byte < SPACE) return -1;
  }
  return -1;
}

/** Where an array or an object ends: what is in it, DuckDB reads. */
function endOfValue(lines: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < lines.length; ) {
    const byte = lines[at] ?? 0;
    if (byte < SPACE) return -1;
    if (byte === OPEN || byte === BRACKET) depth++;
    if ((byte === CLOSE || byte === BRACKET_END) && --depth === 0) return at + 1;
    at = byte === QUOTE ? endOfString(lines, at) : at + 1;
    if (at < 0) return -1;
  }
  return -1;
}

/** Takes everything up to `end` over as it is. */
function copyTo(cursor: Cursor, end: number): void {
  const { lines, view, out, output, at, to } = cursor;
  const last = lines.length;
  let from = at;
  let put = to;
  for (; from < end && from + 4 <= last; from += 4, put += 4) output.setInt32(put, view.getInt32(from, true), true);
  for (; from < end; from++) out[put++] = lines[from] ?? 0;
  cursor.at = end;
  cursor.to = to + end - at;
}

interface Word {
  readonly bytes: Uint8Array;
  readonly fours: Int32Array;
  /** How many of these are whole. */
  readonly whole: number;
}

function wordOf(text: string): Word {
  const bytes = Buffer.from(text);
  return { bytes, fours: inFours(bytes), whole: bytes.length >> 2 };
}

function write(cursor: Cursor, { bytes, fours }: Word): void {
  for (let i = 0; i < fours.length; i++) cursor.output.setInt32(cursor.to + 4 * i, fours[i] ?? 0, true);
  cursor.to += bytes.length;
}

/** Whether it is what comes next; then it is passed over. */
function take(cursor: Cursor, { bytes, fours, whole }: Word): boolean {
  const { lines, view, at } = cursor;
  if (at + bytes.length > lines.length) return false;
  for (let i = 0; i < whole; i++) if (view.getInt32(at + 4 * i, true) !== fours[i]) return false;
  for (let i = 4 * whole; i < bytes.length; i++) if (lines[at + i] !== bytes[i]) return false;
  cursor.at += bytes.length;
  return true;
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** Whether it is a number to its column, the column's type says. */
function isNumber(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const isDigit = byte >= 48 && byte <= 57;
    // + - . E e
    if (!isDigit && byte !== 43 && byte !== 45 && byte !== 46 && byte !== 69 && byte !== 101) return false;
  }
  return end > from;
}

function grow(cursor: Cursor, room: number): void {
  const larger = Buffer.allocUnsafe(cursor.to + room);
  larger.set(cursor.out.subarray(0, cursor.to));
  cursor.out = larger;
  cursor.output = viewOf(larger);
}
