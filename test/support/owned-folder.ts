import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FASTEST } from './fastest.ts';

const OWNER = 'owner';

/** A folder for this run of tests. Those of runs that were killed, which could not tidy up, are removed first. */
export function ownedFolder(begins: string, remove: (folder: string) => void): string {
  for (const name of readdirSync(FASTEST).filter((each) => each.startsWith(begins))) {
    const folder = join(FASTEST, name);
    const owner = join(folder, OWNER);
    if (existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8')))) remove(folder);
  }
  const folder = mkdtempSync(join(FASTEST, begins));
  // A server is not root.
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, OWNER), String(process.pid));
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
