import { createCipheriv, createDecipheriv } from 'node:crypto';

/** How age wraps a file's key in another key, which wraps nothing but this: so the nonce may be nothing. */

const CIPHER = 'chacha20-poly1305';
const TAG = 16;
const NONCE = Buffer.alloc(12);

export function wrap(key: Uint8Array, fileKey: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, NONCE, { authTagLength: TAG });
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

/** Null where it was wrapped in another key. */
export function unwrap(key: Uint8Array, wrapped: Uint8Array): Buffer | null {
  if (wrapped.length !== 2 * TAG) return null;
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG });
  decipher.setAuthTag(wrapped.subarray(TAG));
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(0, TAG)), decipher.final()]);
  } catch {
    return null;
  }
}
