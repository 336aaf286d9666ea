import { restoreInexact } from '../../../core/problems/restoring.ts';
import { hexOf } from './hex.ts';

const TAB = 9;
const LINE_END = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const SMALL_U = 117;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const BLOB = bytesOf('{"$blob":"');
const WORDS = new Map([
  [110, { json: bytesOf('null'), copy: bytesOf('\\N') }],
  [116, { json: bytesOf('true'), copy: bytesOf('t') }],
  [102, { json: bytesOf('false'), copy: bytesOf('f') }],
]);

/** Where in a row what was read so far ends: before a value, or inside of a text or of bytes, which may be longer than what is held. */
type Inside = 'row' | 'text' | 'bytes';

export interface LinesToCopy {
  /** What COPY takes for more of the lines. They may end anywhere. */
  convert(lines: Uint8Array): Uint8Array;
  /** How many rows were whole so far. */
  rows(): number;
  /** Throws RESTORE_INEXACT where the lines ended inside of a row. */
  end(): void;
}

/**
 * JSON lines of a table as `COPY … FROM STDIN` takes them. Bytes become bytes: no row is ever a JavaScript object, and no text a string, for
 * every byte of a database passes here. Each row has exactly these keys, in this order; anything else throws RESTORE_INEXACT.
 */
export function linesToCopy(table: string, keys: readonly string[]): LinesToCopy {
  const heads = keys.map((key, at) => bytesOf(`${at === 0 ? '{' : ','}${JSON.stringify(key)}:`));
  let carried = new Uint8Array(0);
  let column = 0;
  let inside: Inside = 'row';
  let rows = 0;

  const wrong = (what: string): never => {
    throw restoreInexact(`with table '${table}'`, `row ${rows + 1} ${what}`)();
  };

  /** Returns where it stopped: at the end, or before something that is not whole yet. */
  function take(input: Uint8Array, out: Uint8Array): { readonly read: number; readonly written: number } {
    const last = input.length;
    let at = 0;
    let to = 0;
    for (;;) {
      if (inside === 'text') {
        let byte = input[at] ?? 0;
        // Most bytes are themselves; behind the last there is none.
        while (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
          out[to++] = byte;
          byte = input[++at] ?? 0;
        }
        if (at >= last) break;
        if (byte === QUOTE) {
          at++;
          inside = 'row';
          column++;
        } else if (byte === BACKSLASH) {
          if (at + 1 >= last) break;
          const letter = input[at + 1] ?? 0;
          if (letter === SMALL_U) {
            if (at + 6 > last) break;
            const unit = unitAt(input, at);
            const isHigh = unit >= 0xd800 && unit < 0xdc00;
            if (isHigh && at + 12 > last) break;
            const code = isHigh ? joined(unit, unitAt(input, at + 6)) : unit;
            if (code <= 0 || (code >= 0xd800 && code < 0xe000)) wrong('holds a character that no text can hold');
            at += isHigh ? 12 : 6;
            to = characterTo(out, to, code);
          } else {
            at += 2;
            if (letter === QUOTE || letter === 47) out[to++] = letter;
            else if (letter === BACKSLASH || isLetterOfBoth(letter)) {
              out[to++] = BACKSLASH;
              out[to++] = letter;
            } else wrong('holds an escape that JSON does not know');
          }
        } else wrong('holds a control character');
        continue;
      }
      if (inside === 'bytes') {
        const found = input.indexOf(QUOTE, at);
        const isEnd = found !== -1;
        const end = isEnd ? found : at + ((last - at) & ~3);
        to = hexOf(input, at, end, out, to);
        if (to < 0) wrong('holds bytes that are not in base64');
        at = end;
        if (!isEnd || at + 1 >= last) break;
        if (input[at + 1] !== CLOSE) wrong('holds a value that is none');
        at += 2;
        inside = 'row';
        column++;
        continue;
      }
      if (column === heads.length) {
        // The rest of the row: `}` and the end of the line, and before them `{` where there is no column.
        const rest = heads.length === 0 ? 3 : 2;
        if (at + rest > last) break;
        if (heads.length === 0 && input[at] !== OPEN) wrong('has columns that the table does not have');
        if (input[at + rest - 2] !== CLOSE || input[at + rest - 1] !== LINE_END)
          wrong('has other columns than the first');
        at += rest;
        out[to++] = LINE_END;
        column = 0;
        rows++;
        if (at >= last) break;
        continue;
      }
      if (at >= last) break;
      const head = heads[column] ?? BLOB;
      if (at + head.length + BLOB.length > last && !input.subarray(at + head.length, last).includes(LINE_END)) break;
      for (let i = 0; i < head.length; i++) if (input[at + i] !== head[i]) wrong('has other columns than the first');
      const from = at + head.length;
      const first = input[from] ?? 0;
      if (column > 0) out[to] = TAB;
      const begin = column > 0 ? to + 1 : to;
      if (first === QUOTE) {
        at = from + 1;
        to = begin;
        inside = 'text';
      } else if (first === OPEN) {
        if (!startsWith(input, from, BLOB)) wrong('holds a value that is none');
        at = from + BLOB.length;
        out[begin] = BACKSLASH;
        out[begin + 1] = BACKSLASH;
        out[begin + 2] = 120;
        to = begin + 3;
        inside = 'bytes';
      } else {
        let end = from;
        while (end < last && input[end] !== COMMA && input[end] !== CLOSE) end++;
        // It may go on.
        if (end >= last) break;
        const word = WORDS.get(first);
        to = begin;
        if (word === undefined) {
          if (!isNumber(input, from, end)) wrong('holds a value that is none');
          for (let i = from; i < end; i++) out[to++] = input[i] ?? 0;
        } else {
          if (end - from !== word.json.length || !startsWith(input, from, word.json))
            wrong('holds a value that is none');
          for (let i = 0; i < word.copy.length; i++) out[to++] = word.copy[i] ?? 0;
        }
        at = end;
        column++;
      }
    }
    return { read: at, written: to };
  }

  return {
    convert(lines) {
      const input = carried.length === 0 ? lines : Buffer.concat([carried, lines]);
      // Bytes take half as much again, and everything else no more than it has.
      const out = Buffer.allocUnsafe(input.length + (input.length >> 1) + 64);
      const { read, written } = take(input, out);
      carried = Uint8Array.from(input.subarray(read));
      return out.subarray(0, written);
    },
    end() {
      if (carried.length > 0 || column > 0 || inside !== 'row') wrong('does not end');
    },
    rows: () => rows,
  };
}

/** Both write them with a backslash: b, f, n, r, t. */
const isLetterOfBoth = (byte: number) => byte === 98 || byte === 102 || byte === 110 || byte === 114 || byte === 116;

/** -1 where no four digits follow `\u`. */
function unitAt(input: Uint8Array, at: number): number {
  if (input[at] !== BACKSLASH || input[at + 1] !== SMALL_U) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const byte = input[i] ?? 0;
    const small = byte | 32;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : small >= 97 && small <= 102 ? small - 87 : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

const joined = (high: number, low: number) =>
  low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : -1;

/** What the server itself writes with a backslash; what JSON writes so, too, comes in no other way. */
const LETTERS = new Map([
  [8, 98],
  [9, 116],
  [10, 110],
  [11, 118],
  [12, 102],
  [13, 114],
  [BACKSLASH, BACKSLASH],
]);

/** As the server would write it: then what it gives back can be held against what it got. */
function characterTo(out: Uint8Array, to: number, code: number): number {
  const letter = LETTERS.get(code) ?? 0;
  let put = to;
  if (letter !== 0) {
    out[put++] = BACKSLASH;
    out[put++] = letter;
  } else if (code < 0x80) out[put++] = code;
  else if (code < 0x800) {
    out[put++] = 0xc0 | (code >> 6);
    out[put++] = 0x80 | (code & 63);
  } else {
    if (code < 0x10000) out[put++] = 0xe0 | (code >> 12);
    else {
      out[put++] = 0xf0 | (code >> 18);
      out[put++] = 0x80 | ((code >> 12) & 63);
    }
    out[put++] = 0x80 | ((code >> 6) & 63);
    out[put++] = 0x80 | (code & 63);
  }
  return put;
}

function startsWith(input: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (input[at + i] !== word[i]) return false;
  return true;
}

/** Nothing that would be something else to COPY; whether it is a number, the column's type says. */
function isNumber(input: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = input[at] ?? 0;
    const isDigit = byte >= 48 && byte <= 57;
    // + - . E e
    if (!isDigit && byte !== 43 && byte !== 45 && byte !== 46 && byte !== 69 && byte !== 101) return false;
  }
  return end > from;
}
