import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/**
 * A branch that was pulled can bring more than files: links that lead elsewhere, and whoever unpacks an archive may find pipes, whose
 * opening waits for ever, and devices, which never end.
 */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** Opens whatever has this name, without following a link and without waiting; the caller closes it. Throws what the system says. */
export function openAsItIs(path: string): { readonly file: number; readonly stat: Stats } {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return { file, stat: fstatSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Reads a plain file of at most `most` bytes. Throws what the system says, and an error for what is none or larger. */
export function readPlainFile(path: string, most: number): Buffer {
  const { file, stat } = openAsItIs(path);
  try {
    if (!stat.isFile() || stat.size > most) throw new Error(`${path} is no file of at most ${most} bytes`);
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
