import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { toStartPrograms } from '../files/programs.ts';
import type { Environment } from './environment.ts';

interface Running {
  readonly parent: number;
  readonly args: readonly string[];
}

/** A hook is started by a shell, and that by whatever runs hooks here. */
const MOST_BETWEEN = 12;

/**
 * What git was called with, from inside a hook of its: nothing else says whether a commit comes of it where nothing is staged. Undefined
 * where that cannot be seen.
 */
export function askedOfGit(env: Environment, from = process.ppid): readonly string[] | undefined {
  const look = process.platform === 'linux' ? inProcesses : listed(env);
  let pid = from;
  for (let step = 0; step < MOST_BETWEEN && pid > 1; step++) {
    const found = look(pid);
    if (found === undefined) return undefined;
    const [program = '', ...args] = found.args;
    if (/(^|[\\/])git(\.exe)?$/i.test(program) && commandIn(args)?.name !== 'hook') return args;
    pid = found.parent;
  }
  return undefined;
}

function inProcesses(pid: number): Running | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    // What stands before the last parenthesis is its name, and may be anything.
    const [, , parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').split(' ');
    return { parent: Number(parent), args };
  } catch {
    return undefined;
  }
}

function listed(env: Environment): (pid: number) => Running | undefined {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {
    env: toStartPrograms(env),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const running = new Map<number, Running>();
  for (const line of (stdout ?? '').split('\n')) {
    const [pid, parent, ...args] = line.trim().split(/\s+/);
    running.set(Number(pid), { parent: Number(parent), args });
  }
  return (pid) => running.get(pid);
}

/** Options of git itself that have a word of their own behind them. */
const WITH_WORD = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--config-env', '--exec-path']);

function commandIn(args: readonly string[]): { readonly name: string; readonly rest: readonly string[] } | undefined {
  let at = 0;
  while (args[at]?.startsWith('-')) at += WITH_WORD.has(args[at] ?? '') ? 2 : 1;
  const name = args[at];
  return name === undefined ? undefined : { name, rest: args.slice(at + 1) };
}

/** Options of `git commit` behind which a word of the user's stands. */
const WITH_TEXT = /^(-[a-zA-Z]*[mFCct]|--(message|file|author|date|template|reuse-message|reedit-message|trailer))$/;

/**
 * Whether git makes a commit even where nothing is staged, because it was told to, or makes the last one anew. `aliasOf` says what a name
 * of the user's own stands for.
 */
export async function commitsAnyway(
  args: readonly string[],
  aliasOf: (name: string) => Promise<string | undefined>,
): Promise<boolean> {
  const called = commandIn(args);
  if (called === undefined) return false;
  const stands = called.name === 'commit' ? '' : ((await aliasOf(called.name)) ?? '');
  const words = [...stands.split(/\s+/), ...called.rest];
  for (let at = 0; at < words.length && words[at] !== '--'; at++) {
    const word = words[at] ?? '';
    if (WITH_TEXT.test(word)) at++;
    else if (/^--am(e(n(d)?)?)?$/.test(word) || word === '--allow-empty') return true;
  }
  return false;
}
