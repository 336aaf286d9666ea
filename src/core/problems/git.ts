/** git, or whoever keeps the repository, did not do it. */
import { BACKUPS, CONFIG, DEBUG, git, given, hint, inTurn, overwinter, program, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const publicRemote = problem(
  'PUBLIC_REMOTE',
  (repository: string) => `Everybody can read ${repository}, and would read the backups in it: none was saved there.`,
  (repository) =>
    hint`${repository.startsWith('the gist ') ? 'E' : hint`Make it private (${program('gh', 'repo', 'edit', repository, '--visibility', 'private')}, then ${overwinter('init')}), e`}ncrypt the backups (${overwinter('keys new')}), or, if anybody may read the data, say ${setting({ publicRemote: 'allow' })} in ${CONFIG}.`,
);

export const gitFailed = problem(
  'GIT_FAILED',
  (what: string) => `git could not ${what}.`,
  () => hint`${git('status')} shows the state of the repository; ${DEBUG} shows what git said.`,
);

export const noRepository = problem(
  'GIT_FAILED',
  (folder: string) => `${folder} is in no git repository.`,
  () =>
    hint`${inTurn(git('init'), overwinter('init'))} at the top of the project makes one; ${overwinter('list')} shows what the folder itself has.`,
);

export const noRemote = problem(
  'USAGE',
  (remote: string, _others: readonly string[]) => `The repository has no remote '${remote}' that could be pushed to.`,
  (_remote, others) =>
    others.length > 0
      ? hint`Name one that it has: ${overwinter('ci', '--remote', others[0] ?? '')}.`
      : hint`Make one on GitHub, ${program('gh', 'repo', 'create', '--private', '--source', '.', '--remote', 'origin', '--push')}, or name yours: ${git('remote', 'add', 'origin', 'ADDRESS')}.`,
);

export const branchOutOfReach = problem(
  'GIT_FAILED',
  (branch: string, folder: string) => `The branch ${branch} cannot be looked at: ${folder} is in no git repository.`,
  () =>
    hint`Deploy the app with its repository (${git('clone')}), or name it: OVERWINTER_STORES='branch:backups?remote=https://github.com/you/app.git', with a token in OVERWINTER_GIT_TOKEN.`,
);

export const remoteShut = problem(
  'GIT_FAILED',
  (remote: string, hasToken: boolean) =>
    `${remote} does not let this app in: ${hasToken ? 'it does not take the token in OVERWINTER_GIT_TOKEN' : 'there is no token in OVERWINTER_GIT_TOKEN'}.`,
  () =>
    hint`Make a token that may read and write the repository's contents, set OVERWINTER_GIT_TOKEN to it, and run ${overwinter('status')}.`,
);

export const remoteMoved = problem(
  'GIT_FAILED',
  (remote: string) => `${remote} sends to another address, which the token in OVERWINTER_GIT_TOKEN is not for.`,
  () =>
    hint`Open it in a browser, and write the address where you come out into 'stores' or OVERWINTER_STORES; that of a gist has its owner in it: 'gist:you/0123\u2026'.`,
);

export const revisionNotFound = problem(
  'REVISION_NOT_FOUND',
  (revision: string) => `There is no commit '${revision}' in this repository.`,
  () =>
    hint`${given('committed', hint`${git('log', '--oneline', '--', BACKUPS)} shows the commits that carry backups.`, hint`No commit has a backup yet; ${overwinter('list')} shows what the folder has.`)}`,
);

export const noCommonCommit = problem(
  'REVISION_NOT_FOUND',
  (a: string, b: string) => `'${a}' and '${b}' have no commit in common here.`,
  () =>
    hint`In a shallow clone ${git('fetch', '--unshallow')} brings it; a workflow's checkout takes 'fetch-depth: 0'.`,
);

export const pushRefused = problem(
  'PUSH_REFUSED',
  (branch: string, remote: string, tries: number, said?: string) =>
    `${remote} did not take the backup for the branch ${branch} (${tries} ${tries === 1 ? 'try' : 'tries'})${said === undefined ? '' : `, and says: ${said}`}.`,
  (branch, remote) =>
    hint`Nothing was overwritten. ${git('push', '--dry-run', remote, `HEAD:${branch}`)} shows whether this machine may push there.`,
);

export const commentRefused = problem(
  'PUSH_REFUSED',
  (number: number, reason: string) => `No comment could be written on pull request ${number}: ${reason}.`,
  () => hint`Give the job 'pull-requests: write' under its permissions, and OVERWINTER_GIT_TOKEN to the step.`,
);

export const pullFailed = problem(
  'PULL_FAILED',
  (origin: string, what: string) => `The data could not be brought from ${origin}: ${what}.`,
  () =>
    hint`Nothing was pushed. See that the app runs, that OVERWINTER_TOKEN is the token it takes, and what it says of itself: ${overwinter('status')} there.`,
);
