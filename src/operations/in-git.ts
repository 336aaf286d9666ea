import { relative } from 'node:path';
import type { GitFacts, Known } from '../core/chain/facts.ts';
import { blobId } from '../core/digest.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { idOfPart, manifestFile } from '../core/names.ts';
import { realPath } from '../files/real-path.ts';
import { storedFiles } from '../format/sealed.ts';
import { branchesOf } from '../git/branches.ts';
import { branchesWith, filesOfCommit } from '../git/files-of-commit.ts';
import { isIgnored } from '../git/questions.ts';
import type { Repository } from '../git/repository.ts';
import type { InRepository } from '../stores/git/committed-store.ts';
import { isLocalFolder, type LocalFolder, type ReadableStore } from '../stores/store.ts';
import type { Catalog, Opened } from './catalog.ts';
import type { Project } from './project.ts';

/** The folder of backups as the repository around it has it; undefined where it is in none. Throws where git cannot be asked. */
export async function placeInRepository({ store, repository }: Project): Promise<InRepository | undefined> {
  const found = isLocalFolder(store) ? await repository?.() : undefined;
  if (found === undefined || !isLocalFolder(store)) return undefined;
  return { repository: found, folder: store.path, inside: insideOf(found, store) };
}

const insideOf = (repository: Repository, store: LocalFolder) =>
  relative(realPath(repository.top), realPath(store.path)).replaceAll('\\', '/');

/** How far the backups have come in git. Nobody is asked over a network: of a remote counts what was last heard. */
export async function lookInGit(project: Project, catalog: Catalog, newest: Opened | undefined): Promise<GitFacts> {
  if (project.elsewhere !== undefined) return { kind: 'elsewhere', label: project.elsewhere };
  try {
    const { store } = project;
    const repository = isLocalFolder(store) ? await project.repository?.() : undefined;
    return repository === undefined || !isLocalFolder(store)
      ? { kind: 'none' }
      : await look(repository, store, catalog, newest);
  } catch (error) {
    const hint = error instanceof OverwinterError ? { hint: error.hintPieces } : {};
    return { kind: 'unknown', trouble: { text: reasonOf(error), ...hint } };
  }
}

async function look(
  repository: Repository,
  store: LocalFolder,
  { entries }: Catalog,
  newest: Opened | undefined,
): Promise<GitFacts> {
  const folder = insideOf(repository, store);
  const inFolder = (file: string) => (folder === '' ? file : `${folder}/${file}`);
  const [{ current: branch, remote: branches, upstream: configured }, remotes, ignored, atHead, needed] =
    await Promise.all([
      branchesOf(repository),
      repository.askMaybe('remote').then((said) => (said ?? '').split('\n').filter(Boolean)),
      isIgnored(repository, inFolder('any')),
      filesOfCommit(repository, 'HEAD', folder),
      newest === undefined ? undefined : filesOf(store, newest),
    ]);
  const atRemote = (name: string) => filesOfCommit(repository, `refs/remotes/${name}`, folder);
  const usual = branches.find((each) => remotes.some((remote) => each === `${remote}/${branch}`));
  const upstream = branches.find((each) => each === configured) ?? usual;
  const atUpstream = upstream === undefined ? undefined : await atRemote(upstream);
  const newestIn = (files: ReadonlyMap<string, string> | undefined): Known | undefined => {
    const entry = entries.find(({ name }) => files?.has(manifestFile(name)));
    return entry && { name: entry.name, date: entry.metadata.backup_date };
  };
  const hasAll = (files: ReadonlyMap<string, string> | undefined) =>
    files !== undefined && needed !== undefined && [...needed].every(([file, id]) => isSame(files.get(file), id));
  // Wherever it is, it is on another machine: a new branch has what the one had that it began from.
  const pushedTo = async (): Promise<string | undefined> => {
    if (newest === undefined) return undefined;
    if (hasAll(atUpstream)) return upstream;
    const others = branches.filter((each) => each !== upstream);
    for (const other of await branchesWith(repository, others, inFolder(manifestFile(newest.name))))
      if (hasAll(await atRemote(other))) return other;
    return undefined;
  };
  return {
    kind: 'repository',
    folder,
    branch,
    ignored,
    committed: hasAll(atHead),
    lastCommitted: newestIn(atHead),
    hasSome: (atHead?.size ?? 0) > 0,
    remotes,
    upstream,
    pushedTo: await pushedTo(),
    lastPushed: newestIn(atUpstream),
  };
}

/** The ids of the files that a backup is made of. */
async function filesOf(store: ReadableStore, { name, manifest }: Opened): Promise<ReadonlyMap<string, string>> {
  const own = manifestFile(name);
  const bytes = await store.read(own);
  const parts = storedFiles(manifest).map(({ file }) => [file, idOfPart(file) ?? ''] as const);
  return new Map([[own, bytes === undefined ? '' : blobId(bytes)], ...parts]);
}

const SHA1 = 40;

/** A repository whose ids are longer ones has the file, and says nothing of what is in it. */
const isSame = (there: string | undefined, id: string) => there === id || (there !== undefined && there.length > SHA1);
