import { blobId, type Digest } from '../core/digest.ts';
import type { Content, Part, TableData } from '../core/manifest.ts';
import { partFile } from '../core/names.ts';
import { NotAsBefore, type Slice } from '../core/slices.ts';
import { contentDigest } from '../core/write-manifest.ts';
import type { Reading, ReadTable } from '../engines/engine.ts';
import { rowsIn, totalRows } from '../format/rows-by-table.ts';
import type { Known } from './since-before.ts';
import { type PartSink, piecesOf, writeQueue } from './write-parts.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** A table whose lines add up to no more stands in the manifest itself. */
const INLINE_BYTES = 4 * 1024;

export interface Collected {
  readonly content: Content;
  readonly digest: Digest;
  /** The user's own tables and rows: what a person would count. */
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesWritten: number;
}

/**
 * Reads everything once and puts what is too large for the manifest into the sink. The parts of a slice that is the same as before, and
 * was not read, are known already, and `onPart` does not see them.
 */
export async function collect(
  reading: Reading,
  sink: PartSink,
  onRows: (rows: number) => void,
  onPart: (table: string, file: string, rows: number, bytes: Uint8Array) => void = () => {},
  known?: Pick<Known, 'partsOf'>,
): Promise<Collected> {
  const queue = writeQueue();
  const data = new Map<string, TableData>();
  let bytes = 0;
  let bytesWritten = 0;

  /** Names and stores the pieces of a slice beside the reading of the next; `parts` is filled in their order. */
  const keep = async (table: string, slice: Slice, parts: Part[]) => {
    const same = slice.same && known?.partsOf(table, slice.same);
    if (same !== undefined) {
      parts.push(...mustHold(slice, same));
      return;
    }
    let put = 0;
    for (const piece of piecesOf(slice)) {
      put += piece.length;
      const rows = put === slice.bytes ? slice.rows : 0;
      const at = parts.push({ file: '', rows: 0, bytes: piece.length }) - 1;
      await queue.add(piece.length, async () => {
        const id = piece.length === slice.bytes ? slice.id : undefined;
        const file = partFile(table, id ?? blobId(piece), slice.mark);
        parts[at] = { file, rows, bytes: piece.length };
        onPart(table, file, rows, piece);
        const written = await sink(file, piece);
        bytesWritten += written;
      });
    }
  };

  try {
    for (const table of reading.tables) {
      const collected = await collectTable(table, keep, onRows);
      data.set(table.name, collected.data);
      bytes += collected.bytes;
    }
  } finally {
    // After a failure too, nothing is written behind anybody's back.
    await queue.done();
  }
  const content: Content = { schema: reading.schema, settings: reading.settings, data };
  const counts = rowsIn(reading.codec, content);
  return {
    content,
    digest: contentDigest(content),
    tables: counts.size,
    rows: totalRows(counts),
    bytes,
    bytesWritten,
  };
}

function mustHold({ rows, bytes }: Slice, parts: readonly Part[]): readonly Part[] {
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);
  if (sum((part) => part.rows) === rows && sum((part) => part.bytes) === bytes) return parts;
  throw new NotAsBefore(`a slice of ${rows} rows is not what it was said to be`);
}

async function collectTable(
  table: ReadTable,
  keep: (table: string, slice: Slice, parts: Part[]) => Promise<void>,
  onRows: (rows: number) => void,
): Promise<{ data: TableData; bytes: number }> {
  const parts: Part[] = [];
  let small: Slice[] = [];
  let count = 0;
  let bytes = 0;
  let unread = false;
  for await (const slice of table.slices()) {
    unread ||= slice.same !== undefined;
    count += slice.rows;
    bytes += slice.bytes;
    onRows(slice.rows);
    await yieldToEventLoop();
    small.push(slice);
    if (bytes <= INLINE_BYTES) continue;
    for (const each of small) await keep(table.name, each, parts);
    small = [];
  }
  // Counted and read in one moment: anything else must never be written down.
  if (count !== table.rows)
    throw new (unread ? NotAsBefore : Error)(`${count} rows of ${table.name} were read where there are ${table.rows}`);
  if (parts.length > 0) return { data: { count, parts }, bytes };
  const text = Buffer.concat(small.flatMap((slice) => [...slice.chunks])).toString('utf8');
  return { data: { rows: text === '' ? [] : text.slice(0, -1).split('\n') }, bytes };
}
