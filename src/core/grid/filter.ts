import { type Column, columnOfOne, endIn, NOTHING, NUMBER, startIn, TEXT } from './column.ts';
import { compareValues } from './compare.ts';

const SIDES: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * What somebody typed above a column: `=` and what it is, `<`, `>`, `<=` or `>=` and what it is beside, `NULL`, or a part of it in whichever
 * case. Says of a row whether it fits.
 */
export function filterOf(column: Column, typed: string): (row: number) => boolean {
  const [, sign = '', rest = ''] = /^\s*(<=|>=|<|>|=)?\s*(.*?)\s*$/s.exec(typed) ?? [];
  const rankOf = (row: number) => column.ranks[row] ?? 0;
  if (rest === 'NULL') return (row) => rankOf(row) <= NOTHING;
  if (sign === '') {
    const holds = holding(column, rest.toLowerCase());
    return (row) => rankOf(row) > NOTHING && holds(row);
  }
  const text = columnOfOne(JSON.stringify(rest));
  const value = isNumber(rest) ? columnOfOne(rest) : text;
  // Text that looks like a number is found by it too.
  if (sign === '=') return (row) => compareValues(column, row, rankOf(row) === NUMBER ? value : text, 0) === 0;
  // A number is beside numbers, a word beside words.
  const rank = isNumber(rest) ? NUMBER : TEXT;
  const fits = SIDES[sign] ?? (() => false);
  return (row) => rankOf(row) === rank && fits(compareValues(column, row, value, 0));
}

const isNumber = (text: string) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);

/** Whether a row's value has a part, given in small letters, whichever letters it has itself. */
function holding(column: Column, part: string): (row: number) => boolean {
  const small = Buffer.from(part);
  if (small.length !== part.length)
    return (row) => Buffer.from(valueAt(column, row)).toString('utf8').toLowerCase().includes(part);
  const large = Buffer.from(part.toUpperCase());
  const { bytes } = column;
  const [first, length] = [small[0], small.length];
  const firstLarge = large[0];
  return (row) => {
    const last = endIn(column, row) - length;
    for (let at = startIn(column, row); at <= last; at++) {
      if (length > 0 && bytes[at] !== first && bytes[at] !== firstLarge) continue;
      let i = 1;
      while (i < length && (bytes[at + i] === small[i] || bytes[at + i] === large[i])) i++;
      if (i >= length) return true;
    }
    return false;
  };
}

const valueAt = (column: Column, row: number) => column.bytes.subarray(startIn(column, row), endIn(column, row));
