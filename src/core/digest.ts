import { createHash, webcrypto } from 'node:crypto';

export type Digest = `sha256:${string}`;

export function sha256(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * The id git gives to a file of these bytes. A part is named by it, so git's own objects can heal a lost part. Hashing happens
 * beside the main thread, which has rows to make.
 */
export async function blobId(bytes: Uint8Array): Promise<string> {
  const blob = Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]);
  return Buffer.from(await webcrypto.subtle.digest('SHA-1', blob)).toString('hex');
}
