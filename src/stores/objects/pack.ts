import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { backupDamaged } from '../../core/problems/backups.ts';

/*
 * All parts of a backup as one file: a line of JSON that says which, and then their bytes; compressed. Its own size stands in its name, so half of
 * one is none.
 */

/** It is made in memory. */
export const LARGEST_PACK = 512 * 1024 * 1024;

export const packFile = (name: string, pack: Uint8Array): string => `${name}~${pack.length}.pack`;

/** Of which backup a file is the pack, and what size it has when it is whole; undefined for what is none. */
export function backupOfPack(file: string): { readonly name: string; readonly bytes: number } | undefined {
  const [, name, bytes] = /^(.+)~(\d+)\.pack$/.exec(file) ?? [];
  return name === undefined ? undefined : { name, bytes: Number(bytes) };
}

const squeezed = promisify<Uint8Array, Buffer>(gzip);
const unsqueezed = promisify<Uint8Array, object, Buffer>(gunzip);

export async function packed(parts: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const index = JSON.stringify([...parts].map(([path, bytes]) => [path, bytes.length]));
  return squeezed(Buffer.concat([Buffer.from(`${index}\n`), ...parts.values()]));
}

/** Throws BACKUP_DAMAGED. What a part holds is checked by whoever reads it. */
export async function unpack(pack: string, bytes: Buffer): Promise<Map<string, Buffer>> {
  try {
    const plain = await unsqueezed(bytes, { maxOutputLength: LARGEST_PACK * 2 });
    const end = plain.indexOf('\n');
    const index: unknown = JSON.parse(plain.subarray(0, end).toString('utf8'));
    if (end < 0 || !Array.isArray(index)) throw new Error('it has no index');
    const parts = new Map<string, Buffer>();
    let from = end + 1;
    for (const entry of index) {
      const [path, length]: unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof path !== 'string' || typeof length !== 'number' || !(length >= 0))
        throw new Error('its index is none');
      parts.set(path, plain.subarray(from, from + length));
      from += length;
    }
    return parts;
  } catch (error) {
    throw backupDamaged(pack, 'cannot be unpacked')(error);
  }
}
