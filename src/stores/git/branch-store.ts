import { join } from 'node:path';
import { idOfPart } from '../../core/names.ts';
import type { BranchFile } from '../../git/branch.ts';
import type { Repository } from '../../git/repository.ts';
import { folderStore } from '../folder/folder-store.ts';
import { LARGEST_FILE, type WritableStore } from '../store.ts';
import { openCommit } from './commit-files.ts';
import { notLarger } from './revision.ts';

/** The backups as a commit has them, with changes on top that the next commit is to have. */
export interface BranchStore extends WritableStore {
  /** The changes, from the top of the repository. */
  changes(): BranchFile[];
  close(): void;
}

export interface BranchPlace {
  readonly label: string;
  /** Undefined where the branch does not exist yet. */
  readonly commit: string | undefined;
  /** The backups folder from the top of the repository. */
  readonly inside: string;
  /** An empty folder for what is written. */
  readonly scratch: string;
}

/**
 * Only what the commit really has counts as there: a part that a merge dropped is missing here, although git has it still, and
 * so is one whose bytes are not those its name promises. That way both are found and healed.
 */
export async function branchStore(repository: Repository, place: BranchPlace): Promise<BranchStore> {
  const { commit, inside, scratch } = place;
  const { files: there, objects } = await openCommit(repository, commit, inside);
  const base = new Map([...there].filter(([path, { id }]) => (idOfPart(path) ?? id) === id));
  const top = folderStore(scratch);
  const written = new Map<string, number>();
  const removed = new Set<string>();
  const fromTop = (path: string) => (inside === '' ? path : `${inside}/${path}`);

  const read = async (path: string, most = LARGEST_FILE) => {
    if (written.has(path)) return top.read(path, most);
    const stored = removed.has(path) ? undefined : base.get(path);
    return stored === undefined ? undefined : notLarger(path, await objects.blob(stored.id, most));
  };
  const paths = () => new Set([...[...base.keys()].filter((path) => !removed.has(path)), ...written.keys()]);

  return {
    label: place.label,
    files: async () => [...paths()].filter((path) => !path.includes('/')),
    read,
    readHead: async (path, length) => (await read(path))?.subarray(0, length),
    async parts() {
      const parts = [...paths()].filter((path) => path.startsWith('parts/'));
      return new Map(parts.map((path) => [path, written.get(path) ?? base.get(path)?.size ?? 0]));
    },
    async write(path, bytes) {
      await top.write(path, bytes);
      written.set(path, bytes.length);
      removed.delete(path);
    },
    settle: () => top.settle(),
    async remove(path) {
      if (written.delete(path)) await top.remove(path);
      if (base.has(path)) removed.add(path);
    },
    async prepare() {
      await top.prepare();
      // The folder's own files (`.gitattributes`) are only wanted where the branch has none.
      for (const file of await top.files()) if (!base.has(file) && !written.has(file)) written.set(file, 0);
    },
    changes: () => [
      ...[...written.keys()].map((path) => ({ path: fromTop(path), file: join(scratch, path) })),
      ...[...removed].map((path) => ({ path: fromTop(path), remove: true as const })),
    ],
    close: () => objects.close(),
  };
}
