import { isUtf8 } from 'node:buffer';
import { keyCutter } from '../../core/key-cutter.ts';
import { rowsMissing, textNotUtf8 } from '../../core/problems/postgres-reading.ts';
import { contentCutter, type Slice, targetSize } from '../../core/slices.ts';
import { wholeLines } from '../../core/whole-lines.ts';
import { copyLines } from './copy-lines.ts';
import type { Session } from './driver.ts';
import { copySql, numberedBy, rowsFrom, type Source, savedColumns } from './rows-sql.ts';

/** A statement may give a few hundred more than this. */
const AT_ONCE = 500;

/** How many rows each table has that meet its condition, by its key. */
export async function countRowsOf(session: Session, sources: readonly Pick<Source, 'table' | 'only'>[]) {
  const counts = new Map<string, number>();
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    const some = sources.slice(at, at + AT_ONCE);
    const terms = some.map((source) => `(SELECT count(*) FROM ${rowsFrom(source)})`);
    const [row = []] = await session.query(`SELECT ${terms.join(', ')}`);
    for (const [place, { table }] of some.entries()) counts.set(table.key, Number(row[place] ?? 0));
  }
  return counts;
}

export interface Reader {
  readonly session: Session;
  readonly label: string;
  /** Whether the server vouches for its texts. */
  readonly isChecked: boolean;
}

/** A table's slices, as its rows come. Throws DATABASE_FAILED where they are not as many as were counted. */
export async function* slicesOf(reader: Reader, source: Source, rows: number): AsyncGenerator<Slice> {
  const { session, label } = reader;
  const key = numberedBy(source);
  const lines = copyLines(savedColumns(source), key);
  const keyed = key === undefined ? undefined : keyCutter(targetSize(rows));
  const others = contentCutter(targetSize(rows));
  let came = 0;
  for await (const copied of wholeLines(session.copyOut(copySql(source)))) {
    if (!reader.isChecked && !isUtf8(copied)) throw textNotUtf8(label, source.table.key)();
    const some = lines.convert(copied);
    came += some.ends.length;
    yield* keyed?.add(some) ?? others.add(some.bytes);
  }
  yield* (keyed ?? others).end();
  if (came !== rows) throw rowsMissing(label, source.table.key, came, rows)();
}
