import type { Digest } from '../core/digest.ts';
import { type Content, contentDigest, type Part, type TableData } from '../core/manifest.ts';
import type { Slice } from '../core/slices.ts';
import type { Reading, ReadTable } from '../engines/engine.ts';
import { type PartSink, partsOfSlice, writeQueue } from './parts.ts';

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

/** Reads everything once and puts what is too large for the manifest into the sink. */
export async function collect(reading: Reading, sink: PartSink, onRows: (rows: number) => void): Promise<Collected> {
  const queue = writeQueue();
  const data = new Map<string, TableData>();
  let bytes = 0;
  let bytesWritten = 0;
  const store = (file: string, content: Uint8Array) =>
    queue.add(content.length, async () => {
      const written = await sink(file, content);
      bytesWritten += written;
    });
  for (const table of reading.tables) {
    const collected = await collectTable(table, store, onRows);
    data.set(table.name, collected.data);
    bytes += collected.bytes;
  }
  await queue.done();
  const content: Content = { schema: reading.schema, settings: reading.settings, data };
  const own = reading.tables.filter((table) => table.own);
  return {
    content,
    digest: contentDigest(content),
    tables: own.length,
    rows: own.reduce((sum, table) => sum + table.rows, 0),
    bytes,
    bytesWritten,
  };
}

async function collectTable(
  table: ReadTable,
  store: (file: string, bytes: Uint8Array) => Promise<void>,
  onRows: (rows: number) => void,
): Promise<{ data: TableData; bytes: number }> {
  const parts: Part[] = [];
  let small: Slice[] = [];
  let count = 0;
  let bytes = 0;
  const keep = async (slice: Slice) => {
    for (const { part, bytes: content } of partsOfSlice(table.name, slice)) {
      parts.push(part);
      await store(part.file, content);
    }
  };
  for (const slice of table.slices()) {
    count += slice.rows;
    bytes += slice.bytes;
    onRows(slice.rows);
    if (bytes <= INLINE_BYTES) small.push(slice);
    else {
      for (const earlier of small) await keep(earlier);
      small = [];
      await keep(slice);
    }
  }
  if (parts.length > 0) return { data: { count, parts }, bytes };
  const text = Buffer.concat(small.flatMap((slice) => slice.chunks)).toString('utf8');
  return { data: { rows: text === '' ? [] : text.slice(0, -1).split('\n') }, bytes };
}
