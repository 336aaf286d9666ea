import type { Share } from '../../engines/engine.ts';
import type { Members } from '../row-lines.ts';
import { rowsOf } from './choose-types.ts';
import type { Passage } from './compare.ts';
import type { Source } from './source.ts';

/** The lines of a table as the other kind of database takes them. */
export async function* linesFor(
  source: Source,
  passages: readonly Passage[],
  counters: { readonly stored: string; readonly lines: readonly string[] } | undefined,
  stored: string,
  share?: Share,
): AsyncGenerator<Uint8Array> {
  if (stored === counters?.stored) {
    if ((share?.index ?? 0) === 0 && counters.lines.length > 0)
      yield Buffer.from(counters.lines.map((line) => `${line}\n`).join(''));
    return;
  }
  const passage = passages.find(({ made }) => made.stored === stored);
  if (passage === undefined) return;
  const { told } = passage.planned;
  const { rowNumber } = passage.made;
  // Rows that are numbered here are numbered one after the other.
  if (rowNumber !== undefined && (share?.index ?? 0) > 0) return;
  const slices = source.slices(told.stored, rowNumber === undefined ? share : undefined);
  const write = writerFor(passage);
  let number = 0;
  for await (const rows of rowsOf(told, slices)) yield Buffer.from(rows.map((row) => write(row, ++number)).join(''));
}

function writerFor({ planned, wanted, made: { rowNumber } }: Passage): (row: Members, number: number) => string {
  const columns = planned.told.columns.map(({ read, name }, at) => ({
    head: `${JSON.stringify(name)}:`,
    read,
    type: wanted.columns[at]?.type,
  }));
  return (row, number) => {
    const members = columns.map(({ head, read, type }, at) => {
      const member = type?.write(read(row[at] ?? 'null'));
      // Every row was looked at before.
      if (member === undefined) throw new Error('a value has no place');
      return head + member;
    });
    if (rowNumber !== undefined) members.unshift(`${JSON.stringify(rowNumber)}:${number}`);
    return `{${members.join(',')}}\n`;
  };
}
