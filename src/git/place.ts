import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { execute } from './execute.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A work tree and the folder that holds its state. */
export interface Place {
  readonly top: string;
  readonly gitDir: string;
}

/** Paths would otherwise be patterns, and a backup may be called anything. */
const PATTERNS = ['GIT_GLOB_PATHSPECS', 'GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS'];

/** Where the variables of a hook point when they are relative: to the top of the work tree, wherever the hook went since. */
const RELATIVE = ['GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'];

/** What a hook is told about the repository that is being committed, as `git rev-parse --local-env-vars` lists it. */
const LOCAL = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_IMPLICIT_WORK_TREE'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE'],
  ...['GIT_CONFIG', 'GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT', 'GIT_NO_REPLACE_OBJECTS', 'GIT_REPLACE_REF_BASE'],
];

/** The environment for any other repository than the one a hook runs for: else git would write into the wrong one. */
export function foreignEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOCAL.includes(name)));
}

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
  if (GIT_DIR === undefined) return isBelowRepository(folder) ? askPlace(folder, env) : undefined;
  const gitDir = resolveUpwards(folder, GIT_DIR);
  if (GIT_WORK_TREE === undefined) {
    const found = await askPlace(folder, plain);
    if (found !== undefined && sameFile(found.gitDir, gitDir)) return found;
  }
  const workTree = GIT_WORK_TREE === undefined ? {} : { GIT_WORK_TREE: resolveUpwards(folder, GIT_WORK_TREE) };
  return askPlace(folder, { ...plain, ...workTree, GIT_DIR: gitDir });
}

/** Where nothing above looks like a repository git would find none, and to start it takes 5 ms. */
const isBelowRepository = (folder: string) => existsSync(resolveUpwards(realpathSync(folder), '.git'));

async function askPlace(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const result = await execute(folder, env, ['rev-parse', '--show-toplevel', '--absolute-git-dir'], undefined);
  const [top, gitDir] = result.stdout.toString('utf8').split('\n');
  if (result.code !== 0 || top === undefined || gitDir === undefined) return undefined;
  return { top, gitDir };
}

/** Where a path is found from a folder or from one above it: a hook is started at the top, and a script in it may have gone deeper since. */
function resolveUpwards(folder: string, path: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(resolve(at, path)) || dirname(at) === at) return resolve(at, path);
  }
}

function existingFolder(path: string): string {
  let at = resolve(path);
  while (!statSync(at, { throwIfNoEntry: false })?.isDirectory() && dirname(at) !== at) at = dirname(at);
  return at;
}

function sameFile(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}
