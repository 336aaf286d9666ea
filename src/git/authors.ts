import type { Repository } from './repository.ts';

/** Who made a commit, and what for. */
export interface Authored {
  readonly author: string;
  readonly title: string;
}

/** Asked at once, however many commits there are. Both are somebody's text. */
export async function authorsOf(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, Authored>> {
  if (commits.length === 0) return new Map();
  const log = ['-c', 'log.showSignature=false', 'log', '--no-walk=unsorted', '--no-color', '--no-ext-diff', '--stdin'];
  const input = `${[...new Set(commits)].join('\n')}\n`;
  const printed = await repository.run([...log, '--format=%H%x00%an%x00%s'], { input });
  return new Map(
    printed
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('\0'))
      .flatMap(([id, author = '', title = '']) => (id ? [[id, { author, title }] as const] : [])),
  );
}
