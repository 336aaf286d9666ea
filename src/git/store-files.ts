import type { Repository } from './repository.ts';

/**
 * Puts files into git's objects as the bytes that they are, and answers their ids in the same order. Attributes, which any branch can
 * bring, would have a program of the user's configuration change them on the way. One process takes all: there may be thousands. Paths
 * are from the top of the work tree, or absolute. Throws GIT_FAILED.
 */
export async function storeFiles(repository: Repository, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const input = paths.map((path) => `${inOneLine(path)}\n`).join('');
  const answered = await repository.run(['hash-object', '-w', '--no-filters', '--stdin-paths'], { input });
  return answered.toString('utf8').trim().split('\n');
}

/** As git writes what has a line end, or looks as if it were so written. */
const inOneLine = (path: string) =>
  /["\\\n]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"` : path;

/** A line for `git update-index -z --index-info`. Without an id the path goes. */
export const indexLine = (path: string, id?: string): string =>
  id === undefined ? `0 ${'0'.repeat(40)}\t${path}\0` : `100644 ${id}\t${path}\0`;
