import { relative } from 'node:path';
import { partsOf, readManifest } from '../core/manifest.ts';
import { idOfPart, nameOfManifest } from '../core/names.ts';
import { revisionNotFound } from '../core/problems.ts';
import { type Objects, openObjects } from '../git/objects.ts';
import type { Repository } from '../git/repository.ts';
import type { ReadableStore } from './store.ts';

/** A file as a commit has it. */
export interface Stored {
  readonly id: string;
  readonly size: number;
}

/**
 * The backups as a commit has them, read from git alone: the work tree may hold anything. `folder` is the backups folder in
 * the work tree. Throws REVISION_NOT_FOUND.
 */
export async function gitRevisionStore(
  repository: Repository,
  revision: string,
  folder: string,
): Promise<ReadableStore> {
  const inside = relative(repository.top, folder).replaceAll('\\', '/');
  const commit = await repository.askMaybe('rev-parse', '-q', '--verify', '--end-of-options', `${revision}^{commit}`);
  if (commit === undefined) throw revisionNotFound(revision)();
  const files = await filesOf(repository, commit, inside);
  const objects = openObjects(repository);
  const read = async (path: string) => {
    const stored = files.get(path);
    if (stored !== undefined) return objects.blob(stored.id);
    // A part that a merge dropped from this commit is mostly still among git's objects, under the id in its name.
    const id = idOfPart(path);
    return id === undefined ? undefined : objects.blob(id);
  };
  return {
    label: `${revision}:${inside}`,
    files: async () => [...files.keys()].filter((path) => !path.includes('/')),
    read,
    readHead: async (path, length) => (await read(path))?.subarray(0, length),
    async parts() {
      const there = [...files].filter(([path]) => path.startsWith('parts/'));
      return new Map([
        ...there.map(([path, { size }]): [string, number] => [path, size]),
        ...(await dropped(files, objects)),
      ]);
    },
  };
}

/** The parts that manifests of this commit name and the commit lacks, as far as git still has them. */
async function dropped(files: ReadonlyMap<string, Stored>, objects: Objects): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [path, { id }] of files) {
    if (nameOfManifest(path) === undefined) continue;
    for (const { file } of partsNamed(path, await objects.blob(id))) {
      if (files.has(file) || found.has(file)) continue;
      const bytes = await objects.blob(idOfPart(file) ?? '');
      if (bytes !== undefined) found.set(file, bytes.length);
    }
  }
  return found;
}

function partsNamed(path: string, bytes: Buffer | undefined) {
  try {
    return bytes === undefined ? [] : partsOf(readManifest(path, bytes.toString('utf8')).manifest);
  } catch {
    // A damaged manifest is for its reader to report.
    return [];
  }
}

/** The files under a folder (`inside`, from the top) of a commit, by their path in it. */
export async function filesOf(repository: Repository, commit: string, inside: string): Promise<Map<string, Stored>> {
  const tree = await repository.askMaybe('rev-parse', '-q', '--verify', `${commit}:${inside}`);
  const files = new Map<string, Stored>();
  if (tree === undefined) return files;
  const listed = await repository.run(['ls-tree', '-r', '-l', '-z', '--full-tree', tree]);
  for (const line of listed.toString('utf8').split('\0')) {
    const [, id, size, path] = /^\d+ blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    if (id !== undefined && path !== undefined) files.set(path, { id, size: Number(size) });
  }
  return files;
}
