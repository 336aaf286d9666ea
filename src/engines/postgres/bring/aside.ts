import { qualified, quoted } from '../names.ts';
import type { Column } from '../tables.ts';
import type { Shape } from './wanted-tables.ts';

/*
 * Which rows come, change and go is worked out by the server between the table (`m`) and the backup's rows (`s`), and kept in tables that only
 * this transaction has, by where the rows lie: `i` in the backup's, `j` in the database's. Nobody else can write meanwhile, so they lie still.
 */

const aside = (what: string) => (shape: Pick<Shape, 'at'>) => `pg_temp.${quoted(`overwinter ${what} ${shape.at}`)}`;

export const saved = aside('saved');
export const coming = aside('coming');
export const changing = aside('changing');
export const going = aside('going');
export const merged = aside('merged');
export const looseBefore = aside('loose before');

export const live = ({ table }: Pick<Shape, 'table'>) => `ONLY ${qualified(table)}`;

export const make = (table: string, select: string) => `CREATE TEMP TABLE ${table} ON COMMIT DROP AS ${select}`;

/** Columns of a row. */
export const of = (row: string, columns: readonly Column[]): string[] =>
  columns.map(({ name }) => `${row}.${quoted(name)}`);

export const namesOf = (columns: readonly Column[]): string => columns.map(({ name }) => quoted(name)).join(', ');

/** Types that compare as their texts do, to the letter. Of all others the texts are compared. */
const EXACT = ['bool', 'int2', 'int4', 'int8', 'uuid', 'bytea', 'date', 'timestamp', 'timestamptz'];

/** A value, as it is compared: nothing hides a difference, neither a collation nor `1.0` and `1.00`. */
export const exactly = (row: string, { name, base }: Column): string =>
  EXACT.includes(base) ? `${row}.${quoted(name)}` : `(${row}.${quoted(name)})::text COLLATE "C"`;

/** Rows have the same key, as the key itself compares: an operator of an extension's may not be found, so its texts are compared. */
export const sameKey = (left: string, right: string, columns: readonly Column[]): string =>
  columns
    .map((column) => {
      const term = (row: string) => (column.base === '' ? exactly(row, column) : `${row}.${quoted(column.name)}`);
      return `${term(left)} = ${term(right)}`;
    })
    .join(' AND ');
