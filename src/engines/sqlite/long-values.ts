import { restoreInexact } from '../../core/problems/restoring.ts';
import type { LongSlice } from '../engine.ts';
import { base64Sink, type Decoded, type Fault, newRoom, type Room, type Sink, textSink } from './value-sinks.ts';

/** A longer value is taken out of its line, which SQLite would hold several times over while it reads it. */
const LONG_VALUE = 1024 * 1024;

export interface LongValue extends Decoded {
  /** Which of its row's values it is. */
  readonly at: number;
}

/** Whole lines; where there are long values it is one line, which has an empty text in the place of each. */
export interface CutRows {
  readonly lines: Uint8Array;
  readonly values: readonly LongValue[];
}

/**
 * Goes through a slice and takes long values out of it, decoded. What is left has the shape of rows if the slice had, and only
 * then: that is for whoever inserts it to find out. Throws RESTORE_INEXACT for a long value that is none.
 */
export async function* cutRows(
  table: string,
  slice: Uint8Array | LongSlice,
  room: Room = newRoom,
): AsyncGenerator<CutRows> {
  if (slice instanceof Uint8Array) {
    yield { lines: slice, values: [] };
    return;
  }
  const cutter = lineCutter(slice.bytes, room, (what) => restoreInexact(`with table '${table}'`, `it holds ${what}`)());
  for await (const piece of slice.pieces) yield* cutter.take(piece);
  yield* cutter.end();
}

const [NEWLINE, QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE] = [10, 34, 44, 58, 92, 123, 125];

/** A text that has begun. */
interface Text {
  isEscaped: boolean;
  /** What earlier pieces had of it, until it is known to be long. */
  held: Buffer[];
  /** Where it goes once it is. */
  sink: Sink | undefined;
}

function lineCutter(total: number, room: Room, fault: Fault) {
  let left = total;
  let before: Buffer[] = [];
  let line: Buffer[] = [];
  let values: LongValue[] = [];
  let text: Text | undefined;
  let [depth, at, isValue, key] = [0, 0, false, ''];

  const sinkFor = (most: number): Sink | undefined => {
    if (depth === 1) return textSink(room, most, fault);
    if (depth !== 2 || (key !== '$blob' && key !== '$text')) return undefined;
    return base64Sink(room, most, key === '$text', fault);
  };

  function* cut(): Generator<CutRows> {
    if (before.length > 0) yield { lines: Buffer.concat(before), values: [] };
    if (line.length > 0) yield { lines: Buffer.concat(line), values };
    [before, line, values] = [[], [], []];
    room.free();
  }

  function* take(piece: Uint8Array): Generator<CutRows> {
    // Of this piece: what has found its place, where its last line begins, and where its last text does.
    let [done, lineStart, textStart] = [0, 0, 0];
    const keep = (end: number) => {
      if (lineStart > done) {
        before.push(...line, Buffer.from(piece.subarray(done, lineStart)));
        line = [];
        done = lineStart;
      }
      if (end > done) line.push(Buffer.from(piece.subarray(done, end)));
      done = Math.max(done, end);
    };
    for (let i = 0; i < piece.length; i++) {
      if (text !== undefined) {
        i = endOfText(piece, i, text);
        const isOver = i < piece.length;
        const length = lengthOf(text.held) + i - textStart;
        if (text.sink === undefined && isValue && length > LONG_VALUE) {
          keep(textStart);
          text.sink = sinkFor(left - textStart + lengthOf(text.held));
          for (const some of text.sink === undefined ? [] : text.held.splice(0)) text.sink?.take(some);
        }
        if (text.sink !== undefined) {
          text.sink.take(piece.subarray(textStart, i));
          done = i;
        } else if (!isOver) {
          keep(textStart);
          text.held.push(Buffer.from(piece.subarray(textStart)));
          done = i;
        }
        if (!isOver) break;
        if (text.sink !== undefined) values.push({ at, ...text.sink.end() });
        else if (!isValue) key = Buffer.concat([...text.held, piece.subarray(textStart, i)]).toString('latin1');
        line.push(...text.held);
        text = undefined;
        continue;
      }
      switch (piece[i]) {
        case QUOTE:
          text = { isEscaped: false, held: [], sink: undefined };
          textStart = i + 1;
          break;
        case COLON:
          isValue = true;
          break;
        case COMMA:
          isValue = false;
          if (depth === 1) at++;
          break;
        case OPEN:
          isValue = false;
          depth++;
          break;
        case CLOSE:
          depth--;
          break;
        case NEWLINE:
          if (values.length > 0) {
            keep(i + 1);
            yield* cut();
          }
          lineStart = i + 1;
          [depth, at, isValue] = [0, 0, false];
      }
    }
    keep(piece.length);
    left -= piece.length;
  }

  function* end(): Generator<CutRows> {
    if (text !== undefined) throw fault('a text without an end');
    yield* cut();
  }

  return { take, end };
}

const lengthOf = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, { length }) => sum + length, 0);

/** Where the quote is that ends a text, or the piece's end: nearly all the time goes into this loop. */
function endOfText(piece: Uint8Array, from: number, text: Text): number {
  let { isEscaped } = text;
  let at = from;
  for (; at < piece.length; at++) {
    const byte = piece[at];
    if (isEscaped) isEscaped = false;
    else if (byte === BACKSLASH) isEscaped = true;
    else if (byte === QUOTE) break;
  }
  text.isEscaped = isEscaped;
  return at;
}
