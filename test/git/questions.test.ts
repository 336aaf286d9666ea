import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { authorsOf } from '../../src/git/authors.ts';
import { broughtBy } from '../../src/git/brought-by.ts';
import { branchesWith, filesOfCommit } from '../../src/git/files-of-commit.ts';
import { currentBranch, headCommit, indexedBlobs, isIgnored, stagedPaths, stateOf } from '../../src/git/questions.ts';
import { openRepository } from '../../src/git/repository.ts';
import { newRepository, plainEnvironment, repositoryIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const headOf = (repository: { git(args: readonly string[]): string }) => repository.git(['rev-parse', 'HEAD']).trim();

test('before the first commit there is a branch and no commit', async () => {
  const repository = repositoryIn(scratch());
  repository.git(['init', '-q', '-b', 'begin']);
  const opened = await repository.open();
  expect(await currentBranch(opened)).toBe('begin');
  expect(await headCommit(opened)).toBeUndefined();
});

test('on a commit that is checked out there is a commit and no branch', async () => {
  const repository = newRepository({ hooks: false });
  repository.git(['checkout', '-q', '--detach']);
  const opened = await repository.open();
  expect(await currentBranch(opened)).toBeUndefined();
  expect(await headCommit(opened)).toBe(headOf(repository));
});

test.each([
  ['rebase-merge', 'rebasing'],
  ['rebase-apply', 'rebasing'],
  ['CHERRY_PICK_HEAD', 'cherry-picking'],
  ['REVERT_HEAD', 'reverting'],
  ['BISECT_LOG', 'bisecting'],
  ['MERGE_HEAD', 'merging'],
])('%s says that git is %s', async (mark, state) => {
  const repository = newRepository({ hooks: false });
  const opened = await repository.open();
  expect(stateOf(opened)).toBeUndefined();
  writeFileSync(join(opened.gitDir, mark), '');
  expect(stateOf(opened)).toBe(state);
});

describe('the index', () => {
  test('says which paths are not as HEAD has them, under both names of one that moved', async () => {
    const repository = newRepository({ hooks: false });
    repository.git(['mv', 'other.txt', 'moved ü.txt']);
    repository.write('code.txt', 'not staged\n');
    expect((await stagedPaths(await repository.open())).sort()).toEqual(['moved ü.txt', 'other.txt']);
    repository.git(['reset', '-q']);
    expect(await stagedPaths(await repository.open())).toEqual([]);
  });

  test('says what is in it under a folder, without what is in conflict', async () => {
    const repository = newRepository({ hooks: false });
    repository.write('backups/a b.json', 'a\n');
    repository.write('backups-too/b.json', 'b\n');
    repository.git(['add', '.']);
    const id = repository.git(['rev-parse', ':backups/a b.json']).trim();
    repository.git(['update-index', '--index-info'], { input: `100644 ${id} 2\tbackups/both.json\n` });
    const opened = await repository.open();
    expect(await indexedBlobs(opened, 'backups')).toEqual(new Map([['backups/a b.json', id]]));
    expect([...(await indexedBlobs(opened, '')).keys()]).toContain('backups-too/b.json');
    expect(await indexedBlobs(opened, 'nothing')).toEqual(new Map());
  });
});

test('a path is ignored by its name, whatever stands in it', async () => {
  const repository = newRepository({ hooks: false });
  repository.write('.gitignore', '*.db\n');
  const opened = await repository.open();
  expect(await isIgnored(opened, 'backups/x.db')).toBe(true);
  expect(await isIgnored(opened, 'backups/x.json')).toBe(false);
  expect(await isIgnored(opened, 'backups/*.json')).toBe(false);
});

describe('a commit', () => {
  test('has files under a folder, by their path in it', async () => {
    const repository = newRepository({ hooks: false });
    repository.write('backups/parts/a b.json', 'a\n');
    repository.write('backups-too/b.json', 'b\n');
    repository.git(['add', '.']);
    // A repository within it is no file.
    repository.git(['update-index', '--add', '--cacheinfo', `160000,${headOf(repository)},backups/module`]);
    repository.git(['commit', '-q', '-m', 'two']);
    const opened = await repository.open();
    const id = repository.git(['rev-parse', 'HEAD:backups/parts/a b.json']).trim();
    expect(await filesOfCommit(opened, 'HEAD', 'backups')).toEqual(new Map([['parts/a b.json', id]]));
    expect((await filesOfCommit(opened, 'HEAD', '')).get('backups/parts/a b.json')).toBe(id);
    expect(await filesOfCommit(opened, 'HEAD~1', 'backups')).toEqual(new Map());
    expect(await filesOfCommit(opened, 'nothing', 'backups')).toEqual(new Map());
  });

  test('has an author and a title, however many are asked for', async () => {
    const repository = newRepository({ hooks: false });
    repository.git(['commit', '-q', '--allow-empty', '-m', 'the second\n\nand more'], {
      env: { GIT_AUTHOR_NAME: 'Grace' },
    });
    const [second = '', first = ''] = repository.git(['log', '--format=%H']).trim().split('\n');
    const opened = await repository.open();
    expect(await authorsOf(opened, [first, second, first])).toEqual(
      new Map([
        [first, { author: 'Ada', title: 'begin' }],
        [second, { author: 'Grace', title: 'the second' }],
      ]),
    );
    expect(await authorsOf(opened, [])).toEqual(new Map());
  });

  test('of the branches of remotes, those that hold a file are told', async () => {
    const repository = newRepository({ hooks: false });
    repository.git(['update-ref', 'refs/remotes/origin/old', 'HEAD']);
    repository.write('overwinter.config.json', '{}');
    repository.git(['add', '.']);
    repository.git(['commit', '-q', '-m', 'two']);
    repository.git(['update-ref', 'refs/remotes/origin/new', 'HEAD']);
    const opened = await repository.open();
    const branches = ['origin/old', 'origin/new', 'origin/none'];
    expect(await branchesWith(opened, branches, 'overwinter.config.json')).toEqual(['origin/new']);
    expect(await branchesWith(opened, branches, 'code.txt')).toEqual(['origin/old', 'origin/new']);
    expect(await branchesWith(opened, [], 'code.txt')).toEqual([]);
  });
});

describe('files', () => {
  test('were brought by the oldest commit that added them, on whichever branch', async () => {
    const repository = newRepository({ hooks: false });
    const commit = (path: string, title: string) => {
      repository.write(path, title);
      repository.git(['add', '.']);
      repository.git(['commit', '-q', '-m', title]);
      return headOf(repository);
    };
    const first = commit('backups/a b.json', 'one: with\n\nmore words');
    commit('backups/a b.json', 'changed');
    repository.git(['rm', '-q', 'backups/a b.json']);
    repository.git(['commit', '-q', '-m', 'gone']);
    commit('backups/a b.json', 'again');
    repository.git(['checkout', '-q', '-b', 'side']);
    const second = commit('backups/ü.json', 'two');
    repository.git(['checkout', '-q', 'main']);
    const opened = await repository.open();
    expect(await broughtBy(opened, ['backups/a b.json', 'backups/ü.json', 'backups/none.json'])).toEqual(
      new Map([
        ['backups/a b.json', { commit: first, title: 'one: with' }],
        ['backups/ü.json', { commit: second, title: 'two' }],
      ]),
    );
    expect(await broughtBy(opened, [])).toEqual(new Map());
  });
});

describe('what git answers', () => {
  test('is asked for, whatever programs the environment of a hook names', async () => {
    const { top, git } = newRepository({ hooks: false });
    const programs = [
      'EDITOR',
      'GIT_EDITOR',
      'GIT_SEQUENCE_EDITOR',
      'GIT_ASKPASS',
      'SSH_ASKPASS',
      'GIT_PAGER',
      'PAGER',
    ];
    const more = ['GIT_EXTERNAL_DIFF', 'GIT_PROXY_COMMAND', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_TEMPLATE_DIR', 'PREFIX'];
    const settings = [
      ...['alias.x', 'core.askPass', 'core.editor', 'core.gitProxy', 'core.hooksPath', 'core.pager'],
      ...['core.sshCommand', 'credential.helper', 'diff.external', 'diff.x.textconv', 'filter.x.clean', 'gpg.program'],
      ...['init.templateDir', 'merge.x.driver', 'protocol.x.allow', 'remote.x.uploadpack', 'sequence.editor'],
    ].map((key) => [key, key === 'protocol.x.allow' ? 'never' : 'true'] as const);
    const all = [...settings, ['core.fsmonitor', 'false'] as const];
    const opened = await openRepository(top, {
      ...plainEnvironment,
      ...Object.fromEntries([...programs, ...more].map((name) => [name, 'true'])),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: String(all.length),
      ...Object.fromEntries(
        all.flatMap(([key, value], at) => [
          [`GIT_CONFIG_KEY_${at}`, key],
          [`GIT_CONFIG_VALUE_${at}`, value],
        ]),
      ),
    });
    expect(await opened?.ask('rev-parse', 'HEAD')).toBe(git(['rev-parse', 'HEAD']).trim());
  });

  test('a command that was given up before it began ends, too', async () => {
    const { top } = newRepository({ hooks: false });
    const opened = await openRepository(top, plainEnvironment, AbortSignal.abort());
    await expect(opened?.run(['-c', 'alias.wait=!sleep 20', 'wait'])).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('what is put in comes out, to the byte, and bytes are not taken for text', async () => {
    const opened = await newRepository({ hooks: false }).open();
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const id = (await opened.run(['hash-object', '-w', '--stdin'], { input: bytes })).toString().trim();
    expect((await opened.run(['cat-file', 'blob', id])).equals(bytes)).toBe(true);
  });

  test('"there is none" is undefined, and trouble is told with what git said', async () => {
    const opened = await newRepository({ hooks: false }).open();
    expect(await opened.askMaybe('config', 'no.such')).toBeUndefined();
    expect(await opened.askMaybe('rev-parse', '-q', '--verify', 'no-such')).toBeUndefined();
    const failed = expect.objectContaining({ code: 'GIT_FAILED' });
    await expect(opened.askMaybe('log', 'no-such')).rejects.toEqual(failed);
    await expect(opened.ask('rev-parse', '--verify', 'no-such')).rejects.toEqual(failed);
    await expect(opened.run(['log', 'no-such'])).rejects.toMatchObject({
      code: 'GIT_FAILED',
      cause: expect.anything(),
    });
  });

  test('a password in what git says is not told', async () => {
    const opened = await newRepository({ hooks: false }).open();
    const fetching = ['fetch', 'https://ada:sesame@127.0.0.1:1/app.git'] as const;
    const ways = [() => opened.run(fetching), () => opened.ask(...fetching), () => opened.askMaybe(...fetching)];
    for (const ask of ways) {
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      const said = error instanceof Error ? `${error.message} ${error.cause}` : '';
      expect(said).toContain('127.0.0.1');
      expect(said).not.toContain('sesame');
    }
  });

  test('a command that is given up ends', async () => {
    const { top } = newRepository({ hooks: false });
    const giveUp = new AbortController();
    const opened = await openRepository(top, plainEnvironment, giveUp.signal);
    const waiting = opened?.start(['cat-file', '--batch']);
    const running = opened?.run(['-c', 'alias.wait=!sleep 20', 'wait']);
    setTimeout(() => giveUp.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: 'GIT_FAILED' });
    waiting?.kill();
  });
});

describe('inside a hook', () => {
  test('git is at the top, wherever the hook went, and in the index that it was given', async () => {
    const repository = newRepository({ hooks: false });
    const deep = join(repository.top, 'packages/app');
    mkdirSync(deep, { recursive: true });
    const env = { ...plainEnvironment, GIT_DIR: '.git', GIT_INDEX_FILE: '.git/other-index', GIT_GLOB_PATHSPECS: '1' };
    const opened = await openRepository(deep, env);
    expect(opened?.top).toBe(repository.top);
    expect(opened?.index).toBe(join(repository.top, '.git/other-index'));
    expect(await opened?.ask('rev-parse', '--show-toplevel')).toBe(repository.top);
    expect(opened && (await stagedPaths(opened)).sort()).toEqual(['.gitignore', 'code.txt', 'other.txt']);
  });

  test('a linked work tree has a state of its own', async () => {
    const repository = newRepository({ hooks: false });
    const linked = join(scratch(), 'linked');
    repository.git(['worktree', 'add', '-q', linked]);
    const opened = await openRepository(linked, plainEnvironment);
    expect(opened?.top).toBe(linked);
    expect(opened?.gitDir).toBe(join(repository.top, '.git/worktrees/linked'));
    expect(opened?.index).toBe(join(repository.top, '.git/worktrees/linked/index'));
  });

  test('a work tree that was named apart from its repository is the one', async () => {
    const repository = newRepository({ hooks: false });
    const elsewhere = scratch();
    const env = { ...plainEnvironment, GIT_DIR: join(repository.top, '.git'), GIT_WORK_TREE: elsewhere };
    const opened = await openRepository(elsewhere, env);
    expect(opened?.top).toBe(elsewhere);
    expect(opened?.gitDir).toBe(join(repository.top, '.git'));
  });
});
