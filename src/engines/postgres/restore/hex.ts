const NONE = 255;

/** What each letter of base64 is worth. */
const WORTH = new Uint8Array(256).fill(NONE);
for (const [worth, letter] of [
  ...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'),
].entries())
  WORTH[letter] = worth;

/** Two digits each, the first in the lower byte. */
const DIGITS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
);

/**
 * Writes what stands in base64 as two digits a byte at `to`, four letters at a time, and gives where that ends; -1 for what is no base64.
 * It takes at most half as much room again.
 */
export function hexOf(base64: Uint8Array, from: number, end: number, out: Uint8Array, to: number): number {
  const worth = WORTH;
  const digits = DIGITS;
  let put = to;
  for (let at = from; at < end; at += 4) {
    const a = worth[base64[at] ?? 0] ?? 255;
    const b = worth[base64[at + 1] ?? 0] ?? 255;
    const third = base64[at + 2] ?? 0;
    const fourth = base64[at + 3] ?? 0;
    const c = third === 61 ? 0 : (worth[third] ?? 255);
    const d = fourth === 61 ? 0 : (worth[fourth] ?? 255);
    if ((a | b | c | d) > 63 || at + 4 > end || (third === 61 && fourth !== 61)) return -1;
    const three = (a << 18) | (b << 12) | (c << 6) | d;
    const first = digits[three >> 16] ?? 0;
    out[put] = first & 255;
    out[put + 1] = first >> 8;
    if (third !== 61) {
      const second = digits[(three >> 8) & 255] ?? 0;
      out[put + 2] = second & 255;
      out[put + 3] = second >> 8;
    }
    if (fourth !== 61) {
      const last = digits[three & 255] ?? 0;
      out[put + 4] = last & 255;
      out[put + 5] = last >> 8;
    }
    put += fourth !== 61 ? 6 : third !== 61 ? 4 : 2;
  }
  return put;
}
