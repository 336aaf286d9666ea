import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { secretsKept, spying } from './secret-words.ts';
import { type Ran, runWarm, runWarmBeside } from './warm.ts';

export type { Ran } from './warm.ts';

export const MAIN = resolve(import.meta.dirname, '../../dist/main.cjs');

/** Runs the compiled program as a user would, in a folder. */
export function overwinter(cwd: string, args: readonly string[], env: Record<string, string> = {}, input = ''): Ran {
  const clean = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(OVERWINTER|GIT_|CI$|NODE_ENV$|VITEST)/.test(entry[0]),
  );
  // Wherever the tests run, what they try runs on a machine that keeps its files.
  const given = { ...Object.fromEntries(clean), OVERWINTER_HOST: 'none', ...env };
  return input === '' ? runProgram(cwd, args, given) : start(cwd, args, given, input);
}

/**
 * Most commands need no process of their own. What reads its input, starts an app or has a configuration in code, which a
 * process loads once, gets one.
 */
export function runProgram(cwd: string, args: readonly string[], env: Record<string, string>): Ran {
  return needsItsOwn(cwd, args)
    ? start(cwd, args, env, '')
    : secretsKept(cwd, env, runWarm({ cwd, argv: args, env: spying(env, false) }));
}

/** The same, while the test goes on. */
export function runProgramBeside(cwd: string, args: readonly string[], env: Record<string, string>): Promise<Ran> {
  if (needsItsOwn(cwd, args)) return startBeside(cwd, args, env);
  return runWarmBeside({ cwd, argv: args, env: spying(env, false) }).then((ran) => secretsKept(cwd, env, ran));
}

const needsItsOwn = (cwd: string, args: readonly string[]) =>
  args.includes('-') ||
  args[0] === 'run' ||
  readdirSync(cwd).some((file) => /^overwinter\.config\.[^j]|\.m?js$/.test(file));

/** In a process of its own, of which there may be several at once. */
export function startBeside(cwd: string, args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const ran = new Promise<Ran>((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd, env: spying(env, true) }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
  return ran.then((each) => secretsKept(cwd, env, each));
}

function start(cwd: string, args: readonly string[], env: Record<string, string>, input: string): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env: spying(env, true),
    input,
    encoding: 'utf8',
  });
  return secretsKept(cwd, env, { code: status, stdout, stderr });
}
