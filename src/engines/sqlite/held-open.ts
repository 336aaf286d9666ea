import { closeSync, fstatSync, openSync } from 'node:fs';
import { whichFile, whichOpen } from '../../files/if-there.ts';

/** A file that is open; -1, which nobody can read from, once it is not. */
export interface Held {
  readonly which: string;
  file: number;
}

const open = new Map<string, Held>();

/**
 * Opens a file and never closes it while it is there: the system gives file locks to processes, and to close a file drops those of every
 * connection that this process has to it, an app's own among them. Throws what the system says.
 */
export function heldOpen(path: string): Held {
  const known = open.get(path);
  if (known !== undefined) {
    if (whichFile(path) === known.which) return known;
    open.delete(path);
    // Of a file that nobody can find any more there is nothing to be locked out of.
    if (fstatSync(known.file).nlink === 0) close(known);
  }
  const file = openSync(path, 'r');
  const held = { which: whichOpen(file), file };
  open.set(path, held);
  return held;
}

/** Its number is soon another file's, which whoever is still reading must not take for this one. */
function close(held: Held): void {
  closeSync(held.file);
  held.file = -1;
}
