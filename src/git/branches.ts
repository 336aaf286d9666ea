import { currentBranch } from './questions.ts';
import type { Repository } from './repository.ts';

export interface Branches {
  /** Undefined on a detached HEAD. */
  readonly current: string | undefined;
  /** What is known here of the remotes' branches, by name: `origin/main`. */
  readonly remote: readonly string[];
  /** The one of them that the current branch is pushed to. Its upstream may be another branch of this very repository. */
  readonly upstream: string | undefined;
}

const REMOTES = 'refs/remotes/';
const HEADS = 'refs/heads/';

/** All of it is asked at once: to start git takes longer than the answer. */
export async function branchesOf(repository: Repository): Promise<Branches> {
  const format = '--format=%(HEAD)|%(refname)|%(upstream)|%(symref)';
  const listed = (await repository.askMaybe('for-each-ref', format, HEADS, REMOTES)) ?? '';
  const refs = listed.split('\n').map((line) => line.split('|'));
  // A symbolic one, `origin/HEAD`, names another of them.
  const remote = refs.flatMap(([, name = '', , symbolic]) =>
    name.startsWith(REMOTES) && symbolic === '' ? [name.slice(REMOTES.length)] : [],
  );
  const [, head, upstream = ''] = refs.find(([mark]) => mark === '*') ?? [];
  return {
    // Before the first commit there is no branch yet, and HEAD has its name already.
    current: head?.slice(HEADS.length) ?? (await currentBranch(repository)),
    remote,
    upstream: upstream.startsWith(REMOTES) ? upstream.slice(REMOTES.length) : undefined,
  };
}
