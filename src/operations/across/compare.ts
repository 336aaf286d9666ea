import { sameness, type Value } from '../../core/common/value.ts';
import { copyInexact } from '../../core/problems/across.ts';
import type { MadeTable, WantedTable } from '../../engines/across.ts';
import type { Reading, ReadTable } from '../../engines/engine.ts';
import { type Members, rowsIn, type Slices } from '../row-lines.ts';
import { rowsOf } from './choose-types.ts';
import type { PlannedTable } from './plan.ts';
import { type RowsDigest, rowsDigest } from './rows-digest.ts';
import type { Source } from './source.ts';

/** A table on its way: what it is, what it is to be, and what was made of it. */
export interface Passage {
  readonly planned: PlannedTable;
  readonly wanted: WantedTable;
  readonly made: MadeTable;
}

/**
 * Reads what was written, as the other database itself gives it, and holds every value against the one it came from. Throws RESTORE_INEXACT
 * where any differs.
 */
export async function mustBeTheSame(
  source: Source,
  passages: readonly Passage[],
  reading: Reading,
  onRows: (rows: number) => void,
): Promise<void> {
  const left = new Map(passages.map((passage) => [passage.made.stored, passage]));
  // Tables are read in their order, each once.
  for (const table of reading.tables) {
    const passage = left.get(table.name);
    if (passage === undefined) continue;
    left.delete(table.name);
    const there = await digestOf(targetRows(table, passage), onRows);
    const here = await digestOf(sourceRows(source, passage), () => {});
    const { name } = passage.wanted;
    if (here.rows !== there.rows) throw copyInexact(name, `it has ${there.rows} rows of ${here.rows}`)();
    if (!here.equals(there)) throw copyInexact(name, 'a value of it came out otherwise')();
  }
  for (const { wanted } of left.values()) throw copyInexact(wanted.name, 'it is not there')();
}

async function digestOf(rows: AsyncIterable<string>, onRows: (rows: number) => void): Promise<RowsDigest> {
  const digest = rowsDigest();
  for await (const row of rows) {
    digest.add(row);
    onRows(1);
  }
  return digest;
}

async function* sourceRows(source: Source, { planned: { told } }: Passage): AsyncGenerator<string> {
  const readers = told.columns.map(({ read }) => read);
  for await (const some of rowsOf(told, source.slices(told.stored)))
    for (const row of some) yield wordsOf(row, readers);
}

async function* targetRows(table: ReadTable, { wanted, made }: Passage): AsyncGenerator<string> {
  const readers = wanted.columns.map(({ type }) => type.read);
  const names = wanted.columns.map(({ name }) => name);
  const all = made.rowNumber === undefined ? names : [...names, made.rowNumber];
  for await (const some of rowsIn(wanted.name, slicesOf(table), all))
    for (const row of some) yield wordsOf(row, readers);
}

async function* slicesOf(table: ReadTable): AsyncGenerator<Slices extends AsyncIterable<infer Each> ? Each : never> {
  for await (const { bytes, chunks } of table.slices()) {
    const pieces = async function* () {
      yield* chunks;
    };
    yield { bytes, pieces: pieces() };
  }
}

/** Every value of a row by what tells it from others, each with its length: so no two rows say the same. */
function wordsOf(row: Members, readers: readonly ((member: string) => Value)[]): string {
  return readers
    .map((read, at) => {
      const words = sameness(read(row[at] ?? 'null'));
      return `${words.length} ${words}`;
    })
    .join(' ');
}
