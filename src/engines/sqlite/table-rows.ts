import { databaseCorrupt } from '../../core/problems/database.ts';
import {
  cutsOf,
  type KeyedRows,
  type Range,
  type Slice,
  sliceByContent,
  sliceByKey,
  targetSize,
} from '../../core/slices.ts';
import { type Fetch, fetcher, hasCode, widthOf } from './fetch-lines.ts';
import { HUGE_ROW, hugeRow } from './huge-row.ts';
import { linesInOrder } from './key-order.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import { quoted, rowsFrom, type Table } from './schema.ts';

const LAST_KEY = 2n ** 63n - 1n;

/** All keys from zero on, as a guess. */
const ALL_BITS = 63;

/** A range is fetched unseen only where even the widest rows could not make more than this of it. */
const UNSEEN_BYTES = HUGE_ROW;

/** Less than this is read sooner than divided. */
const ROWS_BETWEEN_CUTS = 20_000;
const BYTES_BETWEEN_CUTS = 2 * 1024 * 1024;
const MOST_CUTS = 1024;

/** From here on what its values take is counted, and not its rows. */
const LONG_ROW = 200;

/** What must be known of a table before its rows are read, so that two readers need not find it out twice. */
export interface TableSize {
  readonly rows: number;
  /** The bytes of the largest row. */
  readonly widest: number;
  /** The bytes of all its pages. */
  readonly bytes: number;
}

interface Counted extends TableSize {
  readonly damaged: number;
}

const sizes = prepared((db, sql) => db.prepare<[string], Counted>(sql));

/** Throws DATABASE_CORRUPT where a page of the table is damaged: its rows would count as none, and the table as emptied. */
export function sizeOf(db: Db, table: Table): TableSize {
  // Where there is no rowid, rows lie in the inner pages of the tree, too.
  const holds = table.keepsRowid ? "pagetype = 'leaf'" : "pagetype IN ('leaf', 'internal')";
  // The file's own figures, which each page's head tells without a look at any value.
  const size = sizes(
    db,
    `SELECT ifnull(sum(ncell) FILTER (WHERE ${holds}), 0) AS rows, ifnull(max(mx_payload), 0) AS widest,
        ifnull(sum(pgsize), 0) AS bytes, count(*) FILTER (WHERE pagetype = 'corrupted') AS damaged FROM dbstat WHERE name = ?`,
  ).get(table.name);
  if (size === undefined) return { rows: 0, widest: 0, bytes: 0 };
  const { damaged, ...rest } = size;
  if (damaged > 0) throw databaseCorrupt(db.name)();
  return rest;
}

export function countOf(db: Db, table: Pick<Table, 'name' | 'only'>): number {
  const rows = db.prepare<[], number>(`SELECT count(*) FROM ${rowsFrom(table)}`).pluck();
  return rows.get() ?? 0;
}

/** How large its slices are to be. */
export const targetOf = ({ rows }: TableSize) => targetSize(rows);

/** Reads the slices of a table, or of the ranges of it that lie between two of its cuts. */
export function sliceReader(
  db: Db,
  table: Table,
  encoding: string,
  size: TableSize,
): (within?: Range) => Iterable<Slice> {
  const target = targetOf(size);
  const keyed = rowsByKey(db, table, encoding, size);
  if (keyed === undefined) return () => sliceByContent(linesInOrder(db, table, encoding, size.widest), target);
  return (within) => sliceByKey(keyed, target, within, isSmall(table, size) ? ALL_BITS : undefined);
}

/** The rows of a table by their keys; undefined for one without. */
export function rowsByKey(db: Db, table: Table, encoding: string, size: TableSize): KeyedRows | undefined {
  const { rowid } = table;
  return rowid === undefined ? undefined : keyedRows(db, table, rowid, encoding, size, fetcher(db, table, encoding));
}

/** Most tables are: all their rows are one slice, and fetched at once. */
const isSmall = (table: Table, size: TableSize) => size.rows * widestLine(table, size) <= targetOf(size);

/** In how many pieces several readers could divide a table among themselves. */
export const piecesIn = ({ rows, bytes }: TableSize): number =>
  rows === 0 ? 0 : Math.min(Math.ceil(Math.max(rows / ROWS_BETWEEN_CUTS, bytes / BYTES_BETWEEN_CUTS)), MOST_CUTS);

/** Where several readers can divide the table among themselves. */
export function cutsOfTable(db: Db, table: Table, size: TableSize): bigint[] {
  const { rows } = size;
  if (table.rowid === undefined || piecesIn(size) <= 1) return [];
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
  // Where rows are long, few of them are enough.
  const width = widthOf(table, () => true);
  const bytesIn = db
    .prepare<[bigint, bigint], number>(`SELECT ifnull(sum(${width}), 0) ${from(`${key} BETWEEN ? AND ?`)}`)
    .pluck();
  const areLong = size.bytes / rows > LONG_ROW;
  // A range has enough rows where it has more keys than all those without a row and enough besides; rows take a while to count.
  const without = last - first + 1n - BigInt(rows);
  const isHeavy = ({ from, to }: Range) => {
    const keys = (to < last ? to : last) - (from > first ? from : first) + 1n;
    if (keys - without >= BigInt(enough)) return true;
    // Text in UTF-16 takes at most twice the bytes that it takes in a line.
    return areLong ? (bytesIn.get(from, to) ?? 0) / 2 > targetSize(rows) : few.get(from, to) === enough;
  };
  return cutsOf(first, last, piecesIn(size), isHeavy);
}

/** About the bytes of the longest line, but for what must be escaped. */
const widestLine = (table: Table, { widest }: TableSize) =>
  table.columns.reduce((sum, { instead = '' }) => sum + 24 + instead.length, widest);

const keys = prepared((db, sql) => db.prepare<[bigint], bigint>(sql).pluck().safeIntegers());
const weights = prepared((db, sql) => db.prepare<[bigint, bigint], { rows: number; bytes: number }>(sql));

function keyedRows(db: Db, table: Table, rowid: string, encoding: string, size: TableSize, fetch: Fetch): KeyedRows {
  const from = (where: string) => `FROM ${rowsFrom(table, where)}`;
  const key = quotedRowid(table, rowid);
  const between = `${key} BETWEEN ? AND ?`;
  const widest = widestLine(table, size);
  const hasHugeRow = size.widest > HUGE_ROW;
  const width = widthOf(table, ({ roomy }) => roomy || hasHugeRow);
  const weightOf = `SELECT count(*) AS rows, ifnull(sum(${width}), 0) AS bytes ${from(between)}`;
  const keyFrom = `SELECT ${key} ${from(`${key} >= ?`)} ORDER BY ${key} LIMIT 1`;
  const rowsBetween = rowsFrom(table, between);
  const weight = (lo: bigint, hi: bigint) => weights(db, weightOf).get(lo, hi);
  const severalRows = (lo: bigint, hi: bigint) => (weight(lo, hi)?.rows ?? 0) > 1;
  return {
    next: (at) => keys(db, keyFrom).get(at),
    fetch(lo, to, limit) {
      const hi = to > LAST_KEY ? LAST_KEY : to;
      const most = Number(hi - lo + 1n);
      if (most * widest > UNSEEN_BYTES && !isSmall(table, size)) {
        const { rows, bytes } = weight(lo, hi) ?? { rows: 0, bytes: 0 };
        // Text in UTF-16 takes at most twice the bytes that it takes in a line.
        if (rows > 1 && bytes / 2 > limit) return undefined;
        const place = { from: rowsBetween, bounds: [lo, hi] };
        const huge = rows === 1 && bytes > HUGE_ROW ? hugeRow(db, table, encoding, place) : undefined;
        if (huge !== undefined) return huge;
      }
      try {
        return fetch(rowsBetween, [lo, hi]);
      } catch (error) {
        // Long values in columns that promised short ones.
        if (hasCode(error, 'SQLITE_TOOBIG') && severalRows(lo, hi)) return undefined;
        throw error;
      }
    },
  };
}

/** A rowid's own names are keywords of a kind and stand bare; a column's name must be quoted. */
function quotedRowid(table: Table, rowid: string): string {
  return table.hiddenRowid ? rowid : quoted(rowid);
}
