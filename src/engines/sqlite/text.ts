import { isUtf8 } from 'node:buffer';
import type { SqliteSettings } from './settings.ts';

export type Encoding = SqliteSettings['encoding'];

/** Whether text, as stored, is valid in the database's encoding, and SQLite can take it to UTF-8 and back. */
export function isWhole(bytes: Uint8Array, encoding: Encoding): boolean {
  if (encoding === 'UTF-8') return isUtf8(bytes);
  if (bytes.length % 2 === 1) return false;
  const little = Buffer.from(bytes);
  const text = (encoding === 'UTF-16le' ? little : little.swap16()).toString('utf16le');
  // SQLite makes a replacement character of these two on the way to UTF-16.
  return text.isWellFormed() && !/[\ufffe\uffff]/.test(text);
}
