import { relative } from 'node:path';
import { EXCLUDE, keepOut } from '../git/keep-out.ts';
import type { Terminal } from './command.ts';
import type { Output } from './output.ts';

/**
 * A copy of the data in a work tree is what `git add .` commits next: with the columns that backups leave out, or in plain text where they are
 * encrypted. So git is told to pass it over, and whoever made it hears so.
 */
export async function keepOutOfGit(path: string, { env, cwd }: Terminal, output: Output): Promise<void> {
  const name = relative(cwd, path) || path;
  const kept = await keepOut(path, env).catch(() => 'failed' as const);
  if (kept === 'out') output.say(`Git passes ${name} over here: a line in ${EXCLUDE} says so.`);
  if (kept === 'failed')
    output.warn(`Git would commit ${name}, which may hold what backups leave out: move it, or name it in .gitignore.`);
}
