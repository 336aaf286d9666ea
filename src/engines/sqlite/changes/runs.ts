import { createCipheriv } from 'node:crypto';

/** Pages beside each other that are looked at as one, in bytes. No page is larger. */
export const RUN = 64 * 1024;

export const MARK_BYTES = 16;
export const KEY_BYTES = 16;

const NO_NONCE = Buffer.alloc(12);

/**
 * Tells a run of pages from any other: GHASH under a key that was drawn by lot, and AES of a constant. It takes a third of what a hash of each
 * page does. Of two runs that are not the same the marks are, for one key in 2 to the 116th; so nobody may choose pages who knows the key, and
 * who can read it can write all else that is noted.
 */
export function markOfRun(key: Uint8Array, run: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, NO_NONCE);
  cipher.setAAD(run);
  cipher.final();
  return cipher.getAuthTag();
}
