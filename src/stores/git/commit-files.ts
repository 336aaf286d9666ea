import { LARGEST_MANIFEST } from '../../core/manifest.ts';
import { nameOfManifest } from '../../core/names.ts';
import { gitFailed } from '../../core/problems/git.ts';
import { readAnyManifest } from '../../format/any-manifest.ts';
import { storedFiles } from '../../format/sealed.ts';
import { type Blob, type Objects, openObjects } from '../../git/objects.ts';
import type { Blobless, Repository } from '../../git/repository.ts';

/** A file as a commit has it. */
export interface Stored {
  readonly id: string;
  readonly size: number;
}

export interface CommitFiles {
  /** The files under a folder, by their path in it. */
  readonly files: ReadonlyMap<string, Stored>;
  readonly objects: Objects;
}

/** How the paths of backups are names in a tree. Some places take no folders: there everything lies on top, with `~` for each `/`. */
export type Layout = 'folders' | 'flat';

/** What a path from the top of a repository is called there. No part and no manifest has a `~` in its path. */
export const nameInTree = (path: string, layout: Layout): string =>
  layout === 'flat' ? path.replaceAll('/', '~') : path;

/**
 * The files a commit has under a folder (`inside`, from the top). Where they stay at the remote until they are wanted, the manifests
 * are brought at once, and the parts of a backup when the first of them is read.
 */
export async function openCommit(
  repository: Repository,
  commit: string | undefined,
  inside: string,
  layout: Layout = 'folders',
): Promise<CommitFiles> {
  const objects = openObjects(repository);
  const { blobless } = repository;
  if (blobless === undefined) return inClone(await listed(repository, commit, { inside, layout }, ['-l']), objects);
  return leftAtRemote(blobless, await listed(repository, commit, { inside, layout }, []), objects);
}

/** Without `-l` no size is known: git would have to fetch every file to know it. */
async function listed(
  repository: Repository,
  commit: string | undefined,
  { inside, layout }: { readonly inside: string; readonly layout: Layout },
  long: readonly string[],
): Promise<Map<string, Stored>> {
  const tree =
    commit &&
    (await repository.askMaybe('rev-parse', '-q', '--verify', `${commit}:${layout === 'flat' ? '' : inside}`));
  const files = new Map<string, Stored>();
  if (!tree) return files;
  const printed = await repository.run(['ls-tree', '-r', ...long, '-z', '--full-tree', tree]);
  for (const line of printed.toString('utf8').split('\0')) {
    const [, id, size = '0', path] = /^\d+ blob ([0-9a-f]+)(?: +(\w+))?\t(.*)$/s.exec(line) ?? [];
    // In place of the size of an object it does not have, git says BAD.
    if (id !== undefined && !/^\d+$/.test(size)) throw objectMissing(id);
    const own = path && (layout === 'flat' ? fromFlat(path, inside) : path);
    if (id !== undefined && own) files.set(own, { id, size: Number(size) });
  }
  return files;
}

/** Undefined for what belongs to another folder. */
function fromFlat(name: string, inside: string): string | undefined {
  const path = name.replaceAll('~', '/');
  if (inside === '') return path;
  return path.startsWith(`${inside}/`) ? path.slice(inside.length + 1) : undefined;
}

/** What a commit has, its clone has: an object that git does not give says nothing about the backup. */
function inClone(files: ReadonlyMap<string, Stored>, objects: Objects): CommitFiles {
  const ids = new Set([...files.values()].map(({ id }) => id));
  const blob = async (id: string, most: number) => {
    const found = await objects.blob(id, most);
    if (found === undefined && ids.has(id)) throw objectMissing(id);
    return found;
  };
  return { files, objects: { blob, close: () => objects.close() } };
}

const objectMissing = (id: string) => gitFailed('read its objects')(new Error(`${id} is missing`));

async function leftAtRemote(
  blobless: Blobless,
  files: ReadonlyMap<string, Stored>,
  objects: Objects,
): Promise<CommitFiles> {
  const idsOnTop = [...files].filter(([path]) => !path.includes('/')).map(([, { id }]) => id);
  await blobless.bring(idsOnTop);
  const sized = new Map(files);
  /** By the id of a manifest, those of its parts. */
  const partsOf = new Map<string, readonly string[]>();
  for (const [path, { id }] of files) {
    if (path.includes('/')) continue;
    const bytes = await objects.blob(id, LARGEST_MANIFEST);
    sized.set(path, { id, size: Buffer.isBuffer(bytes) ? bytes.length : (bytes?.size ?? 0) });
    if (nameOfManifest(path) === undefined) continue;
    const parts = partsNamed(path, bytes);
    for (const { file, bytes } of parts) {
      const there = files.get(file);
      // A part is named after its bytes, so what a manifest says of its size is checked when it is read.
      if (there !== undefined) sized.set(file, { ...there, size: bytes });
    }
    partsOf.set(
      id,
      parts.flatMap(({ file }) => files.get(file)?.id ?? []),
    );
  }
  const promised = new Set([...files.values()].map(({ id }) => id));
  /** What is here, or on its way: several parts are read at once. */
  const brought = new Map(idsOnTop.map((id) => [id, Promise.resolve()]));
  let lastRead: string | undefined;
  const blob = async (id: string, most: number): Promise<Blob | undefined> => {
    if (partsOf.has(id)) lastRead = id;
    if (promised.has(id) && !brought.has(id)) {
      const backup = partsOf.get(lastRead ?? '') ?? [];
      const wanted = backup.includes(id) ? backup : [id];
      const coming = blobless.bring(wanted);
      for (const each of wanted) brought.set(each, coming);
    }
    await brought.get(id);
    const bytes = await objects.blob(id, most).catch((error: unknown) => {
      blobless.discard();
      throw error;
    });
    if (bytes !== undefined || !promised.has(id)) return bytes;
    // The commit has it, and it was brought: the store itself is broken, and says nothing about the backup.
    blobless.discard();
    throw objectMissing(id);
  };
  return { files: sized, objects: { blob, close: () => objects.close() } };
}

/** The parts a manifest names; none where it is damaged, which is for its reader to report. */
export function partsNamed(path: string, bytes: Blob | undefined) {
  try {
    return !Buffer.isBuffer(bytes) ? [] : storedFiles(readAnyManifest(path, bytes.toString('utf8')).manifest);
  } catch {
    return [];
  }
}
