import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { commitsAnyway } from '../../src/git/asked.ts';
import { overwinter } from '../support/command-line.ts';
import { type MadeProject, makeProject } from '../support/project-shapes.ts';
import { addRows, manifestsIn, plainEnvironment, repositoryIn } from '../support/repository.ts';
import { lasting, scratch } from '../support/scratch.ts';

let pattern: MadeProject;
let project: MadeProject;

beforeAll(() => {
  const files = { 'package.json': '{}\n', '.gitignore': 'node_modules\n', 'code.txt': 'code\n' };
  pattern = makeProject({ name: 'app', files, db: 'app.db', git: true }, lasting());
  expect(overwinter(pattern.app, ['init'], plainEnvironment).code).toBe(0);
  pattern.git(['add', '.']);
  pattern.git(['commit', '-q', '-m', 'set up']);
});
beforeEach(() => {
  const top = scratch();
  cpSync(pattern.top, top, { recursive: true, verbatimSymlinks: true });
  project = { ...repositoryIn(top), app: top, database: join(top, 'app.db') };
});

const here = () => manifestsIn(readdirSync(join(project.top, 'backups')));
const committed = () => manifestsIn(project.changed());

// What git was called with is seen in Linux, and with `ps` on other systems.
describe('where nothing is staged and git makes a commit all the same', () => {
  test.each([
    ['--allow-empty', ['commit', '-q', '--allow-empty', '-m', 'a mark']],
    ['--amend', ['commit', '-q', '--amend', '-m', 'other words']],
    ['an alias', ['again']],
  ])('it carries the data: %s', (_name, args) => {
    project.git(['config', 'alias.again', 'commit --amend --no-edit']);
    addRows(project.database, 2);
    const ran = project.tryGit(args);
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/overwinter: \d+ rows saved as backup_/);
    expect(committed().length).toBeGreaterThan(0);
    expect(here()).toHaveLength(2);
    expect(project.status()).toBe('');
  });

  test('and says nothing where there is nothing new', () => {
    expect(project.tryGit(['commit', '-q', '--allow-empty', '-m', 'a mark'])).toMatchObject({ status: 0, stderr: '' });
    expect(committed()).toEqual([]);
  });
});

describe('where nothing is staged and git makes no commit', () => {
  test('the data is saved beside, nothing is staged, and it is said; trying again makes no commit either', () => {
    const head = project.git(['rev-parse', 'HEAD']);
    addRows(project.database, 2);
    const first = project.tryGit(['commit', '-m', 'only data']);
    expect(first.status).toBe(1);
    expect(first.stderr).toMatch(/rows saved as backup_.* no commit carries it yet, because nothing is staged/);
    expect(here()).toHaveLength(2);
    expect(project.git(['diff', '--cached', '--name-only'])).toBe('');
    const second = project.tryGit(['commit', '-m', '--amend']);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/backup_.* is here, and no commit carries it yet/);
    expect(project.git(['rev-parse', 'HEAD'])).toBe(head);
  });

  test('and the next commit of anything carries it', () => {
    addRows(project.database, 2);
    expect(project.tryGit(['commit', '-m', 'only data']).status).toBe(1);
    project.write('code.txt', 'more\n');
    project.git(['commit', '-q', '-a', '-m', 'code']);
    expect(committed()).toHaveLength(1);
    expect(project.status()).toBe('');
  });

  test('what it says can be done', () => {
    addRows(project.database, 2);
    expect(project.tryGit(['commit', '-m', 'only data']).status).toBe(1);
    project.git(['add', 'backups']);
    project.git(['commit', '-q', '-m', 'only data']);
    expect(committed()).toHaveLength(1);
    expect(project.status()).toBe('');
  });

  test('with nothing new nothing is said', () => {
    expect(project.tryGit(['commit', '-m', 'nothing'])).toMatchObject({ status: 1, stderr: '' });
  });
});

test.each([
  [true, 'commit --amend'],
  [true, '-C elsewhere -c user.name=x commit -q --allow-empty -m words'],
  [true, 'commit --am'],
  [true, 'redo -q'],
  [false, 'commit -m --amend'],
  [false, 'commit -am --allow-empty'],
  [false, 'commit -m words -- --amend'],
  [false, 'commit --allow-empty-message -m words'],
  [false, 'commit --author --amend'],
  [false, 'unknown'],
  [false, ''],
])('%s: git %s', async (anyway, call) => {
  const aliases: Record<string, string> = { redo: 'commit --amend --no-edit' };
  expect(await commitsAnyway(call.split(' '), async (name) => aliases[name])).toBe(anyway);
});

vi.setConfig({ testTimeout: 60_000 });
