import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const IN_MEMORY = 0x01021994;

/** Whether a place lies on something mounted into a container, which outlives it: another device than the root's, and a disk. */
export function liesOnVolume(path: string): boolean {
  try {
    const at = nearest(resolve(path));
    return statSync(at).dev !== statSync('/').dev && statfsSync(at).type !== IN_MEMORY;
  } catch {
    return false;
  }
}

function nearest(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) !== undefined || dirname(path) === path
    ? path
    : nearest(dirname(path));
}
