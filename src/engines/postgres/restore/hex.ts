const DIGITS = Buffer.from('0123456789abcdef');
const PAD = 61;
const NONE = 255;

/** What each letter of base64 is worth. */
const WORTH = new Uint8Array(256).fill(NONE);
for (const [worth, letter] of [
  ...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'),
].entries())
  WORTH[letter] = worth;

/**
 * Writes what stands in base64 as two digits a byte at `to`, four letters at a time, and gives where that ends; -1 for what is no base64.
 * It takes at most half as much room again.
 */
export function hexOf(base64: Uint8Array, from: number, end: number, out: Uint8Array, to: number): number {
  let put = to;
  for (let at = from; at < end; at += 4) {
    const a = WORTH[base64[at] ?? 0] ?? NONE;
    const b = WORTH[base64[at + 1] ?? 0] ?? NONE;
    const third = base64[at + 2] ?? 0;
    const fourth = base64[at + 3] ?? 0;
    const c = third === PAD ? 0 : (WORTH[third] ?? NONE);
    const d = fourth === PAD ? 0 : (WORTH[fourth] ?? NONE);
    if ((a | b | c | d) > 63 || at + 4 > end || (third === PAD && fourth !== PAD)) return -1;
    const three = (a << 18) | (b << 12) | (c << 6) | d;
    put = byteTo(out, put, three >> 16);
    if (third !== PAD) put = byteTo(out, put, (three >> 8) & 255);
    if (fourth !== PAD) put = byteTo(out, put, three & 255);
  }
  return put;
}

function byteTo(out: Uint8Array, to: number, byte: number): number {
  out[to] = DIGITS[byte >> 4] ?? 0;
  out[to + 1] = DIGITS[byte & 15] ?? 0;
  return to + 2;
}
