import { relative } from 'node:path';
import { LARGEST_MANIFEST } from '../../core/manifest.ts';
import { idOfPart, nameOfManifest } from '../../core/names.ts';
import { backupDamaged } from '../../core/problems/backups.ts';
import { revisionNotFound } from '../../core/problems/git.ts';
import type { Blob, Objects } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import { LARGEST_FILE, type ReadableStore } from '../store.ts';
import { openCommit, partsNamed, type Stored } from './commit-files.ts';

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
  const { files, objects } = await openCommit(repository, commit, inside);
  const read = async (path: string, most = LARGEST_FILE) => {
    // A part that a merge dropped from this commit is mostly still among git's objects, under the id in its name.
    const id = files.get(path)?.id ?? idOfPart(path);
    return id === undefined ? undefined : notLarger(path, await objects.blob(id, most));
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

/** Throws BACKUP_DAMAGED for what git did not give because it is larger than anybody asked for. */
export function notLarger(path: string, answer: Blob | undefined): Buffer | undefined {
  if (answer === undefined || Buffer.isBuffer(answer)) return answer;
  throw backupDamaged(path, `has ${answer.size} bytes, more than it may have`)();
}

/** The parts that manifests of this commit name and the commit lacks, as far as git still has them. */
async function dropped(files: ReadonlyMap<string, Stored>, objects: Objects): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [path, { id }] of files) {
    if (nameOfManifest(path) === undefined) continue;
    for (const { file } of partsNamed(path, await objects.blob(id, LARGEST_MANIFEST))) {
      if (files.has(file) || found.has(file)) continue;
      // Only its size is asked for.
      const part = await objects.blob(idOfPart(file) ?? '', 0);
      if (part !== undefined) found.set(file, Buffer.isBuffer(part) ? part.length : part.size);
    }
  }
  return found;
}
