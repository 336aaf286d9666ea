import { type Column, takeColumn } from '../core/grid/column.ts';
import { compareValues } from '../core/grid/compare.ts';
import { filterOf } from '../core/grid/filter.ts';
import { JsonSyntaxError, membersOf } from '../core/json.ts';
import { rowCount, type TableData } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import type { ReadableStore } from '../stores/store.ts';
import { readSlices } from './read-parts.ts';

/** Which rows of a table are wanted. */
export interface GridWanted {
  readonly limit: number;
  /** The number of the row that the page before ended with; undefined for the first page. */
  readonly after: number | undefined;
  readonly sort: { readonly column: string; readonly descending: boolean } | undefined;
  /** By column, what its values must be. */
  readonly filters: readonly (readonly [column: string, typed: string])[];
}

/** Some rows of a table in a backup, each as its line, with its number in the table. */
export interface Grid {
  readonly rows: readonly NumberedLine[];
  /** How many rows the table has. */
  readonly total: number;
  /** How many of them fit; of how many the first page was passed over. */
  readonly fitting: number;
  readonly before: number;
  readonly columns: readonly string[];
  /** Too large to be sorted and searched here. */
  readonly isTooLarge: boolean;
}

export interface NumberedLine {
  readonly number: number;
  readonly line: string;
}

/** More is no page's to hold. */
const MOST_ROWS = 3_000_000;
const MOST_BYTES = 500_000_000;

/** What is in a column of the table that was last asked about, by the table's own name. */
export interface Columns {
  of: string;
  readonly taken: Map<string, Promise<Column>>;
}

const MOST_COLUMNS = 6;

export const noColumns = (): Columns => ({ of: '', taken: new Map() });

/**
 * A page of a table. What is sorted or searched by is read once and remembered in `known`; without either only the parts are read that these rows
 * are in. Throws BACKUP_DAMAGED, for rows that are none too.
 */
export async function gridOf(
  store: ReadableStore,
  table: TableData,
  wanted: GridWanted,
  known: Columns,
): Promise<Grid> {
  try {
    const found = await pageOf(store, table, wanted, known);
    // Whoever shows them takes them apart.
    const members = found.rows.map(({ line }) => membersOf(line));
    const shown = members.length > 0 ? members : (await linesAt(store, table, [0])).map(({ line }) => membersOf(line));
    return { ...found, columns: [...new Set(shown.flatMap((each) => [...each.keys()]))] };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw backupDamaged('A table of the backup', `holds a row that is none (${error.message})`)(error);
  }
}

async function pageOf(
  store: ReadableStore,
  table: TableData,
  { limit, after, sort, filters }: GridWanted,
  known: Columns,
): Promise<Omit<Grid, 'columns'>> {
  const total = rowCount(table);
  const isTooLarge = total > MOST_ROWS || bytesOf(table) > MOST_BYTES;
  const isPlain = isTooLarge || (sort === undefined && filters.length === 0);
  if (isPlain) {
    const from = after === undefined ? 0 : after + 1;
    const numbers = Array.from({ length: Math.max(0, Math.min(limit, total - from)) }, (_, at) => from + at);
    return { rows: await linesAt(store, table, numbers), total, fitting: total, before: from, isTooLarge };
  }
  const order = sort && { column: await columnOf(store, table, sort.column, known), way: sort.descending ? -1 : 1 };
  const tests: ((row: number) => boolean)[] = [];
  for (const [column, typed] of filters) tests.push(filterOf(await columnOf(store, table, column, known), typed));
  const compare = (a: number, b: number) =>
    (order === undefined ? 0 : order.way * compareValues(order.column, a, order.column, b)) || a - b;
  const page: number[] = [];
  let fitting = 0;
  let before = 0;
  for (let looked = 0; looked < total; looked++) {
    // Most columns grow with their rows: what is wanted first is met first.
    const number = order?.way === -1 ? total - 1 - looked : looked;
    if (!tests.every((fits) => fits(number))) continue;
    fitting++;
    if (after !== undefined && compare(number, after) <= 0) before++;
    else insert(page, number, limit, compare);
  }
  return { rows: await linesAt(store, table, page), total, fitting, before, isTooLarge };
}

/** Keeps the first `limit` in order: most are turned away by one look at the last of them. */
function insert(page: number[], number: number, limit: number, compare: (a: number, b: number) => number): void {
  const last = page[limit - 1];
  if (last !== undefined && compare(number, last) > 0) return;
  let low = 0;
  let high = page.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = page[middle];
    if (at !== undefined && compare(at, number) < 0) low = middle + 1;
    else high = middle;
  }
  page.splice(low, 0, number);
  if (page.length > limit) page.pop();
}

/** A table's parts are what their names say, and so are its columns. */
function columnOf(store: ReadableStore, table: TableData, name: string, known: Columns): Promise<Column> {
  const of = 'rows' in table ? table.rows.join('\n') : table.parts.map(({ file }) => file).join(' ');
  if (known.of !== of) {
    known.of = of;
    known.taken.clear();
  }
  const column = known.taken.get(name) ?? readColumn(store, table, name);
  known.taken.delete(name);
  known.taken.set(name, column);
  column.catch(() => known.taken.delete(name));
  if (known.taken.size > MOST_COLUMNS) for (const [oldest] of [...known.taken].slice(0, 1)) known.taken.delete(oldest);
  return column;
}

async function readColumn(store: ReadableStore, table: TableData, name: string): Promise<Column> {
  const column = takeColumn(name, rowCount(table), bytesOf(table));
  for await (const slice of readSlices(store, table)) column.add(asBuffer(slice));
  return column.taken();
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function linesOf(slice: Uint8Array): string[] {
  const lines = asBuffer(slice).toString('utf8').split('\n');
  lines.pop();
  return lines;
}

/** Rows by their numbers, in this order; of the table only what holds them is read. */
export async function linesAt(
  store: ReadableStore,
  table: TableData,
  numbers: readonly number[],
): Promise<NumberedLine[]> {
  if ('rows' in table)
    return numbers.flatMap((number) => {
      const line = table.rows[number];
      return line === undefined ? [] : [{ number, line }];
    });
  const found = new Map<number, string>();
  const wanted = [...numbers].sort((a, b) => a - b);
  let next = 0;
  for (const { from, rows, data } of slicesOf(table)) {
    const here: number[] = [];
    for (let number = wanted[next]; number !== undefined && number < from + rows; number = wanted[++next])
      here.push(number);
    if (here.length === 0) continue;
    for await (const slice of readSlices(store, data)) {
      const lines = linesOf(slice);
      for (const number of here) {
        const line = lines[number - from];
        if (line !== undefined) found.set(number, line);
      }
    }
    if (next === wanted.length) break;
  }
  return numbers.flatMap((number) => {
    const line = found.get(number);
    return line === undefined ? [] : [{ number, line }];
  });
}

/** Where each slice begins; a line that goes on in the next part belongs to it. */
function* slicesOf({ parts }: Extract<TableData, { parts: unknown }>) {
  let from = 0;
  let first = 0;
  for (const [at, { rows }] of parts.entries()) {
    if (rows === 0) continue;
    yield { from, rows, data: { count: rows, parts: parts.slice(first, at + 1) } };
    from += rows;
    first = at + 1;
  }
}

const bytesOf = (table: TableData) => ('rows' in table ? 0 : table.parts.reduce((sum, { bytes }) => sum + bytes, 0));
