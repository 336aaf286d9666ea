import { rowCount, type Saved } from '../../../core/manifest.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import { count } from '../../../core/words.ts';
import type { LongSlice, SliceSource } from '../../engine.ts';
import { firstRow } from './first-row.ts';

/** What the rows of a table in a backup are, as far as whoever puts them in must know. */
export interface Surveyed {
  readonly rows: number;
  /** The names of the values of each row, in order; undefined where there is none. */
  readonly keys: readonly string[] | undefined;
}

/**
 * Goes through all rows before anything is touched: they are all there, whoever hands them over checks them against what they are to be, and
 * while they go in others wait. Throws RESTORE_INEXACT, and what the source throws.
 */
export async function survey({ data }: Saved, slices: SliceSource): Promise<ReadonlyMap<string, Surveyed>> {
  const surveyed = new Map<string, Surveyed>();
  for (const [table, saved] of data) {
    const found = await surveyTable(slices(table));
    const expected = rowCount(saved);
    if (found.rows !== expected)
      throw restoreInexact(`with table '${table}'`, `${found.rows} of ${count(expected, 'row')} arrived`)();
    surveyed.set(table, found);
  }
  return surveyed;
}

async function surveyTable(slices: AsyncIterable<Uint8Array | LongSlice>): Promise<Surveyed> {
  const first = firstRow();
  let rows = 0;
  for await (const bytes of piecesOf(slices)) {
    first.see(bytes);
    rows += linesIn(bytes);
  }
  return { rows, keys: first.keys() };
}

/** All bytes of a table, whole rows or not. */
export async function* piecesOf(slices: AsyncIterable<Uint8Array | LongSlice>): AsyncGenerator<Uint8Array> {
  for await (const slice of slices) {
    if (slice instanceof Uint8Array) yield slice;
    else yield* slice.pieces;
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
