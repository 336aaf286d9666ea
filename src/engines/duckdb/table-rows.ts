import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyCutter } from '../../core/key-cutter.ts';
import { duckdbFailed } from '../../core/problems/duckdb.ts';
import { contentCutter, type Slice, targetSize } from '../../core/slices.ts';
import { growingFile } from './growing-file.ts';
import type { Db } from './open.ts';
import { copySql, liesInOrderSql, numberedBy, rowsFrom, type Source } from './rows-sql.ts';
import { writtenLines } from './written-lines.ts';

/** So many at once keep a statement short. */
const AT_ONCE = 200;

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

/** Tables as files: DuckDB writes one, or the next, while lines are taken out of what is there. */
export interface TableFiles {
  /** The lines of a table, as they come. One file is there at a time, and the next. */
  of(source: Source): AsyncIterable<Buffer>;
  /** Waits for what DuckDB is at, and removes all. */
  close(): Promise<void>;
}

let readings = 0;

export function tableFiles(db: Db, sources: readonly Source[], scratch: string): TableFiles {
  const name = `tables-${process.pid}-${readings++}`;
  const fileOf = (at: number) => join(scratch, `${name}-${at}.csv`);
  const files = new Map<number, Promise<void>>();
  const write = async (source: Source, file: string) => {
    rmSync(file, { force: true });
    const [[inOrder] = []] = await db.rows(liesInOrderSql(source) ?? 'SELECT false');
    await db.run(copySql(source, file, inOrder === 'true'));
  };
  const begin = (at: number): Promise<void> => {
    const source = sources[at];
    const begun = files.get(at);
    if (source === undefined || begun !== undefined) return begun ?? Promise.resolve();
    const writing = write(source, fileOf(at));
    // Whoever asks for it hears of it.
    writing.catch(() => {});
    files.set(at, writing);
    return writing;
  };
  return {
    async *of(source) {
      const at = sources.indexOf(source);
      const writing = begin(at);
      // Nobody waits for the next here: what it fails with is for whoever asks for it.
      const goOn = () => {
        begin(at + 1);
      };
      writing.then(goOn, () => {});
      try {
        yield* growingFile(fileOf(at), writing);
      } finally {
        await writing.catch(() => {});
        rmSync(fileOf(at), { force: true });
      }
    },
    async close() {
      await Promise.allSettled(files.values());
      for (const at of files.keys()) rmSync(fileOf(at), { force: true });
    },
  };
}

/**
 * A table's slices. DuckDB writes its lines to a file, faster than it hands rows over.
 */
export async function* slicesOf(db: Db, source: Source, rows: number, files: TableFiles): AsyncGenerator<Slice> {
  const key = numberedBy(source);
  const keyed = key === undefined ? undefined : keyCutter(targetSize(rows));
  const others = contentCutter(targetSize(rows));
  const lines = writtenLines(source.columns, key);
  let came = 0;
  for await (const piece of files.of(source))
    for (const some of lines.add(piece)) {
      came += some.ends.length;
      yield* keyed?.add(some) ?? others.add(some.bytes);
    }
  yield* (keyed ?? others).end();
  if (came !== rows || !lines.isWhole())
    throw duckdbFailed(db.label, `${came} rows of ${source.table.key} were read where ${rows} were counted`)();
}
