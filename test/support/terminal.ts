import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from './command-line.ts';

/** Whether there is the program that gives another one a terminal, in the form that Linux has. */
export const HAS_TERMINAL = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

if (!HAS_TERMINAL) console.warn("Tests on a terminal are skipped: Debian's bsdutils has 'script'.");

/** What the compiled program says to each call, one after another, on a terminal of so many columns. */
export function saidOnTerminal(cwd: string, calls: readonly (readonly string[])[], columns: number): readonly string[] {
  const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
  const each = calls.map((args) => `${quoted([process.execPath, MAIN, ...args])}; printf '${BETWEEN}'`);
  const script = join(cwd, '.calls');
  writeFileSync(script, `stty cols ${columns} rows 40\n${each.join('\n')}\n`);
  const { stdout } = spawnSync('script', ['-qec', `sh '${script}'`, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, OVERWINTER_HOST: 'none', TERM: 'xterm' },
    input: '',
    encoding: 'utf8',
    timeout: 300_000,
  });
  return stdout.replaceAll('\r\n', '\n').split(BETWEEN).slice(0, calls.length);
}

const BETWEEN = '====';

/** Runs the compiled program on a terminal, where somebody types `typed`; all that it says comes as one text. */
export function onTerminal(cwd: string, args: readonly string[], typed: string): { code: number | null; text: string } {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  // Wide enough for every sentence to be in one line.
  const env = { ...process.env, OVERWINTER_HOST: 'none', NO_COLOR: '1', COLUMNS: '2000' };
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd,
    env,
    input: `${typed}\n`,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, text: stdout };
}
