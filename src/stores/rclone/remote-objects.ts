import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { program } from '../../core/hint.ts';
import { backupDamaged } from '../../core/problems/backups.ts';
import { rcloneSaid } from '../../core/problems/rclone.ts';
import { statIfThere } from '../../files/if-there.ts';
import type { Listed, Objects, Stored } from '../objects/objects.ts';
import { cut, LARGEST_FILE, type Range } from '../store.ts';
import { labelOfRclone, type RcloneAddress } from './address.ts';
import type { Ask } from './ask.ts';
import { gathered } from './gathered.ts';

/** What is written comes to lie here first. No environment's folder is called so: a `+` in a name becomes `%2B`. */
const INCOMING = '+incoming';
/** Nobody writes for so long. */
const LEFT_BEHIND = '2d';

export interface Remote {
  readonly address: RcloneAddress;
  readonly ask: Ask;
  /** Lets `work` have an empty folder of this machine. */
  readonly scratch: <T>(work: (folder: string) => Promise<T>) => Promise<T>;
  readonly now: () => number;
  /** Tells what this process writes from what others do. */
  readonly writer: string;
}

interface Wanted {
  readonly path: string;
  readonly range: Range;
}

/** Whether what is there by that name, and as large, stays. */
const HOW = ['--size-only', '--ignore-times'] as const;
type How = (typeof HOW)[number];

interface Writing {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly how: How;
}

/**
 * What lies under a folder of a remote. Many kinds show a file while it is still being written, and keep half of it where the writer dies. So
 * everything is written elsewhere and moved into place, which they do in one step; and it is there when a listing says so, by its size.
 */
export function remoteObjects({ address, ask, scratch, now, writer }: Remote): Objects {
  const label = labelOfRclone(address);
  const root = `${address.remote}:${address.path}`;
  const shown = program('rclone', 'lsf', '-R', root);
  const at = (folder: string) => `${root}/${folder}`.replace(/\/$/, '');
  /** As the last listing had it. */
  const sizes = new Map<string, number>();

  async function list(folder: string, depth: 'here' | 'all'): Promise<Listed> {
    const deep = depth === 'all' ? ['-R', '--files-only', '--fast-list'] : [];
    const entries = entriesIn(await ask(['lsjson', at(folder), '--no-mimetype', ...deep]));
    const objects = new Map<string, Stored>();
    const folders: string[] = [];
    for (const { path, bytes, written } of entries) {
      if (bytes !== undefined) objects.set(`${folder}${path}`, { bytes, written });
      else if (path !== INCOMING) folders.push(`${folder}${path}/`);
    }
    for (const [path, { bytes }] of objects) sizes.set(path, bytes);
    return { now: now(), objects, folders };
  }

  function entriesIn(answer: Buffer | undefined) {
    if (answer === undefined) return [];
    const entries = listingIn(answer);
    if (entries === undefined) throw rcloneSaid(label, 'it gave something that is no listing', shown)();
    return entries;
  }

  /** As they are now. What is not there is in none of them. */
  async function sizesOf(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await withList(paths, (file) =>
      ask(['lsjson', root, '-R', '--files-only', '--no-mimetype', '--no-modtime', '--files-from-raw', file]),
    );
    return new Map(entriesIn(answer).flatMap(({ path, bytes }) => (bytes === undefined ? [] : [[path, bytes]])));
  }

  function withList<T>(paths: readonly string[], work: (file: string) => Promise<T>): Promise<T> {
    return scratch((folder) => {
      const file = join(folder, 'list');
      writeFileSync(file, `${paths.join('\n')}\n`);
      return work(file);
    });
  }

  const read = gathered<Wanted, Buffer | undefined>(async (wanted) => {
    const unknown = wanted.map(({ path }) => path).filter((path) => !sizes.has(path));
    const there = new Map(sizes);
    if (unknown.length > 0) for (const [path, bytes] of await sizesOf([...new Set(unknown)])) there.set(path, bytes);
    const isTooLarge = ({ path, range }: Wanted) => (there.get(path) ?? 0) > mostOf(range);
    const fetched = new Set(wanted.filter((each) => !isTooLarge(each) && there.has(each.path)).map(({ path }) => path));
    const found = fetched.size === 0 ? new Map<string, Buffer>() : await fetch(fetched, there);
    return wanted.map((each) => () => {
      if (isTooLarge(each))
        throw backupDamaged(each.path, `has ${there.get(each.path)} bytes, more than it may have`)();
      const bytes = found.get(each.path);
      return bytes && cut(bytes, each.range);
    });
  });

  async function fetch(
    paths: ReadonlySet<string>,
    expected: ReadonlyMap<string, number>,
  ): Promise<Map<string, Buffer>> {
    const most = [...paths].reduce((sum, path) => sum + (expected.get(path) ?? 0), 0);
    const found = await withList([...paths], async (file) => {
      const folder = `${file}.files`;
      await ask([
        'copy',
        root,
        folder,
        ...['--files-from-raw', file, '--transfers=16', '--no-check-dest'],
        // Whoever lets a file grow meanwhile does not fill this disk.
        ...[`--max-transfer=${most + 64 * 1024}B`, '--cutoff-mode=hard'],
      ]);
      const read = [...paths].flatMap((path) => (statIfThere(join(folder, path)) === undefined ? [] : [path]));
      return new Map(await Promise.all(read.map(async (path) => [path, await readFile(join(folder, path))] as const)));
    });
    const missing = [...paths].filter((path) => !found.has(path));
    if (missing.length === 0) return found;
    // Removed since, or not given: only the one is an answer.
    if ((await sizesOf(missing)).size > 0) throw rcloneSaid(label, 'it did not give what is there', shown)();
    for (const path of missing) sizes.delete(path);
    return found;
  }

  /** How often writing broke off: what lies there of that is not to be moved with what comes after. */
  let broken = 0;

  const write = gathered<Writing, void>(async (items) => {
    for (const how of HOW) {
      const files = new Map(items.filter((item) => item.how === how).map(({ path, bytes }) => [path, bytes]));
      for (const [folder, some] of byFolder(files)) {
        try {
          await writeInto(folder, some, how);
        } catch (error) {
          broken++;
          throw error;
        }
      }
    }
    return items.map(() => () => {});
  });

  async function writeInto(folder: string, files: ReadonlyMap<string, Uint8Array>, how: How): Promise<void> {
    const incoming = `${root}/${INCOMING}/${writer}-${broken}`;
    await scratch(async (here) => {
      for (const [path, bytes] of files) {
        const file = join(here, path.slice(folder.length + 1));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
      await ask(['copy', here, incoming, '--transfers=8', '--no-check-dest']);
    });
    await ask(['move', incoming, at(folder), how, '--delete-empty-src-dirs', '--no-traverse']);
    const there = await sizesOf([...files.keys()]);
    for (const [path, bytes] of files) {
      if (there.get(path) !== bytes.length) throw rcloneSaid(label, 'what was written is not there', shown)();
      sizes.set(path, bytes.length);
    }
  }

  return {
    list,
    async read(path, range = { most: LARGEST_FILE }) {
      return 'first' in range && range.first === 0 ? Buffer.alloc(0) : read({ path, range });
    },
    async create(path, bytes) {
      await write({ path, bytes, how: '--size-only' });
      return true;
    },
    replace: (path, bytes) => write({ path, bytes, how: '--ignore-times' }),
    async remove(paths) {
      for (const path of paths) sizes.delete(path);
      // Asked once: one that is late would remove what is written meanwhile.
      await withList(paths, (file) => ask(['delete', root, '--files-from-raw', file, '--low-level-retries=1']));
      // Whoever died left it, and nobody needs it.
      await ask(['delete', `${root}/${INCOMING}`, '--min-age', LEFT_BEHIND, '--rmdirs']).catch(() => {});
      return true;
    },
  };
}

const mostOf = (range: Range) => ('most' in range ? range.most : LARGEST_FILE);

function byFolder(files: ReadonlyMap<string, Uint8Array>): Map<string, Map<string, Uint8Array>> {
  const groups = new Map<string, Map<string, Uint8Array>>();
  for (const [path, bytes] of files) {
    const folder = path.slice(0, path.indexOf('/'));
    groups.set(folder, (groups.get(folder) ?? new Map<string, Uint8Array>()).set(path, bytes));
  }
  return groups;
}

interface Found {
  readonly path: string;
  /** None of a folder. */
  readonly bytes: number | undefined;
  readonly written: number;
}

/** Undefined for what is no listing. What no file of ours could be is left out. */
function listingIn(answer: Buffer): Found[] | undefined {
  let said: unknown;
  try {
    said = JSON.parse(answer.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(said)) return undefined;
  return said.flatMap((each: unknown): Found[] => {
    if (typeof each !== 'object' || each === null || !('Path' in each) || typeof each.Path !== 'string') return [];
    const path = each.Path;
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return [];
    if ('IsDir' in each && each.IsDir === true) return [{ path, bytes: undefined, written: 0 }];
    const bytes = 'Size' in each ? each.Size : undefined;
    if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return [];
    const written = Date.parse('ModTime' in each ? String(each.ModTime) : '');
    return [{ path, bytes, written: Number.isNaN(written) ? 0 : written }];
  });
}
