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

/**
 * JSON lines of a table on their way in. DuckDB would take a number that is no double for one, and pass over a key that it does not know: so
 * each row must have exactly these keys in this order, and everything is handed on as text. Throws RESTORE_INEXACT.
 */
export function strictLines(table: string, columns: readonly LoadedColumn[]): StrictLines {
  const heads = columns.map(({ name }, at) => bytesOf(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const puts = columns.map((_, at) => bytesOf(`${at === 0 ? '{' : ','}"c${at}":`));
  const around = columns.length * 8 + 8;
  let rows = 0;
  let longest = 0;

  const wrong = (what: string): never => {
    throw restoreInexact(`with table '${table}'`, `row ${rows + 1} ${what}`)();
  };

  const convert = (lines: Uint8Array): Uint8Array => {
    const last = lines.length;
    let out: Uint8Array = Buffer.allocUnsafe(last + around * 64);
    let at = 0;
    let to = 0;
    while (at < last) {
      const begin = at;
      for (let column = 0; column < heads.length; column++) {
        const head = heads[column] ?? BLOB;
        if (out.length - to < last - at + around) out = grown(out, to, last - at + around * 64);
        if (!startsWith(lines, at, head)) wrong('has other columns than the table');
        at += head.length;
        const put = puts[column] ?? head;
        for (let i = 0; i < put.length; i++) out[to++] = put[i] ?? 0;
        const first = lines[at] ?? 0;
        const kind = columns[column]?.kind ?? 'text';
        if (kind === 'json' && (first === OPEN || first === BRACKET)) {
          const end = endOfValue(lines, at);
          if (end < 0) wrong('holds a value without an end');
          to = copied(lines, at, end, out, to);
          at = end;
        } else if (first === QUOTE) {
          if (kind === 'bytes' || kind === 'json' || kind === 'boolean') wrong('holds a value of another kind');
          const end = endOfString(lines, at);
          if (end < 0) wrong('holds a text without an end');
          to = copied(lines, at, end, out, to);
          at = end;
        } else if (first === OPEN) {
          if (kind === 'bytes' && startsWith(lines, at, BLOB)) {
            at += BLOB.length - 1;
            const end = endOfString(lines, at);
            to = copied(lines, at, end, out, to);
            at = end;
            if (end < 0 || lines[at++] !== CLOSE) wrong('holds bytes that are none');
          } else wrong('holds a value of another kind');
        } else {
          let end = at;
          while (end < last && lines[end] !== COMMA && lines[end] !== CLOSE && lines[end] !== LINE_END) end++;
          const word = WORDS.get(first);
          if (word !== undefined) {
            if (end - at !== word.length || !startsWith(lines, at, word)) wrong('holds a value that is none');
            if (first !== SMALL_N && (kind === 'bytes' || kind === 'json')) wrong('holds a value of another kind');
          } else if (kind === 'bytes' || kind === 'json' || !isNumber(lines, at, end))
            wrong('holds a value that is none');
          const isNull = first === SMALL_N;
          if (!isNull) out[to++] = QUOTE;
          to = copied(lines, at, end, out, to);
          at = end;
          if (!isNull) out[to++] = QUOTE;
        }
      }
      if (heads.length === 0) {
        if (lines[at++] !== OPEN) wrong('has columns that the table does not have');
        out[to++] = OPEN;
      }
      if (lines[at] !== CLOSE || lines[at + 1] !== LINE_END) wrong('has other columns than the table');
      to = copied(lines, at, at + 2, out, to);
      at += 2;
      rows++;
      longest = Math.max(longest, at - begin);
    }
    return out.subarray(0, to);
  };
  return { convert, rows: () => rows, longest: () => longest };
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

/** Returns where what follows goes. */
function copied(lines: Uint8Array, from: number, end: number, out: Uint8Array, begin: number): number {
  let to = begin;
  for (let at = from; at < end; at++) out[to++] = lines[at] ?? 0;
  return to;
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

function grown(out: Uint8Array, used: number, room: number): Uint8Array {
  const larger = Buffer.allocUnsafe(used + room);
  larger.set(out.subarray(0, used));
  return larger;
}
