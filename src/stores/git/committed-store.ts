import { idOfPart, manifestFile } from '../../core/names.ts';
import type { Objects } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import type { Range, ReadableStore } from '../store.ts';
import { LARGEST_FILE } from '../store.ts';
import type { Committed } from './history.ts';
import { commitStore, readBlob } from './revision.ts';

/** The folder of backups in a repository: as it lies in the work tree, and from the top. */
export interface InRepository {
  readonly repository: Repository;
  readonly folder: string;
  readonly inside: string;
}

/**
 * One backup as a commit brought it. Its files are asked for by the ids in their names, so that nobody lists what a thousand commits
 * have.
 */
export function committedStore(
  { repository, inside }: InRepository,
  { name, commit, id }: Committed,
  objects: Objects,
): ReadableStore {
  const place = { label: `${commit.slice(0, 10)}:${inside}`, id: `${repository.gitDir}:${commit}:${inside}` };
  return {
    ...place,
    async read(path, range: Range = { most: LARGEST_FILE }) {
      const named = path === manifestFile(name) ? id : idOfPart(path);
      // A repository whose ids are longer than those in names finds files by their path alone.
      const found = named === undefined ? undefined : await readBlob(objects, path, named, range);
      return found ?? readBlob(objects, path, `${commit}:${inside === '' ? '' : `${inside}/`}${path}`, range);
    },
    list: async (shelf) => (await commitStore(repository, commit, { inside }, place)).list(shelf),
  };
}

/** The folder, and what is missing in it from git: a merge may have dropped parts that a backup in it needs. */
export function withDropped(folder: ReadableStore, objects: Objects): ReadableStore {
  return {
    label: folder.label,
    id: folder.id,
    list: (shelf) => folder.list(shelf),
    async read(path, range: Range = { most: LARGEST_FILE }) {
      const id = idOfPart(path);
      return (await folder.read(path, range)) ?? (id === undefined ? undefined : readBlob(objects, path, id, range));
    },
  };
}
