import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { gitFailed } from '../core/problems/git.ts';
import { isThere, statIfThere } from '../files/if-there.ts';
import { type Environment, PATTERNS } from './environment.ts';
import { execute } from './execute.ts';

/** A work tree and the folder that holds its state. */
export interface Place {
  readonly top: string;
  readonly gitDir: string;
}

/** Where the variables of a hook point when they are relative: to the top of the work tree, wherever the hook went since. */
const RELATIVE = ['GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'];

/**
 * The work tree a folder is in, and the environment in which git works on it from anywhere. Undefined where there is none.
 * Throws GIT_FAILED where there may be one and no git.
 */
export async function findPlace(
  from: string,
  env: Environment,
): Promise<{ place: Place; env: NodeJS.ProcessEnv } | undefined> {
  const folder = existingFolder(from);
  const given: NodeJS.ProcessEnv = { ...env, GIT_LITERAL_PATHSPECS: '1' };
  for (const name of PATTERNS) delete given[name];
  const place = await lookFor(folder, given);
  if (place === undefined) return undefined;
  for (const name of RELATIVE) {
    const value = given[name];
    if (value !== undefined && !isAbsolute(value)) given[name] = resolve(place.top, value);
  }
  if (given.GIT_DIR !== undefined) {
    // With GIT_DIR alone git takes the current folder for the top of the work tree.
    given.GIT_DIR = place.gitDir;
    given.GIT_WORK_TREE = place.top;
  }
  return { place, env: given };
}

async function lookFor(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const { GIT_DIR, GIT_WORK_TREE, ...plain } = env;
  if (GIT_DIR === undefined) return askAbove(folder, env);
  const gitDir = resolveUpwards(folder, GIT_DIR);
  if (GIT_WORK_TREE === undefined) {
    const found = await askAbove(folder, plain);
    if (found !== undefined && sameFile(found.gitDir, gitDir)) return found;
  }
  const workTree = GIT_WORK_TREE === undefined ? {} : { GIT_WORK_TREE: resolveUpwards(folder, GIT_WORK_TREE) };
  return askPlace(folder, { ...plain, ...workTree, GIT_DIR: gitDir });
}

/**
 * Asks from where a `.git` is, which no commit can bring. From deeper, git would take a folder that a branch gave the looks of a bare
 * repository for one, with its configuration. Where there is none git would find none, and to start it takes 5 ms.
 */
async function askAbove(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const git = nearestGit(folder);
  return git === undefined ? undefined : askPlace(dirname(git), env);
}

async function askPlace(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  // In git's own language: what it says tells a folder outside of any work tree from one that it will not look at.
  const asked = ['rev-parse', '--show-toplevel', '--absolute-git-dir'];
  const { code, stdout, stderr } = await execute(folder, { ...env, LC_ALL: 'C' }, asked, undefined);
  const [top, gitDir] = stdout.toString('utf8').split('\n');
  if (code === 0 && top !== undefined && gitDir !== undefined) return { top, gitDir };
  if (code !== null && OUTSIDE.test(stderr)) return undefined;
  throw gitFailed('look at the repository')(new Error(stderr.trim()));
}

const OUTSIDE = /not a git repository|must be run in a work tree/;

/** The `.git` that is nearest to a folder, in it or above; undefined where there is none. Nobody is asked. */
export function nearestGit(folder: string): string | undefined {
  const git = resolveUpwards(realpathSync(existingFolder(folder)), '.git');
  return isThere(git) ? git : undefined;
}

/** Where a path is found from a folder or from one above it: a hook is started at the top, and a script in it may have gone deeper since. */
function resolveUpwards(folder: string, path: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (isThere(resolve(at, path)) || dirname(at) === at) return resolve(at, path);
  }
}

function existingFolder(path: string): string {
  let at = resolve(path);
  while (!statIfThere(at)?.isDirectory() && dirname(at) !== at) at = dirname(at);
  return at;
}

function sameFile(a: string, b: string): boolean {
  return isThere(a) && isThere(b) && realpathSync(a) === realpathSync(b);
}
