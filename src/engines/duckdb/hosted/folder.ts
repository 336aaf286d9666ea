import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that nobody else may look into. What is in it goes with whoever made it, or with the system's other such files. */
export const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'overwinter-hosted-'));

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeFolder();
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}
