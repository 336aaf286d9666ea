import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RESYNC_MARKER, resync } from '../../src/git/staging.ts';
import { backup } from '../../src/operations/backup.ts';
import {
  addRows,
  lines,
  manifestsIn,
  newRepository,
  removeHook,
  restoredRows,
  rowsIn,
  type TestRepository,
  usersOnly,
} from '../support/repository.ts';
import { projectIn } from '../support/scratch.ts';

/** The law: the commit holds the backup and what the user staged, the work tree is as it was, and the backup restores. */
async function expectSaved(repository: TestRepository, users: string[], status = ''): Promise<void> {
  const changed = repository.changed();
  expect(usersOnly(changed)).toEqual(users);
  expect(manifestsIn(changed)).toHaveLength(1);
  expect(repository.status()).toBe(status);
  expect(await restoredRows(repository.root)).toBe(rowsIn(repository.db));
}

describe('ways to commit', () => {
  test('plain', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['add', 'code.txt']);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt']);
    expect(repository.changed()).toContain('backups/latest_backup.json');
  });

  test('with -a', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    await expectSaved(repository, ['code.txt']);
  });

  test('with -p, where a part of a file stays unstaged', async () => {
    const repository = newRepository();
    repository.write('code.txt', `first\n${lines(1, 30)}last\n`);
    repository.git(['commit', '-p', '-m', 'work'], { input: 'y\nn\n' });
    await expectSaved(repository, ['code.txt'], ' M code.txt\n');
    expect(repository.git(['show', 'HEAD:code.txt'])).toBe(`first\n${lines(1, 30)}`);
  });

  for (const flags of [['--'], ['--only', '--']]) {
    for (const postCommit of [true, false]) {
      test(`with ${flags.join(' ')} path ${postCommit ? 'and' : 'without'} a post-commit hook`, async () => {
        const repository = newRepository();
        if (!postCommit) removeHook(repository, 'post-commit');
        repository.write('code.txt', 'new\n');
        repository.write('other.txt', 'staged\n');
        repository.git(['add', 'other.txt']);
        repository.git(['commit', '-m', 'work', ...flags, 'code.txt']);
        await expectSaved(repository, ['code.txt'], 'M  other.txt\n');
      });
    }
  }

  test('with --include path', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.write('other.txt', 'staged\n');
    repository.git(['add', 'other.txt']);
    repository.git(['commit', '-m', 'work', '--include', '--', 'code.txt']);
    await expectSaved(repository, ['code.txt', 'other.txt']);
  });

  test('with --amend', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    addRows(repository.db, 1);
    repository.write('code.txt', 'newer\n');
    repository.git(['commit', '-a', '--amend', '-m', 'better']);
    expect(usersOnly(repository.changed())).toEqual(['code.txt']);
    expect(repository.status()).toBe('');
    expect(await restoredRows(repository.root)).toBe(4);
  });

  test('for the first time in a repository', async () => {
    const repository = newRepository();
    repository.git(['update-ref', '-d', 'HEAD']);
    repository.git(['commit', '-m', 'first']);
    await expectSaved(repository, ['.gitignore', 'code.txt', 'other.txt']);
    expect(repository.changed()).toContain('backups/latest_backup.json');
  });

  test('with --no-verify', () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '--no-verify', '-am', 'work']);
    expect(repository.changed()).toEqual(['code.txt']);
    expect(repository.status()).toBe('');
  });

  // The hooks of these tests are no children of git's, so nobody sees what it was called with; `nothing-staged` has real ones.
  test('with nothing staged', () => {
    const repository = newRepository();
    const result = repository.tryGit(['commit', '-m', 'nothing']);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('nothing is staged');
    expect(repository.git(['diff', '--cached', '--name-only'])).toBe('');
    expect(existsSync(join(repository.top, 'backups'))).toBe(true);
  });

  test('with --dry-run', () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-a', '--dry-run', '-m', 'work']);
    expect(repository.status()).toBe(' M code.txt\n');
  });

  test('a deletion and a rename', async () => {
    const repository = newRepository();
    repository.git(['rm', '-q', 'other.txt']);
    repository.git(['mv', 'code.txt', 'moved.txt']);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt', 'moved.txt', 'other.txt']);
  });

  test('a file whose name is a pattern stays unstaged beside it', async () => {
    const repository = newRepository();
    repository.write('b*', 'star\n');
    repository.git(['add', 'b*']);
    repository.write('b*', 'later\n');
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['b*'], ' M b*\n');
  });
});

describe('what is unchanged', () => {
  test('an unchanged database adds nothing', async () => {
    const repository = newRepository();
    repository.git(['commit', '-am', 'work', '--allow-empty']);
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    await expectSaved(repository, ['code.txt']);
    repository.write('code.txt', 'newer\n');
    repository.git(['commit', '-am', 'more work']);
    expect(repository.changed()).toEqual(['code.txt']);
    expect(repository.status()).toBe('');
  });

  test('parts are shared between commits', async () => {
    const repository = newRepository();
    addRows(repository.db, 4000, 'y'.repeat(100));
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    const parts = repository.changed().filter((path) => path.startsWith('backups/parts/')).length;
    addRows(repository.db, 1);
    repository.write('code.txt', 'newer\n');
    repository.git(['commit', '-am', 'more work']);
    const changed = repository.changed().filter((path) => path.startsWith('backups/parts/')).length;
    expect(parts).toBeGreaterThan(2);
    expect(changed).toBe(1);
    await expectSaved(repository, ['code.txt']);
  });

  test('partial staging is kept to the byte', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'staged\n');
    repository.git(['add', 'code.txt']);
    repository.write('code.txt', 'staged\nnot staged\n');
    repository.write('new.txt', 'untracked\n');
    repository.git(['add', '-N', 'new.txt']);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt'], ' M code.txt\n A new.txt\n');
    expect(repository.git(['show', 'HEAD:code.txt'])).toBe('staged\n');
    expect(repository.read('code.txt')).toBe('staged\nnot staged\n');
  });

  test('a stash and its return', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    repository.write('code.txt', 'stashed\n');
    repository.git(['stash']);
    addRows(repository.db, 1);
    repository.write('other.txt', 'new\n');
    repository.git(['commit', '-am', 'more work']);
    await expectSaved(repository, ['other.txt']);
    repository.git(['stash', 'pop']);
    expect(repository.status()).toBe(' M code.txt\n');
  });
});

describe('a commit that is aborted', () => {
  const abort = (repository: TestRepository, ...args: string[]) =>
    expect(repository.tryGit(['commit', ...args], { env: { GIT_EDITOR: 'true' } }).status).toBe(1);

  test('and made again', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['add', 'code.txt']);
    abort(repository);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt']);
  });

  test('and made again after the database changed: the older backup is gone without a trace', async () => {
    const repository = newRepository();
    addRows(repository.db, 2000);
    repository.write('code.txt', 'new\n');
    repository.git(['add', 'code.txt']);
    abort(repository);
    abort(repository);
    addRows(repository.db, 1);
    abort(repository);
    addRows(repository.db, 1);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt']);
    expect(manifestsIn(readdirSync(join(repository.top, 'backups')))).toHaveLength(1);
  });

  test('and made again, but a backup in the commit before it stays', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    repository.write('code.txt', 'newer\n');
    abort(repository, '-a');
    addRows(repository.db, 1);
    repository.git(['commit', '-am', 'more work']);
    await expectSaved(repository, ['code.txt']);
    expect(manifestsIn(readdirSync(join(repository.top, 'backups')))).toHaveLength(2);
  });

  test('and a backup that the user made by hand outlives it', async () => {
    const repository = newRepository();
    await backup(projectIn(repository.root), { trigger: 'command-line', name: 'by-hand' });
    repository.write('code.txt', 'new\n');
    repository.git(['add', 'code.txt']);
    abort(repository);
    addRows(repository.db, 1);
    repository.git(['commit', '-m', 'work']);
    await expectSaved(repository, ['code.txt']);
    expect(repository.changed()).toContain('backups/by-hand.json');
    expect(await restoredRows(repository.root, 'by-hand')).toBe(3);
  });

  test('with -- path, and made again', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    abort(repository, '--', 'code.txt');
    repository.git(['commit', '-m', 'work', '--', 'code.txt']);
    await expectSaved(repository, ['code.txt']);
  });

  test('and made again with -- path', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['add', 'code.txt']);
    abort(repository);
    repository.git(['commit', '-m', 'work', '--', 'code.txt']);
    await expectSaved(repository, ['code.txt']);
  });
});

describe('post-commit', () => {
  test('gives the real index what only the commit had, and nothing else', async () => {
    const repository = newRepository();
    repository.write('code.txt', 'new\n');
    repository.git(['commit', '-am', 'work']);
    // As an older or a newer git might leave it: the real index knows nothing of the backup.
    const own = repository.changed().filter((path) => path.startsWith('backups/'));
    repository.git(['rm', '-q', '--cached', '--', ...own]);
    repository.write('other.txt', 'staged\n');
    repository.git(['add', 'other.txt']);
    repository.write(`.git/${RESYNC_MARKER}`, own.join('\0'));
    await resync(await repository.open());
    expect(repository.status()).toBe('M  other.txt\n');
    expect(existsSync(join(repository.top, '.git', RESYNC_MARKER))).toBe(false);
  });
});
