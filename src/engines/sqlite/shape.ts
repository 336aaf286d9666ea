import { isUtf8 } from 'node:buffer';
import { restoreInexact } from '../../core/problems/restoring.ts';

/**
 * Whether what JSON said are rows: SQLite takes nearly everything for JSON, gives NULL for a column that is missing and passes
 * over one that is too many. The look is at SQLite's own binary form (https://sqlite.org/jsonb.html), where every value begins with
 * its kind and size: nothing is parsed again. A row passes here in a fraction of a microsecond, so it is written for speed.
 */
const INT = 3;
const TEXT = 7;
const ESCAPED_TEXT = 8;
const ARRAY = 11;
const OBJECT = 12;

/** Null, true, false (older tools wrote them for 1 and 0), numbers and texts as JSON knows them. */
const PLAIN = [0, 1, 2, INT, 5, TEXT, ESCAPED_TEXT].reduce((bits, kind) => bits | (1 << kind), 0);
const TEXTS = (1 << TEXT) | (1 << ESCAPED_TEXT);

const TAGS = ['$blob', '$text', '$real'];

const fault = (table: string, what: string) => restoreInexact(`with table '${table}'`, `it holds ${what}`)();

/** Throws RESTORE_INEXACT for a slice that is not valid UTF-8, or that begins with something else than a row. */
export function mustBeText(table: string, slice: Uint8Array): void {
  if (slice[0] !== 123 || !isUtf8(slice)) throw fault(table, 'what is no text of rows');
}

/** A function that throws RESTORE_INEXACT unless every element of a JSONB array is an object with exactly these keys, in their order. */
export function rowsOf(table: string, names: readonly string[]): (array: Buffer) => void {
  const labels = names.map(labelOf);
  return (array) => {
    if ((byte(array, 0) & 15) !== ARRAY) throw fault(table, 'no rows');
    const last = endOf(array, 0);
    for (let row = startOf(array, 0); row < last; ) {
      if ((byte(array, row) & 15) !== OBJECT) throw fault(table, 'a row that is none');
      const end = endOf(array, row);
      let at = startOf(array, row);
      for (const label of labels) {
        const value = afterLabel(array, at, label);
        if (value === 0 || value > end) throw fault(table, 'a row with other columns than its table');
        const kind = byte(array, value) & 15;
        at = endOf(array, value);
        if (((1 << kind) & PLAIN) === 0 && !(kind === OBJECT && isTagged(array, value)))
          throw fault(table, 'a value that is none');
        if (kind === INT && at - value > 18 && !fits(array, value)) throw fault(table, 'a number beyond 64 bits');
      }
      if (at !== end) throw fault(table, 'a row with other columns than its table');
      row = end;
    }
  };
}

const byte = (array: Uint8Array, at: number) => array[at] ?? 0;

/** Where the content of the value at `at` begins: after one byte, or after the bytes that say its size. */
export function startOf(array: Uint8Array, at: number): number {
  const size = byte(array, at) >> 4;
  return size < 12 ? at + 1 : at + 1 + (1 << (size - 12));
}

export function endOf(array: Uint8Array, at: number): number {
  const size = byte(array, at) >> 4;
  if (size < 12) return at + 1 + size;
  if (size === 12) return at + 2 + byte(array, at + 1);
  if (size === 13) return at + 3 + byte(array, at + 1) * 256 + byte(array, at + 2);
  const width = 1 << (size - 12);
  let length = 0;
  for (let i = 1; i <= width; i++) length = length * 256 + byte(array, at + i);
  return at + 1 + width + length;
}

interface Label {
  readonly name: string;
  /** The key as JSONB holds it, kind and size first. */
  readonly bytes: Uint8Array;
}

function labelOf(name: string): Label {
  const text = Buffer.from(JSON.stringify(name).slice(1, -1));
  const kind = text.includes(92) ? ESCAPED_TEXT : TEXT;
  const { length } = text;
  const size =
    length < 12
      ? [(length << 4) | kind]
      : length < 256
        ? [0xc0 | kind, length]
        : [0xd0 | kind, length >> 8, length & 255];
  return { name, bytes: Uint8Array.from([...size, ...text]) };
}

/** Where the value of a key begins; 0 where another key stands there. */
function afterLabel(array: Buffer, at: number, { name, bytes }: Label): number {
  for (let i = 0; i < bytes.length; i++) if (array[at + i] !== bytes[i]) return afterEscaped(array, at, name);
  return at + bytes.length;
}

/** The same for a key that is escaped in another way than ours. */
function afterEscaped(array: Buffer, at: number, name: string): number {
  if (((1 << (byte(array, at) & 15)) & TEXTS) === 0) return 0;
  const end = endOf(array, at);
  const found = array.toString('utf8', startOf(array, at), end);
  return found.includes('\\') && JSON.parse(`"${found}"`) === name ? end : 0;
}

function isTagged(array: Buffer, at: number): boolean {
  const key = startOf(array, at);
  const value = endOf(array, key);
  const isTag = TAGS.includes(array.toString('latin1', startOf(array, key), value));
  return isTag && ((1 << (byte(array, value) & 15)) & TEXTS) !== 0 && endOf(array, value) === endOf(array, at);
}

function fits(array: Buffer, at: number): boolean {
  const number = BigInt(array.toString('latin1', startOf(array, at), endOf(array, at)));
  return number === BigInt.asIntN(64, number);
}
