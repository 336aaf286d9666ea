const LINE_END = 10;

/** The same bytes, in pieces that end where a line does. What has no end yet is put together once, however long it is. */
export async function* wholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  for await (const piece of bytes) {
    const end = piece.lastIndexOf(LINE_END) + 1;
    if (end === 0) {
      begun.push(piece);
      continue;
    }
    const lines = piece.subarray(0, end);
    yield begun.length === 0 ? lines : Buffer.concat([...begun, lines]);
    begun = end < piece.length ? [piece.subarray(end)] : [];
  }
}
