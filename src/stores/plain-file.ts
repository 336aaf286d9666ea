import { constants, lstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { backupDamaged } from '../core/problems.ts';

/**
 * A branch that was pulled can bring more than files: links that lead out of the folder, and whoever unpacks an archive may find
 * pipes, whose opening waits for ever, and devices, which never end.
 */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** Opens a file for reading. Throws what the system says, and BACKUP_DAMAGED for what is no plain file. The caller closes it. */
export async function openPlain(path: string, label: string): Promise<FileHandle> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() && !stat.isDirectory()) throw backupDamaged(label, 'is no plain file')();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads a whole file. Throws BACKUP_DAMAGED for one of more than `most` bytes, before anything of it is read. */
export async function readPlain(path: string, label: string, most: number): Promise<Buffer> {
  const handle = await openPlain(path, label);
  try {
    const { size } = await handle.stat();
    if (size > most) throw backupDamaged(label, `has ${size} bytes, and ${most} are the most it may have`)();
    const bytes = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(bytes, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/**
 * Throws BACKUP_DAMAGED where `path` is reached from `root` through a link. What is not there is no link. It asks the system at
 * once: that takes a hundredth of the time of asking through another thread, and a backup asks for hundreds of folders.
 */
export function mustBeNoLink(root: string, path: string): void {
  let at = root;
  for (const step of path.split('/')) {
    at = join(at, step);
    if (isLink(at)) throw backupDamaged(path, 'is a link, and backups follow none')();
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
