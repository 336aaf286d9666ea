import { isDamage } from '../../core/damage.ts';
import { LARGEST_MANIFEST } from '../../core/manifest.ts';
import { isNamedByTime, nameOfManifest } from '../../core/names.ts';
import { backupDamaged } from '../../core/problems/backups.ts';
import { nameTakenThere, tooLargeForOne } from '../../core/problems/stores.ts';
import {
  type Batch,
  cut,
  LARGEST_FILE,
  type Limits,
  type Listing,
  type Range,
  type ReadableStore,
  type Shelf,
  type WritableStore,
} from '../store.ts';
import { namedParts } from './named-parts.ts';
import type { Objects, Stored } from './objects.ts';
import { backupOfPack, LARGEST_PACK, packed, packFile, unpack } from './pack.ts';
import { folderOf, type Kept } from './write-once-store.ts';

/*
 * For places where each file takes a second: a backup is its manifest and one file with all its parts. Nothing is shared, so nobody has to
 * ask whether somebody else needs a part, and removing a backup is removing two files. What a backup needs is brought again each time.
 */

const PACKS_AT_HAND = 2;

const LEFT_BEHIND = 72 * 3_600_000;

const LIMITS: Limits = { largestFile: LARGEST_FILE, atOnce: 64, replaces: false, tears: true, sharesNothing: true };

/** A backup that is there whole. */
interface Whole {
  /** The folder it lies in. */
  readonly folder: string;
  readonly bytes: number;
  readonly pack: string;
}

export function packedStore(objects: Objects, kept: Kept): WritableStore {
  const own = folderOf(kept, kept.environment);
  const known: Known = { manifests: new Map(), packs: new Map() };
  const everywhere = async () => {
    const { folders } = await objects.list('', 'here');
    const inside = own.slice(own.indexOf('/') + 1);
    return [own, ...folders.map((folder) => `${folder}${inside}`).filter((folder) => folder !== own)];
  };
  const limits = { ...LIMITS, ...kept.limits };
  const readingIn = (folders: () => Promise<readonly string[]>): ReadableStore => {
    const { look: _, changed: __, ...store } = readingFrom(objects, kept, folders, known);
    return store;
  };
  return {
    ...readingIn(everywhere),
    only: (environment) => readingIn(async () => [folderOf(kept, environment)]),
    limits,
    batch: (work) => work(batchIn(objects, kept, own, known, limits)),
  };
}

interface Known {
  /** The parts of backups whose manifests were read, with their sizes, by the manifest's path. */
  readonly manifests: Map<string, ReadonlyMap<string, number>>;
  /** Those that were read last. */
  readonly packs: Map<string, Promise<ReadonlyMap<string, Buffer>>>;
}

function readingFrom(
  objects: Objects,
  { label, id }: Pick<Kept, 'label' | 'id'>,
  folders: () => Promise<readonly string[]>,
  known: Known,
) {
  async function look(): Promise<{
    readonly whole: Map<string, Whole>;
    readonly others: Map<string, Stored & { folder: string }>;
  }> {
    const whole = new Map<string, Whole>();
    const others = new Map<string, Stored & { folder: string }>();
    // The first of them, which is our own, has the last word: also of what lies there half, for which another's of that name is no substitute.
    for (const folder of [...(await folders())].reverse()) {
      const { objects: found } = await objects.list(folder, 'here');
      const packs = new Map<string, string>();
      for (const [path, { bytes }] of found) {
        const pack = backupOfPack(path.slice(folder.length));
        if (pack?.bytes === bytes) packs.set(pack.name, path);
      }
      for (const [path, stored] of found) {
        const file = path.slice(folder.length);
        const name = nameOfManifest(file);
        const pack = name === undefined ? undefined : packs.get(name);
        if (pack !== undefined) {
          whole.set(file, { folder, bytes: stored.bytes, pack });
          others.delete(file);
        } else if (backupOfPack(file) === undefined && !isNamedByTime(name ?? '')) {
          others.set(file, { ...stored, folder });
          whole.delete(file);
        }
      }
    }
    return { whole, others };
  }

  async function partsOf(file: string, { folder }: Whole): Promise<ReadonlyMap<string, number>> {
    const path = `${folder}${file}`;
    const before = known.manifests.get(path);
    if (before !== undefined) return before;
    const bytes = await objects.read(path, { most: LARGEST_MANIFEST });
    // What is no manifest names nothing.
    const parts = (bytes && namedParts(file, bytes)) ?? new Map<string, number>();
    known.manifests.set(path, parts);
    return parts;
  }

  /** In which packs each part is that any backup has, those of newer ones first: their names sort so. */
  async function packsOfParts(): Promise<Map<string, string[]>> {
    const { whole } = await look();
    const found = new Map<string, string[]>();
    const newestFirst = [...whole].sort(([a], [b]) => (a < b ? 1 : -1));
    const all = newestFirst.map(async ([file, each]) => [each.pack, await partsOf(file, each)] as const);
    for (const [pack, parts] of await Promise.all(all))
      for (const part of parts.keys()) found.set(part, [...(found.get(part) ?? []), pack]);
    return found;
  }

  /** Looked for once, and again where one is asked for that was not there. */
  let places: Promise<Map<string, string[]>> | undefined;
  async function packsWith(part: string): Promise<readonly string[]> {
    const before = places;
    places ??= packsOfParts();
    places.catch(() => {
      places = undefined;
    });
    const found = (await places).get(part);
    if (found !== undefined || before === undefined) return found ?? [];
    places = before === places ? packsOfParts() : places;
    return (await places).get(part) ?? [];
  }

  /** Whoever reads a backup reads its manifest first, and then all its parts. */
  let current: string | undefined;
  async function readPart(part: string, range: Range | undefined): Promise<Buffer | undefined> {
    const isAtHand = (pack: string) => (pack === current ? 2 : known.packs.has(pack) ? 1 : 0);
    const packs = [...(await packsWith(part))].sort((a, b) => isAtHand(b) - isAtHand(a));
    let failure: { readonly error: unknown } | undefined;
    for (const pack of packs) {
      try {
        const bytes = (await unpacked(pack)).get(part);
        if (bytes !== undefined) return within(part, bytes, range);
      } catch (error) {
        if (!isDamage(error)) throw error;
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
    return undefined;
  }

  let seen: ReturnType<typeof look> | undefined;
  async function folderWith(file: string): Promise<string | undefined> {
    const before = seen;
    seen ??= look();
    seen.catch(() => {
      seen = undefined;
    });
    const among = async ({ whole, others }: Awaited<ReturnType<typeof look>>) =>
      whole.get(file)?.folder ?? others.get(file)?.folder;
    const found = await among(await seen);
    if (found !== undefined || before === undefined) return found;
    seen = before === seen ? look() : seen;
    return among(await seen);
  }

  async function unpacked(pack: string): Promise<ReadonlyMap<string, Buffer>> {
    const there = known.packs.get(pack);
    if (there !== undefined) return there;
    const opening = objects
      .read(pack, { most: LARGEST_PACK })
      .then((bytes) => (bytes === undefined ? new Map() : unpack(pack, bytes)));
    const [oldest] = known.packs.keys();
    if (known.packs.size >= PACKS_AT_HAND && oldest !== undefined) known.packs.delete(oldest);
    known.packs.set(pack, opening);
    opening.catch(() => known.packs.delete(pack));
    return opening;
  }

  return {
    label,
    id,
    isCostly: true as const,
    look,
    /** Something was written or removed. */
    changed() {
      seen = undefined;
      places = undefined;
    },
    async list(shelf: Shelf): Promise<Listing> {
      seen = look();
      const { whole, others } = await seen;
      if (shelf === 'top') return new Map([...others, ...whole].map(([file, { bytes }]) => [file, bytes]));
      const all = await Promise.all([...whole].map(([file, each]) => partsOf(file, each)));
      return new Map(all.flatMap((parts) => [...parts]));
    },
    async read(path: string, range?: Range): Promise<Buffer | undefined> {
      if (!path.startsWith('parts/')) {
        const folder = await folderWith(path);
        current = (await seen)?.whole.get(path)?.pack ?? current;
        return folder === undefined ? undefined : objects.read(`${folder}${path}`, range);
      }
      return readPart(path, range);
    },
  };
}

function within(path: string, bytes: Buffer | undefined, range: Range | undefined): Buffer | undefined {
  if (bytes !== undefined && range !== undefined && 'most' in range && bytes.length > range.most)
    throw backupDamaged(path, `has ${bytes.length} bytes, more than it may have`)();
  return bytes && cut(bytes, range);
}

function batchIn(objects: Objects, kept: Kept, folder: string, known: Known, limits: Limits): Batch {
  const { look, changed, ...reading } = readingFrom(objects, kept, async () => [folder], known);
  /** What was put, until it is packed. */
  const waiting = new Map<string, Uint8Array>();
  let bytesWaiting = 0;
  const batch: Batch = {
    ...reading,
    limits,
    batch: (work) => work(batch),
    async list(shelf) {
      const there = await reading.list(shelf);
      if (shelf === 'top') return there;
      return new Map([...there, ...[...waiting].map(([path, bytes]) => [path, bytes.length] as const)]);
    },
    read: async (path, range) => {
      const own = waiting.get(path);
      return own === undefined ? reading.read(path, range) : within(path, Buffer.from(own), range);
    },
    async put(path, bytes) {
      bytesWaiting += bytes.length;
      if (bytesWaiting > LARGEST_PACK) throw tooLargeForOne(kept.label, LARGEST_PACK / 1024 / 1024)();
      waiting.set(path, Buffer.from(bytes));
    },
    async publish(path, bytes) {
      const name = nameOfManifest(path);
      const there = (await look()).whole.get(path);
      if (there !== undefined) {
        const now = await objects.read(`${folder}${path}`, { most: LARGEST_MANIFEST });
        if (now?.equals(Buffer.from(bytes))) return;
        if (name !== undefined && !isNamedByTime(name)) throw nameTakenThere(name, kept.label)();
      }
      changed();
      const needed = namedParts(path, bytes);
      if (name === undefined || needed === undefined) {
        await objects.create(`${folder}${path}`, bytes);
        return;
      }
      const parts = new Map<string, Uint8Array>();
      for (const part of needed.keys()) {
        const own = waiting.get(part) ?? (await reading.read(part));
        if (own === undefined) throw backupDamaged(part, `is missing, and ${name} needs it`)();
        parts.set(part, own);
      }
      const pack = await packed(parts);
      // The manifest last: without it there is nothing, whatever else is there.
      await objects.create(`${folder}${packFile(name, pack)}`, pack);
      await objects.replace(`${folder}${path}`, bytes);
      known.manifests.delete(`${folder}${path}`);
      changed();
    },
    async remove(paths) {
      const files = paths.filter((path) => !path.startsWith('parts/'));
      const { objects: found, now } = await objects.list(folder, 'here');
      const names = new Set(files.flatMap((file) => nameOfManifest(file) ?? []));
      const packs = [...found].flatMap(([path, { written }]) => {
        const name = backupOfPack(path.slice(folder.length))?.name;
        if (name === undefined) return [];
        // One that nobody finished stays as long as somebody may be at it.
        const isLeft = !found.has(`${folder}${name}.json`) && now - written > LEFT_BEHIND;
        return names.has(name) || isLeft ? [path] : [];
      });
      for (const file of files) known.manifests.delete(`${folder}${file}`);
      if (files.length > 0) await objects.remove(files.map((file) => `${folder}${file}`));
      if (packs.length > 0) await objects.remove(packs);
      for (const path of paths) waiting.delete(path);
      changed();
      return [];
    },
  };
  return batch;
}
