import type { Slice } from '../core/slices.ts';
import type { Batch, Listing } from '../stores/store.ts';

/** No file of a backup is larger than this: below what git hosts accept, with room for their own limits to shrink. */
const LARGEST_PART = 32 * 1024 * 1024;

const AT_ONCE = 8;
const BYTES_AT_ONCE = 8 * 1024 * 1024;

/** A place for parts. It answers how many bytes were new. */
export type PartSink = (file: string, bytes: Uint8Array) => Promise<number>;

/** Writes a part, unless it is there already and intact; one that is there and damaged is thereby mended. `onNew` learns of those that were not there. */
export function storeSink(store: Batch, onNew: (file: string) => void = () => {}): PartSink {
  let known: Promise<Listing> | undefined;
  return async (file, bytes) => {
    known ??= store.list('parts');
    const size = (await known).get(file);
    if (size === bytes.length) {
      const there = await store.read(file, { most: bytes.length });
      if (there?.equals(bytes)) return 0;
    }
    if (size === undefined) onNew(file);
    await store.put(file, bytes);
    return bytes.length;
  };
}

/** Names the parts of a slice without keeping them: for comparing. */
export const noSink: PartSink = async () => 0;

/** Cuts the bytes of a slice to what a file may hold: nearly always into one piece. Only the one that is being made is held. */
export function* piecesOf({ bytes, chunks }: Slice): Generator<Uint8Array> {
  let piece = Buffer.alloc(0);
  let filled = 0;
  let left = bytes;
  for (const chunk of chunks) {
    if (chunk.length === bytes && bytes <= LARGEST_PART) {
      yield chunk;
      return;
    }
    if (chunk.length > left) throw new Error(`a slice has more than the ${bytes} bytes it was to have`);
    for (let from = 0; from < chunk.length; ) {
      if (filled === piece.length) {
        piece = Buffer.allocUnsafe(Math.min(left, LARGEST_PART));
        filled = 0;
      }
      const some = chunk.subarray(from, from + piece.length - filled);
      piece.set(some, filled);
      filled += some.length;
      from += some.length;
      left -= some.length;
      if (filled === piece.length) yield piece;
    }
  }
  if (left > 0) throw new Error(`a slice has ${left} bytes less than the ${bytes} it was to have`);
}

/** Runs writes beside each other, a few at a time, and holds the reader back while too much is on its way. */
export function writeQueue(atOnce = AT_ONCE): {
  add(bytes: number, work: () => Promise<void>): Promise<void>;
  done(): Promise<void>;
} {
  let running = 0;
  let bytesRunning = 0;
  let failure: { error: unknown } | undefined;
  let next: { readonly ends: Promise<void>; readonly end: () => void } | undefined;
  const oneEnds = () => {
    if (next === undefined) {
      let end = () => {};
      const ends = new Promise<void>((resolve) => {
        end = resolve;
      });
      next = { ends, end };
    }
    return next.ends;
  };
  const run = async (bytes: number, work: () => Promise<void>) => {
    running++;
    bytesRunning += bytes;
    try {
      await work();
    } catch (error) {
      failure ??= { error };
    }
    running--;
    bytesRunning -= bytes;
    next?.end();
    next = undefined;
  };
  return {
    async add(bytes, work) {
      while (running >= atOnce || (bytesRunning + bytes > BYTES_AT_ONCE && running > 0)) await oneEnds();
      if (failure) throw failure.error;
      void run(bytes, work);
    },
    async done() {
      while (running > 0) await oneEnds();
      if (failure) throw failure.error;
    },
  };
}
