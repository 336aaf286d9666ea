import { closeSync, fstatSync, openSync, statSync } from 'node:fs';

const open = new Map<string, number>();

/**
 * Opens a file and never closes it while it is there: the system gives file locks to processes, and to close a file drops those of every
 * connection that this process has to it, an app's own among them. Throws what the system says.
 */
export function heldOpen(path: string): number {
  const known = open.get(path);
  const now = statSync(path, { bigint: true });
  if (known !== undefined) {
    const then = fstatSync(known, { bigint: true });
    if (then.ino === now.ino && then.dev === now.dev) return known;
    open.delete(path);
    // Of a file that nobody can find any more there is nothing to be locked out of.
    if (then.nlink === 0n) closeSync(known);
  }
  const file = openSync(path, 'r');
  open.set(path, file);
  return file;
}
