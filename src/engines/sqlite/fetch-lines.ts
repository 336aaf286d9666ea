import type { Piece } from '../../core/slices.ts';
import { asideOf, marked, unmarked } from './marked-blobs.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import { type Care, careNeeded, hasBlob, joined, lineOf } from './rows.ts';
import { type Column, quoted, type Table } from './schema.ts';

const NO_CARE: Care = { blobs: false, reals: false, texts: false };

/** What can be bound without being changed: 64-bit integers, doubles, and bytes. */
export type Bound = bigint | number | Uint8Array;

/** The lines of the rows that follow a FROM, with what is bound there. */
export type Fetch = (from: string, bounds: readonly Bound[]) => Piece;

interface FetchedRow {
  rows: number;
  lines: Buffer | string | null;
  blobs: number;
}

export const bytesOf = (lines: Buffer | string | null) => (typeof lines === 'string' ? Buffer.from(lines) : lines);

/** Lines as SQL gives them: bytes where the database is UTF-8, a string that JavaScript turns into UTF-8 where it is not. */
export const asBytes = (expression: string, encoding: string) =>
  encoding === 'UTF-8' ? `CAST(${expression} AS BLOB)` : expression;

export const hasCode = (error: unknown, code: string) =>
  error instanceof Error && 'code' in error && error.code === code;

/** The bytes of a row's values in some columns, in SQL. */
export function widthOf(table: Table, counts: (column: Column) => boolean): string {
  const widths = table.columns
    .filter((column) => column.instead === undefined && counts(column))
    .map(({ name }) => `ifnull(octet_length(${quoted(name)}), 0)`);
  return widths.length === 0 ? '0' : joined(widths, '+');
}

/** Fetches lines in one step, without care until a value is met that needs it; then from there on with it. */
export function fetcher(db: Db, table: Table, encoding: string): Fetch {
  let care: Care = { ...NO_CARE, texts: encoding !== 'UTF-8' };
  const aside = asideOf(db);
  const query = (from: string, bounds: readonly Bound[]): FetchedRow => {
    const rows = `SELECT ${lineOf(table, care, marked)} AS line, ${care.blobs ? '0' : hasBlob(table)} AS has_blob FROM ${from}`;
    const lines = asBytes('group_concat(line, char(10)) || char(10)', encoding);
    const sql = `SELECT count(*) AS rows, ${lines} AS lines, count(*) FILTER (WHERE has_blob) AS blobs FROM (${rows})`;
    const row = statement(db, sql).get(...bounds);
    return row ?? { rows: 0, lines: null, blobs: 0 };
  };
  return (from, bounds) => {
    for (;;) {
      let found: FetchedRow;
      aside.length = 0;
      try {
        found = query(from, bounds);
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
        const lines = care.blobs ? unmarked(bytes, aside) : bytes;
        return { rows: found.rows, bytes: lines.length, chunks: [lines] };
      }
      care = more;
    }
  };
}

const statement = prepared((db, sql) => db.prepare<Bound[], FetchedRow>(sql));
