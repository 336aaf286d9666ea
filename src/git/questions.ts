import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** What git is in the middle of. */
export type RepositoryState = 'merging' | 'rebasing' | 'cherry-picking' | 'reverting' | 'bisecting';

const MARKS: readonly (readonly [string, RepositoryState])[] = [
  ['rebase-merge', 'rebasing'],
  ['rebase-apply', 'rebasing'],
  ['CHERRY_PICK_HEAD', 'cherry-picking'],
  ['REVERT_HEAD', 'reverting'],
  ['BISECT_LOG', 'bisecting'],
  ['MERGE_HEAD', 'merging'],
];

/** Undefined in ordinary life. */
export function stateOf(repository: Repository): RepositoryState | undefined {
  return MARKS.find(([mark]) => existsSync(join(repository.gitDir, mark)))?.[1];
}

/** Undefined on a detached HEAD. A branch without a commit has a name already. */
export function currentBranch(repository: Repository): Promise<string | undefined> {
  return repository.askMaybe('symbolic-ref', '-q', '--short', 'HEAD');
}

/** Undefined before the first commit. */
export function headCommit(repository: Repository): Promise<string | undefined> {
  return repository.askMaybe('rev-parse', '-q', '--verify', 'HEAD^{commit}');
}

/** The paths whose content in the index is not what HEAD has, from the top. */
export async function stagedPaths(repository: Repository): Promise<string[]> {
  const listed = await repository.run(['diff', '--cached', '--name-only', '--no-renames', '--no-ext-diff', '-z']);
  return listed.toString('utf8').split('\0').filter(Boolean);
}

/** The blob ids in the index under a folder, by path from the top; files in conflict are left out. */
export async function indexedBlobs(repository: Repository, folder: string): Promise<Map<string, string>> {
  const listed = await repository.run(['ls-files', '-s', '-z', '--', folder || '.']);
  const blobs = new Map<string, string>();
  for (const line of listed.toString('utf8').split('\0')) {
    const [, id, path] = /^\d+ ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
    if (id !== undefined && path !== undefined) blobs.set(path, id);
  }
  return blobs;
}

/** Whether git would pass a new file of this name over. */
export async function isIgnored(repository: Repository, path: string): Promise<boolean> {
  // This one command refuses to run where all paths are literal; from its input it takes them so anyway.
  const asked = { input: `${path}\0`, env: { GIT_LITERAL_PATHSPECS: '0' } };
  return repository.run(['check-ignore', '--no-index', '-z', '--stdin'], asked).then(
    () => true,
    () => false,
  );
}
