import { promisify } from 'node:util';
import { gunzip, gzip, type ZlibOptions } from 'node:zlib';

/**
 * What is encrypted is compressed first, because git cannot compress it afterwards, and then filled up with zeros, which gunzip
 * ignores: so a size says only roughly how much there is. Padmé's rule lets through as many sizes as their logarithm has, at a
 * cost of 3% or less for a part.
 */
export async function squeeze(bytes: Uint8Array, compress = true): Promise<Buffer> {
  // Uncompressed, it is gzip all the same: there is one way to open a file.
  const squeezed: Buffer = await promisify<Uint8Array, ZlibOptions, Buffer>(gzip)(bytes, compress ? {} : { level: 0 });
  return Buffer.concat([squeezed], roundedSize(squeezed.length));
}

/** The other way round. Throws for what is none, and for more than `limit` bytes. */
export async function unsqueeze(bytes: Uint8Array, limit: number): Promise<Buffer> {
  return promisify<Uint8Array, object, Buffer>(gunzip)(bytes, { maxOutputLength: Math.max(1, limit) });
}

const SMALLEST = 1024;

export function roundedSize(length: number): number {
  if (length <= SMALLEST) return SMALLEST;
  const exponent = Math.floor(Math.log2(length));
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
  return Math.ceil(length / step) * step;
}
