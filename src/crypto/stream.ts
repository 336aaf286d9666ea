import { createCipheriv, createDecipheriv } from 'node:crypto';

/** The payload of an age file: chunks of 64 KB, each with a number, the last one marked as such. */

const CHUNK = 64 * 1024;
const TAG = 16;
const CIPHER = 'chacha20-poly1305';

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export function encryptPayload(key: Uint8Array, plain: Uint8Array): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, index = 0; at === 0 || at < plain.length; at += CHUNK, index++) {
    const isLast = at + CHUNK >= plain.length;
    const cipher = createCipheriv(CIPHER, key, nonceOf(index, isLast), { authTagLength: TAG });
    out.push(cipher.update(plain.subarray(at, at + CHUNK)), cipher.final(), cipher.getAuthTag());
  }
  return out;
}

/** Throws for whatever was not encrypted with this key, in this order and to its end. */
export function decryptPayload(key: Uint8Array, sealed: Uint8Array): Buffer {
  const out: Buffer[] = [];
  for (let at = 0, index = 0; at === 0 || at < sealed.length; at += CHUNK + TAG, index++) {
    const isLast = at + CHUNK + TAG >= sealed.length;
    const chunk = sealed.subarray(at, at + CHUNK + TAG);
    if (chunk.length < TAG || (chunk.length === TAG && index > 0)) throw new Error('a chunk is cut');
    const decipher = createDecipheriv(CIPHER, key, nonceOf(index, isLast), { authTagLength: TAG });
    decipher.setAuthTag(chunk.subarray(chunk.length - TAG));
    out.push(decipher.update(chunk.subarray(0, chunk.length - TAG)), decipher.final());
  }
  return Buffer.concat(out);
}
