import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const IN_MEMORY = '/dev/shm';
const ROOM = 2 ** 31;

/** Where nothing waits for a disk, if the system has such a place; in many containers it is too small. */
function fastest(): string {
  if (!existsSync(IN_MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize > ROOM ? IN_MEMORY : tmpdir();
}

export const FASTEST = fastest();

/** A folder that goes when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-'));
  made.push(folder);
  return folder;
}

export { projectAt as projectIn } from './project.ts';
