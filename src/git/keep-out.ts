import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { realPath } from '../files/real-path.ts';
import { isIgnored } from './questions.ts';
import { type Environment, openRepository } from './repository.ts';

/** Where a path came to be that git would take for a file to commit. `out`: git passes it over from now on, in this clone alone. */
export type KeptOut = 'was so' | 'out' | 'failed';

/**
 * Keeps a file or folder, and what lies beside it under its name, out of what `git add .` adds: by a line that only this clone has. Nothing is
 * done where git passes it over already, or no work tree has it.
 */
export async function keepOut(path: string, env: Environment): Promise<KeptOut> {
  const repository = await openRepository(dirname(path), env);
  if (repository === undefined) return 'was so';
  const inside = relative(realPath(repository.top), realPath(path)).replaceAll('\\', '/');
  if (inside === '' || inside.startsWith('../') || (await isIgnored(repository, inside))) return 'was so';
  const file = resolve(repository.top, await repository.ask('rev-parse', '--git-path', 'info/exclude'));
  const name = `/${literally(inside)}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const begin = before === '' || before.endsWith('\n') ? '' : '\n';
    appendFileSync(file, `${begin}${name}\n${name}-*\n${name}.wal\n`);
  } catch {
    return 'failed';
  }
  // A pattern of the project's own may say otherwise, and counts for more.
  return (await isIgnored(repository, inside)) ? 'out' : 'failed';
}

/** A path as a pattern that means itself alone. */
const literally = (path: string) =>
  path.replace(/[\\*?[\]]/g, '\\$&').replace(/ +$/, (spaces) => '\\ '.repeat(spaces.length));

/** What `info/exclude` is called, for people. */
export const EXCLUDE = join('.git', 'info', 'exclude');
