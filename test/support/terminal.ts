import { spawnSync } from 'node:child_process';
import { MAIN } from './command-line.ts';

/** Whether there is the program that gives another one a terminal, in the form that Linux has. */
export const HAS_TERMINAL = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

if (!HAS_TERMINAL) console.warn("Tests on a terminal are skipped: Debian's bsdutils has 'script'.");

/** Runs the compiled program on a terminal, where somebody types `typed`; all that it says comes as one text. */
export function onTerminal(cwd: string, args: readonly string[], typed: string): { code: number | null; text: string } {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  const env = { ...process.env, OVERWINTER_HOST: 'none', NO_COLOR: '1' };
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd,
    env,
    input: `${typed}\n`,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, text: stdout };
}
