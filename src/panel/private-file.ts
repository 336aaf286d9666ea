import { rm, writeFile } from 'node:fs/promises';
import { writeProblem } from '../core/write-problem.ts';

/** Writes a new file that only the user may read, whole or not at all. Returns its size. Throws DISK_FULL, NOT_WRITABLE. */
export async function writePrivately(file: string, content: string | Uint8Array): Promise<number> {
  const bytes = Buffer.from(content);
  try {
    await writeFile(file, bytes, { mode: 0o600, flag: 'wx' });
    return bytes.length;
  } catch (error) {
    await rm(file, { force: true });
    throw writeProblem(file, error);
  }
}
