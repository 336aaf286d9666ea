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

export interface BranchAndDefault {
  /** Undefined on a detached HEAD. A branch without a commit has a name already. */
  readonly branch: string | undefined;
  /**
   * The branch others build on: what the remote says it is, then what is configured, then the usual names, then the only one
   * there is. Undefined where none of them exists.
   */
  readonly main: string | undefined;
  /** The commit of the branch. Undefined before the first one, and on a detached HEAD, which has another question. */
  readonly commit: string | undefined;
}

const ORIGIN = 'refs/remotes/origin/';

/** Most repositories answer all of it with one question. */
export async function branchAndDefault(repository: Repository): Promise<BranchAndDefault> {
  const format = '--format=%(HEAD)|%(refname)|%(symref)|%(objectname)';
  const listed = (await repository.run(['for-each-ref', format, HEADS, ORIGIN])).toString('utf8').trimEnd();
  const refs = listed.split('\n').map((line) => line.split('|'));
  const [, head, , commit] = refs.find(([mark]) => mark === '*') ?? [];
  const found = { branch: head?.slice(HEADS.length) ?? (await currentBranch(repository)), commit };
  const remote = refs.find(([, name]) => name === `${ORIGIN}HEAD`)?.[2];
  if (remote) return { ...found, main: remote.slice(ORIGIN.length) };
  const names = new Set(refs.flatMap(([, name = '']) => name.replace(/^refs\/(heads|remotes\/origin)\//, '') || []));
  // Before the first commit, the branch the first commit will make is all there is.
  if (names.size === 0) return { ...found, main: found.branch };
  const [only] = names;
  if (names.size === 1) return { ...found, main: only };
  const configured = await repository.askMaybe('config', 'init.defaultBranch');
  return { ...found, main: [configured, 'main', 'master'].find((name) => name !== undefined && names.has(name)) };
}
