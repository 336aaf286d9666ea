import { membersOf } from '../core/json.ts';
import { copyInexact, rowTooLarge } from '../core/problems/across.ts';
import { size } from '../core/words.ts';
import type { LongSlice } from '../engines/engine.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** Rows are taken apart one by one, and none may be larger. */
const LARGEST_ROW = 128 * 1024 * 1024;
const LINE_END = 10;
const SOME = 256;

/** A row as its members, each as its text, in the order of the columns that are asked for. */
export type Members = readonly string[];

export type Slices = AsyncIterable<Uint8Array | LongSlice>;

/**
 * The rows of a table, some at a time. Throws COPY_REFUSED for a row that is too large to be held, and RESTORE_INEXACT for one that has other
 * members than its table has columns: what nobody knows of would not come along.
 */
export async function* rowsIn(
  table: string,
  slices: Slices,
  columns: readonly string[],
): AsyncGenerator<readonly Members[]> {
  for await (const lines of linesIn(table, slices)) {
    for (let at = 0; at < lines.length; at += SOME) {
      yield lines.slice(at, at + SOME).map((line) => membersIn(table, line, columns));
      await yieldToEventLoop();
    }
  }
}

function membersIn(table: string, line: string, columns: readonly string[]): Members {
  const members = membersOf(line);
  const found = columns.flatMap((column) => members.get(column) ?? []);
  if (found.length !== columns.length || members.size !== columns.length)
    throw copyInexact(table, 'its rows have other columns than its definition')();
  return found;
}

/** Whole lines, without their ends. */
export async function* linesIn(table: string, slices: Slices): AsyncGenerator<readonly string[]> {
  for await (const slice of slices) {
    if (slice instanceof Uint8Array) yield textsOf([slice]);
    else yield* longLines(table, slice);
  }
}

async function* longLines(table: string, { pieces }: LongSlice): AsyncGenerator<readonly string[]> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(LINE_END) + 1;
    if (end > 0) {
      yield textsOf([...held, piece.subarray(0, end)]);
      held = [];
      bytes = 0;
    }
    // A piece may be used again by whoever gave it.
    held.push(Uint8Array.from(piece.subarray(end)));
    bytes += piece.length - end;
    if (bytes > LARGEST_ROW) throw rowTooLarge(table, size(LARGEST_ROW))();
  }
  if (bytes > 0) yield textsOf(held);
}

function textsOf(pieces: readonly Uint8Array[]): string[] {
  const text = Buffer.concat(pieces).toString('utf8');
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
