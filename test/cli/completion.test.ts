import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { wordsOfProgram } from '../../src/cli/words-of-program.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { installed } from '../support/installed.ts';
import { lasting } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const script = (shell: string) => overwinter(tmpdir(), ['completion', shell]).stdout;

const terminal = { argv: [], cwd: ROOT, env: {}, now: () => new Date(0), out: process.stdout, err: process.stderr };
const commands = wordsOfProgram(await createProgram(terminal));
const names = commands.filter(({ path }) => path.length === 1).map(({ path }) => path.join(' '));

const bash = script('bash');

/** What bash itself offers after the words; the last is the one being typed. */
function offered(...words: string[]): string[] {
  const typed = ['overwinter', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${bash}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _overwinter; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('bash', () => {
  test('offers every command', () => {
    expect(names.length).toBeGreaterThan(15);
    expect(offered('')).toEqual(expect.arrayContaining(names));
  });

  test('offers what goes on as it was begun', () => {
    expect(offered('sna')).toEqual(['snapshot', 'snapshots']);
    expect(offered('restore', '--a')).toEqual(['--at', '--as-of']);
    expect(offered('hook', 'p')).toEqual(['pre-commit', 'post-commit']);
    expect(offered('--db', 'app.db', 'stat')).toEqual(['status']);
  });

  test('offers no option of another command', () => {
    expect(offered('status', '--')).toContain('--json');
    expect(offered('status', '--')).not.toContain('--at');
  });

  test('leaves the value of an option to the files there are', () => {
    expect(offered('backup', '--db', '')).toEqual([]);
  });

  test('is told where it is to be', () => {
    const asked = `${bash}\ncomplete -p overwinter`;
    expect(execFileSync('bash', ['--norc', '-c', asked], { encoding: 'utf8' })).toContain('-F _overwinter overwinter');
  });
});

test('fish gets every command and option', () => {
  const text = script('fish');
  for (const name of names) expect(text).toContain(` -a ${name} -d `);
  expect(text).toContain("complete -c overwinter -n '__fish_seen_subcommand_from restore' -l at -r ");
});

test('zsh gets what bash gets', () => {
  expect(script('zsh')).toContain('bashcompinit');
  expect(script('zsh')).toContain(bash.split('\n').slice(1).join('\n'));
});

test('no other shell is promised', () => {
  const ran = spawnSync(process.execPath, [MAIN, 'completion', 'cmd'], { encoding: 'utf8' });
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain('bash, zsh, fish');
});

describe('the manual page', () => {
  const file = join(lasting(), 'overwinter.1');
  execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts/man.ts'), file], { cwd: ROOT });
  const page = readFileSync(file, 'utf8');

  test('has every command, its options and its examples', () => {
    for (const { path } of commands.slice(1)) expect(page).toContain(`.SS ${path.join(' ').replaceAll('-', '\\-')}\n`);
    expect(page).toMatch(/^\.B \\-\\-at </m);
    expect(page).toContain('$ overwinter init \\-\\-db data/app.db');
  });

  test.runIf(installed('groff'))('is a page without a fault', () => {
    const ran = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z', file], {
      encoding: 'utf8',
    });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });
});
