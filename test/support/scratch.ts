import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Where nothing waits for a disk, if the system has such a place: for tests of many cases. */
export const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder that goes when the test ends. */
export function scratch(parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'overwinter-'));
  made.push(folder);
  return folder;
}

export { projectAt as projectIn } from './project.ts';
