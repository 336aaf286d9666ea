import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { toStartPrograms } from '../files/programs.ts';
import { type Call, recall, type Staged } from './unchanged.ts';

/**
 * Whether the hook has nothing to do, for certain: neither the database nor the newest backup nor the branch changed since it
 * was last done, and the index that is being committed holds the very backups it held then. All else is for the hook itself.
 */
export async function nothingToCommit(call: Call): Promise<boolean> {
  const staged = (await recall(call))?.staged;
  return staged !== undefined && listingOf(staged.top, staged.folder, call.env) === staged.listing;
}

/** Undefined where git does not answer. */
export function stagedNow(top: string, folder: string, env: Call['env']): Staged | undefined {
  const listing = listingOf(top, folder, env);
  return listing === undefined ? undefined : { top, folder, listing };
}

/** A hash over the backups in the index. Git is asked from the top, because that is where a hook's variables are true. */
function listingOf(top: string, folder: string, env: Call['env']): string | undefined {
  const { status, stdout } = spawnSync('git', ['ls-files', '-s', '-z', '--', folder === '' ? '.' : folder], {
    cwd: top,
    env: toStartPrograms({ ...env, GIT_LITERAL_PATHSPECS: '1' }),
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? createHash('sha256').update(stdout).digest('hex') : undefined;
}
