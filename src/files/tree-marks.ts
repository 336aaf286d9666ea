import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders, and what in them is nothing to look at. */
export interface Trees {
  readonly folders: readonly string[];
  readonly never: readonly string[];
}

/** Nobody saves what lies in these. */
const PASSED_OVER = /^(\.git|node_modules|\.overwinter.*)$/;

/**
 * One mark for all that lies in folders: it changes when somebody writes to a file, adds one or takes one away. Undefined where something was
 * written after `fresh`, so that another change might not show. Throws what the system says.
 */
export function marksOfTrees({ folders, never }: Trees, fresh = Number.POSITIVE_INFINITY): string | undefined {
  const hash = createHash('sha1');
  const skipped = new Set(never);
  const isSettled = folders.every((folder) => mark(folder, skipped, hash, fresh));
  return isSettled ? hash.digest('hex') : undefined;
}

function mark(path: string, skipped: ReadonlySet<string>, hash: Hash, fresh: number): boolean {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) {
    hash.update(`${path}\0-\n`);
    return true;
  }
  if (stat.isDirectory()) {
    hash.update(`${path}\0${stat.ino}\n`);
    const names = readdirSync(path).filter((name) => !PASSED_OVER.test(name));
    return names.every((name) => {
      const inside = join(path, name);
      return skipped.has(inside) || mark(inside, skipped, hash, fresh);
    });
  }
  // Whoever sets a file's time back cannot set back when that was done.
  hash.update(`${path}\0${stat.ino}:${stat.mode}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}\n`);
  return Number(stat.ctimeNs / 1_000_000n) <= fresh;
}
