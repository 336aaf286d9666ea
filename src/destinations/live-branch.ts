import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../core/errors.ts';
import { branchOutOfReach } from '../core/problems/git.ts';
import { OWN_TRIGGERS } from '../core/triggers.ts';
import { realPath } from '../engines/real-path.ts';
import { fetchHead, writeToBranch } from '../git/branch.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';
import { insideOf, makeLocalFolder } from '../local/place.ts';
import { knownVisibility } from '../local/readers.ts';
import { copyNewest, type Refused } from '../operations/copy-newest.ts';
import type { Copied, Destination, Project, Source } from '../operations/project.ts';
import { prune } from '../operations/prune.ts';
import { inRemoteStore } from '../stores/git/bare-clone.ts';
import { type BranchStore, branchStore } from '../stores/git/branch-store.ts';
import { gitRevisionStore } from '../stores/git/revision.ts';
import { mustNotBePublic } from './public-remote.ts';

const REMOTE = 'origin';
const IDENTITY = { name: 'Overwinter', email: 'overwinter@localhost' };
/** A commit that only carries data is to start no build and no deployment. */
const SKIP = '[skip render] [skip netlify] [skip railway] [skip-cd]';

/** Nobody is there to be asked for a password, and a line that went dead is to be noticed. */
const UNATTENDED = { GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '60' };

export interface LivePlace {
  readonly branch: string;
  /** The folder of the database's backups, and the one of all backups. */
  readonly folder: string;
  readonly backups: string;
  /** The `.overwinter/` folder. */
  readonly local: string;
  /** The address of the repository that has the branch. Without it, it is `origin` of the one the folder is in. */
  readonly remote: string | undefined;
}

/** A branch of a remote that an app brings its backups to while it runs, and takes them from when it starts. */
export function liveBranch(
  { branch, folder, backups, local, remote }: LivePlace,
  env: Environment,
): Source & Destination {
  const label = `the branch ${branch} of ${remote ?? REMOTE}`;
  const unattended = { ...UNATTENDED, ...env };
  const inRepository = async <T>(work: (repository: Repository) => Promise<T>): Promise<T> => {
    const own = await openRepository(folder, unattended);
    if (remote !== undefined) {
      // Without a checkout the project's own folder is what the branch would be checked out as.
      const root = realPath(dirname(local));
      const path = insideOf(root, realPath(folder));
      const top = own?.top ?? (path === undefined ? dirname(realPath(backups)) : root);
      return inRemoteStore({ address: remote, top, local }, unattended, work);
    }
    if (own === undefined) throw branchOutOfReach(branch, folder)();
    return work(own);
  };
  return {
    label,
    id: `branch:${branch}:${remote ?? REMOTE}:${folder}`,
    isLive: true,

    open: () =>
      inRepository(async (repository) => {
        const ref = `refs/overwinter/${randomUUID()}`;
        const commit = await fetchHead(repository, { remote: REMOTE, branch }, ref);
        if (commit === undefined) return undefined;
        const store = await gitRevisionStore(repository, commit, realPath(folder));
        await repository.run(['update-ref', '-d', ref]).catch(reasonOf);
        return { ...store, label };
      }),

    bring: (project) => inRepository((repository) => bring(project, repository)),
  };

  async function bring(project: Project, repository: Repository): Promise<Copied | undefined> {
    const address = remote ?? (await repository.askMaybe('config', `remote.${REMOTE}.url`));
    mustNotBePublic(project, address, knownVisibility(local, address));
    const inside = insideOf(realPath(repository.top), realPath(folder)) ?? '';
    const scratch = makeLocalFolder(project.local, 'scratch', `push-${randomUUID()}`);
    const opened: BranchStore[] = [];
    let copied: Copied | Refused | undefined;
    try {
      await writeToBranch(
        repository,
        {
          remote: REMOTE,
          branch,
          identity: IDENTITY,
          get message() {
            return `[skip ci] ${copied?.status === 'refused' ? 'Keep aside' : 'Save'} ${copied?.name}\n\n${copied?.rows} rows.\n\n${SKIP}`;
          },
          async files(commit) {
            const there = { label, commit, inside, scratch: join(scratch, String(opened.length)) };
            const store = await branchStore(repository, there);
            opened.push(store);
            copied = await copyNewest(project, store);
            const isNew = copied?.status === 'copied' || (copied?.status === 'refused' && copied.isNew);
            if (copied === undefined || !isNew) return [];
            await thin({ ...project, store }, copied.name);
            return store.changes();
          },
        },
        { sleep, random: Math.random },
      );
      // Said only now that it is kept: had the push failed, that would be the news.
      if (copied?.status === 'refused') throw copied.problem;
      return copied;
    } finally {
      for (const store of opened) store.close();
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

/** Of the backups that watching made the old ones go, there as here; what was just brought stays. */
async function thin(there: Project, brought: string): Promise<void> {
  await prune(
    there,
    there.retention,
    false,
    ({ name, metadata }) => name !== brought && OWN_TRIGGERS.includes(metadata.origin.trigger),
  );
}
