import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isHindrance } from '../core/damage.ts';
import { namesIn, statIfThere } from '../files/if-there.ts';
import { emptyLocalFolder, makeLocalFolder } from './place.ts';

/** Older than anything that may still be at work, in another container too, whose processes cannot be seen from here. */
const STALE_MS = 24 * 60 * 60 * 1000;

let count = 0;

/** Runs `work` with an empty folder of its own, which goes afterwards; so does what processes that were killed left of theirs. */
export async function withScratch<T>(local: string, what: string, work: (folder: string) => Promise<T>): Promise<T> {
  tidy(makeLocalFolder(local, 'scratch'), what);
  const folder = emptyLocalFolder(local, 'scratch', `${what}-${process.pid}-${count++}`);
  try {
    return await work(folder);
  } finally {
    removeIfPossible(folder);
  }
}

/** What stays is of no use and does no harm: the next who needs a folder tries to remove it again. */
function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!isHindrance(error)) throw error;
  }
}

function tidy(scratch: string, what: string): void {
  for (const name of namesIn(scratch)) {
    const [, of, pid] = /^([a-z]+)-(\d+)-\d+$/.exec(name) ?? [];
    if (of !== what || isAlive(Number(pid))) continue;
    const age = Date.now() - (statIfThere(join(scratch, name))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) removeIfPossible(join(scratch, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
