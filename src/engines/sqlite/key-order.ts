import type { Piece } from '../../core/slices.ts';
import { asBytes, type Bound, bytesOf, fetcher, widthOf } from './fetch-lines.ts';
import { HUGE_ROW, hugeRow } from './huge-row.ts';
import type { Db } from './open.ts';
import { type Care, lineOf } from './rows.ts';
import { quoted, rowsFrom, type Table } from './schema.ts';

/** Rows are fetched unseen only as many as could not make more than this even if all were the widest. */
const BATCH_BYTES = HUGE_ROW;
const MOST_ROWS = 4096;

/** Fewer at a time are no gain over one at a time. */
const FEWEST_ROWS = 16;

/**
 * The lines of a table without a reachable rowid, in the order of its key (or of the file, where columns hide the rowid): many at a
 * time, or a row too large to be held as a piece.
 */
export function linesInOrder(db: Db, table: Table, encoding: string, widest: number): Iterable<Uint8Array | Piece> {
  const names = table.columns.reduce((sum, { name, instead = '' }) => sum + name.length + 24 + instead.length, 0);
  const rows = Math.min(MOST_ROWS, Math.floor(BATCH_BYTES / (widest + names)));
  return rows >= FEWEST_ROWS && canSeek(db, table)
    ? inBatches(db, table, encoding, rows)
    : oneByOne(db, table, encoding);
}

/**
 * Whether SQLite goes straight to the row after a key. Not where its columns run in different directions, or where a column is compared
 * otherwise than in its key (`name TEXT COLLATE NOCASE, PRIMARY KEY(name COLLATE BINARY)`): the key would be looked for in another order.
 */
function canSeek(db: Db, table: Table): boolean {
  const [first] = table.key;
  if (first === undefined) return false;
  const sign = signOf(table);
  const names = table.key.map(({ name }) => name).join();
  const sought = table.key.length === 1 ? `(${names}${sign}?)` : `((${names})${sign}(${table.key.map(() => '?')}))`;
  const key = table.key.map(() => ({ isText: true, value: 0n }));
  const plan = db
    .prepare<Bound[], { detail: string }>(`EXPLAIN QUERY PLAN SELECT 1 FROM ${rowsFrom(table, beyond(table, key))}`)
    .all(...key.map(({ value }) => value));
  return plan.some(({ detail }) => detail.startsWith('SEARCH ') && detail.endsWith(` USING PRIMARY KEY ${sought}`));
}

const signOf = ({ key: [first] }: Table) => (first?.descends === true ? '<' : '>');

/** The rows' order, as ORDER BY; empty where it is the file's. */
function orderOf({ key }: Table): string {
  const terms = key.map(
    ({ name, collation, descends }) => `${quoted(name)} COLLATE ${quoted(collation)}${descends ? ' DESC' : ''}`,
  );
  return terms.length === 0 ? '' : `ORDER BY ${terms.join(', ')}`;
}

/** Where a row stands in the order. Text is held as the bytes that it is stored as, since not all of it is valid. */
type Key = readonly { readonly isText: boolean; readonly value: Bound }[];

function* inBatches(db: Db, table: Table, encoding: string, rows: number): Generator<Uint8Array> {
  const fetch = fetcher(db, table, encoding);
  const order = orderOf(table);
  for (let key: Key | undefined, isLast = false; !isLast; ) {
    const after = key === undefined ? undefined : beyond(table, key);
    const bounds = key === undefined ? [] : key.map(({ value }) => value);
    const from = `${rowsFrom(table, after)} ${order}`;
    key = keyAt(db, table, `${from} LIMIT 1 OFFSET ${rows - 1}`, bounds);
    isLast = key === undefined;
    yield* fetch(`${from} LIMIT ${rows}`, bounds).chunks;
  }
}

/** The condition for the rows after a key. Text is given no type of its own (`+`): beside a column for numbers SQLite would not seek it. */
function beyond(table: Table, key: Key): string {
  const theirs = table.key.map(({ name }) => quoted(name)).join(', ');
  const values = key.map(({ isText }) => (isText ? '+CAST(? AS TEXT)' : '?')).join(', ');
  return `(${theirs}) ${signOf(table)} (${values})`;
}

function keyAt(db: Db, { key }: Table, from: string, bounds: readonly Bound[]): Key | undefined {
  const terms = key.map(({ name }) => {
    const column = quoted(name);
    return `typeof(${column}) = 'text', CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`;
  });
  const found = db
    .prepare<Bound[], Bound[]>(`SELECT ${terms.join(', ')} FROM ${from}`)
    .raw()
    .safeIntegers()
    .get(...bounds);
  if (found === undefined) return undefined;
  return key.map((_, at) => ({ isText: found[2 * at] === 1n, value: found[2 * at + 1] ?? 0n }));
}

function* oneByOne(db: Db, table: Table, encoding: string): Generator<Uint8Array | Piece> {
  const care: Care = { blobs: true, reals: true, texts: true };
  const line = asBytes(`${lineOf(table, care)} || char(10)`, encoding);
  const rows = db
    .prepare<[], Buffer | string | null>(
      `SELECT CASE WHEN ${widthOf(table, () => true)} <= ${HUGE_ROW} THEN ${line} END FROM ${rowsFrom(table)} ${orderOf(table)}`,
    )
    .pluck();
  let at = 0n;
  for (const found of rows.iterate()) {
    yield bytesOf(found) ?? lineByItself(db, table, encoding, line, at);
    at++;
  }
}

/** The line of a row that is known by its place in the order alone. */
function lineByItself(db: Db, table: Table, encoding: string, line: string, at: bigint): Uint8Array | Piece {
  const from = `${rowsFrom(table)} ${orderOf(table)} LIMIT 1 OFFSET ?`;
  const huge = hugeRow(db, table, encoding, { from, bounds: [at] });
  if (huge !== undefined) return huge;
  const whole = db.prepare<[bigint], Buffer | string>(`SELECT ${line} FROM ${from}`).pluck().get(at);
  return bytesOf(whole ?? null) ?? Buffer.alloc(0);
}
