import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { idOfPart } from '../../core/names.ts';
import { writeProblem } from '../../core/write-problem.ts';
import type { BranchFile } from '../../git/branch.ts';
import type { Repository } from '../../git/repository.ts';
import { COMPANIONS } from '../folder/companions.ts';
import { type Batch, cut, LARGEST_FILE } from '../store.ts';
import { type Layout, nameInTree, openCommit } from './commit-files.ts';
import { readBlob, shelfOf } from './revision.ts';

/** The backups as a commit has them, with changes on top that the next commit is to have. */
export interface BranchStore extends Batch {
  /** What was written so far that names parts. */
  published(): string[];
  /** The changes, from the top of the repository. */
  changes(): BranchFile[];
  close(): void;
}

export interface BranchPlace {
  readonly label: string;
  readonly id: string;
  /** Undefined where the branch does not exist yet. */
  readonly commit: string | undefined;
  /** The backups folder from the top of the repository. */
  readonly inside: string;
  readonly layout?: Layout;
  /** An empty folder for what is written. */
  readonly scratch: string;
}

/**
 * Only what the commit really has counts as there: a part that a merge dropped is missing here, although git has it still, and
 * so is one whose bytes are not those its name promises. That way both are found and healed.
 */
export async function branchStore(repository: Repository, place: BranchPlace): Promise<BranchStore> {
  const { commit, inside, scratch, layout = 'folders' } = place;
  const { files: there, objects } = await openCommit(repository, commit, inside, layout);
  const base = new Map([...there].filter(([path, { id }]) => (idOfPart(path) ?? id) === id));
  const written = new Map<string, number>();
  const removed = new Set<string>();
  const fromTop = (path: string) => nameInTree(inside === '' ? path : `${inside}/${path}`, layout);
  const paths = () => new Set([...[...base.keys()].filter((path) => !removed.has(path)), ...written.keys()]);

  /** It need not be durable: nobody relies on it before the commit that it becomes part of is pushed. */
  async function write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(scratch, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    } catch (error) {
      throw writeProblem(file, error);
    }
    written.set(path, bytes.length);
    removed.delete(path);
  }

  let companions: Promise<unknown> | undefined;
  /** The folder's own files (`.gitattributes`) are only wanted where the branch has none. */
  async function writeWithCompanions(path: string, bytes: Uint8Array): Promise<void> {
    // Where there are no folders, nobody checks it out as one.
    const wanted = layout === 'flat' ? [] : Object.entries(COMPANIONS);
    const missing = wanted.filter(([file]) => !base.has(file));
    companions ??= Promise.all(missing.map(([file, text]) => write(file, Buffer.from(text))));
    await companions;
    await write(path, bytes);
  }

  const store: BranchStore = {
    label: place.label,
    id: place.id,
    limits: { largestFile: LARGEST_FILE, atOnce: 8, replaces: true },
    async list(shelf) {
      const onShelf = [...paths()].filter((path) => shelfOf(path) === shelf);
      return new Map(onShelf.map((path) => [path, written.get(path) ?? base.get(path)?.size ?? 0]));
    },
    async read(path, range = { most: LARGEST_FILE }) {
      if (written.has(path)) return cut(await readFile(join(scratch, path)), range);
      const stored = removed.has(path) ? undefined : base.get(path);
      return stored && readBlob(objects, path, stored.id, range);
    },
    batch: (work) => work(store),
    put: writeWithCompanions,
    publish: writeWithCompanions,
    async remove(gone) {
      for (const path of gone) {
        written.delete(path);
        if (base.has(path)) removed.add(path);
      }
      return [];
    },
    published: () => [...written.keys()].filter((path) => shelfOf(path) === 'top'),
    changes: () => [
      ...[...written.keys()].map((path) => ({ path: fromTop(path), file: join(scratch, path) })),
      ...[...removed].map((path) => ({ path: fromTop(path), remove: true as const })),
    ],
    close: () => objects.close(),
  };
  return store;
}
