import { blobId } from '../core/digest.ts';
import type { Part, TableData } from '../core/manifest.ts';
import { idOfPart } from '../core/names.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import type { LongSlice, Share, SliceSource } from '../engines/engine.ts';
import type { ReadableStore } from '../stores/store.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** Each of two threads may have as many read for it. */
const NEARBY = { atOnce: 8, bytes: 2 * 1024 * 1024 };
/** Where each is a request, they are waited for beside each other. */
const FAR = { atOnce: 32, bytes: 16 * 1024 * 1024 };

/** Reads a part and checks that it is what its name promises. Throws BACKUP_DAMAGED. */
export async function readPart(store: ReadableStore, part: Part): Promise<Buffer> {
  const bytes = await store.read(part.file, { most: part.bytes });
  if (bytes === undefined) throw backupDamaged(part.file, 'is missing')();
  if (bytes.length !== part.bytes)
    throw backupDamaged(part.file, `has ${bytes.length} bytes instead of ${part.bytes}`)();
  if (blobId(bytes) !== idOfPart(part.file)) throw backupDamaged(part.file, 'does not hold what its name promises')();
  return bytes;
}

const INLINE_ROWS_AT_ONCE = 1000;
const WHOLE: Share = { index: 0, of: 1 };

/** The parts of a share; a line that goes on in the next part stays with it. */
function partsOfShare(parts: readonly Part[], { index, of }: Share): readonly Part[] {
  const cut = (at: number) => {
    let end = at;
    while (end > 0 && end < parts.length && parts[end - 1]?.rows === 0) end++;
    return end;
  };
  return parts.slice(cut(Math.floor((parts.length * index) / of)), cut(Math.floor((parts.length * (index + 1)) / of)));
}

/** A slice of more bytes is given in pieces to those who want it so. */
const LONG_SLICE = 8 * 1024 * 1024;

/** A table's slices, checked, in order, read a few ahead of whoever uses them. */
export async function* readSlices(
  store: ReadableStore,
  table: TableData,
  share: Share = WHOLE,
): AsyncGenerator<Uint8Array> {
  for await (const slice of readAnySlices(store, table, share)) {
    if (slice instanceof Uint8Array) {
      yield slice;
      continue;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of slice.pieces) pieces.push(piece);
    yield pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }
}

/** The slices of what was saved, as engines ask for them; a table that is not among it has none. */
export const slicesIn =
  (store: ReadableStore, data: ReadonlyMap<string, TableData>): SliceSource =>
  (table, share) =>
    readAnySlices(store, data.get(table) ?? { rows: [] }, share);

/** The same as `readSlices`, with long slices piece by piece. */
async function* readAnySlices(
  store: ReadableStore,
  table: TableData,
  share: Share = WHOLE,
): AsyncGenerator<Uint8Array | LongSlice> {
  if ('rows' in table) {
    if (share.index > 0) return;
    for (let i = 0; i < table.rows.length; i += INLINE_ROWS_AT_ONCE) {
      yield Buffer.from(`${table.rows.slice(i, i + INLINE_ROWS_AT_ONCE).join('\n')}\n`);
      await yieldToEventLoop();
    }
    return;
  }
  const parts = partsOfShare(table.parts, share);
  const most = store.isCostly ? FAR : NEARBY;
  const ahead: Promise<Buffer>[] = [];
  let next = 0;
  let bytesAhead = 0;
  const readMore = () => {
    for (;;) {
      const part = parts[next];
      if (
        part === undefined ||
        ahead.length >= most.atOnce ||
        (ahead.length > 0 && bytesAhead + part.bytes > most.bytes)
      )
        return;
      const reading = readPart(store, part);
      // Whoever awaits it later sees the failure; until then it is not unhandled.
      reading.catch(() => {});
      ahead.push(reading);
      bytesAhead += part.bytes;
      next++;
    }
  };
  let taken = 0;
  const take = async (): Promise<Buffer> => {
    readMore();
    bytesAhead -= parts[taken++]?.bytes ?? 0;
    return (await ahead.shift()) ?? Buffer.alloc(0);
  };
  try {
    for (let from = 0; from < parts.length; from = taken) {
      let end = from;
      while (parts[end]?.rows === 0) end++;
      const bytes = parts.slice(from, end + 1).reduce((sum, part) => sum + part.bytes, 0);
      if (end === from && bytes <= LONG_SLICE) {
        yield await take();
        continue;
      }
      // A line without an end is no slice.
      if (end === parts.length) return;
      const pieces = async function* () {
        while (taken <= end) yield await take();
      };
      yield { bytes, pieces: pieces() };
      // Who did not want them all is given the next slice all the same.
      while (taken <= end) await take();
    }
  } finally {
    // Whoever stops early is not to leave files open that are still being read.
    await Promise.allSettled(ahead);
  }
}
