import { beforeFirst, blanksIn, copyPlain } from '../../core/four-bytes.ts';
import { base64Of } from './hex-to-base64.ts';

/** How a column's text becomes JSON: a number stays bare where it is one to JSON, and everything that is not listed is a text. */
export type Kind = 'number' | 'boolean' | 'bytes' | 'text';

/** Where one is in what a COPY wrote, and in the JSON that is made of it. */
export interface Cursor {
  copied: Uint8Array;
  input: DataView;
  at: number;
  out: Uint8Array;
  output: DataView;
  to: number;
}

/**
 * Each takes a field that is not NULL, with what ends it. They are small, so that V8 is soon done with each and none waits for values that only
 * another meets; and their numbers stand in them, since from within the published program those of a file are looked up again and again.
 */
export const FIELDS: Readonly<Record<Kind, (cursor: Cursor) => void>> = { text, number, boolean, bytes };

/** COPY and JSON escape nearly alike, so most of it is copied, eight bytes at a time. */
function text(cursor: Cursor): void {
  const { copied, input, out, output } = cursor;
  const last = copied.length;
  let { at, to } = cursor;
  out[to++] = 34;
  for (;;) {
    if (at + 8 <= last) {
      const before = copyPlain(input, at, output, to);
      to += before;
      at += before;
      if (before === 8) continue;
    }
    const byte = copied[at++] ?? 0;
    if (byte === 9 || byte === 10) break;
    if (byte === 92 && copied[at] !== 118) {
      // Both write the same: a backslash itself, b, f, n, r, t.
      out[to++] = 92;
      out[to++] = copied[at++] ?? 0;
    } else if (byte === 34) {
      out[to++] = 92;
      out[to++] = 34;
    } else if (byte >= 32 && byte !== 92) out[to++] = byte;
    else {
      // COPY writes \v for 11.
      if (byte === 92) at++;
      to = controlTo(out, to, byte === 92 ? 11 : byte);
    }
  }
  out[to++] = 34;
  cursor.at = at;
  cursor.to = to;
}

/** What is none to JSON are `NaN` and both infinities. */
function number(cursor: Cursor): void {
  const { copied, input, out, output } = cursor;
  const last = copied.length;
  let { at, to } = cursor;
  const first = (copied[at] === 45 ? copied[at + 1] : copied[at]) ?? 0;
  if (first < 48 || first > 57) {
    text(cursor);
    return;
  }
  for (;;) {
    if (at + 4 > last) {
      for (let byte = copied[at++] ?? 0; byte > 32; byte = copied[at++] ?? 0) out[to++] = byte;
      break;
    }
    const four = input.getInt32(at, true);
    output.setInt32(to, four, true);
    const found = blanksIn(four);
    const before = found === 0 ? 4 : beforeFirst(found);
    to += before;
    at += before;
    if (found === 0) continue;
    at++;
    break;
  }
  cursor.at = at;
  cursor.to = to;
}

function boolean(cursor: Cursor): void {
  const isTrue = cursor.copied[cursor.at] === 116;
  // `true`, or `fals`.
  cursor.output.setInt32(cursor.to, isTrue ? 0x65757274 : 0x736c6166, true);
  if (!isTrue) cursor.out[cursor.to + 4] = 101;
  cursor.to += isTrue ? 4 : 5;
  cursor.at += 2;
}

function bytes(cursor: Cursor): void {
  const { copied, out, output, to } = cursor;
  // `{"$blob":"`
  output.setInt32(to, 0x6224227b, true);
  output.setInt32(to + 4, 0x22626f6c, true);
  output.setInt32(to + 8, 0x223a, true);
  // `\\x`, and then two digits a byte.
  const from = cursor.at + 3;
  let end = from;
  while ((copied[end] ?? 0) > 32) end++;
  const after = base64Of(copied, from, end, out, to + 10);
  out[after] = 34;
  out[after + 1] = 125;
  cursor.at = end + 1;
  cursor.to = after + 2;
}

/** As `\u001f`. */
function controlTo(out: Uint8Array, to: number, control: number): number {
  out[to] = 92;
  out[to + 1] = 117;
  out[to + 2] = 48;
  out[to + 3] = 48;
  out[to + 4] = 48 + (control >> 4);
  out[to + 5] = (control & 15) < 10 ? 48 + (control & 15) : 87 + (control & 15);
  return to + 6;
}
