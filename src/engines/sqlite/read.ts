import { rmSync, statSync } from 'node:fs';
import { type KeyedRows, type Piece, type Slice, sliceByContent, sliceByKey, targetSize } from '../../core/slices.ts';
import type { Reading, ReadTable } from '../engine.ts';
import { type Db, openForReading, type SqliteOptions, sqliteProblem, withProblems } from './open.ts';
import { type Care, careNeeded, hasBlob, joined, lineOf, registerRowFunctions } from './rows.ts';
import { mustBeKeepable, quoted, readSchema, readSettings, readTables, type Table } from './schema.ts';

const NO_CARE: Care = { blobs: false, reals: false, texts: false };
const NEWLINE = Buffer.from('\n');
const LAST_KEY = 2n ** 63n - 1n;

/** A range is fetched unseen only where even the widest rows could not make more than this of it. */
const UNSEEN_BYTES = 8 * 1024 * 1024;

/** Below this a database is read in place whatever its journal mode: that takes no longer than a query of the app's. */
const SMALL_FILE = 4 * 1024 * 1024;

/**
 * Opens one consistent moment. In WAL mode a read transaction holds it and hinders nobody. In the other journal modes a reader
 * keeps writers waiting, so a larger database is first copied aside, page by page, which is ten times as fast as reading it.
 */
export async function read(path: string, scratch: string, options: SqliteOptions): Promise<Reading> {
  const db = openForReading(path, options);
  try {
    if (db.pragma('journal_mode', { simple: true }) === 'wal' || statSync(path).size <= SMALL_FILE) {
      return readingOf(db, path, () => db.close());
    }
    const copy = `${scratch}/reading-${process.pid}.db`;
    rmSync(copy, { force: true });
    await db.backup(copy, { progress: () => 0x7fffffff });
    db.close();
    const aside = openForReading(copy, options);
    return readingOf(aside, path, () => {
      aside.close();
      rmSync(copy, { force: true });
    });
  } catch (error) {
    if (db.open) db.close();
    throw sqliteProblem(path, error);
  }
}

function readingOf(db: Db, path: string, close: () => void): Reading {
  return withProblems(path, () => {
    db.exec('BEGIN');
    const settings = readSettings(db);
    registerRowFunctions(db, settings.encoding);
    mustBeKeepable(db, settings.encoding);
    const schema = readSchema(db);
    const tables = readTables(db).map((table) => readTable(db, path, table, settings.encoding));
    return { schema, settings, tables, close };
  });
}

function readTable(db: Db, path: string, table: Table, encoding: string): ReadTable {
  const rows = Number(
    db
      .prepare(`SELECT count(*) FROM ${quoted(table.name)}`)
      .pluck()
      .get(),
  );
  const target = targetSize(rows);
  return {
    name: table.name,
    own: table.own,
    rows,
    *slices(): Generator<Slice> {
      try {
        const fetch = fetcher(db, table, encoding);
        yield* table.rowid === undefined
          ? sliceByContent(linesInOrder(db, table, encoding), target)
          : sliceByKey(keyedRows(db, table, table.rowid, fetch), target);
      } catch (error) {
        throw sqliteProblem(path, error);
      }
    },
  };
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
    const lines = asBytes(`group_concat(${lineOf(table, care)}, char(10))`, encoding);
    const blobs = care.blobs ? '0' : `count(*) FILTER (WHERE ${hasBlob(table)})`;
    const sql = `SELECT count(*) AS rows, ${lines} AS lines, ${blobs} AS blobs FROM ${quoted(table.name)} NOT INDEXED WHERE ${where}`;
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
        return { rows: found.rows, bytes: bytes.length + 1, chunks: [bytes, NEWLINE] };
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

function keyedRows(db: Db, table: Table, rowid: string, fetch: Fetch): KeyedRows {
  const from = `FROM ${quoted(table.name)} NOT INDEXED`;
  const key = quotedRowid(table, rowid);
  const nextKey = db
    .prepare<[bigint], bigint>(`SELECT ${key} ${from} WHERE ${key} >= ? ORDER BY ${key} LIMIT 1`)
    .pluck()
    .safeIntegers();
  const widths = table.columns
    .filter((column) => column.roomy)
    .map(({ name }) => `ifnull(octet_length(${quoted(name)}), 0)`);
  const width = widths.length === 0 ? '0' : joined(widths, '+');
  const widest = Number(db.prepare(`SELECT max(${width}) ${from}`).pluck().get() ?? 0) + 24 * table.columns.length;
  const weight = db.prepare<[bigint, bigint], { rows: number; bytes: number }>(
    `SELECT count(*) AS rows, ifnull(sum(${width}), 0) AS bytes ${from} WHERE ${key} BETWEEN ? AND ?`,
  );
  // Text in UTF-16 takes at most twice the bytes that it takes in a line.
  const tooHeavy = (lo: bigint, hi: bigint, limit: number) => {
    const found = weight.get(lo, hi);
    return found !== undefined && found.rows > 1 && found.bytes / 2 > limit;
  };
  const severalRows = (lo: bigint, hi: bigint) => (weight.get(lo, hi)?.rows ?? 0) > 1;
  return {
    next: (at) => nextKey.get(at),
    fetch(lo, to, limit) {
      const hi = to > LAST_KEY ? LAST_KEY : to;
      const couldBe = Number(hi - lo + 1n) * widest;
      if (couldBe > UNSEEN_BYTES && tooHeavy(lo, hi, limit)) return undefined;
      try {
        return fetch(`${key} BETWEEN ? AND ?`, [lo, hi]);
      } catch (error) {
        // Long values in columns that promised short ones.
        if (hasCode(error, 'SQLITE_TOOBIG') && severalRows(lo, hi)) return undefined;
        throw error;
      }
    },
  };
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
function* linesInOrder(db: Db, table: Table, encoding: string): Generator<Uint8Array> {
  const care: Care = { blobs: true, reals: true, texts: true };
  const lines = db
    .prepare<[], Buffer | string>(
      `SELECT ${asBytes(lineOf(table, care), encoding)} FROM ${quoted(table.name)} NOT INDEXED ${table.order}`,
    )
    .pluck();
  for (const line of lines.iterate()) yield Buffer.concat([Buffer.from(line), NEWLINE]);
}
