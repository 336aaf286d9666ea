import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../core/errors.ts';
import { kindOf, nameOfManifest } from '../../core/names.ts';
import { branchOutOfReach } from '../../core/problems/git.ts';
import { publicName } from '../../core/public-remote.ts';
import { withoutSecrets } from '../../core/secrets.ts';
import { count } from '../../core/words.ts';
import { realPath } from '../../files/real-path.ts';
import { peekMetadata } from '../../format/read-metadata.ts';
import { fetchHead, headBranch, writeToBranch } from '../../git/branch.ts';
import { type Environment, openRepository, type Repository } from '../../git/repository.ts';
import { insideOf, makeLocalFolder } from '../../local/place.ts';
import { knownVisibility } from '../../local/readers.ts';
import { type Batch, LARGEST_FILE, type ReadableStore, type Remote, type WritableStore } from '../store.ts';
import { inRemoteStore } from './bare-clone.ts';
import { type BranchStore, branchStore } from './branch-store.ts';
import type { Layout } from './commit-files.ts';
import { commitStore } from './revision.ts';

const REMOTE = 'origin';
const IDENTITY = { name: 'Overwinter', email: 'overwinter@localhost' };
/** A commit that only carries data is to start no build and no deployment. */
const SKIP = '[skip render] [skip netlify] [skip railway] [skip-cd]';

/** Nobody is there to be asked for a password, and a line that went dead is to be noticed. */
const UNATTENDED = { GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '60' };

/** Where a manifest says what it is of. */
const HEAD_BYTES = 8 * 1024;

export interface LivePlace {
  /** Without it the branch that the remote shows first. */
  readonly branch: string | undefined;
  readonly layout?: Layout;
  /** The folder of the database's backups, and the one of all backups. */
  readonly folder: string;
  readonly backups: string;
  /** The `.overwinter/` folder. */
  readonly local: string;
  /** The address of the repository that has the branch. Without it, it is `origin` of the one the folder is in. */
  readonly remote: string | undefined;
}

/** A branch of a remote that an app brings its backups to while it runs, and takes them from when it starts. */
export function liveBranch(place: LivePlace & { readonly branch: string }, env: Environment): Omit<Remote, 'address'> {
  const { branch, folder, local, remote } = place;
  const label = `the branch ${branch} of ${withoutSecrets(remote ?? REMOTE)}`;
  const id = `branch:${branch}:${remote ?? REMOTE}:${folder}`;
  return {
    label,
    id,
    open: (signal) => openPlace({ ...place, label, id }, env, signal),
    isBounded: true,
    async publicAs() {
      const address = remote ?? (await (await openRepository(folder, env))?.askMaybe('config', `remote.${REMOTE}.url`));
      return publicName(address, knownVisibility(local, address));
    },
  };
}

/** The store that is the branch. Git asks nobody for a password, since nobody may be there. */
export function openPlace(place: Named, env: Environment, signal?: AbortSignal): WritableStore {
  const unattended = { ...UNATTENDED, ...env };
  return openBranch(place, (work) => openedFor({ ...place, signal }, unattended, work));
}

/** Works in the repository that knows the branch: the project's own, or one for the branch alone. */
async function openedFor<T>(
  { branch, folder, backups, local, remote, signal }: LivePlace & { readonly signal: AbortSignal | undefined },
  env: NodeJS.ProcessEnv,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const own = await openRepository(folder, env, signal);
  if (remote !== undefined) {
    // Without a checkout the project's own folder is what the branch would be checked out as.
    const root = realPath(dirname(local));
    const path = insideOf(root, realPath(folder));
    const top = own?.top ?? (path === undefined ? dirname(realPath(backups)) : root);
    return inRemoteStore({ address: remote, top, local, signal }, env, work);
  }
  if (own === undefined) throw branchOutOfReach(branch ?? 'of the remote', folder)();
  return work(own);
}

export type Named = LivePlace & Pick<Remote, 'label' | 'id'>;
type InRepository = <T>(work: (repository: Repository) => Promise<T>) => Promise<T>;

function openBranch(place: Named, inRepository: InRepository): WritableStore {
  const { label, id, layout } = place;
  let fetched: Promise<ReadableStore> | undefined;
  const asItIs = () => {
    fetched ??= inRepository(async (repository) => {
      const ref = `refs/overwinter/${randomUUID()}`;
      const commit = await fetchHead(repository, { remote: REMOTE, branch: await branchOf(place, repository) }, ref);
      const store = await commitStore(
        repository,
        commit,
        { inside: insideOfPlace(place, repository), layout },
        { label, id },
      );
      if (commit !== undefined) await repository.run(['update-ref', '-d', ref]).catch(reasonOf);
      return store;
    });
    return fetched;
  };
  return {
    label,
    id,
    limits: { largestFile: LARGEST_FILE, atOnce: 8, replaces: true },
    list: async (shelf) => (await asItIs()).list(shelf),
    read: async (path, range) => (await asItIs()).read(path, range),
    async batch(work) {
      const answer = await inRepository((repository) => commitBatch(place, repository, work));
      fetched = undefined;
      return answer;
    },
  };
}

/** Where the backups are in the repository. One without folders has those of the first database on top. */
const insideOfPlace = ({ folder, backups, layout }: LivePlace, { top }: Repository): string =>
  insideOf(realPath(layout === 'flat' ? backups : top), realPath(folder)) ?? '';

const branchOf = async ({ branch }: LivePlace, repository: Repository): Promise<string> =>
  branch ?? (await headBranch(repository, REMOTE)) ?? 'main';

/** One commit of what `work` writes, made again over what others pushed meanwhile; none where it writes nothing. */
async function commitBatch<T>(place: Named, repository: Repository, work: (batch: Batch) => Promise<T>): Promise<T> {
  const { local, label, id, layout } = place;
  const branch = await branchOf(place, repository);
  const inside = insideOfPlace(place, repository);
  const scratch = makeLocalFolder(local, 'scratch', `push-${randomUUID()}`);
  const opened: BranchStore[] = [];
  const answers: { readonly is: T }[] = [];
  let message = '';
  try {
    await writeToBranch(
      repository,
      {
        remote: REMOTE,
        branch,
        identity: IDENTITY,
        get message() {
          return message;
        },
        async files(commit) {
          const flat = layout === undefined ? {} : { layout };
          const there = { label, id, ...flat, commit, inside, scratch: join(scratch, String(opened.length)) };
          const store = await branchStore(repository, there);
          opened.push(store);
          answers.push({ is: await work(store) });
          message = await messageOf(store);
          return store.changes();
        },
      },
      { sleep, random: Math.random },
    );
    const last = answers.at(-1);
    if (last === undefined) throw new Error(`nothing was asked of ${label}`);
    return last.is;
  } finally {
    for (const store of opened) store.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What the commit brings, for whoever reads the branch's log. */
async function messageOf(store: BranchStore): Promise<string> {
  const [file] = store.published().filter((path) => nameOfManifest(path) !== undefined);
  if (file === undefined) return `[skip ci] Tidy the backups\n\n${SKIP}`;
  const name = nameOfManifest(file) ?? '';
  const rows = peekMetadata(String(await store.read(file, { first: HEAD_BYTES })))?.rows;
  const told = rows === undefined ? [] : [`${count(rows, 'row')}.`];
  return [`[skip ci] ${kindOf(name) === 'conflict' ? 'Keep aside' : 'Save'} ${name}`, ...told, SKIP].join('\n\n');
}
