import { rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../core/errors.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { wholeLines } from '../../core/whole-lines.ts';
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

/** So many bytes of rows go in at once: a statement of its own each, and room on the disk for no more. */
const AT_ONCE = 64 * 1024 * 1024;
/** DuckDB's own bound for a row, which is only raised for longer ones: it keeps so much for each thread. */
const USUAL_ROW = 16 * 1024 * 1024;

/**
 * Puts rows into a table, and nothing into the columns of `empty`. They go through a file that DuckDB reads itself, which is faster than to
 * hand them over. Returns how many there were.
 */
export async function loadRows(
  db: Db,
  table: Table,
  fields: readonly Field[],
  empty: readonly string[],
  slices: AsyncIterable<Uint8Array | LongSlice>,
  scratch: string,
  onRows: (rows: number) => void,
): Promise<number> {
  const lines = strictLines(
    table.key,
    fields.map(({ key, kind }) => ({ name: key, kind })),
  );
  const file = join(scratch, `rows-${process.pid}.ndjson`);
  const isOwnParent = table.references.some((key) => key.table === table.key);
  let counted = 0;
  const insert = async () => {
    if (lines.rows() === counted) return;
    try {
      await insertFrom(db, table, fields, empty, rowsIn(file, fields, lines.longest()), isOwnParent);
    } catch (error) {
      throw restoreInexact(`with table '${table.key}'`, firstLine(reasonOf(error)))(error);
    }
    onRows(lines.rows() - counted);
    counted = lines.rows();
  };
  let out: Awaited<ReturnType<typeof openFor>> | undefined;
  try {
    for await (const some of wholeLines(piecesOf(slices))) {
      out ??= await openFor(file);
      await out.write(lines.convert(some));
      if (out.bytes() < AT_ONCE || isOwnParent) continue;
      const full = out;
      out = undefined;
      await full.end();
      await insert();
    }
    const rest = out;
    out = undefined;
    await rest?.end();
    await insert();
  } finally {
    await out?.end().catch(() => {});
    rmSync(file, { force: true });
  }
  return counted;
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

async function insertFrom(
  db: Db,
  table: Table,
  fields: readonly Field[],
  empty: readonly string[],
  rows: string,
  isOwnParent: boolean,
): Promise<void> {
  const columns = [...fields.map(({ column }) => column), ...empty];
  const values = fields.map(({ type, kind }, at) => valueIn(`c${at}`, type, kind));
  const named = [...values, ...empty.map(() => 'NULL')].map((value, at) => `${value} AS ${quoted(columns[at] ?? '')}`);
  const select = `SELECT ${named.length === 0 ? 'NULL' : named.join(', ')} FROM ${rows}`;
  if (isOwnParent) await insertInLevels(db, table, [{ columns, select }]);
  else if (columns.length > 0)
    await db.run(`INSERT INTO ${qualified(table)} (${columns.map(quoted).join(', ')}) ${select}`);
  else throw new Error('its rows have no values, and all of its columns need one');
}
