import { inFours, viewOf } from '../../core/four-bytes.ts';
import type { KeyedLines } from '../../core/key-cutter.ts';
import { type Cursor, FIELDS, type Kind } from './copied-fields.ts';

export interface SavedColumn {
  readonly name: string;
  readonly kind: Kind;
}

/** A byte makes at most so many: `\u0001`. */
const MOST_OF_A_BYTE = 6;
/** A head and a value may be followed by so much that is written and not meant. */
const SPARE = 16;
/** So much memory is taken at a time, and written from its beginning to its end. */
const SLAB = 1024 * 1024;

/** What `COPY … TO STDOUT` writes, as JSON lines: a row each. `key` is the column of a whole number by which rows are in order. */
export interface CopyLines {
  /** Whole lines of a COPY. What it gives lasts. */
  convert(copied: Uint8Array): KeyedLines;
}

/**
 * Bytes become bytes: no row is ever a JavaScript object, and no text a string. Every byte of a database passes here, so it is written for speed.
 */
export function copyLines(columns: readonly SavedColumn[], key = -1): CopyLines {
  const heads = columns.map(({ name }, at) => Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const fields = columns.map(({ kind }, at) => {
    const head = heads[at] ?? Buffer.alloc(0);
    return { fours: inFours(head), bytes: head.length, write: FIELDS[kind] };
  });
  const around = heads.reduce((sum, { length }) => sum + length + SPARE, SPARE);
  let slab: Uint8Array = new Uint8Array(0);
  let used = 0;

  const convert = (copied: Uint8Array): KeyedLines => {
    const ends: number[] = [];
    const keys: number[] = [];
    const last = copied.length;
    let begin = used;
    const cursor = { copied, input: viewOf(copied), at: 0, out: slab, output: viewOf(slab), to: begin };
    while (cursor.at < last) {
      const room = (last - cursor.at) * MOST_OF_A_BYTE + around;
      if (cursor.out.length - cursor.to < room) {
        moveTo(cursor, begin, Math.max(SLAB, cursor.to - begin + room + around * 64));
        begin = 0;
      }
      if (fields.length === 0) {
        cursor.out[cursor.to++] = 123;
        cursor.at++;
      }
      for (let column = 0; column < fields.length; column++) {
        const field = fields[column];
        if (field === undefined) break;
        const { fours } = field;
        for (let i = 0; i < fours.length; i++) cursor.output.setInt32(cursor.to + 4 * i, fours[i] ?? 0, true);
        cursor.to += field.bytes;
        if (column === key) keys.push(cursor.to - begin);
        // \N: a text that reads so begins with two of the first.
        if (copied[cursor.at] === 92 && copied[cursor.at + 1] === 78) {
          cursor.output.setInt32(cursor.to, 0x6c6c756e, true);
          cursor.to += 4;
          cursor.at += 3;
        } else field.write(cursor);
        if (column === key) keys.push(cursor.to - begin);
      }
      cursor.out[cursor.to++] = 125;
      cursor.out[cursor.to++] = 10;
      ends.push(cursor.to - begin);
    }
    const bytes = Buffer.from(cursor.out.buffer, cursor.out.byteOffset + begin, cursor.to - begin);
    // What a very long row needed is not kept for others.
    slab = cursor.out.length > SLAB ? slab.subarray(0, 0) : cursor.out;
    used = slab === cursor.out ? cursor.to : 0;
    return { bytes, ends, keyAt: (line) => BigInt(bytes.toString('latin1', keys[2 * line], keys[2 * line + 1])) };
  };
  return { convert };
}

/** Goes on in other memory, with what was written from `begin` on. */
function moveTo(cursor: Cursor, begin: number, bytes: number): void {
  const fresh = Buffer.allocUnsafeSlow(bytes);
  fresh.set(cursor.out.subarray(begin, cursor.to));
  cursor.out = fresh;
  cursor.output = viewOf(fresh);
  cursor.to -= begin;
}
