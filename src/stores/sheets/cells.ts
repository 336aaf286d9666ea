import { membersOf, parse } from '../../core/json.ts';

export type Cell = string | number | boolean | null;

/** Google takes no longer text in a cell. */
const LONGEST = 50_000;

/** The columns of a table, and its rows, as cells. A column that the first row has not is none: rows of a table have the same. */
export function cellsOf(rows: readonly string[]): readonly (readonly Cell[])[] {
  const [first] = rows;
  if (first === undefined) return [];
  const columns = [...membersOf(first).keys()];
  return [columns, ...rows.map((row) => cellsIn(membersOf(row), columns))];
}

const cellsIn = (members: ReadonlyMap<string, string>, columns: readonly string[]) =>
  columns.map((column) => cellOf(members.get(column) ?? 'null'));

/** A spreadsheet counts in doubles: what they do not hold is shown as text, and so are BLOBs, in base64. */
function cellOf(text: string): Cell {
  const value = parse(text);
  if (typeof value === 'number') return isExact(text, value) ? value : text;
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'boolean' || value === null) return value;
  const [tagged] = typeof value === 'object' ? Object.values(value) : [];
  return cut(typeof tagged === 'string' ? tagged : text);
}

const isExact = (text: string, value: number) => !/^-?\d+$/.test(text) || Number.isSafeInteger(value);
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
