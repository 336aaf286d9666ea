import type { Repository } from './repository.ts';

/** The blob ids of the files under a folder in a commit, by their path inside the folder. Empty where there is no such commit. */
export async function filesOfCommit(
  repository: Repository,
  revision: string,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const inside = folder === '' ? '' : `${folder}/`;
  const listed = await repository
    .run(['ls-tree', '-r', '-z', revision, ...(inside === '' ? [] : ['--', inside])])
    .catch(() => Buffer.alloc(0));
  const files = new Map<string, string>();
  for (const line of listed.toString('utf8').split('\0')) {
    const tab = line.indexOf('\t');
    const [, type, id] = line.slice(0, tab).split(' ');
    if (type === 'blob' && id !== undefined) files.set(line.slice(tab + 1 + inside.length), id);
  }
  return files;
}

const REMOTES = 'refs/remotes/';

/** Those of the remotes' branches that have a file at all, whatever is in it. */
export async function branchesWith(
  repository: Repository,
  branches: readonly string[],
  path: string,
): Promise<readonly string[]> {
  if (branches.length === 0) return [];
  const input = branches.map((branch) => `${REMOTES}${branch}:${path}\n`).join('');
  const answers = (await repository.run(['cat-file', '--batch-check'], { input })).toString('utf8').split('\n');
  return branches.filter((_branch, at) => / blob /.test(answers[at] ?? ''));
}
