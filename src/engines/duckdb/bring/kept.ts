import { qualified, quoted, rowsCalled } from '../names.ts';
import type { Table } from '../tables.ts';
import { isWholeNumber } from '../types.ts';
import { textOf } from '../values.ts';
import type { Pair, Shape } from './wanted-tables.ts';

/*
 * Which rows come, change and go is worked out by DuckDB between the copy and the backup's rows beside it, and kept in tables of one connection
 * alone, by where a row is: in `i` of the backup, in `j` of the copy. Neither side changes before all of it is known.
 */

/** The backup's rows are attached so: no database is called so by itself. */
export const SAVED = 'overwinter saved';

/** In the backup's rows, those that meet the condition. */
export const WANTED = 'overwinter wanted';

/** How statements call the rows of either side. */
export const THEIRS = rowsCalled('theirs');
export const OURS = rowsCalled('ours');
export const CHILD = rowsCalled('child');
export const PARENT = rowsCalled('parent');
export const KEPT = rowsCalled('kept');

const kept = (what: string) => (of: { readonly at: number }) => `temp."overwinter ${what} ${of.at}"`;
export const coming = kept('coming');
export const changing = kept('changing');
export const going = kept('going');
/** Rows as they will be: those that change, and those that come. */
export const merged = kept('merged');
export const fresh = kept('fresh');

export const inBackup = ({ saved }: Shape) => `${quoted(SAVED)}.${qualified(saved)}`;
export const inDatabase = ({ table }: { readonly table: Table }) => qualified(table);

export const of = (row: string, names: readonly string[]): string[] => names.map((name) => `${row}.${quoted(name)}`);

/** A value of the backup as the table here would hold it. */
export function valueThen(row: string, { here, saved }: Pair): string {
  const value = `${row}.${quoted(saved.name)}`;
  return saved.type === here.type ? value : `CAST(${value} AS ${here.type})`;
}

const valueHere = (row: string, { here }: Pair) => `${row}.${quoted(here.name)}`;

/** To the letter: neither a collation nor the kinds of zero make two values one. */
const textThen = (row: string, pair: Pair) => textOf(valueThen(row, pair), pair.here.type, pair.here.kind);
const textHere = (row: string, pair: Pair) => textOf(valueHere(row, pair), pair.here.type, pair.here.kind);

/** A row `m` that is here and a row `s` of the backup are the same. */
export function samePair(key: readonly Pair[]): string {
  if (key.length === 0) return 'false';
  return key
    .map((pair) =>
      isWholeNumber(pair.here.type)
        ? `${valueHere(OURS, pair)} = ${valueThen(THEIRS, pair)}`
        : `${textHere(OURS, pair)} = ${textThen(THEIRS, pair)}`,
    )
    .join(' AND ');
}

export function differs(compared: readonly Pair[]): string {
  const terms = compared.map((pair) => `${textHere(OURS, pair)} IS DISTINCT FROM ${textThen(THEIRS, pair)}`);
  return terms.length === 0 ? 'false' : `(${terms.join(' OR ')})`;
}

/** All values of a row as one text. */
export function allOf(row: string, compared: readonly Pair[]): string {
  const terms = compared.map((pair) => (row === THEIRS ? textThen(row, pair) : textHere(row, pair)));
  return terms.length === 0 ? "''" : `CAST(to_json([${terms.join(', ')}]) AS VARCHAR)`;
}

/** Values are equal, as foreign keys compare them. */
export const same = (left: readonly string[], right: readonly string[]): string =>
  left.map((each, at) => `${each} = ${right[at]}`).join(' AND ');
