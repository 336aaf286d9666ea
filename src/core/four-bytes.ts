/**
 * Four bytes of a text at a time, as one number whose first byte is its lowest. What tells of several of them has a bit in the place of each: the
 * highest of its eight. A bit above one that is meant may be there without reason, so only the lowest says something, and that there is none.
 */

/** Which are control characters, quotes or backslashes. */
function specialsIn(four: number): number {
  const quotes = four ^ 0x22222222;
  const backslashes = four ^ 0x5c5c5c5c;
  const controls = (four - 0x20202020) & ~four;
  return (controls | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080;
}

/** Which are control characters or blanks. */
export const blanksIn = (four: number): number => (four - 0x21212121) & ~four & 0x80808080;

/** How many bytes come before the first that is meant. */
export const beforeFirst = (found: number): number => (31 - Math.clz32(found & -found)) >> 3;

/**
 * Copies eight bytes from one text to another, and says how many of them come before the first control character, quote or backslash; what
 * comes behind is to be written over. With a call for each eight V8 is as fast as with the same in its place.
 */
export function copyPlain(from: DataView, at: number, into: DataView, to: number): number {
  const one = from.getInt32(at, true);
  const two = from.getInt32(at + 4, true);
  into.setInt32(to, one, true);
  into.setInt32(to + 4, two, true);
  const first = specialsIn(one);
  if (first !== 0) return beforeFirst(first);
  const second = specialsIn(two);
  return second !== 0 ? 4 + beforeFirst(second) : 8;
}

/** Bytes as numbers of four each, the last with what fills it up. */
export function inFours(bytes: Uint8Array): Int32Array {
  const whole = Buffer.alloc((bytes.length + 3) & ~3);
  whole.set(bytes);
  return Int32Array.from({ length: whole.length / 4 }, (_, at) => whole.readInt32LE(4 * at));
}

export const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView<ArrayBufferLike> =>
  new DataView(buffer, byteOffset, length);
