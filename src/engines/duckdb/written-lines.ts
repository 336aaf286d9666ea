import type { KeyedLines } from '../../core/key-cutter.ts';
import type { SavedColumn } from './line-members.ts';
import { lineMembers } from './line-members.ts';

const LINE_END = 10;
/** Where DuckDB writes a control character by its number, its letters are large. */
const BY_NUMBER = Buffer.from('\\u00');

/** Lines of a file that comes in pieces, which may end anywhere. */
export interface WrittenLines {
  /** The whole lines that are there now. They last. */
  add(piece: Buffer): Generator<KeyedLines>;
  /** Whether it ended where a line does. */
  isWhole(): boolean;
}

/** What `copySql` wrote. `key` is the column of a whole number by which rows are in order. */
export function writtenLines(columns: readonly SavedColumn[], key?: number): WrittenLines {
  const members = lineMembers(columns);
  const waiting: Buffer[] = [];
  const linesIn = (bytes: Buffer): KeyedLines => {
    const ends: number[] = [];
    for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) ends.push(at + 1);
    if (bytes.includes(BY_NUMBER)) members.spellAlike(bytes);
    const keyAt = (line: number) => {
      const { from, end } = members.valueAt(bytes, line === 0 ? 0 : (ends[line - 1] ?? 0), key ?? 0);
      return BigInt(bytes.toString('latin1', from, end));
    };
    return { bytes, ends, keyAt };
  };
  return {
    *add(piece) {
      const first = piece.indexOf(LINE_END);
      if (first < 0) {
        waiting.push(piece);
        return;
      }
      let from = 0;
      if (waiting.length > 0) {
        from = first + 1;
        yield linesIn(Buffer.concat([...waiting.splice(0), piece.subarray(0, from)]));
      }
      const last = piece.lastIndexOf(LINE_END) + 1;
      if (last > from) yield linesIn(piece.subarray(from, last));
      if (last < piece.length) waiting.push(piece.subarray(last));
    },
    isWhole: () => waiting.length === 0,
  };
}
