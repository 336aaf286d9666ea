import {
  cutsOf,
  type KeyedRows,
  type Piece,
  type Range,
  type Slice,
  sliceByContent,
  sliceByKey,
  targetSize,
} from '../../core/slices.ts';
import { HUGE_ROW, hugeRow } from './huge-row.ts';
import type { Db } from './open.ts';
import { type Care, careNeeded, hasBlob, joined, lineOf } from './rows.ts';
import { type Column, quoted, rowsFrom, type Table } from './schema.ts';

const NO_CARE: Care = { blobs: false, reals: false, texts: false };
const LAST_KEY = 2n ** 63n - 1n;

/** A range is fetched unseen only where even the widest rows could not make more than this of it. */
const UNSEEN_BYTES = HUGE_ROW;

const ROWS_BETWEEN_CUTS = 20_000;
const MOST_CUTS = 1024;

/** What must be known of a table before its rows are read, so that two readers need not find it out twice. */
export interface TableSize {
  readonly rows: number;
  /** The bytes of the largest row. */
  readonly widest: number;
}

export function sizeOf(db: Db, table: Table): TableSize {
  if (table.rowid === undefined) return { rows: countOf(db, table), widest: 0 };
  // The file's own figures, which each page's head tells without a look at any value.
  const size = db
    .prepare<[string], TableSize>(
      "SELECT ifnull(sum(ncell), 0) AS rows, ifnull(max(mx_payload), 0) AS widest FROM dbstat WHERE name = ? AND pagetype = 'leaf'",
    )
    .get(table.name);
  return size ?? { rows: 0, widest: 0 };
}

export function countOf(db: Db, table: Pick<Table, 'name' | 'only'>): number {
  const rows = db.prepare<[], number>(`SELECT count(*) FROM ${rowsFrom(table)}`).pluck();
  return rows.get() ?? 0;
}

/** Reads the slices of a table, or of the ranges of it that lie between two of its cuts. */
export function sliceReader(
  db: Db,
  table: Table,
  encoding: string,
  size: TableSize,
): (within?: Range) => Iterable<Slice> {
  const target = targetSize(size.rows);
  const { rowid } = table;
  if (rowid === undefined) return () => sliceByContent(linesInOrder(db, table, encoding), target);
  const keyed = keyedRows(db, table, rowid, encoding, size.widest, fetcher(db, table, encoding));
  return (within) => sliceByKey(keyed, target, within);
}

/** Where several readers can divide the table among themselves. */
export function cutsOfTable(db: Db, table: Table, rows: number): bigint[] {
  if (table.rowid === undefined) return [];
  const key = quotedRowid(table, table.rowid);
  const from = (where?: string) => `FROM ${rowsFrom(table, where)}`;
  const ends = db
    .prepare<[], { first: bigint; last: bigint }>(
      `SELECT (SELECT min(${key}) ${from()}) AS first, (SELECT max(${key}) ${from()}) AS last`,
    )
    .safeIntegers()
    .get();
  if (ends === undefined) return [];
  const { first, last } = ends;
  // A line holds at least the names of its columns.
  const shortest = table.columns.reduce((sum, { name }) => sum + name.length + 5, 1);
  const enough = Math.ceil(targetSize(rows) / shortest) + 1;
  const few = db.prepare<[bigint, bigint], number>(
    `SELECT count(*) FROM (SELECT 1 ${from(`${key} BETWEEN ? AND ?`)} LIMIT ${enough})`,
  );
  few.pluck();
  // A range has enough rows where it has more keys than all those without a row and enough besides; rows take a while to count.
  const without = last - first + 1n - BigInt(rows);
  const isHeavy = ({ from, to }: Range) => {
    const keys = (to < last ? to : last) - (from > first ? from : first) + 1n;
    return keys - without >= BigInt(enough) || few.get(from, to) === enough;
  };
  const most = Math.min(Math.ceil(rows / ROWS_BETWEEN_CUTS), MOST_CUTS);
  return cutsOf(first, last, most, isHeavy);
}

type Fetch = (where: string, bounds: readonly bigint[]) => Piece;

interface FetchedRow {
  rows: number;
  lines: Buffer | string | null;
  blobs: number;
}

const bytesOf = (lines: Buffer | string | null) => (typeof lines === 'string' ? Buffer.from(lines) : lines);

/** Lines as SQL gives them: bytes where the database is UTF-8, a string that JavaScript turns into UTF-8 where it is not. */
const asBytes = (expression: string, encoding: string) =>
  encoding === 'UTF-8' ? `CAST(${expression} AS BLOB)` : expression;

/** Fetches the lines of a range in one step, without care until a value is met that needs it; then from there on with it. */
function fetcher(db: Db, table: Table, encoding: string): Fetch {
  let care: Care = { ...NO_CARE, texts: encoding !== 'UTF-8' };
  const query = (where: string, bounds: readonly bigint[]): FetchedRow => {
    const lines = asBytes(`group_concat(${lineOf(table, care)}, char(10)) || char(10)`, encoding);
    const blobs = care.blobs ? '0' : `count(*) FILTER (WHERE ${hasBlob(table)})`;
    const sql = `SELECT count(*) AS rows, ${lines} AS lines, ${blobs} AS blobs FROM ${rowsFrom(table, where)}`;
    const row = statement(db, sql).get(...bounds);
    return row ?? { rows: 0, lines: null, blobs: 0 };
  };
  return (where, bounds) => {
    for (;;) {
      let found: FetchedRow;
      try {
        found = query(where, bounds);
      } catch (error) {
        // JSON functions refuse a BLOB, each kind with words of its own.
        if (care.blobs || !hasCode(error, 'SQLITE_ERROR')) throw error;
        care = { ...care, blobs: true };
        continue;
      }
      const bytes = bytesOf(found.lines);
      if (bytes === null) return { rows: 0, bytes: 0, chunks: [] };
      const needed = careNeeded(table, bytes, found.blobs > 0);
      const more: Care = {
        blobs: care.blobs || needed.blobs,
        reals: care.reals || needed.reals,
        texts: care.texts || needed.texts,
      };
      if (more.blobs === care.blobs && more.reals === care.reals && more.texts === care.texts) {
        return { rows: found.rows, bytes: bytes.length, chunks: [bytes] };
      }
      care = more;
    }
  };
}

const statements = new WeakMap<Db, Map<string, ReturnType<typeof prepareFetch>>>();
const prepareFetch = (db: Db, sql: string) => db.prepare<bigint[], FetchedRow>(sql);

function statement(db: Db, sql: string) {
  const known = statements.get(db) ?? new Map<string, ReturnType<typeof prepareFetch>>();
  statements.set(db, known);
  const prepared = known.get(sql) ?? prepareFetch(db, sql);
  known.set(sql, prepared);
  return prepared;
}

function keyedRows(db: Db, table: Table, rowid: string, encoding: string, widestRow: number, fetch: Fetch): KeyedRows {
  const from = (where: string) => `FROM ${rowsFrom(table, where)}`;
  const key = quotedRowid(table, rowid);
  const between = `${key} BETWEEN ? AND ?`;
  const nextKey = db
    .prepare<[bigint], bigint>(`SELECT ${key} ${from(`${key} >= ?`)} ORDER BY ${key} LIMIT 1`)
    .pluck()
    .safeIntegers();
  const hasHugeRow = widestRow > HUGE_ROW;
  const width = widthOf(table, ({ roomy }) => roomy || hasHugeRow);
  const widest = table.columns.reduce((sum, { instead = '' }) => sum + 24 + instead.length, widestRow);
  const weight = db.prepare<[bigint, bigint], { rows: number; bytes: number }>(
    `SELECT count(*) AS rows, ifnull(sum(${width}), 0) AS bytes ${from(between)}`,
  );
  const severalRows = (lo: bigint, hi: bigint) => (weight.get(lo, hi)?.rows ?? 0) > 1;
  return {
    next: (at) => nextKey.get(at),
    fetch(lo, to, limit) {
      const hi = to > LAST_KEY ? LAST_KEY : to;
      const couldBe = Number(hi - lo + 1n) * widest;
      if (couldBe > UNSEEN_BYTES) {
        const { rows, bytes } = weight.get(lo, hi) ?? { rows: 0, bytes: 0 };
        // Text in UTF-16 takes at most twice the bytes that it takes in a line.
        if (rows > 1 && bytes / 2 > limit) return undefined;
        const place = { from: rowsFrom(table, between), bounds: [lo, hi] };
        const huge = rows === 1 && bytes > HUGE_ROW ? hugeRow(db, table, encoding, place) : undefined;
        if (huge !== undefined) return huge;
      }
      try {
        return fetch(between, [lo, hi]);
      } catch (error) {
        // Long values in columns that promised short ones.
        if (hasCode(error, 'SQLITE_TOOBIG') && severalRows(lo, hi)) return undefined;
        throw error;
      }
    },
  };
}

/** The bytes of a row's values in some columns, in SQL. */
function widthOf(table: Table, counts: (column: Column) => boolean): string {
  const widths = table.columns
    .filter((column) => column.instead === undefined && counts(column))
    .map(({ name }) => `ifnull(octet_length(${quoted(name)}), 0)`);
  return widths.length === 0 ? '0' : joined(widths, '+');
}

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

/** A rowid's own names are keywords of a kind and stand bare; a column's name must be quoted. */
function quotedRowid(table: Table, rowid: string): string {
  return table.hiddenRowid ? rowid : quoted(rowid);
}

/**
 * Tables without a reachable rowid, a row at a time, in key order (or in the file's, where columns hide the rowid: then no
 * index may lend its own order).
 */
function* linesInOrder(db: Db, table: Table, encoding: string): Generator<Uint8Array | Piece> {
  const care: Care = { blobs: true, reals: true, texts: true };
  const line = asBytes(`${lineOf(table, care)} || char(10)`, encoding);
  const rows = db
    .prepare<[], Buffer | string | null>(
      `SELECT CASE WHEN ${widthOf(table, () => true)} <= ${HUGE_ROW} THEN ${line} END FROM ${rowsFrom(table)} ${table.order}`,
    )
    .pluck();
  let at = 0n;
  for (const found of rows.iterate()) {
    const bytes = bytesOf(found);
    yield bytes ?? lineByItself(db, table, encoding, line, at);
    at++;
  }
}

/** The line of a row that is known by its place in the order alone. */
function lineByItself(db: Db, table: Table, encoding: string, line: string, at: bigint): Uint8Array | Piece {
  const from = `${rowsFrom(table)} ${table.order} LIMIT 1 OFFSET ?`;
  const huge = hugeRow(db, table, encoding, { from, bounds: [at] });
  if (huge !== undefined) return huge;
  const whole = db.prepare<[bigint], Buffer | string>(`SELECT ${line} FROM ${from}`).pluck().get(at);
  return bytesOf(whole ?? null) ?? Buffer.alloc(0);
}
