import { createHash } from 'node:crypto';

export type Digest = `sha256:${string}`;

export function sha256(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The id git gives to a file of these bytes. A part is named by it, so git's own objects can heal a lost part. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
