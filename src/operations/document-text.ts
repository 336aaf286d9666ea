import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { reasonOf } from '../core/errors.ts';
import { wrongKey } from '../core/problems/encryption.ts';
import { importUnreadable } from '../core/problems/restoring.ts';
import type { Project } from './project.ts';

/** No text is longer. */
const LONGEST = constants.MAX_STRING_LENGTH;

/** The text of a document as it is, compressed (`.gz`), or encrypted with age (`.age`). Throws WRONG_KEY, BACKUP_DAMAGED and IMPORT_UNREADABLE. */
export async function documentText(
  { encryption }: Pick<Project, 'encryption'>,
  file: string,
  bytes: Uint8Array,
): Promise<string> {
  if (!isAge(bytes)) return textOf(file, bytes);
  if (encryption === undefined) throw wrongKey([], false, 0)();
  return textOf(file, await encryption.openAny(file, bytes, LONGEST));
}

async function textOf(file: string, bytes: Uint8Array): Promise<string> {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    const plain = isCompressed
      ? await promisify<Uint8Array, object, Buffer>(gunzip)(bytes, { maxOutputLength: LONGEST })
      : bytes;
    return Buffer.from(plain).toString('utf8');
  } catch (error) {
    throw importUnreadable(file, reasonOf(error))(error);
  }
}

const isAge = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 19)).toString('latin1') === 'age-encryption.org/';
