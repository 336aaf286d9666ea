import type { Objects } from '../../src/stores/objects/objects.ts';
import { cut } from '../../src/stores/store.ts';

export interface ObjectsPlace {
  readonly files: Map<string, { bytes: Buffer; written: number }>;
  now: number;
  /** Called before each request that changes something; what it throws ends the writer, with half of the file written where it says so. */
  meddle: (request: string) => 'half' | undefined;
}

export const objectsPlace = (): ObjectsPlace => ({ files: new Map(), now: Date.now(), meddle: () => undefined });

/** The writer is gone. */
export class Died extends Error {}

/** A place for objects in memory, where a file may come to lie half. */
export function memoryObjects(place: ObjectsPlace): Objects {
  const { files } = place;
  const write = async (path: string, bytes: Uint8Array) => {
    const half = place.meddle(`write ${path}`) === 'half';
    const whole = Buffer.from(bytes);
    files.set(path, { bytes: half ? whole.subarray(0, whole.length >> 1) : whole, written: place.now });
    if (half) throw new Died();
  };
  return {
    async list(folder, depth) {
      const inside = [...files].filter(([path]) => path.startsWith(folder));
      const deeper = (path: string) => path.slice(folder.length).includes('/');
      return {
        now: place.now,
        objects: new Map(
          inside
            .filter(([path]) => depth === 'all' || !deeper(path))
            .map(([path, { bytes, written }]) => [path, { bytes: bytes.length, written }]),
        ),
        folders: [
          ...new Set(
            inside
              .filter(([path]) => deeper(path))
              .map(([path]) => path.slice(0, path.indexOf('/', folder.length) + 1)),
          ),
        ],
      };
    },
    async read(path, range) {
      const bytes = files.get(path)?.bytes;
      return bytes && cut(bytes, range);
    },
    async create(path, bytes) {
      await write(path, bytes);
      return true;
    },
    replace: write,
    async remove(paths) {
      for (const path of paths) {
        place.meddle(`remove ${path}`);
        files.delete(path);
      }
      return true;
    },
  };
}
