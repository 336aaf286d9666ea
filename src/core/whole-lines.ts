const LINE_END = 10;

/**
 * The same bytes, in pieces that end where a line does. Only a line that goes over the end of a piece is put together, once, however long it
 * is; all others are given where they lie.
 */
export async function* wholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  for await (const piece of bytes) {
    const end = piece.lastIndexOf(LINE_END) + 1;
    if (end === 0) {
      begun.push(piece);
      continue;
    }
    const first = begun.length === 0 ? 0 : piece.indexOf(LINE_END) + 1;
    if (first > 0) yield Buffer.concat([...begun, piece.subarray(0, first)]);
    if (first < end) yield piece.subarray(first, end);
    begun = end < piece.length ? [piece.subarray(end)] : [];
  }
}
