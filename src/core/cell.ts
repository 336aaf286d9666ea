import { isAscii } from 'node:buffer';
import { parse } from './json.ts';

/** A value as it is sorted and searched; undefined where a row has no such column. What is neither number nor text is its JSON. */
export type Cell = number | bigint | string | null | undefined;

/** What is before a column's value in a line: nowhere else does an unescaped quote follow a comma or the beginning. */
export const markOf = (column: string): string => `${JSON.stringify(column)}:`;

/**
 * Adds the values of a column in lines that are given as bytes, one for each line, without taking the rest apart: a million of them are looked at. Whoever
 * shows a row reads it properly.
 */
export function cellsIn(lines: Buffer, mark: string, cells: Cell[]): void {
  // Every byte a character: to make text of all takes three times as long as to look for what is wanted.
  const text = lines.toString('latin1');
  const sought = Buffer.from(mark).toString('latin1');
  const later = `,${sought}`;
  const isPlain = isAscii(lines);
  let next = -1;
  for (let from = 0, end = 0; from < text.length; from = end + 1) {
    end = text.indexOf('\n', from);
    if (end === -1) end = text.length;
    let at = from + 1 + sought.length;
    if (!text.startsWith(sought, from + 1)) {
      // Where this line has none, what was found is a later one's.
      if (next < from) next = text.indexOf(later, from);
      if (next === -1) next = text.length;
      at = next + later.length;
    }
    cells.push(at > end ? undefined : cellAt(text, at, end, isPlain));
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const BRACE = 123;
const END_BRACE = 125;
const ZERO = 48;
const NINE = 57;
/** So many digits are an exact number. */
const EXACT_DIGITS = 15;

function cellAt(text: string, from: number, end: number, isPlain: boolean): Cell {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return textFrom(text, from, end, isPlain);
  if (first === BRACE) return asText(text.slice(from, text.indexOf('}', from) + 1), isPlain);
  let value = 0;
  let to = from;
  for (let c = first; c !== COMMA && c !== END_BRACE && to < end; c = text.charCodeAt(++to))
    value = c >= ZERO && c <= NINE ? value * 10 + c - ZERO : Number.NaN;
  if (!Number.isNaN(value) && to - from <= EXACT_DIGITS && to > from) return value;
  const raw = text.slice(from, to);
  return raw === 'null' ? null : numberIn(raw);
}

function numberIn(raw: string): Cell {
  const value = Number(raw);
  if (Number.isNaN(value)) return raw;
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(raw) ? BigInt(raw) : value;
}

function textFrom(line: string, from: number, last: number, isPlain: boolean): string {
  let end = line.indexOf('"', from + 1);
  while (end !== -1 && isEscaped(line, end)) end = line.indexOf('"', end + 1);
  const text = asText(line.slice(from + 1, end === -1 || end > last ? last : end), isPlain);
  return text.includes('\\') ? String(parse(`"${text}"`)) : text;
}

/** What characters that stand for bytes say. */
const asText = (bytes: string, isPlain: boolean): string =>
  !isPlain && BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;

const BEYOND_ASCII = /[\x80-\xff]/;

function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** What is missing, nothing, numbers, and then text: as SQLite sorts. */
export function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left !== right) return left - right;
  if (a === b || a === undefined || a === null || b === undefined || b === null) return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

const rankOf = (cell: Cell) => (cell === undefined ? 0 : cell === null ? 1 : typeof cell === 'string' ? 3 : 2);

/**
 * What somebody typed above a column: `=` and what it is, `<`, `>`, `<=` or `>=` and what it is beside, `NULL`, or a part of it in whichever
 * case.
 */
export function filterOf(typed: string): (cell: Cell) => boolean {
  const [, sign = '', rest = ''] = /^\s*(<=|>=|<|>|=)?\s*(.*?)\s*$/s.exec(typed) ?? [];
  if (rest === 'NULL') return (cell) => cell === null || cell === undefined;
  const number = rest !== '' && !Number.isNaN(Number(rest)) ? Number(rest) : undefined;
  if (sign === '') {
    const part = rest.toLowerCase();
    return (cell) => cell !== null && cell !== undefined && String(cell).toLowerCase().includes(part);
  }
  if (sign === '=') return (cell) => cell !== null && cell !== undefined && String(cell) === rest;
  // A number is beside numbers, a word beside words.
  const isComparable = (cell: Cell) => rankOf(cell) === (number === undefined ? 3 : 2);
  const side = { '<': [-1], '<=': [-1, 0], '>': [1], '>=': [1, 0] }[sign] ?? [];
  return (cell) => isComparable(cell) && side.includes(Math.sign(compareCells(cell, number ?? rest)));
}
