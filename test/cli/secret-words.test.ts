import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../support/scratch.ts';
import { secretsKept, spying } from '../support/secret-words.ts';

const QUIET = { code: 0, stdout: 'Saved 3 rows', stderr: '' };

test('what a run of any test tells of its secrets is noticed', () => {
  const cwd = scratch();
  const env = {
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
    DATABASE_URL: 'postgres://app:p%40ssw0rd-x@db/shop',
    PATH: '/bin',
  };
  expect(secretsKept(cwd, env, QUIET)).toBe(QUIET);
  const told = /a secret of the test's was told/;
  expect(() => secretsKept(cwd, env, { ...QUIET, stderr: 'with wJalrXUtnFEMI' })).toThrow(told);
  expect(() => secretsKept(cwd, env, { ...QUIET, stdout: 'p@ssw0rd-x' })).toThrow(told);
  mkdirSync(join(cwd, '.overwinter'));
  writeFileSync(join(cwd, '.overwinter/memory'), 'p%40ssw0rd-x');
  expect(() => secretsKept(cwd, env, QUIET)).toThrow(told);
});

test('so is one in the arguments of a process, wherever the program runs', () => {
  const env = { OVERWINTER_TOKEN: 'a-word-that-nobody-may-see' };
  const started = `import { spawnSync } from 'node:child_process'; spawnSync('true', [process.env.OVERWINTER_TOKEN]);`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', started], {
    env: { PATH: process.env.PATH, ...spying(env, true) },
    encoding: 'utf8',
  });
  expect(stderr).toContain('a secret stands in the arguments of true');
  expect(() => secretsKept(scratch(), env, { ...QUIET, stderr })).toThrow('in the arguments of true');
  expect(spying({ PATH: '/bin' }, true)).toEqual({ PATH: '/bin' });
});
