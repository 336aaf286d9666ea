import { quoted } from '../schema.ts';
import type { Shape } from './wanted-tables.ts';

/*
 * Which rows come, change and go is worked out by SQLite between the database (`main`) and the backup's rows (`saved`), and kept in tables of one
 * connection alone, by what stands for each row: in columns `i0`… of a row of `saved`, in `j0`… of a row of `main`.
 */

export const coming = ({ at }: Shape) => `temp."overwinter coming ${at}"`;
export const changing = ({ at }: Shape) => `temp."overwinter changing ${at}"`;
export const going = ({ at }: Shape) => `temp."overwinter going ${at}"`;

export const inBackup = ({ table }: Shape) => `saved.${quoted(table.name)}`;
export const inDatabase = ({ table }: Shape) => `main.${quoted(table.name)}`;

export const of = (row: string, names: readonly string[]): string[] => names.map((name) => `${row}.${name}`);

/** What is kept of a row that stands for itself. */
export const idsOf = (row: string, { ids }: Pick<Shape, 'ids'>, as: 'i' | 'j'): string =>
  of(row, ids)
    .map((id, at) => `${id} AS ${as}${at}`)
    .join(', ');

/** Values are equal, as those on the left compare themselves. */
export const same = (left: readonly string[], right: readonly string[]): string =>
  left.map((each, at) => `${each} = ${right[at]}`).join(' AND ');

/** A row is one of those that are kept in a table. */
export function among(row: string, { ids }: Pick<Shape, 'ids'>, table: string, as: 'i' | 'j'): string {
  const columns = ids.map((_, at) => `${as}${at}`).join(', ');
  return `(${of(row, ids).join(', ')}) IN (SELECT ${columns} FROM ${table})`;
}
