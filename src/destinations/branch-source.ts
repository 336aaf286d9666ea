import { OverwinterError } from '../core/errors.ts';
import { branchOutOfReach } from '../core/problems/git.ts';
import { realPath } from '../engines/real-path.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';
import type { Source } from '../operations/project.ts';
import { gitRevisionStore } from '../stores/git/revision.ts';
import type { ReadableStore } from '../stores/store.ts';

/**
 * The backups on a git branch, as this clone knows it: `backups` is a branch here or, where there is none, of origin. `folder` is
 * the backups folder in the work tree.
 */
export function branchSource(branch: string, folder: string, env: Environment): Source {
  return {
    label: `the branch ${branch}`,
    id: `branch:${branch}:${folder}`,
    async open() {
      const repository = await openRepository(folder, env);
      if (repository === undefined) throw branchOutOfReach(branch, folder)();
      return (await storeAt(repository, branch, folder)) ?? storeAt(repository, `origin/${branch}`, folder);
    },
  };
}

async function storeAt(repository: Repository, revision: string, folder: string): Promise<ReadableStore | undefined> {
  try {
    return await gitRevisionStore(repository, revision, realPath(folder));
  } catch (error) {
    if (error instanceof OverwinterError && error.code === 'REVISION_NOT_FOUND') return undefined;
    throw error;
  }
}
