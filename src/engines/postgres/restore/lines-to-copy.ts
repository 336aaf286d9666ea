import { inFours, viewOf } from '../../../core/four-bytes.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import { bytesOf, type Cursor, textOf, wordOf } from './json-values.ts';

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

const BLOB = Buffer.from('{"$blob":"');
/** Everything but bytes takes no more than it has, these half as much again; and more may be written than is meant. */
const SPARE = 64;

/**
 * JSON lines of a table as `COPY … FROM STDIN` takes them. Bytes become bytes: no row is ever a JavaScript object, and no text a string, for
 * every byte of a database passes here. Each row has exactly these keys, in this order; anything else throws RESTORE_INEXACT.
 */
export function linesToCopy(table: string, keys: readonly string[]): LinesToCopy {
  const heads = keys.map((key, at) => headOf(`${at === 0 ? '{' : ','}${JSON.stringify(key)}:`));
  let carried = new Uint8Array(0);
  let column = 0;
  let inside: Inside = 'row';
  let rows = 0;

  const wrong = (what: string): never => {
    throw restoreInexact(`with table '${table}'`, `row ${rows + 1} ${what}`)();
  };

  /** Goes on until the end, or to before something that is not whole yet. */
  function take(cursor: Cursor): void {
    const { input, out } = cursor;
    const last = input.length;
    while (cursor.at < last || inside === 'row') {
      if (inside !== 'row') {
        if (!(inside === 'text' ? textOf(cursor) : bytesOf(cursor))) return;
        inside = 'row';
        column++;
      }
      const head = heads[column];
      if (head === undefined) {
        if (!endOfRow(cursor)) return;
        continue;
      }
      const { at } = cursor;
      if (at >= last) return;
      const from = at + head.bytes.length;
      if (from + BLOB.length > last && !input.subarray(from, last).includes(10)) return;
      if (!begins(cursor, head)) wrong('has other columns than the first');
      const first = input[from] ?? 0;
      if (column > 0) out[cursor.to] = 9;
      const begin = cursor.to;
      if (column > 0) cursor.to++;
      if (first === 34) {
        cursor.at = from + 1;
        inside = 'text';
      } else if (first === 123) {
        if (!startsWith(input, from, BLOB)) wrong('holds a value that is none');
        cursor.at = from + BLOB.length;
        out[cursor.to++] = 92;
        out[cursor.to++] = 92;
        out[cursor.to++] = 120;
        inside = 'bytes';
      } else {
        cursor.at = from;
        if (!wordOf(cursor)) {
          cursor.at = at;
          cursor.to = begin;
          return;
        }
        column++;
      }
    }
  }

  /** `}` and the end of the line, and before them `{` where there is no column. */
  function endOfRow(cursor: Cursor): boolean {
    const { input, at } = cursor;
    const rest = heads.length === 0 ? 3 : 2;
    if (at + rest > input.length) return false;
    if (heads.length === 0 && input[at] !== 123) wrong('has columns that the table does not have');
    if (input[at + rest - 2] !== 125 || input[at + rest - 1] !== 10) wrong('has other columns than the first');
    cursor.at = at + rest;
    cursor.out[cursor.to++] = 10;
    column = 0;
    rows++;
    return true;
  }

  return {
    convert(lines) {
      const input = carried.length === 0 ? lines : Buffer.concat([carried, lines]);
      const out = Buffer.allocUnsafe(input.length + (input.length >> 1) + SPARE);
      const cursor = { input, view: viewOf(input), at: 0, out, output: viewOf(out), to: 0, wrong };
      take(cursor);
      carried = Uint8Array.from(input.subarray(cursor.at));
      return out.subarray(0, cursor.to);
    },
    end() {
      if (carried.length > 0 || column > 0 || inside !== 'row') wrong('does not end');
    },
    rows: () => rows,
  };
}

interface Head {
  readonly bytes: Uint8Array;
  /** As far as they are whole. */
  readonly fours: Int32Array;
}

function headOf(text: string): Head {
  const bytes = Buffer.from(text);
  return { bytes, fours: inFours(bytes.subarray(0, bytes.length & ~3)) };
}

function begins({ input, view, at }: Cursor, { bytes, fours }: Head): boolean {
  if (at + bytes.length > input.length) return false;
  for (let i = 0; i < fours.length; i++) if (view.getInt32(at + 4 * i, true) !== fours[i]) return false;
  for (let i = 4 * fours.length; i < bytes.length; i++) if (input[at + i] !== bytes[i]) return false;
  return true;
}

function startsWith(input: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (input[at + i] !== word[i]) return false;
  return true;
}
