import { folderIn } from '../commit/where-to-save.ts';
import { git, hint, inTurn, overwinter } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';
import { branchAndDefault } from '../git/branches.ts';
import { headCommit } from '../git/questions.ts';
import { accessEnvironment } from '../git/remote-access.ts';
import { type Environment, openRepository, type Repository } from '../git/repository.ts';

/** What is deployed, and which branch its backup goes to. */
export interface Target {
  readonly repository: Repository;
  /** The backups folder from the top of the repository. */
  readonly inside: string;
  readonly commit: string;
  readonly branch: string;
  /** The backups have a branch to themselves. */
  readonly separate: boolean;
  /** Nobody merges into this branch from beside it: the pointer may move and old backups may go. */
  readonly leading: boolean;
}

const REF = 'refs/heads/';

/** Throws USAGE where there is no repository, no commit or no branch. */
export async function findTarget(
  backups: string,
  env: Environment,
  { branch, remote }: { readonly branch: string | undefined; readonly remote: string },
): Promise<Target> {
  const repository = await openWithToken(backups, remote, env);
  const inside = repository && (await folderIn(repository, { backups, env }));
  if (repository === undefined || inside === undefined)
    throw usage(
      `${backups} is in no git repository.`,
      hint`Name the folder with --dir, or begin with ${git('init')}.`,
    )();
  const commit = await headCommit(repository);
  if (commit === undefined)
    throw usage(
      'There is no commit yet that could be deployed.',
      hint`Make the first one: ${inTurn(overwinter('init'), git('add', '.'), git('commit', '-m', 'Begin'))}.`,
    )();
  // A runner may check out a commit instead of a branch, and says in the environment what was pushed.
  const pushed = env.GITHUB_REF?.startsWith(REF) ? env.GITHUB_REF.slice(REF.length) : undefined;
  const checkedOut = await branchAndDefault(repository);
  const here = checkedOut.branch ?? pushed;
  const target = branch ?? here;
  if (target === undefined)
    throw usage('No branch is checked out.', hint`Name the one to push to: ${overwinter('ci', '--branch', 'main')}.`)();
  const separate = target !== here;
  return {
    repository,
    inside,
    commit,
    branch: target,
    separate,
    leading: separate || target === (checkedOut.main ?? target),
  };
}

/** The same branch for the backups of another database of the project. */
export async function targetFor(target: Target, backups: string, env: Environment): Promise<Target> {
  const inside = await folderIn(target.repository, { backups, env });
  if (inside === undefined)
    throw usage(`${backups} is not in the repository.`, hint`Name a folder in it with --dir.`)();
  return { ...target, inside };
}

/** A runner's checkout need not keep what lets git push: the step that pushes is given a token of its own. */
async function openWithToken(backups: string, remote: string, env: Environment): Promise<Repository | undefined> {
  const repository = await openRepository(backups, env);
  if (repository === undefined || !env.OVERWINTER_GIT_TOKEN) return repository;
  const address = await repository.askMaybe('config', `remote.${remote}.url`);
  return openRepository(backups, accessEnvironment(address, env));
}
