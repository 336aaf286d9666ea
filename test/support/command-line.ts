import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

export const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled program as a user would, in a folder. */
export function overwinter(cwd: string, args: readonly string[], env: Record<string, string> = {}, input = ''): Ran {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OVERWINTER|GIT_|CI$|NODE_ENV$|VITEST)/.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    // Wherever the tests run, what they try runs on a machine that keeps its files.
    env: { ...clean, OVERWINTER_HOST: 'none', ...env },
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
