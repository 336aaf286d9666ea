import type { KeyedLines } from '../../core/key-cutter.ts';
import { base64Of } from './hex-to-base64.ts';

/** How a column's text becomes JSON: a number stays bare where it is one to JSON, and everything that is not listed is a text. */
export type Kind = 'number' | 'boolean' | 'bytes' | 'text';

export interface SavedColumn {
  readonly name: string;
  readonly kind: Kind;
}

const TAB = 9;
const LINE_END = 10;
const SPACE = 32;
const EXCLAMATION = 33;
const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;
const BIG_N = 78;
const SMALL_T = 116;
const SMALL_U = 117;
const SMALL_V = 118;

/** A byte makes at most so many: `\u0001`. */
const MOST_OF_A_BYTE = 6;
const NO_KEY = -1;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const NULL = bytesOf('null');
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const BLOB = bytesOf('{"$blob":"');

/** What `COPY … TO STDOUT` writes, as JSON lines: a row each. `key` is the column of a whole number by which rows are in order. */
export interface CopyLines {
  /** Whole lines of a COPY. What it gives lasts. */
  convert(copied: Uint8Array): KeyedLines;
}

/**
 * Bytes become bytes: no row is ever a JavaScript object, and no text a string. COPY and JSON escape nearly alike, so most of it is copied.
 * Every byte of a database passes here, so it is written for speed.
 */
export function copyLines(columns: readonly SavedColumn[], key?: number): CopyLines {
  const kinds = columns.map(({ kind }) => kind);
  const heads = columns.map(({ name }, at) => bytesOf(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const around = heads.reduce((sum, head) => sum + head.length + 16, 8);
  const count = columns.length;
  const keyColumn = key ?? NO_KEY;
  /** Used again and again: what is given is a copy of what was written. */
  let kept = new Uint8Array(0);

  const convert = (copied: Uint8Array): KeyedLines => {
    const ends: number[] = [];
    const keys: number[] = [];
    const last = copied.length;
    let out = kept;
    let to = 0;
    let at = 0;
    while (at < last) {
      const room = (last - at) * MOST_OF_A_BYTE + around;
      if (out.length - to < room) out = grown(out, to, room + around * 64);
      if (count === 0) {
        out[to++] = 123;
        at++;
      }
      for (let column = 0; column < count; column++) {
        const head = heads[column] ?? NULL;
        for (let i = 0; i < head.length; i++) out[to++] = head[i] ?? 0;
        // A text that reads so begins with two of them.
        if (copied[at] === BACKSLASH && copied[at + 1] === BIG_N) {
          for (let i = 0; i < 4; i++) out[to++] = NULL[i] ?? 0;
          at += 3;
          continue;
        }
        const kind = kinds[column];
        if (kind === 'number' && isNumeral(copied, at)) {
          if (column === keyColumn) keys.push(to);
          for (let byte = copied[at++] ?? 0; byte > SPACE; byte = copied[at++] ?? 0) out[to++] = byte;
          if (column === keyColumn) keys.push(to);
          continue;
        }
        if (kind === 'boolean') {
          const word = copied[at] === SMALL_T ? TRUE : FALSE;
          for (let i = 0; i < word.length; i++) out[to++] = word[i] ?? 0;
          at += 2;
          continue;
        }
        if (kind === 'bytes') {
          for (let i = 0; i < BLOB.length; i++) out[to++] = BLOB[i] ?? 0;
          // `\\x`, and then two digits a byte.
          at += 3;
          const end = endOfField(copied, at);
          to = base64Of(copied, at, end, out, to);
          at = end + 1;
          out[to++] = QUOTE;
          out[to++] = 125;
          continue;
        }
        out[to++] = QUOTE;
        for (;;) {
          const byte = copied[at++] ?? 0;
          // Letters, digits and spaces first: they are most of all there is.
          if (byte > QUOTE ? byte !== BACKSLASH : byte === SPACE) out[to++] = byte;
          else if (byte === TAB || byte === LINE_END) break;
          else if (byte === EXCLAMATION) out[to++] = byte;
          else if (byte === BACKSLASH && copied[at] !== SMALL_V) {
            // Both write the same: a backslash itself, b, f, n, r, t.
            out[to++] = BACKSLASH;
            out[to++] = copied[at++] ?? 0;
          } else if (byte === QUOTE) {
            out[to++] = BACKSLASH;
            out[to++] = QUOTE;
          } else {
            const control = byte === BACKSLASH ? 11 : byte;
            if (byte === BACKSLASH) at++;
            out[to++] = BACKSLASH;
            out[to++] = SMALL_U;
            out[to++] = ZERO;
            out[to++] = ZERO;
            out[to++] = ZERO + (control >> 4);
            out[to++] = DIGITS[control & 15] ?? 0;
          }
        }
        out[to++] = QUOTE;
      }
      out[to++] = 125;
      out[to++] = LINE_END;
      ends.push(to);
    }
    const bytes = Buffer.from(out.subarray(0, to));
    kept = out;
    return { bytes, ends, keyAt: (line) => BigInt(bytes.toString('latin1', keys[2 * line], keys[2 * line + 1])) };
  };
  return { convert };
}

const DIGITS = bytesOf('0123456789abcdef');

function grown(out: Uint8Array, used: number, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(used + room);
  larger.set(out.subarray(0, used));
  return larger;
}

/** What is none to JSON are `NaN` and both infinities. */
function isNumeral(copied: Uint8Array, at: number): boolean {
  const byte = (copied[at] === MINUS ? copied[at + 1] : copied[at]) ?? 0;
  return byte >= ZERO && byte <= NINE;
}

function endOfField(copied: Uint8Array, from: number): number {
  let at = from;
  while ((copied[at] ?? LINE_END) > SPACE) at++;
  return at;
}
