import { closeSync, read } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { backupDamaged } from '../../core/problems/backups.ts';
import { linkedBackups } from '../../core/problems/machine.ts';
import { codeOf } from '../../core/system-error.ts';
import { lstatIfThere } from '../../files/if-there.ts';
import { openAsItIs } from '../../files/plain-file.ts';

/**
 * Runs `work` on a file that is open for reading, with its size. Throws what the system says, and BACKUP_DAMAGED for what is no
 * plain file. Only reading itself goes through another thread: a step there takes as long as whoever reads many files keeps this
 * one busy, and opening takes none.
 */
async function withPlain<T>(path: string, label: string, work: (file: number, size: number) => Promise<T>): Promise<T> {
  const { file, stat } = openPlain(path, label);
  try {
    if (!stat.isFile() && !stat.isDirectory()) throw backupDamaged(label, 'is no plain file')();
    return await work(file, stat.size);
  } finally {
    closeSync(file);
  }
}

function openPlain(path: string, label: string): ReturnType<typeof openAsItIs> {
  try {
    return openAsItIs(path);
  } catch (error) {
    // The same is said of a way there that leads back to itself, which says nothing of the file.
    if (codeOf(error) === 'ELOOP' && lstatIfThere(path)?.isSymbolicLink())
      throw backupDamaged(label, 'is a link, and backups follow none')(error);
    throw error;
  }
}

/** Fills the bytes from the beginning of a file; returns what there was. */
async function readInto(bytes: Buffer, file: number): Promise<Buffer> {
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await readSome(file, bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

const readSome = promisify(read);

/** Reads a whole file. Throws BACKUP_DAMAGED for one of more than `most` bytes, before anything of it is read. */
export function readPlain(path: string, label: string, most: number): Promise<Buffer> {
  return withPlain(path, label, (file, size) => {
    if (size > most) throw backupDamaged(label, `has ${size} bytes, and ${most} are the most it may have`)();
    return readInto(Buffer.allocUnsafe(size), file);
  });
}

/** Reads the beginning of a file, up to a length. */
export function readPlainHead(path: string, label: string, length: number): Promise<Buffer> {
  return withPlain(path, label, (file) => readInto(Buffer.alloc(length), file));
}

/**
 * Throws BACKUP_DAMAGED where `path` is reached from `root` through a link. What is not there is no link. It asks the system at
 * once: through another thread hundreds of folders took a tenth of a whole backup. What is in `known` it has seen already.
 */
export function mustBeNoLink(root: string, path: string, known = new Set<string>()): void {
  if (path === '.' || known.has(path)) return;
  mustBeNoLink(root, dirname(path), known);
  const found = lstatIfThere(join(root, path));
  if (found?.isSymbolicLink()) throw backupDamaged(path, 'is a link, and backups follow none')();
  if (found !== undefined) known.add(path);
}

/** Throws NOT_OURS where a folder is reached through a link from the top of its project, `within`. */
export function mustBeNoLinkTo(folder: string, within: string): void {
  for (let at = folder; at.length > within.length; at = dirname(at))
    if (lstatIfThere(at)?.isSymbolicLink()) throw linkedBackups(at)();
}
