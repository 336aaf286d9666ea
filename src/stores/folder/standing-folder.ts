import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { storeNotThere } from '../../core/problems/stores.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { isThere } from '../../files/if-there.ts';
import type { WritableStore } from '../store.ts';
import { folderStore } from './folder-store.ts';

/** A folder that somebody named to have copies in it, and the folder in that where those of one database are. */
export interface Standing {
  readonly root: string;
  readonly path: string;
}

/** A store in a folder that is there: the place of a disk that is not mounted would be taken for a new one. */
export function standingFolder({ root, path }: Standing): WritableStore {
  const store = folderStore(path);
  const mustBeThere = () => {
    if (!isThere(root)) throw storeNotThere(root)();
  };
  return {
    label: store.label,
    id: path,
    limits: store.limits,
    async list(shelf) {
      mustBeThere();
      return store.list(shelf);
    },
    async read(path, range) {
      mustBeThere();
      return store.read(path, range);
    },
    async batch(work) {
      mustBeThere();
      return store.batch(work);
    },
  };
}

/** Throws where it is not there, or may not be written to. */
export async function tryFolder(root: string): Promise<void> {
  if (!isThere(root)) throw storeNotThere(root)();
  await access(root, constants.W_OK).catch((error: unknown) => {
    throw writeProblem(root, error);
  });
}
