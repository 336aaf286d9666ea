import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const IN_MEMORY = '/dev/shm';
const ROOM = 2 ** 31;

/** Where nothing waits for a disk, if the system has such a place; in many containers it is too small. */
function fastest(): string {
  if (!existsSync(IN_MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize > ROOM ? IN_MEMORY : tmpdir();
}

/** Whoever ends tests in their middle says where, and removes all of it. */
export const FASTEST = process.env.OVERWINTER_TEST_SCRATCH ?? fastest();
