import { closeSync, fsync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../../core/system-error.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { together } from './together.ts';

/** Folders in which names came or went since they were last brought to the disk. */
export interface NamesOnDisk {
  touch(folder: string): void;
  /** Every folder that is new, from `first` down to `folder`, is an entry in the one above it. */
  touchAbove(folder: string, first: string | undefined): void;
  /** Waits until all of them are on the disk. Throws DISK_FULL and NOT_WRITABLE; then it can be tried again. */
  flush(): Promise<void>;
}

/** `atOnce` folders are brought to the disk beside each other; each is an open file. */
export function namesOnDisk(atOnce: number): NamesOnDisk {
  const touched = new Set<string>();
  return {
    touch: (folder) => touched.add(folder),
    touchAbove(folder, first) {
      if (first === undefined) return;
      for (let at = folder; at.length >= first.length; at = dirname(at)) touched.add(dirname(at));
    },
    async flush() {
      const waiting = [...touched];
      const oneByOne = async () => {
        for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
          touched.delete(folder);
          try {
            await synchronise(folder);
          } catch (error) {
            touched.add(folder);
            throw error;
          }
        }
      };
      await together(Array.from({ length: atOnce }, oneByOne));
    },
  };
}

export const synchroniseFile = promisify(fsync);

async function synchronise(folder: string): Promise<void> {
  try {
    const file = openSync(folder, 'r');
    await synchroniseFile(file).finally(() => closeSync(file));
  } catch (error) {
    // Some systems cannot synchronise a folder; there is nothing else to be done on them.
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOENT'].includes(codeOf(error))) throw writeProblem(folder, error);
  }
}
