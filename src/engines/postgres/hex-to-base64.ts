const LETTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 61;

/** What each letter is worth as a digit to the base of sixteen. */
const WORTH = Uint8Array.from({ length: 256 }, (_, letter) => {
  const worth = '0123456789abcdef'.indexOf(String.fromCharCode(letter));
  return worth < 0 ? 0 : worth;
});

/** Writes bytes that stand in `hex` as two digits each in base64 at `to`, and gives where that ends. It takes less room than they do. */
export function base64Of(hex: Uint8Array, from: number, end: number, out: Uint8Array, to: number): number {
  let at = from;
  let put = to;
  for (; at + 6 <= end; at += 6) {
    const three = (byteAt(hex, at) << 16) | (byteAt(hex, at + 2) << 8) | byteAt(hex, at + 4);
    out[put++] = LETTERS[three >> 18] ?? 0;
    out[put++] = LETTERS[(three >> 12) & 63] ?? 0;
    out[put++] = LETTERS[(three >> 6) & 63] ?? 0;
    out[put++] = LETTERS[three & 63] ?? 0;
  }
  if (at === end) return put;
  const isPair = end - at > 2;
  const rest = (byteAt(hex, at) << 16) | (isPair ? byteAt(hex, at + 2) << 8 : 0);
  out[put++] = LETTERS[rest >> 18] ?? 0;
  out[put++] = LETTERS[(rest >> 12) & 63] ?? 0;
  out[put++] = isPair ? (LETTERS[(rest >> 6) & 63] ?? 0) : PAD;
  out[put++] = PAD;
  return put;
}

function byteAt(hex: Uint8Array, at: number): number {
  return ((WORTH[hex[at] ?? 0] ?? 0) << 4) | (WORTH[hex[at + 1] ?? 0] ?? 0);
}
