import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeInvalid } from '../../core/problems/stores.ts';
import type { StoreKind } from '../kind.ts';
import { folderApart } from './folder-apart.ts';
import { FOLDER_LIMITS } from './folder-store.ts';
import { standingFolder, tryFolder } from './standing-folder.ts';

const EXAMPLE = "'folder:/mnt/usb/app'";

/**
 * A disk, a mounted share, another checkout. Nothing here looks at it: that is another process's, where its program lies beside ours. In the source, and where
 * an app was made into one file, it does not.
 */
export function folderKindWith(script: string | undefined, patience?: number): StoreKind {
  return {
    example: EXAMPLE,
    parse(path) {
      if (path === '' || path.includes('\0')) throw storeInvalid('folder', 'names no folder', EXAMPLE)();
      return ({ base, backups, folder }) => {
        const root = resolve(base, path);
        const place = { root, path: join(root, relative(backups, folder)) };
        const apart = (signal: AbortSignal | undefined) =>
          script === undefined
            ? { ...standingFolder(place), tryOut: () => tryFolder(root) }
            : folderApart({
                folder: place,
                limits: FOLDER_LIMITS,
                script,
                signal,
                ...(patience === undefined ? {} : { patience }),
              });
        const tryOut = async (signal?: AbortSignal) => {
          await apart(signal).tryOut();
          return [];
        };
        return { label: place.path, id: place.path, open: apart, tryOut };
      };
    },
  };
}

export const folderKind = folderKindWith(scriptBeside());

function scriptBeside(): string | undefined {
  try {
    const script = fileURLToPath(new URL('./folder-process.cjs', import.meta.url));
    return existsSync(script) ? script : undefined;
  } catch {
    // An app made into one CommonJS file gives its pieces no address.
    return undefined;
  }
}
