import { copyPlain } from '../../../core/four-bytes.ts';
import { hexOf } from './hex.ts';

/** Where one is in lines of JSON, and in what COPY takes for them. */
export interface Cursor {
  input: Uint8Array;
  view: DataView;
  at: number;
  out: Uint8Array;
  output: DataView;
  to: number;
  /** Throws for a row that is none. */
  readonly wrong: (what: string) => never;
}

/*
 * Small functions, so that V8 is soon done with each; and their numbers stand in them, since from within the published program those of a file are
 * looked up again and again.
 */

/** The rest of a text, behind its first quote. False where what there is of it ends before it does. */
export function textOf(cursor: Cursor): boolean {
  const { input, view, out, output } = cursor;
  const last = input.length;
  let { at, to } = cursor;
  let isWhole = false;
  while (at < last) {
    if (at + 8 <= last) {
      const before = copyPlain(view, at, output, to);
      to += before;
      at += before;
      if (before === 8) continue;
    }
    const byte = input[at] ?? 0;
    if (byte === 34) {
      at++;
      isWhole = true;
      break;
    }
    if (byte === 92) {
      const letter = input[at + 1] ?? 0;
      if (letter === 117 || at + 1 >= last) {
        cursor.at = at;
        cursor.to = to;
        if (at + 1 >= last || !characterOf(cursor)) return false;
        at = cursor.at;
        to = cursor.to;
        continue;
      }
      // Both write them with a backslash: b, f, n, r, t, and itself.
      if (letter === 110 || letter === 92 || letter === 116 || letter === 114 || letter === 98 || letter === 102)
        out[to++] = 92;
      else if (letter !== 34 && letter !== 47) cursor.wrong('holds an escape that JSON does not know');
      out[to++] = letter;
      at += 2;
      continue;
    }
    if (byte < 32) cursor.wrong('holds a control character');
    out[to++] = byte;
    at++;
  }
  cursor.at = at;
  cursor.to = to;
  return isWhole;
}

/** What is written as `\u0000`, or as two of these. False where what there is of it ends before it does. */
function characterOf(cursor: Cursor): boolean {
  const { input, at } = cursor;
  const last = input.length;
  if (at + 6 > last) return false;
  const unit = unitAt(input, at);
  const isHigh = unit >= 0xd800 && unit < 0xdc00;
  if (isHigh && at + 12 > last) return false;
  const code = isHigh ? joined(unit, unitAt(input, at + 6)) : unit;
  if (code <= 0 || (code >= 0xd800 && code < 0xe000)) cursor.wrong('holds a character that no text can hold');
  cursor.at = at + (isHigh ? 12 : 6);
  cursor.to = characterTo(cursor.out, cursor.to, code);
  return true;
}

/** The rest of what stands in base64, and the end of what says so. False where what there is of it ends before it does. */
export function bytesOf(cursor: Cursor): boolean {
  const { input, at } = cursor;
  const last = input.length;
  const found = input.indexOf(34, at);
  const end = found === -1 ? at + ((last - at) & ~3) : found;
  const to = hexOf(input, at, end, cursor.out, cursor.to);
  if (to < 0) cursor.wrong('holds bytes that are not in base64');
  cursor.at = end;
  cursor.to = to;
  if (found === -1 || end + 1 >= last) return false;
  if (input[end + 1] !== 125) cursor.wrong('holds a value that is none');
  cursor.at = end + 2;
  return true;
}

/** A number, a truth or nothing, up to what ends it. False where what there is of it ends before it does; then nothing was taken. */
export function wordOf(cursor: Cursor): boolean {
  const { input, out, at } = cursor;
  const first = input[at] ?? 0;
  if (first > 96) return truthOf(cursor);
  const last = input.length;
  let end = at;
  let { to } = cursor;
  for (; end < last; end++) {
    const byte = input[end] ?? 0;
    // Nothing that would be something else to COPY; whether it is a number, the column's type says. + - . E e
    if ((byte < 48 || byte > 57) && byte !== 46 && byte !== 45 && byte !== 43 && byte !== 69 && byte !== 101) break;
    out[to++] = byte;
  }
  // It may go on.
  if (end >= last) return false;
  const after = input[end] ?? 0;
  if (end === at || (after !== 44 && after !== 125)) cursor.wrong('holds a value that is none');
  cursor.at = end;
  cursor.to = to;
  return true;
}

const WORDS = new Map([
  [110, { json: Buffer.from('null'), copy: Buffer.from('\\N') }],
  [116, { json: Buffer.from('true'), copy: Buffer.from('t') }],
  [102, { json: Buffer.from('false'), copy: Buffer.from('f') }],
]);

function truthOf(cursor: Cursor): boolean {
  const { input, out, at } = cursor;
  const word = WORDS.get(input[at] ?? 0);
  if (word === undefined) return cursor.wrong('holds a value that is none');
  const { json, copy } = word;
  let end = at;
  while (end < input.length && end - at < json.length && input[end] === json[end - at]) end++;
  if (end >= input.length) return false;
  if (end - at < json.length || (input[end] !== 44 && input[end] !== 125)) cursor.wrong('holds a value that is none');
  for (let i = 0; i < copy.length; i++) out[cursor.to++] = copy[i] ?? 0;
  cursor.at = end;
  return true;
}

/** -1 where no four digits follow `\u`. */
function unitAt(input: Uint8Array, at: number): number {
  if (input[at] !== 92 || input[at + 1] !== 117) return -1;
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
  [92, 92],
]);

/** As the server would write it: then what it gives back can be held against what it got. */
function characterTo(out: Uint8Array, to: number, code: number): number {
  const letter = LETTERS.get(code) ?? 0;
  let put = to;
  if (letter !== 0) {
    out[put++] = 92;
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
