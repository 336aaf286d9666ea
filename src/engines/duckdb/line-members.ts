import type { Kind } from './types.ts';

export interface SavedColumn {
  readonly name: string;
  readonly kind: Kind;
}

export interface LineMembers {
  /** Where the value of a column is in the line that begins at `from`. */
  valueAt(bytes: Buffer, from: number, column: number): { readonly from: number; readonly end: number };
  /** Writes control characters in the texts of whole lines as JSON.stringify does, in place. What DuckDB made of several values stays. */
  spellAlike(bytes: Buffer): void;
}

const LINE_END = 10;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const LARGE_A = 65;
const LARGE_F = 70;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const SMALL_U = 117;
const OPEN = 123;
const CLOSE = 125;
const TO_SMALL = 32;

/** Finds its way in lines of our own making, column by column. */
export function lineMembers(columns: readonly SavedColumn[]): LineMembers {
  const heads = columns.map(({ name }, at) => Buffer.byteLength(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  return {
    valueAt(bytes, line, column) {
      let from = line;
      for (let at = 0; ; at++) {
        from += heads[at] ?? 0;
        const end = endOfValue(bytes, from);
        if (at >= column || at >= heads.length) return { from, end };
        from = end;
      }
    },
    spellAlike(bytes) {
      for (let line = 0; line < bytes.length; line = bytes.indexOf(LINE_END, line) + 1) {
        let from = line;
        for (const [at, { kind }] of columns.entries()) {
          from += heads[at] ?? 0;
          const end = endOfValue(bytes, from);
          if (kind === 'text') spell(bytes, from, end);
          from = end;
        }
      }
    },
  };
}

/** A string, an array or an object to its end; anything else up to what stands behind it. */
function endOfValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return endOfString(bytes, from);
  if (first !== OPEN && first !== BRACKET) {
    let at = from;
    while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
    return at;
  }
  let depth = 0;
  for (let at = from; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === OPEN || byte === BRACKET) depth++;
    else if ((byte === CLOSE || byte === BRACKET_END) && --depth === 0) return at + 1;
    at = byte === QUOTE ? endOfString(bytes, at) : at + 1;
  }
  return bytes.length;
}

function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return bytes.length;
}

function spell(bytes: Buffer, from: number, end: number): void {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    at++;
    // `\u00` and two digits of which the last may be a letter.
    if (bytes[at] !== SMALL_U || bytes[at + 1] !== ZERO || bytes[at + 2] !== ZERO) continue;
    const letter = bytes[at + 4] ?? 0;
    if (letter >= LARGE_A && letter <= LARGE_F) bytes[at + 4] = letter + TO_SMALL;
  }
}
