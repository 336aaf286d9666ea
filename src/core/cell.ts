import { parse } from './json.ts';

/** A value as it is sorted and searched; undefined where a row has no such column. What is neither number nor text is its JSON. */
export type Cell = number | bigint | string | null | undefined;

/** What is before a column's value in a line: nowhere else does an unescaped quote follow a comma or the beginning. */
export const markOf = (column: string): string => `${JSON.stringify(column)}:`;

/** A value out of a row's line, without taking the rest apart: a million of them are looked at. Whoever shows a row reads it properly. */
export function cellIn(line: string, mark: string): Cell {
  const at = line.startsWith(mark, 1) ? 1 : line.indexOf(`,${mark}`) + 1;
  if (at === 0) return undefined;
  const from = at + mark.length;
  const first = line.charCodeAt(from);
  if (first === QUOTE) return textFrom(line, from);
  const isNested = first === BRACE;
  const end = isNested ? line.indexOf('}', from) + 1 : endOf(line, from);
  const raw = line.slice(from, end);
  if (raw === 'null') return null;
  if (isNested) return raw;
  const value = Number(raw);
  if (Number.isNaN(value)) return raw;
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(raw) ? BigInt(raw) : value;
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 123;

function endOf(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const c = line.charCodeAt(at);
    if (c === 44 || c === 125) return at;
  }
  return line.length;
}

function textFrom(line: string, from: number): string {
  let end = line.indexOf('"', from + 1);
  while (end !== -1 && isEscaped(line, end)) end = line.indexOf('"', end + 1);
  const text = line.slice(from + 1, end === -1 ? line.length : end);
  return text.includes('\\') ? String(parse(`"${text}"`)) : text;
}

function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** What is missing, nothing, numbers, and then text: as SQLite sorts. */
export function compareCells(a: Cell, b: Cell): number {
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
