import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';
import { gitFailed } from '../core/problems.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  /** What git reads from its standard input. */
  readonly input?: string | Uint8Array;
  /** Another index than the one git is working on. */
  readonly index?: string;
  /** Further variables, such as who a commit is by. */
  readonly env?: Environment;
}

/** One work tree of one repository. Every command runs at its top, whatever folder the caller is in. */
export interface Repository {
  readonly top: string;
  /** Where this work tree's own state lies: not the common folder, in a linked work tree. */
  readonly gitDir: string;
  /** The index git is working on: inside `git commit -- path` it is not the usual one. */
  readonly index: string;
  /** What a command prints, without the line's end. Throws GIT_FAILED. */
  ask(...args: string[]): Promise<string>;
  /** The same, or undefined where the command fails: for questions whose answer may be "there is none". */
  askMaybe(...args: string[]): Promise<string | undefined>;
  /** A command that is fed, has an index of its own, or prints bytes. Throws GIT_FAILED with what git said as the cause. */
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>;
  /** A command that goes on, as `git cat-file --batch` does; the caller ends it. */
  start(args: readonly string[]): ChildProcess;
}

/** Paths would otherwise be patterns, and a backup may be called anything. */
const PATTERNS = ['GIT_GLOB_PATHSPECS', 'GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS'];

/** Where the variables of a hook point when they are relative: to the top of the work tree, wherever the hook went since. */
const RELATIVE = ['GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'];

/** Undefined where the folder is in no work tree. Throws GIT_FAILED where there is no git. */
export async function openRepository(from: string, env: Environment): Promise<Repository | undefined> {
  const folder = existingFolder(from);
  const given: NodeJS.ProcessEnv = { ...env, GIT_LITERAL_PATHSPECS: '1' };
  for (const name of PATTERNS) delete given[name];
  const place = await findPlace(folder, given);
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
  return repositoryAt(place, given);
}

interface Place {
  readonly top: string;
  readonly gitDir: string;
}

async function findPlace(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const { GIT_DIR, GIT_WORK_TREE, ...plain } = env;
  if (GIT_DIR === undefined) return askPlace(folder, env);
  const gitDir = resolveUpwards(folder, GIT_DIR);
  if (GIT_WORK_TREE === undefined) {
    const found = await askPlace(folder, plain);
    if (found !== undefined && sameFile(found.gitDir, gitDir)) return found;
  }
  const workTree = GIT_WORK_TREE === undefined ? {} : { GIT_WORK_TREE: resolveUpwards(folder, GIT_WORK_TREE) };
  return askPlace(folder, { ...plain, ...workTree, GIT_DIR: gitDir });
}

async function askPlace(folder: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const result = await execute(folder, env, ['rev-parse', '--show-toplevel', '--absolute-git-dir'], undefined);
  const [top, gitDir] = result.stdout.toString('utf8').split('\n');
  if (result.code !== 0 || top === undefined || gitDir === undefined) return undefined;
  return { top, gitDir };
}

/** A hook is started at the top; a script in it may have gone deeper since. */
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

function repositoryAt({ top, gitDir }: Place, env: NodeJS.ProcessEnv): Repository {
  const git = porcelain(top, env);
  const ask = async (...args: string[]) => {
    try {
      return (await git.raw(args)).replace(/\n$/, '');
    } catch (error) {
      throw gitFailed(args[0] ?? 'run')(error);
    }
  };
  return {
    top,
    gitDir,
    index: env.GIT_INDEX_FILE ?? resolve(gitDir, 'index'),
    ask,
    askMaybe: (...args) => ask(...args).catch(() => undefined),
    async run(args, { input, index, env: more } = {}) {
      const own = index === undefined ? {} : { GIT_INDEX_FILE: index };
      const { code, stdout, stderr } = await execute(top, { ...env, ...own, ...more }, args, input);
      if (code !== 0) throw gitFailed(args[0] ?? 'run')(new Error(`${stderr.trim()}\n${stdout}`.trim()));
      return stdout;
    },
    start: (args) => spawn('git', [...args], { cwd: top, env, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true }),
  };
}

/**
 * simple-git refuses an environment that could start other programs (git itself sets GIT_EDITOR for `commit -m`). This one
 * is the user's own, as every other program in the hook gets it, so there is nothing to guard against.
 */
function porcelain(top: string, env: NodeJS.ProcessEnv): SimpleGit {
  return simpleGit({
    baseDir: top,
    // A command that fails in silence (`symbolic-ref -q`) fails all the same.
    errors: (error, { exitCode }) => error ?? (exitCode === 0 ? undefined : new Error(`git ended with ${exitCode}`)),
    unsafe: {
      allowUnsafeAlias: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeDiffExternal: true,
      allowUnsafeDiffTextConv: true,
      allowUnsafeEditor: true,
      allowUnsafeFilter: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeGitProxy: true,
      allowUnsafeGpgProgram: true,
      allowUnsafeHooksPath: true,
      allowUnsafeMergeDriver: true,
      allowUnsafePack: true,
      allowUnsafePager: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      allowUnsafeTemplateDir: true,
    },
  }).env(env);
}

interface Executed {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What simple-git has no way to say: something on standard input, and bytes as the answer. */
function execute(
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input: string | Uint8Array | undefined,
): Promise<Executed> {
  return new Promise((done, fail) => {
    const child = spawn('git', [...args], { cwd, env, windowsHide: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that fails at once closes its input; what it says then is what matters.
    child.stdin.on('error', () => {});
    child.on('error', (error) => fail(gitFailed('be started')(error)));
    child.on('close', (code) =>
      done({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') }),
    );
    child.stdin.end(input);
  });
}
