import { relative } from 'node:path';
import { LARGEST_MANIFEST } from '../../core/manifest.ts';
import { idOfPart, nameOfManifest } from '../../core/names.ts';
import { backupDamaged } from '../../core/problems/backups.ts';
import { revisionNotFound } from '../../core/problems/git.ts';
import type { Objects } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import { cut, LARGEST_FILE, type Place, type Range, type ReadableStore, type Shelf } from '../store.ts';
import { type Layout, openCommit, partsNamed, type Stored } from './commit-files.ts';

/**
 * The backups as a commit has them, read from git alone: the work tree may hold anything. `folder` is the backups folder in
 * the work tree. Throws REVISION_NOT_FOUND.
 */
export async function gitRevisionStore(
  repository: Repository,
  revision: string,
  folder: string,
): Promise<ReadableStore> {
  const inside = insideTop(repository, folder);
  const commit = await repository.askMaybe('rev-parse', '-q', '--verify', '--end-of-options', `${revision}^{commit}`);
  if (commit === undefined) throw revisionNotFound(revision)();
  const id = `${repository.gitDir}:${commit}:${inside}`;
  return commitStore(repository, commit, { inside }, { label: `${revision}:${inside}`, id });
}

/** The same of a commit that is known to be there; without one, nothing. */
export async function commitStore(
  repository: Repository,
  commit: string | undefined,
  { inside, layout }: { readonly inside: string; readonly layout?: Layout | undefined },
  { label, id }: Place,
): Promise<ReadableStore> {
  const { files, objects } = await openCommit(repository, commit, inside, layout);
  const read = async (path: string, range: Range = { most: LARGEST_FILE }) => {
    // A part that a merge dropped from this commit is mostly still among git's objects, under the id in its name.
    const id = files.get(path)?.id ?? idOfPart(path);
    return id === undefined ? undefined : readBlob(objects, path, id, range);
  };
  return {
    label,
    id,
    read,
    async list(shelf) {
      const onShelf = [...files].filter(([path]) => shelfOf(path) === shelf);
      const sizes = new Map(onShelf.map(([path, { size }]) => [path, size]));
      return shelf === 'top' ? sizes : new Map([...sizes, ...(await dropped(files, objects))]);
    },
  };
}

/** A folder from the top of a repository. */
const insideTop = ({ top }: Repository, folder: string) => relative(top, folder).replaceAll('\\', '/');

/** Where a file of a commit is listed; what lies in other folders is nobody's. */
export function shelfOf(path: string): Shelf | undefined {
  if (!path.includes('/')) return 'top';
  return path.startsWith('parts/') ? 'parts' : undefined;
}

/** A file from git, as a store gives it. Throws BACKUP_DAMAGED for one that is larger than it may be. */
export async function readBlob(objects: Objects, path: string, id: string, range: Range): Promise<Buffer | undefined> {
  const answer = await objects.blob(id, 'most' in range ? range.most : LARGEST_FILE);
  if (answer !== undefined && !Buffer.isBuffer(answer))
    throw backupDamaged(path, `has ${answer.size} bytes, more than it may have`)();
  return answer && cut(answer, range);
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
