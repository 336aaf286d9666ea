import { setTimeout as sleep } from 'node:timers/promises';
import { LARGEST_MANIFEST } from '../../core/manifest.ts';
import { isNamedByTime, nameOfManifest } from '../../core/names.ts';
import { nameTakenThere } from '../../core/problems/stores.ts';
import { type Batch, LARGEST_FILE, type Limits, type Place, type ReadableStore, type WritableStore } from '../store.ts';
import { namedParts } from './named-parts.ts';
import type { Listed, Objects } from './objects.ts';
import { claimParts, PATIENCE, removeParts, type Shared } from './thinning.ts';

/** What is kept in such a place, and of what. */
export interface Kept extends Place {
  readonly environment: string;
  /** The folder of the database's backups in that of the project's: '' for the first. */
  readonly database: string;
  /** What lists of parts say, kept for as long as the place is known. */
  readonly lists: Map<string, ReadonlySet<string>>;
  readonly sleep?: Shared['sleep'];
  /** Where it can bear other things than most. */
  readonly limits?: Partial<Limits>;
  readonly patience?: Shared['patience'];
}

const LIMITS: Limits = { largestFile: LARGEST_FILE, atOnce: 16, replaces: false };

/**
 * A store among objects: nothing is written twice, and the names of backups say which is the newest. Each environment has a folder of its
 * own: a machine reads from all of them, and writes and thins out in its own alone.
 */
export function writeOnceStore(objects: Objects, kept: Kept): WritableStore {
  const own = folderOf(kept, kept.environment);
  let everywhere: Promise<string[]> | undefined;
  const folders = () => {
    everywhere ??= objects.list('', 'here').then((listed) => {
      const found = listed.folders.map((folder) => `${folder}${own.slice(own.indexOf('/') + 1)}`);
      return [own, ...found.filter((folder) => folder !== own)];
    });
    everywhere.catch(() => {
      everywhere = undefined;
    });
    return everywhere;
  };
  const only = (environment: string) => readingFrom(objects, kept, async () => [folderOf(kept, environment)]);
  return {
    ...readingFrom(objects, kept, folders),
    only,
    limits: { ...LIMITS, ...kept.limits },
    batch: (work) => work(batchIn(objects, kept, own)),
  };
}

/** Where the backups of one environment are. */
export const folderOf = ({ database }: Pick<Kept, 'database'>, environment: string): string =>
  `${encodeURIComponent(environment).replace(/^\.+$/, dotless)}/${database === '' ? '' : `${database}/`}`;

/** A name of nothing but dots would lead elsewhere. */
const dotless = (dots: string) => '%2E'.repeat(dots.length);

const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.from(a).equals(b);

function readingFrom(objects: Objects, { label, id }: Place, folders: () => Promise<readonly string[]>): ReadableStore {
  /** In which folder a file was seen. */
  const seen = new Map<string, string>();
  return {
    label,
    id,
    isCostly: true,
    async list(shelf) {
      const all = await folders();
      const found = await Promise.all(
        all.map((folder) =>
          objects.list(shelf === 'top' ? folder : `${folder}parts/`, shelf === 'top' ? 'here' : 'all'),
        ),
      );
      const sizes = new Map<string, number>();
      // The first of them, which is our own, has the last word.
      for (const [at, folder] of [...all.entries()].reverse())
        for (const [path, { bytes }] of found[at]?.objects ?? []) {
          sizes.set(path.slice(folder.length), bytes);
          seen.set(path.slice(folder.length), folder);
        }
      return sizes;
    },
    async read(path, range) {
      const known = seen.get(path);
      for (const folder of known === undefined ? await folders() : [known]) {
        const bytes = await objects.read(`${folder}${path}`, range);
        if (bytes !== undefined) return bytes;
      }
      return undefined;
    },
  };
}

function batchIn(objects: Objects, kept: Kept, folder: string): Batch {
  const { label, lists, patience = PATIENCE } = kept;
  const at: Shared = { objects, folder, label, lists, patience, sleep: kept.sleep ?? sleep };
  let first: Promise<Listed> | undefined;
  /** What lay there when the batch first looked, before it looked which parts are there. */
  const seen = () => {
    first ??= objects.list(folder, 'here');
    return first;
  };
  const reading = readingFrom({ ...objects, list: listing }, kept, async () => [folder]);
  async function listing(which: string, depth: 'here' | 'all'): Promise<Listed> {
    const before = await seen();
    if (which !== folder) return objects.list(which, depth);
    return isFresh ? before : objects.list(folder, 'here');
  }
  /** Nothing was written or removed on top since. */
  let isFresh = true;
  const batch: Batch = {
    ...reading,
    limits: { ...LIMITS, ...kept.limits },
    batch: (work) => work(batch),
    async put(path, bytes) {
      if (await objects.create(`${folder}${path}`, bytes)) return;
      if (!same(await objects.read(`${folder}${path}`), bytes)) await objects.replace(`${folder}${path}`, bytes);
    },
    async publish(path, bytes) {
      const name = nameOfManifest(path);
      // What is no manifest names nothing.
      const needed = name === undefined ? undefined : namedParts(path, bytes);
      await claimParts(at, await seen(), [...(needed?.keys() ?? [])]);
      isFresh = false;
      const isGiven = name !== undefined && !isNamedByTime(name);
      const there = () => objects.read(`${folder}${path}`, { most: LARGEST_MANIFEST });
      const before = isGiven ? await there() : undefined;
      if (before === undefined && (await objects.create(`${folder}${path}`, bytes))) return;
      const now = before ?? (await there());
      if (same(now, bytes)) return;
      if (isGiven && now !== undefined && namedParts(path, now) !== undefined) throw nameTakenThere(name, kept.label)();
      // What a name made of a date and a digest stands for is these bytes: anything else is torn.
      await objects.replace(`${folder}${path}`, bytes);
    },
    async remove(paths) {
      const before = await seen();
      isFresh = false;
      const parts = paths.filter((path) => path.startsWith('parts/'));
      const others = paths.filter((path) => !path.startsWith('parts/'));
      if (others.length > 0) await objects.remove(others.map((path) => `${folder}${path}`));
      return parts.length === 0 ? [] : removeParts(at, before, parts);
    },
  };
  return batch;
}
