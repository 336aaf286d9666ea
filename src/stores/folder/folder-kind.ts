import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { storeInvalid, storeNotThere } from '../../core/problems/stores.ts';
import { writeProblem } from '../../core/write-problem.ts';
import { isThere } from '../../files/if-there.ts';
import type { StoreKind } from '../kind.ts';
import type { WritableStore } from '../store.ts';
import { folderStore } from './folder-store.ts';

const EXAMPLE = "'folder:/mnt/usb/app'";

/** A disk, a mounted share, another checkout. */
export const folderKind: StoreKind = {
  example: EXAMPLE,
  parse(path) {
    if (path === '' || path.includes('\0')) throw storeInvalid('folder', 'names no folder', EXAMPLE)();
    return ({ base, backups, folder }) => {
      const root = resolve(base, path);
      const store = folderStore(join(root, relative(backups, folder)));
      const tryOut = async () => {
        if (!isThere(root)) throw storeNotThere(root)();
        await access(root, constants.W_OK).catch((error: unknown) => {
          throw writeProblem(root, error);
        });
        return [];
      };
      return { label: store.label, id: store.id, open: () => standing(root, store), tryOut };
    };
  },
};

/** A store in a folder that is there: the place of a disk that is not mounted would be taken for a new one. */
function standing(root: string, store: WritableStore): WritableStore {
  const mustBeThere = () => {
    if (!isThere(root)) throw storeNotThere(root)();
  };
  return {
    ...store,
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
