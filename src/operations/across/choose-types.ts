import type { ColumnKind } from '../../core/common/definitions.ts';
import { kindOfValue, type Value, valueInWords } from '../../core/common/value.ts';
import { looksLikeCredential } from '../../core/privacy/credentials.ts';
import type { ColumnType, ToldColumn, ToldTable } from '../../engines/across.ts';
import { type Members, rowsIn, type Slices } from '../row-lines.ts';

/** Of the values that do not fit, so many are shown. */
const SHOWN = 5;

/** Values that a column does not hold as it is meant to be. */
export interface Misfits {
  readonly type: ColumnType;
  readonly count: number;
  /** The first of them: in which row, and what it is. */
  readonly first: readonly { readonly row: string; readonly value: string }[];
}

export interface ColumnFound {
  /** What holds all of its values; undefined where nothing does. */
  readonly type: ColumnType | undefined;
  /** Where that is not what it is meant for. */
  readonly misfits?: Misfits;
  readonly hasNull: boolean;
  /** The largest number, where the database numbers rows by it. */
  readonly largest?: bigint;
}

export interface TableFound {
  readonly rows: number;
  readonly columns: readonly ColumnFound[];
}

export type Types = Readonly<Record<ColumnKind, readonly ColumnType[]>>;

/**
 * Finds what each column of a table becomes: the first type that gives back every value as it was. Most columns hold what they are meant for, and
 * one look at the rows says so; where one does not, they are gone through once more with all types there are.
 */
export async function chooseTypes(
  table: ToldTable,
  types: Types,
  slices: () => Slices,
  onRow: (values: readonly Value[], members: Members) => void,
): Promise<TableFound> {
  const { columns } = table;
  const first = columns.map((column) => noting(column, [bestOf(types, column)]));
  let rows = 0;
  for await (const some of rowsOf(table, slices()))
    for (const members of some) {
      rows++;
      const values = columns.map((column, at) => column.read(members[at] ?? 'null'));
      for (const [at, notes] of first.entries())
        notes.see(values[at] ?? null, () => rowInWords(table, values, members));
      onRow(values, members);
    }
  const doubtful = columns.flatMap((_, at) => (first[at]?.fits().length === 0 ? [at] : []));
  const second = new Map(
    doubtful.map((at) => [at, noting(columnAt(columns, at), allOf(types, columnAt(columns, at)))]),
  );
  if (doubtful.length > 0)
    for await (const some of rowsOf(table, slices()))
      for (const members of some) {
        const values = columns.map((column, at) => column.read(members[at] ?? 'null'));
        for (const [at, notes] of second) notes.see(values[at] ?? null, () => rowInWords(table, values, members));
      }
  return { rows, columns: columns.map(({ kind }, at) => foundOf(kind, second.get(at) ?? first[at], first[at])) };
}

/** Behind its columns a row has its number, where it has one. */
export const rowsOf = ({ name, columns, number }: ToldTable, slices: Slices) =>
  rowsIn(name, slices, [...columns.map((column) => column.name), ...(number === undefined ? [] : [number])]);

function columnAt(columns: readonly ToldColumn[], at: number): ToldColumn {
  const column = columns[at];
  if (column === undefined) throw new Error('there is no such column');
  return column;
}

function bestOf(types: Types, { kind, name }: ToldColumn): ColumnType {
  const [best] = types[kind];
  if (best === undefined) throw new Error(`nothing holds ${name}`);
  return best;
}

/** Those that a column is meant for, and then whatever holds what is in it. */
const allOf = (types: Types, { kind }: ToldColumn): ColumnType[] => [...new Set([...types[kind], ...types.any])];

interface Notes {
  see(value: Value, row: () => string): void;
  /** The types that held every value so far. */
  fits(): readonly ColumnType[];
  readonly hasNull: boolean;
  readonly largest: bigint | undefined;
  misfitsOf(at: number): Misfits;
}

function noting(column: ToldColumn, types: readonly ColumnType[]): Notes {
  const counts = types.map(() => 0);
  const first = types.map((): { row: string; value: string }[] => []);
  const isSecret = looksLikeCredential(column.name);
  let hasNull = false;
  let largest: bigint | undefined;
  return {
    see(value, row) {
      if (value === null) {
        hasNull = true;
        return;
      }
      if (column.counts && typeof value === 'bigint' && (largest === undefined || value > largest)) largest = value;
      for (let at = 0; at < types.length; at++) {
        if (types[at]?.write(value) !== undefined) continue;
        counts[at] = (counts[at] ?? 0) + 1;
        const shown = first[at];
        if (shown !== undefined && shown.length < SHOWN)
          shown.push({ row: row(), value: isSecret ? kindOfValue(value) : valueInWords(value) });
      }
    },
    fits: () => types.filter((_, at) => counts[at] === 0),
    get hasNull() {
      return hasNull;
    },
    get largest() {
      return largest;
    },
    misfitsOf(at) {
      const type = types[at];
      if (type === undefined) throw new Error('there is no such type');
      return { type, count: counts[at] ?? 0, first: first[at] ?? [] };
    },
  };
}

/** A row by its key or its number; one without by what it begins with. */
function rowInWords({ columns, rowNames, number }: ToldTable, row: readonly Value[], members: Members): string {
  if (number !== undefined && rowNames.includes(number)) return `row ${members.at(-1)}`;
  const names = rowNames.length > 0 ? rowNames : columns.slice(0, 1).map(({ name }) => name);
  return names
    .map((name) => {
      const value = row[columns.findIndex((column) => column.name === name)] ?? null;
      if (looksLikeCredential(name)) return `${name} = ${kindOfValue(value)}`;
      return `${name} = ${typeof value === 'bigint' || typeof value === 'number' ? String(value) : valueInWords(value)}`;
    })
    .join(', ');
}

function foundOf(kind: ColumnKind, notes: Notes | undefined, first: Notes | undefined): ColumnFound {
  if (notes === undefined || first === undefined) throw new Error('a column was not looked at');
  const [type] = notes.fits();
  const { hasNull, largest } = first;
  // What was declared for nothing is what it holds.
  const isMeant = type !== undefined && (kind === 'any' || first.fits().includes(type));
  return {
    type,
    ...(isMeant ? {} : { misfits: first.misfitsOf(0) }),
    hasNull,
    ...(largest === undefined ? {} : { largest }),
  };
}
