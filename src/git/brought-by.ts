import type { Repository } from './repository.ts';

/** The commit that brought a file, and its title, which is somebody's text. */
export interface Brought {
  readonly commit: string;
  readonly title: string;
}

/** For each of some files, by their paths from the top, the oldest commit that brought it, on whichever branch; asked for all at once. */
export async function broughtBy(
  repository: Repository,
  files: readonly string[],
): Promise<ReadonlyMap<string, Brought>> {
  const found = new Map<string, Brought>();
  if (files.length === 0) return found;
  const log = ['-c', 'log.showSignature=false', 'log', '--all', '--no-color', '--no-ext-diff', '--diff-filter=A'];
  const names = ['--name-only', '--no-renames', '-z', '--format=commit %H %s', '--', ...files];
  const printed = await repository.run([...log, ...names]);
  let brought: Brought | undefined;
  for (const token of printed.toString('utf8').split('\0')) {
    const [, commit, title = ''] = /^\n?commit ([0-9a-f]{40,64}) (.*)$/s.exec(token) ?? [];
    if (commit !== undefined) brought = { commit, title };
    else if (brought !== undefined && token.trim() !== '') found.set(token.replace(/^\n/, ''), brought);
  }
  return found;
}
