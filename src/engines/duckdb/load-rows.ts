import { rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../core/errors.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { wholeLines } from '../../core/whole-lines.ts';
import { count } from '../../core/words.ts';
import type { LongSlice } from '../engine.ts';
import { firstLine } from './duckdb-problem.ts';
import { insertInLevels } from './insert-in-levels.ts';
import { literal, qualified, quoted } from './names.ts';
import type { Db } from './open.ts';
import { strictLines } from './strict-lines.ts';
import type { Table } from './tables.ts';
import type { Kind } from './types.ts';
import { valueIn } from './values.ts';

/** A column that rows have values for. */
export interface Field {
  /** What rows call it. */
  readonly key: string;
  readonly column: string;
  readonly type: string;
  readonly kind: Kind;
}

/** What is to be put into a table, and nothing into the columns of `empty`. */
export interface Load {
  readonly table: Table;
  readonly fields: readonly Field[];
  readonly empty: readonly string[];
  slices(): AsyncIterable<Uint8Array | LongSlice>;
  /** How many rows there must be. */
  readonly expected: number;
  /** What the backup calls the table. */
  readonly name: string;
}

/** So many bytes of rows go in at once: a statement of its own each, and room on the disk for two of them. */
const AT_ONCE = 64 * 1024 * 1024;
/** DuckDB's own bound for a row, which is only raised for longer ones: it keeps so much for each thread. */
const USUAL_ROW = 16 * 1024 * 1024;

/**
 * Puts rows into tables, one after the other. They go through files that DuckDB reads itself, which is faster than to hand them over, and each
 * is made while the one before goes in. Returns how many rows there were.
 */
export async function loadRows(
  db: Db,
  loads: readonly Load[],
  scratch: string,
  onRows: (rows: number) => void,
): Promise<number> {
  let all = 0;
  const made: string[] = [];
  const fileOf = () => {
    const file = join(scratch, `rows-${process.pid}-${made.length}.ndjson`);
    made.push(file);
    return file;
  };
  try {
    for await (const { load, file, rows, longest } of oneAhead(allFiles(loads, fileOf))) {
      try {
        await insertFrom(db, load, rowsIn(file, load.fields, longest));
      } catch (error) {
        throw restoreInexact(`with table '${load.table.key}'`, firstLine(reasonOf(error)))(error);
      }
      rmSync(file);
      onRows(rows);
      all += rows;
    }
  } finally {
    for (const file of made) rmSync(file, { force: true });
  }
  return all;
}

/** Rows of one table in a file of their own. */
interface RowsFile {
  readonly load: Load;
  readonly file: string;
  readonly rows: number;
  /** The bytes of the longest row so far. */
  readonly longest: number;
}

async function* allFiles(loads: readonly Load[], fileOf: () => string): AsyncGenerator<RowsFile> {
  for (const load of loads) yield* filesOf(load, fileOf);
}

/** Throws RESTORE_INEXACT where there are other rows than there must be. */
async function* filesOf(load: Load, fileOf: () => string): AsyncGenerator<RowsFile> {
  const { table, fields, slices, expected, name } = load;
  const lines = strictLines(
    table.key,
    fields.map(({ key, kind }) => ({ name: key, kind })),
  );
  // Rows that point to others of the table itself go in together.
  const isOwnParent = table.references.some((key) => key.table === table.key);
  let given = 0;
  let out: Awaited<ReturnType<typeof openFor>> | undefined;
  const take = async (full: NonNullable<typeof out>): Promise<RowsFile> => {
    out = undefined;
    await full.end();
    const rows = lines.rows() - given;
    given = lines.rows();
    return { load, file: full.file, rows, longest: lines.longest() };
  };
  try {
    for await (const some of wholeLines(piecesOf(slices()))) {
      out ??= await openFor(fileOf());
      await out.write(lines.convert(some));
      if (out.bytes() >= AT_ONCE && !isOwnParent) yield await take(out);
    }
    if (lines.rows() !== expected)
      throw restoreInexact(`with table '${name}'`, `${lines.rows()} of ${count(expected, 'row')} arrived`)();
    if (out !== undefined) yield await take(out);
  } finally {
    await out?.end().catch(() => {});
  }
}

/** The same, each of which is made while somebody is at the one before. */
async function* oneAhead<T>(all: AsyncGenerator<T>): AsyncGenerator<T> {
  const next = () => {
    const one = all.next();
    // Whoever asks for it hears of it.
    one.catch(() => {});
    return one;
  };
  let coming = next();
  try {
    for (;;) {
      const { done, value } = await coming;
      if (done === true) return;
      coming = next();
      yield value;
    }
  } finally {
    await coming.catch(() => {});
    await all.return(undefined);
  }
}

/** Rows, however large they are: pieces that may end anywhere. */
export async function* piecesOf(slices: AsyncIterable<Uint8Array | LongSlice>): AsyncGenerator<Uint8Array> {
  for await (const slice of slices) {
    if (slice instanceof Uint8Array) yield slice;
    else yield* slice.pieces;
  }
}

/** A file that is written beside the making of what comes next. */
async function openFor(file: string) {
  const handle = await openFile(file, 'w', 0o600);
  let bytes = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    file,
    bytes: () => bytes,
    async write(some: Uint8Array) {
      await last;
      bytes += some.length;
      last = handle.writeFile(some);
      // Whoever writes next hears of it.
      last.catch(() => {});
    },
    async end() {
      try {
        await last;
      } finally {
        await handle.close();
      }
    },
  };
}

function rowsIn(file: string, fields: readonly Field[], longest: number): string {
  const types = fields.length === 0 ? ['VARCHAR'] : fields.map(({ kind }) => (kind === 'json' ? 'JSON' : 'VARCHAR'));
  const columns = types.map((type, at) => `c${at}: '${type}'`);
  const options = `format = 'newline_delimited', compression = 'uncompressed', columns = {${columns.join(', ')}}`;
  return `read_json(${literal(file)}, ${options}, maximum_object_size = ${Math.max(USUAL_ROW, 2 * longest)})`;
}

async function insertFrom(db: Db, { table, fields, empty }: Load, rows: string): Promise<void> {
  const columns = [...fields.map(({ column }) => column), ...empty];
  const values = fields.map(({ type, kind }, at) => valueIn(`c${at}`, type, kind));
  const named = [...values, ...empty.map(() => 'NULL')].map((value, at) => `${value} AS ${quoted(columns[at] ?? '')}`);
  const select = `SELECT ${named.length === 0 ? 'NULL' : named.join(', ')} FROM ${rows}`;
  if (table.references.some((key) => key.table === table.key)) await insertInLevels(db, table, [{ columns, select }]);
  else if (columns.length > 0)
    await db.run(`INSERT INTO ${qualified(table)} (${columns.map(quoted).join(', ')}) ${select}`);
  else throw new Error('its rows have no values, and all of its columns need one');
}
