import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyCutter } from '../../core/key-cutter.ts';
import { duckdbFailed } from '../../core/problems/duckdb.ts';
import { contentCutter, type Slice, targetSize } from '../../core/slices.ts';
import type { Db } from './open.ts';
import { copySql, numberedBy, rowsFrom, type Source } from './rows-sql.ts';
import { writtenLines } from './written-lines.ts';

/** So many at once keep a statement short. */
const AT_ONCE = 200;
const PIECE = 2 * 1024 * 1024;

/** How many rows each table has that meet its condition, by its key. */
export async function countRowsOf(db: Db, sources: readonly Pick<Source, 'table' | 'only'>[]) {
  const counts = new Map<string, number>();
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    const some = sources.slice(at, at + AT_ONCE);
    const terms = some.map((source) => `(SELECT count(*) FROM ${rowsFrom(source)})`);
    const [row = []] = await db.rows(`SELECT ${terms.join(', ')}`);
    for (const [place, { table }] of some.entries()) counts.set(table.key, Number(row[place] ?? 0));
  }
  return counts;
}

/** Tables as files, each written by DuckDB while the one before is turned into lines. */
export interface TableFiles {
  /** Where a table lies. One is there at a time, and the next. */
  of(source: Source): Promise<string>;
  /** Waits for what DuckDB is at, and removes all. */
  close(): Promise<void>;
}

let readings = 0;

export function tableFiles(db: Db, sources: readonly Source[], scratch: string): TableFiles {
  const name = `tables-${process.pid}-${readings++}`;
  const files = new Map<number, Promise<string>>();
  const write = async (at: number, source: Source) => {
    const file = join(scratch, `${name}-${at}.csv`);
    rmSync(file, { force: true });
    await db.run(copySql(source, file));
    return file;
  };
  const begin = (at: number) => {
    const source = sources[at];
    if (source === undefined || files.has(at)) return;
    const writing = write(at, source);
    // Whoever asks for it hears of it.
    writing.catch(() => {});
    files.set(at, writing);
  };
  return {
    async of(source) {
      const at = sources.indexOf(source);
      begin(at);
      const file = await files.get(at);
      begin(at + 1);
      return file ?? '';
    },
    async close() {
      await Promise.allSettled(files.values());
      for (const at of files.keys()) rmSync(join(scratch, `${name}-${at}.csv`), { force: true });
    },
  };
}

/**
 * A table's slices. DuckDB writes its lines to a file first, with all its threads, and faster than it hands rows over.
 */
export async function* slicesOf(db: Db, source: Source, rows: number, files: TableFiles): AsyncGenerator<Slice> {
  const key = numberedBy(source);
  const keyed = key === undefined ? undefined : keyCutter(targetSize(rows));
  const others = contentCutter(targetSize(rows));
  const lines = writtenLines(source.columns, key);
  let came = 0;
  const file = await files.of(source);
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE }))
      for (const some of lines.add(piece)) {
        came += some.ends.length;
        yield* keyed?.add(some) ?? others.add(some.bytes);
      }
    yield* (keyed ?? others).end();
  } finally {
    rmSync(file, { force: true });
  }
  if (came !== rows || !lines.isWhole())
    throw duckdbFailed(db.label, `${came} rows of ${source.table.key} were read where ${rows} were counted`)();
}
