import { backupDamaged } from '../../src/core/problems/backups.ts';
import { gitFailed } from '../../src/core/problems/git.ts';
import type { StoreKind } from '../../src/stores/kind.ts';
import { type Batch, cut, LARGEST_FILE, type Listing, type Shelf, type WritableStore } from '../../src/stores/store.ts';

type Request = 'list' | 'read' | 'put' | 'publish' | 'remove';

/**
 * A place that is no folder: files in memory, where every question is a request. It answers late, fails and tears files when told
 * to, and loses what was not published when its writer dies.
 */
export interface MemoryPlace {
  /** What others see. */
  readonly files: Map<string, Buffer>;
  /** Every request so far, with what it was about. */
  readonly asked: string[];
  /** Called at every request, before it is answered; what it throws is its answer. */
  meddle: (request: Request, about: string) => void | Promise<void>;
  readonly replaces: boolean;
}

export function memoryPlace(replaces = false): MemoryPlace {
  const files = new Map<string, Buffer>();
  return { files, asked: [], meddle: () => {}, replaces };
}

const shelfOf = (path: string): Shelf => (path.includes('/') ? 'parts' : 'top');

export function memoryStore(place: MemoryPlace, label = 'memory'): WritableStore {
  const { files } = place;
  const ask = async (request: Request, about: string) => {
    place.asked.push(`${request} ${about}`);
    await place.meddle(request, about);
  };
  /** What was put and nothing was published after: with whoever dies it is lost. */
  const unflushed = new Map<string, Buffer>();
  const reading = (pending: ReadonlyMap<string, Buffer>) => ({
    label,
    id: label,
    isCostly: true as const,
    limits: { largestFile: LARGEST_FILE, atOnce: 8, replaces: place.replaces },
    async list(shelf: Shelf): Promise<Listing> {
      await ask('list', shelf);
      const all = [...files, ...pending].filter(([path]) => shelfOf(path) === shelf);
      return new Map(all.map(([path, bytes]) => [path, bytes.length]));
    },
    async read(path: string, range: Parameters<WritableStore['read']>[1]) {
      await ask('read', path);
      const bytes = pending.get(path) ?? files.get(path);
      const most = range !== undefined && 'most' in range ? range.most : LARGEST_FILE;
      if (bytes !== undefined && bytes.length > most) throw backupDamaged(path, `has ${bytes.length} bytes`)();
      return bytes && cut(bytes, range);
    },
  });
  return {
    ...reading(new Map()),
    async batch(work) {
      const batch: Batch = {
        ...reading(unflushed),
        batch: (inner) => inner(batch),
        async put(path, bytes) {
          await ask('put', path);
          unflushed.set(path, Buffer.from(bytes));
        },
        async publish(path, bytes) {
          await ask('publish', path).catch((error: unknown) => {
            // Nothing here is replaced in one step: who dies while writing leaves half.
            if (error instanceof Torn) files.set(path, Buffer.from(bytes.subarray(0, bytes.length >> 1)));
            throw error;
          });
          flush();
          files.set(path, Buffer.from(bytes));
        },
        async remove(paths) {
          await ask('remove', paths.join(' '));
          for (const path of paths) {
            unflushed.delete(path);
            files.delete(path);
          }
          return [];
        },
      };
      const flush = () => {
        for (const [path, bytes] of unflushed) files.set(path, bytes);
        unflushed.clear();
      };
      try {
        const answer = await work(batch);
        flush();
        return answer;
      } finally {
        unflushed.clear();
      }
    },
  };
}

/** Told to `meddle`: the write dies in the middle. */
export class Torn extends Error {}

/** What a place out of reach answers. */
export const outOfReach = () => gitFailed('reach it')(new Error('told to fail'));

/** A kind of store of which nothing in `src` knows: `memory:NAME` is the place of that name. */
export function memoryKind(places: ReadonlyMap<string, MemoryPlace>): StoreKind {
  return {
    example: "'memory:NAME'",
    parse: (name) => () => ({
      label: `the memory ${name}`,
      id: `memory:${name}`,
      open() {
        const place = places.get(name);
        if (place === undefined) throw outOfReach();
        return memoryStore(place, `the memory ${name}`);
      },
    }),
  };
}
