import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { reasonOf } from '../core/errors.ts';
import { gitFailed } from '../core/problems/git.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { toStartPrograms } from '../files/programs.ts';
import type { Environment } from './environment.ts';
import { execute } from './execute.ts';
import { findPlace, type Place } from './place.ts';

export type { Environment } from './environment.ts';
export type { Place } from './place.ts';

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
  /** What a command prints, without the line's end. Throws GIT_FAILED. For commands that print: after silence simple-git waits. */
  ask(...args: string[]): Promise<string>;
  /**
   * The same, or undefined where git says no, with an exit code of 1 or without a word: for questions whose answer may be
   * "there is none". Throws GIT_FAILED where git did not answer: not started, killed, or in trouble with the repository.
   */
  askMaybe(...args: string[]): Promise<string | undefined>;
  /** A command that is fed, has an index of its own, or prints bytes. Throws GIT_FAILED with what git said as the cause. */
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>;
  /** A command that goes on, as `git cat-file --batch` does; the caller ends it. */
  start(args: readonly string[]): ChildProcess;
  /** Set where files stay at the remote until they are wanted. */
  readonly blobless?: Blobless;
}

/** A private store of one branch: without history, and with the files that were asked for. */
export interface Blobless {
  /** Settings of a fetch, which stand before the command, and its options. */
  readonly settings: readonly string[];
  readonly options: readonly string[];
  /** Brings those that are not here, all at once: one by one takes many times as long. */
  bring(ids: readonly string[]): Promise<void>;
  /** Throws the store away: it is broken, and the next who needs it makes it anew. */
  discard(): void;
}

/** Undefined where the folder is in no work tree. Throws GIT_FAILED where it may be in one and there is no git. */
export async function openRepository(
  from: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<Repository | undefined> {
  const found = await findPlace(from, env);
  return found && repositoryAt(found.place, found.env, signal);
}

/** The repository whose place is known, with an environment in which git finds it. With `signal` end all commands that `run` began. */
export function repositoryAt({ top, gitDir }: Place, env: NodeJS.ProcessEnv, signal?: AbortSignal): Repository {
  let git: Promise<SimpleGit> | undefined;
  const ask = async (...args: string[]) => {
    git ??= porcelain(top, env);
    try {
      return withoutLineEnd(await (await git).raw(args));
    } catch (error) {
      // What simple-git throws repeats the whole command and all that git said.
      throw gitFailed(args[0] ?? 'run')(new Error(withoutSecrets(reasonOf(error))));
    }
  };
  return {
    top,
    gitDir,
    index: env.GIT_INDEX_FILE ?? resolve(gitDir, 'index'),
    ask,
    async askMaybe(...args) {
      const { code, stdout, stderr } = await execute(top, env, args, undefined);
      if (code === 0) return withoutLineEnd(stdout.toString('utf8'));
      if (code === 1 || (code !== null && stderr.trim() === '')) return undefined;
      throw gitFailed(args[0] ?? 'run')(new Error(withoutSecrets(stderr.trim())));
    },
    async run(args, { input, index, env: more } = {}) {
      const own = index === undefined ? {} : { GIT_INDEX_FILE: index };
      const { code, stdout, stderr } = await execute(top, { ...env, ...own, ...more }, args, input, signal);
      if (code !== 0)
        throw gitFailed(args[0] ?? 'run')(new Error(withoutSecrets(`${stderr.trim()}\n${stdout}`.trim())));
      return stdout;
    },
    start: (args) =>
      spawn('git', [...args], {
        cwd: top,
        env: toStartPrograms(env),
        stdio: ['pipe', 'pipe', 'ignore'],
        windowsHide: true,
      }),
  };
}

const withoutLineEnd = (text: string): string => text.replace(/\n$/, '');

/**
 * simple-git refuses an environment that could start other programs (git itself sets GIT_EDITOR for `commit -m`). This one
 * is the user's own, as every other program in the hook gets it, so there is nothing to guard against.
 * It is loaded with the first question: many a call has none, and loading it takes a third of the time of starting node.
 */
async function porcelain(top: string, env: NodeJS.ProcessEnv): Promise<SimpleGit> {
  const { simpleGit } = await import('simple-git');
  const git = simpleGit({
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
  });
  git.env(toStartPrograms(env));
  return git;
}
