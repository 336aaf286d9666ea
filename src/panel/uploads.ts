import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from './private-file.ts';

/** Documents that were uploaded, looked at, and wait for a yes: few, readable by the user alone, and not for long. */
export interface Uploads {
  keep(bytes: Uint8Array): Promise<string>;
  isWaiting(file: string): boolean;
  /** From then on it is for whoever takes it to remove. */
  take(file: string): void;
  drop(file: string): Promise<void>;
  close(): void;
}

const MOST = 3;
const WAITS_MS = 30 * 60 * 1000;
/** Older than anything that a panel may still wait for: what a process that died left. */
const STALE_MS = 24 * 60 * 60 * 1000;

export function createUploads(folder: () => Promise<string>): Uploads {
  const waiting = new Map<string, NodeJS.Timeout>();
  const take = (file: string) => {
    clearTimeout(waiting.get(file));
    waiting.delete(file);
  };
  const drop = async (file: string) => {
    take(file);
    await rm(file, { force: true });
  };
  return {
    isWaiting: (file) => waiting.has(file),
    take,
    drop,
    async keep(bytes) {
      const at = await folder();
      await removeStale(at);
      for (const old of [...waiting.keys()].slice(0, Math.max(0, waiting.size - MOST + 1))) await drop(old);
      const file = join(at, `upload-${randomBytes(9).toString('hex')}.json`);
      await writePrivately(file, bytes);
      waiting.set(file, setTimeout(() => void drop(file).catch(() => {}), WAITS_MS).unref());
      return file;
    },
    close() {
      for (const file of waiting.keys()) rmSync(file, { force: true });
      for (const file of [...waiting.keys()]) take(file);
    },
  };
}

async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^(upload|export)-[0-9a-f]{18}\.(json|db)$/.test(name)) continue;
    const file = join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(file, { force: true });
  }
}
