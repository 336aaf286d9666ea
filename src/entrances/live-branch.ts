import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { branchOutOfReach } from '../core/problems.ts';
import { fetchHead, writeToBranch } from '../git/branch.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';
import { makeLocalFolder, realPath } from '../local/place.ts';
import { type Copied, copyNewest } from '../operations/copy-newest.ts';
import type { Destination, Project, Source } from '../operations/project.ts';
import { prune } from '../operations/prune.ts';
import { gitRevisionStore } from '../stores/git-revision.ts';
import { type BranchStore, branchStore } from './ci/branch-store.ts';
import { folderIn } from './hook.ts';
import { OWN_TRIGGERS } from './keep/thin-out.ts';

const REMOTE = 'origin';
const IDENTITY = { name: 'Overwinter', email: 'overwinter@localhost' };
/** A commit that only carries data is to start no build and no deployment. */
const SKIP = '[skip render] [skip netlify] [skip railway] [skip-cd]';

/** Nobody is there to be asked for a password, and a line that went dead is to be noticed. */
const UNATTENDED = { GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '60' };

/** A branch of the remote that an app brings its backups to while it runs, and takes them from when it starts. */
export function liveBranch(branch: string, folder: string, env: Environment): Source & Destination {
  const label = `the branch ${branch} of ${REMOTE}`;
  const repositoryOf = async (): Promise<Repository> => {
    const repository = await openRepository(folder, { ...UNATTENDED, ...env });
    if (repository === undefined) throw branchOutOfReach(branch, folder)();
    return repository;
  };
  return {
    label,
    isLive: true,

    async open() {
      const repository = await repositoryOf();
      const ref = `refs/overwinter/${randomUUID()}`;
      const commit = await fetchHead(repository, { remote: REMOTE, branch }, ref);
      if (commit === undefined) return undefined;
      await repository.askMaybe('update-ref', '-d', ref);
      return { ...(await gitRevisionStore(repository, commit, realPath(folder))), label };
    },

    async bring(project) {
      const repository = await repositoryOf();
      const inside = (await folderIn(repository, { backups: folder, env })) ?? '';
      const scratch = makeLocalFolder(project.local, 'scratch', `push-${randomUUID()}`);
      const opened: BranchStore[] = [];
      let copied: Copied | undefined;
      try {
        await writeToBranch(
          repository,
          {
            remote: REMOTE,
            branch,
            identity: IDENTITY,
            get message() {
              return `[skip ci] Save ${copied?.name}\n\n${copied?.rows} rows.\n\n${SKIP}`;
            },
            async files(commit) {
              const there = { label, commit, inside, scratch: join(scratch, String(opened.length)) };
              const store = await branchStore(repository, there);
              opened.push(store);
              copied = await copyNewest(project, store);
              if (copied?.status !== 'copied') return [];
              await thin({ ...project, store }, copied.name);
              return store.changes();
            },
          },
          { sleep, random: Math.random },
        );
        return copied;
      } finally {
        for (const store of opened) store.close();
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
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
