import type { KeyedLines } from '../../core/key-cutter.ts';
import type { Kind } from './types.ts';

export interface SavedColumn {
  readonly name: string;
  readonly kind: Kind;
}

const CSV_QUOTE = 1;
const BETWEEN = 2;
const CSV_NULL = 3;
const LINE_END = 10;
const SPACE = 32;
const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;
const SMALL_T = 116;

/** A byte makes at most so many: `\u0001`. */
const MOST_OF_A_BYTE = 6;
const NO_KEY = -1;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const NULL = bytesOf('null');
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const BLOB = bytesOf('{"$blob":"');
const BLOB_END = bytesOf('"}');

/** How control characters are written, as JSON.stringify does. */
const ESCAPES = Array.from({ length: SPACE }, (_, code) =>
  bytesOf(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
);

/** What `COPY … TO` wrote with `copySql`, as JSON lines: a row each. `key` is the column of a whole number by which rows are in order. */
export interface CsvLines {
  /** More of the file, whose pieces may end anywhere. What it gives lasts; nothing where no row has ended yet. */
  convert(copied: Uint8Array): KeyedLines | undefined;
  /** The rest of the rows, once there is no more of it. */
  end(): KeyedLines | undefined;
  /** Whether it ended where a row does. */
  isWhole(): boolean;
}

/**
 * Bytes become bytes: no row is ever a JavaScript object, and no text a string. Every byte of a database passes here, so it is written for
 * speed.
 */
export function csvLines(columns: readonly SavedColumn[], key?: number): CsvLines {
  const kinds = columns.map(({ kind }) => kind);
  const heads = columns.map(({ name }, at) => bytesOf(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const around = heads.reduce((sum, head) => sum + head.length + 16, 8);
  const keyColumn = key ?? NO_KEY;
  const fields = Math.max(1, columns.length);
  /** Used again and again: what is given is a copy of what was written. */
  let kept = new Uint8Array(0);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  /** A row that has not ended is tried again when twice as much of it is there. */
  let enough = 0;

  const convert = (piece: Uint8Array): KeyedLines | undefined => {
    waiting.push(piece);
    waitingBytes += piece.length;
    if (waitingBytes < enough) return undefined;
    const copied = waiting.length === 1 ? piece : Buffer.concat(waiting);
    const ends: number[] = [];
    const keys: number[] = [];
    const last = copied.length;
    let out = kept;
    let to = 0;
    let done = 0;
    let at = 0;
    // What was written of a row that has not ended goes.
    rows: while (at < last) {
      const room = (last - at) * MOST_OF_A_BYTE + around;
      if (out.length - to < room) out = grown(out, to, room + around * 64);
      for (let column = 0; column < fields; column++) {
        const head = heads[column];
        const kind = kinds[column] ?? 'text';
        if (head === undefined) out[to++] = 123;
        else to = written(head, out, to);
        const ending = copied[at + 1];
        if (copied[at] === CSV_NULL && (ending === BETWEEN || ending === LINE_END)) {
          to = written(NULL, out, to);
          at += 2;
          continue;
        }
        const isQuoted = copied[at] === CSV_QUOTE;
        const isBare = kind === 'number' && isNumeral(copied, at);
        const isText = head !== undefined && !isBare && (kind === 'text' || kind === 'number');
        if (kind === 'boolean') {
          to = written(copied[at] === SMALL_T ? TRUE : FALSE, out, to);
          while (at < last && (copied[at] ?? 0) > LINE_END) at++;
          if (at >= last) break rows;
          at++;
          continue;
        }
        if (kind === 'bytes') to = written(BLOB, out, to);
        if (isText) out[to++] = QUOTE;
        if (isBare && column === keyColumn) keys.push(to);
        if (isQuoted) at++;
        for (;;) {
          // Most bytes are themselves; behind the last there is none.
          let byte = copied[at] ?? 0;
          while (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
            out[to++] = byte;
            byte = copied[++at] ?? 0;
          }
          if (at >= last) break rows;
          at++;
          if (isQuoted) {
            if (byte === CSV_QUOTE) {
              // Whether it is the last or one of two is only known with what follows.
              if (at >= last) break rows;
              if (copied[at] !== CSV_QUOTE) {
                at++;
                break;
              }
              at++;
            }
          } else if (byte === BETWEEN || byte === LINE_END) break;
          if (!isText || (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH)) out[to++] = byte;
          else if (byte < SPACE) to = written(ESCAPES[byte] ?? NULL, out, to);
          else {
            out[to++] = BACKSLASH;
            out[to++] = byte;
          }
        }
        if (isBare && column === keyColumn) keys.push(to);
        if (isText) out[to++] = QUOTE;
        if (kind === 'bytes') to = written(BLOB_END, out, to);
      }
      out[to++] = 125;
      out[to++] = LINE_END;
      ends.push(to);
      done = at;
    }
    to = ends.at(-1) ?? 0;
    kept = out;
    waiting = done < last ? [Uint8Array.from(copied.subarray(done))] : [];
    waitingBytes = last - done;
    enough = ends.length === 0 ? 2 * waitingBytes : 0;
    if (ends.length === 0) return undefined;
    const bytes = Buffer.from(out.subarray(0, to));
    return { bytes, ends, keyAt: (line) => BigInt(bytes.toString('latin1', keys[2 * line], keys[2 * line + 1])) };
  };
  const end = () => {
    enough = 0;
    return waitingBytes === 0 ? undefined : convert(new Uint8Array(0));
  };
  return { convert, end, isWhole: () => waitingBytes === 0 };
}

/** Returns where what follows goes. */
function written(bytes: Uint8Array, out: Uint8Array, from: number): number {
  let to = from;
  for (let i = 0; i < bytes.length; i++) out[to++] = bytes[i] ?? 0;
  return to;
}

function grown(out: Uint8Array, used: number, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(used + room);
  larger.set(out.subarray(0, used));
  return larger;
}

/** What is none to JSON are `nan`, `inf`, and both with a sign. */
function isNumeral(copied: Uint8Array, at: number): boolean {
  const byte = (copied[at] === MINUS ? copied[at + 1] : copied[at]) ?? 0;
  return byte >= ZERO && byte <= NINE;
}
