import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, overwinter } from '../support/command-line.ts';
import { type MadeProject, makeProject } from '../support/project-shapes.ts';
import { addRows, manifestsIn, plainEnvironment, repositoryIn } from '../support/repository.ts';
import { lasting, scratch } from '../support/scratch.ts';

const nextSecond = () => pause(1000 - (Date.now() % 1000) + 20);
const MEMORY = '.overwinter/unchanged-hook.json';

let project: MadeProject;

/** Commits a change of the code, and answers what git and the hook said. */
function commit(args: string[] = [], env: Record<string, string> = {}) {
  project.write('code.txt', `${Math.random()}\n`);
  project.git(['add', 'code.txt']);
  return project.tryGit(['commit', '-q', '-m', 'work', ...args], { env });
}
const saved = (revision = 'HEAD') => manifestsIn(project.changed(revision)).length;

/** What each test has a copy of. Its backup is of a second that is over. */
let pattern: MadeProject;
beforeAll(async () => {
  const files = { 'package.json': '{}\n', '.gitignore': 'node_modules\n' };
  pattern = makeProject({ name: 'app', files, db: 'app.db', git: true }, lasting());
  expect(overwinter(pattern.app, ['init'], plainEnvironment).code).toBe(0);
  pattern.git(['add', '.']);
  pattern.git(['commit', '-q', '-m', 'set up']);
  await nextSecond();
});
beforeEach(() => {
  const top = scratch();
  cpSync(pattern.top, top, { recursive: true, verbatimSymlinks: true });
  project = { ...repositoryIn(top), app: top, database: join(top, 'app.db') };
});

describe('an unchanged database', () => {
  test('adds nothing, says nothing, and is known without being opened', () => {
    expect(commit()).toMatchObject({ status: 0, stderr: '' });
    expect(project.changed()).toEqual(['code.txt']);
    const memory = readFileSync(join(project.top, MEMORY), 'utf8');
    // A program that can do nothing else is enough for it.
    const whole = join(project.top, 'node_modules/whole');
    const part = join(project.top, 'node_modules/overwinter');
    renameSync(part, whole);
    const isProgram = (path: string) => basename(path) === 'program.cjs';
    expect(readdirSync(join(whole, 'dist')).filter(isProgram)).toHaveLength(1);
    for (const inside of ['package.json', 'dist'])
      cpSync(join(whole, inside), join(part, inside), { recursive: true, filter: (path) => !isProgram(path) });
    expect(commit()).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(project.top, MEMORY), 'utf8')).toBe(memory);
  });

  test('whose backup is not in the index any more is saved again', () => {
    commit();
    project.git(['rm', '-q', '-r', '--cached', 'backups']);
    commit();
    expect(project.git(['ls-files', 'backups'])).toContain('latest_backup.json');
    expect(project.status()).toBe('');
  });

  test('whose backup went with a reset is saved again', async () => {
    addRows(project.db, 1);
    commit();
    expect(saved()).toBe(1);
    project.git(['reset', '-q', '--hard', 'HEAD~1']);
    await nextSecond();
    commit();
    expect(saved()).toBe(1);
  });

  test('that a newer backup from elsewhere does not hold is saved again', async () => {
    commit();
    project.git(['checkout', '-q', '-b', 'other']);
    addRows(project.db, 1);
    commit();
    project.git(['checkout', '-q', 'main']);
    await nextSecond();
    commit();
    expect(saved()).toBe(1);
    expect(project.status()).toBe('');
  });

  test('on another branch, and back: the pointer moves on the default branch only', () => {
    project.git(['checkout', '-q', '-b', 'other']);
    addRows(project.db, 1);
    commit();
    commit();
    const pointer = () => project.git(['show', 'HEAD:backups/latest_backup.json']);
    const before = pointer();
    project.git(['branch', '-q', '-f', 'main']);
    project.git(['symbolic-ref', 'HEAD', 'refs/heads/main']);
    commit();
    expect(pointer()).not.toBe(before);
  });

  test('under a configuration that was written since is looked at anew', () => {
    rmSync(join(project.top, 'overwinter.config.json'));
    commit();
    expect(commit()).toMatchObject({ status: 0, stderr: '' });
    project.write('overwinter.config.json', '{ "dbb": 1 }\n');
    expect(commit().stderr).toContain("did you mean 'db'");
  });

  test('in a commit of paths, and in the next', () => {
    commit();
    project.write('code.txt', 'path\n');
    expect(project.tryGit(['commit', '-q', '-m', 'path', '--', 'code.txt'])).toMatchObject({ status: 0, stderr: '' });
    commit();
    expect(project.changed()).toEqual(['code.txt']);
    expect(project.status()).toBe('');
  });
});

describe('a changed database', () => {
  test('is in the commit, and one line says so', () => {
    addRows(project.db, 1);
    expect(commit().stderr).toMatch(/^overwinter: 6 rows saved as backup_\w+\.\n$/);
    expect(saved()).toBe(1);
  });

  test('is in a commit of paths', () => {
    addRows(project.db, 1);
    project.write('code.txt', 'path\n');
    project.git(['add', 'code.txt']);
    project.git(['commit', '-q', '-m', 'path', '--', 'code.txt']);
    expect(saved()).toBe(1);
    expect(project.status()).toBe('');
  });

  test('is saved for a client that has no PATH to speak of', () => {
    addRows(project.db, 1);
    const bare = join(project.top, 'node_modules/bare');
    mkdirSync(bare);
    for (const tool of ['git', 'sh', 'ls', 'dirname']) symlinkSync(`/usr/bin/${tool}`, join(bare, tool));
    expect(commit([], { PATH: bare }).stderr).toContain('6 rows saved');
    expect(saved()).toBe(1);
  });
});

describe('a hook that cannot do its work', () => {
  test('is silent where nothing is installed', () => {
    unlinkSync(join(project.top, 'node_modules/overwinter'));
    addRows(project.db, 1);
    expect(commit()).toMatchObject({ status: 0, stderr: '' });
    expect(saved()).toBe(0);
  });

  test('is silent in a linked work tree without node_modules, and works in one that has them', () => {
    const tree = join(project.top, 'node_modules/tree');
    project.git(['worktree', 'add', '-q', '-b', 'side', tree]);
    const commitThere = () => {
      writeFileSync(join(tree, 'code.txt'), `${Math.random()}\n`);
      project.git(['add', 'code.txt'], { cwd: tree });
      return project.tryGit(['commit', '-q', '-m', 'there'], { cwd: tree });
    };
    addRows(join(tree, 'app.db'), 9);
    expect(commitThere()).toMatchObject({ status: 0, stderr: '' });
    mkdirSync(join(tree, 'node_modules'));
    symlinkSync(join(project.top, 'node_modules/overwinter'), join(tree, 'node_modules/overwinter'));
    expect(commitThere().stderr).toContain('9 rows saved');
    expect(manifestsIn(project.changed('side'))).toHaveLength(1);
  });

  test('lets the commit go on with one line, even where it cannot start', () => {
    project.write('overwinter.config.json', '{ "dbb": 1 }\n');
    const { status, stderr } = commit();
    expect(status).toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain("did you mean 'db'");
    unlinkSync(join(project.top, 'node_modules/overwinter'));
    mkdirSync(join(project.top, 'node_modules/overwinter/dist'), { recursive: true });
    cpSync(MAIN, join(project.top, 'node_modules/overwinter/dist/main.cjs'));
    const half = commit();
    expect(half).toMatchObject({ status: 0, stderr: expect.stringMatching(/^overwinter: it could not start .*\n$/) });
    writeFileSync(join(project.top, 'node_modules/overwinter/dist/main.cjs'), 'throw new Error("broken");');
    expect(commit().status).toBe(0);
  });

  test('is told of where the name of it is misspelt', () => {
    commit();
    project.write('overwinter.config.json', '{ "db": "ap.db" }\n');
    const { status, stderr } = commit();
    expect(status).toBe(0);
    expect(stderr).toContain('are of another database: app.db, not ap.db');
    expect(stderr).toContain('If ap.db is misspelt');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('stops the commit where the project is strict, and says how to go on', () => {
    project.write('overwinter.config.json', '{ "db": "app.db", "hook": { "strict": true } }\n');
    commit();
    const head = project.git(['rev-parse', 'HEAD']);
    rmSync(project.db);
    writeFileSync(project.db, 'no database at all, but long enough to be looked at. '.repeat(20));
    const { status, stderr } = commit();
    expect(status).toBe(1);
    expect(stderr).toContain("'git commit --no-verify'");
    expect(project.git(['rev-parse', 'HEAD'])).toBe(head);
    expect(commit(['--no-verify']).status).toBe(0);
  });

  test('does not make good what failed before it', () => {
    const hook = '.git/hooks/pre-commit';
    overwinter(project.app, ['init', '--remove'], plainEnvironment);
    project.write(hook, '#!/bin/sh\nfalse\n');
    chmodSync(join(project.top, hook), 0o755);
    overwinter(project.app, ['init'], plainEnvironment);
    expect(commit().status).toBe(1);
    expect(commit(['--no-verify']).status).toBe(0);
  });
});

test('merging two pointers keeps the newer backup, through git itself', async () => {
  const change = (branch: string) => {
    project.git(['checkout', '-q', branch]);
    addRows(project.db, 1);
    overwinter(project.app, ['backup'], plainEnvironment);
    project.git(['add', 'backups']);
    project.git(['commit', '-q', '--no-verify', '-m', branch]);
    return project.read('backups/latest_backup.json');
  };
  project.git(['branch', 'side']);
  change('main');
  await nextSecond();
  const newer = change('side');
  project.git(['checkout', '-q', 'main']);
  expect(project.tryGit(['merge', '-q', '--no-edit', 'side']).status).toBe(0);
  expect(project.read('backups/latest_backup.json')).toBe(newer);
  expect(existsSync(join(project.top, 'backups/latest_backup.json.orig'))).toBe(false);
});
