import { createHash } from 'node:crypto';

export type Digest = `sha256:${string}`;

/** What says whether two backups hold the same: of an encrypted one, nobody without its secret can tell what it is of. */
export type ContentDigest = Digest | `hmac-sha256:${string}`;

export function sha256(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** A name for a file out of what could be none itself: a path, an address. Those that lie on disks were made so. */
export const shortName = (of: string): string => createHash('sha256').update(of).digest('hex').slice(0, 16);

/** The id git gives to a file of these bytes. A part is named by it, so git's own objects can heal a lost part. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
