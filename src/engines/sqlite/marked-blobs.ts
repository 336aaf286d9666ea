import type { Db } from './open.ts';

/**
 * SQLite has no base64, and a function of ours that answers it takes longer to call than a short value takes to write, and several copies
 * of a long one. So lines come with what stands for a value's base64, which is put in its place once all of them are there: its digits in
 * hex, which SQLite does have, behind two bytes of 1; or between two bytes of 2 the number of a value that was taken aside. JSON escapes
 * these bytes, so that none is anybody else's.
 */
const SHORT = 256;

/** The SQL expression for what stands for a BLOB; the function that it calls is what `asideOf` registers. */
export const marked = (value: string) => `CASE WHEN octet_length(${value}) <= ${SHORT} THEN char(1, 1) || hex(${value})
  ELSE char(2) || overwinter_aside(${value}) || char(2) END`;

const values = new WeakMap<Db, Buffer[]>();

/** What was taken aside by a connection. Whoever asks for lines empties it before. */
export function asideOf(db: Db): Buffer[] {
  const known = values.get(db);
  if (known !== undefined) return known;
  const aside: Buffer[] = [];
  values.set(db, aside);
  db.function('overwinter_aside', { directOnly: true }, (bytes) => {
    if (!(bytes instanceof Uint8Array)) throw new Error('what is no BLOB was to be taken aside');
    return String(aside.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) - 1);
  });
  return aside;
}

/** Puts base64 where it belongs, the digits in hex by writing over them. */
export function unmarked(lines: Buffer, aside: readonly Buffer[]): Buffer {
  const whole = lines.subarray(0, decodeHex(lines));
  return aside.length === 0 ? whole : withAside(whole, aside);
}

function withAside(lines: Buffer, aside: readonly Buffer[]): Buffer {
  const marks = aside.reduce((sum, _, at) => sum + String(at).length + 2, 0);
  const texts = aside.reduce((sum, { length }) => sum + 4 * Math.ceil(length / 3), 0);
  // Of its own, and no longer than what is in it: so it may change hands between threads as it is.
  const all = Buffer.allocUnsafeSlow(lines.length - marks + texts);
  let [from, to] = [0, 0];
  for (let mark = lines.indexOf(2); mark !== -1; mark = lines.indexOf(2, from)) {
    const end = lines.indexOf(2, mark + 1);
    to += lines.copy(all, to, from, mark);
    to += all.write(aside[Number(lines.toString('latin1', mark + 1, end))]?.toString('base64') ?? '', to, 'latin1');
    from = end + 1;
  }
  to += lines.copy(all, to, from);
  if (to !== all.length) throw new Error(`${to} bytes of lines came of what was to be ${all.length}`);
  return all;
}

const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

/** Nearer than this a mark is found, and bytes are moved, sooner here than by a call. */
const NEAR = 64;

/** Returns how many bytes are left: base64 is never longer than hex and its mark. */
function decodeHex(lines: Buffer): number {
  const digits = DIGITS;
  const last = lines.length;
  let mark = lines.indexOf(1);
  let to = mark === -1 ? last : mark;
  while (mark !== -1) {
    let at = mark + 2;
    for (;;) {
      const a = digitOf(lines[at]);
      if (a === -1) break;
      const first = (a << 4) | digitOf(lines[at + 1]);
      const b = digitOf(lines[at + 2]);
      lines[to++] = digits[first >> 2] ?? 0;
      if (b === -1) {
        lines[to++] = digits[(first & 3) << 4] ?? 0;
        lines[to++] = 61;
        lines[to++] = 61;
        at += 2;
        break;
      }
      const second = (b << 4) | digitOf(lines[at + 3]);
      const c = digitOf(lines[at + 4]);
      lines[to++] = digits[((first & 3) << 4) | (second >> 4)] ?? 0;
      if (c === -1) {
        lines[to++] = digits[(second & 15) << 2] ?? 0;
        lines[to++] = 61;
        at += 4;
        break;
      }
      const third = (c << 4) | digitOf(lines[at + 5]);
      lines[to++] = digits[((second & 15) << 2) | (third >> 6)] ?? 0;
      lines[to++] = digits[third & 63] ?? 0;
      at += 6;
    }
    const near = at + NEAR < last ? at + NEAR : last;
    while (at < near && lines[at] !== 1) lines[to++] = lines[at++] ?? 0;
    mark = at < last && lines[at] === 1 ? at : at < last ? lines.indexOf(1, at) : -1;
    const end = mark === -1 ? last : mark;
    if (end > at) {
      lines.copyWithin(to, at, end);
      to += end - at;
    }
  }
  return to;
}

/** What a digit in hex, as SQLite writes it, stands for; -1 for what is none. */
function digitOf(byte: number | undefined): number {
  if (byte === undefined || byte < 48 || byte > 70) return -1;
  return byte < 58 ? byte - 48 : byte < 65 ? -1 : byte - 55;
}
