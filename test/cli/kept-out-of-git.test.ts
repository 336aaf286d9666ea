import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { newRepository, plainEnvironment, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** What a command writes beside the project's own files holds rows, and `git add .` would commit it. */
let repository: TestRepository;
const run = (...args: string[]) => overwinter(repository.top, [...args, '--db', 'app.db'], plainEnvironment);

beforeEach(() => {
  repository = newRepository({ hooks: false });
  repository.write('package.json', '{}\n');
  repository.write('.gitignore', 'app.db*\n.overwinter\n');
  expect(run('backup').code).toBe(0);
  repository.git(['add', '-A']);
  repository.git(['commit', '-q', '-m', 'begin']);
});

describe('what was written in the work tree', () => {
  test.each([
    ['restore --to', ['restore', 'latest', '--to', 'inspect.db']],
    ['restore --to, under a name that is a pattern', ['restore', 'latest', '--to', '[a]*.db']],
    ['export', ['export', '-o', 'data.json']],
    ['copy --to', ['copy', '--to', 'pglite:pg']],
  ])('is passed over by git, and that is said: %s', { timeout: 60_000 }, (_name, args) => {
    const ran = run(...args);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('.git/info/exclude');
    expect(repository.status()).toBe('');
    // Nothing else is, whatever stands in the name.
    repository.write('ab.db', 'x');
    expect(repository.status()).toBe('?? ab.db\n');
  });

  test('needs no line where it is passed over already, nor elsewhere', () => {
    expect(run('restore', 'latest', '--to', 'app.db.old').stderr).not.toContain('exclude');
    expect(run('restore', 'latest', '--to', join(scratch(), 'inspect.db')).stderr).not.toContain('exclude');
  });

  test('where the project says that git is to take it, nobody is told that it does not', () => {
    appendFileSync(join(repository.top, '.gitignore'), '!inspect.db\n');
    const { stderr } = run('restore', 'latest', '--to', 'inspect.db');
    expect(stderr).toContain('Git would commit inspect.db');
    expect(stderr).not.toContain('passes');
  });
});
