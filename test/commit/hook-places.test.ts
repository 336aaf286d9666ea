import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSlow } from '../support/chance.ts';
import {
  addRows,
  installHooks,
  lines,
  manifestsIn,
  newRepository,
  repositoryIn,
  restoredRows,
  rowsIn,
  type TestRepository,
  usersOnly,
} from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

async function expectSaved(repository: TestRepository, users: string[], status = ''): Promise<void> {
  const changed = repository.changed();
  expect(usersOnly(changed)).toEqual(users);
  expect(manifestsIn(changed)).toHaveLength(1);
  expect(repository.status()).toBe(status);
  expect(await restoredRows(repository.root)).toBe(rowsIn(repository.db));
}

const commits: Record<string, (repository: TestRepository, path: string) => void> = {
  commit: (repository, path) => {
    repository.git(['add', path]);
    repository.git(['commit', '-m', 'work']);
  },
  'commit -- path': (repository, path) => repository.git(['commit', '-m', 'work', '--', path]),
};

// The third way differs least from the first.
if (isSlow) commits['commit -a'] = (repository) => repository.git(['commit', '-am', 'work']);

for (const [way, commit] of Object.entries(commits)) {
  describe(way, () => {
    test('in a linked worktree', async () => {
      const main = newRepository();
      const top = join(scratch(), 'linked');
      main.git(['worktree', 'add', '-qb', 'side', top]);
      const linked = repositoryIn(top);
      addRows(linked.db, 5);
      linked.write('code.txt', 'linked\n');
      commit(linked, 'code.txt');
      await expectSaved(linked, ['code.txt']);
      expect(main.status()).toBe('');
      expect(existsSync(join(main.top, 'backups'))).toBe(false);
    });

    test('in a subfolder of a linked worktree', async () => {
      const main = newRepository({ inside: 'packages/app' });
      const top = join(scratch(), 'linked');
      main.git(['worktree', 'add', '-qb', 'side', top]);
      const linked = repositoryIn(top, 'packages/app');
      mkdirSync(linked.root, { recursive: true });
      addRows(linked.db, 5);
      linked.write('code.txt', 'linked\n');
      commit(linked, 'code.txt');
      await expectSaved(linked, ['code.txt']);
      expect(manifestsIn(linked.changed())[0]).toMatch(/^packages\/app\/backups\//);
      expect(main.status()).toBe('');
    });

    test('in a submodule', async () => {
      const origin = newRepository({ hooks: false });
      const outer = newRepository({ hooks: false });
      outer.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', origin.top, 'vendor/sub']);
      outer.git(['commit', '-qm', 'with a submodule']);
      const sub = repositoryIn(join(outer.top, 'vendor/sub'));
      installHooks(sub);
      addRows(sub.db, 5);
      sub.write('code.txt', 'sub\n');
      commit(sub, 'code.txt');
      await expectSaved(sub, ['code.txt']);
      expect(outer.status()).toBe(' M vendor/sub\n');
    });

    test('in a subfolder of a monorepo', async () => {
      const repository = newRepository({ inside: 'packages/the app' });
      repository.write('code.txt', 'new\n');
      commit(repository, 'code.txt');
      await expectSaved(repository, ['code.txt']);
      expect(manifestsIn(repository.changed())[0]).toMatch(/^packages\/the app\/backups\//);
    });

    test('from a subfolder', async () => {
      const repository = newRepository();
      repository.write('deep/er/code.txt', 'new\n');
      repository.git(['add', 'deep']);
      repository.git(['commit', '-qm', 'deep', '--no-verify']);
      repository.write('deep/er/code.txt', 'newer\n');
      const cwd = join(repository.top, 'deep/er');
      commit({ ...repository, git: (args, options) => repository.git(args, { ...options, cwd }) }, 'code.txt');
      await expectSaved(repository, ['deep/er/code.txt']);
    });

    for (const cone of ['--cone', '--no-cone', '--sparse-index']) {
      test(`in a sparse checkout without the backups (${cone})`, async () => {
        const repository = newRepository();
        repository.write('src/code.txt', 'new\n');
        repository.write('doc/page.txt', 'new\n');
        repository.git(['add', '.']);
        addRows(repository.db, 2000);
        repository.git(['commit', '-qm', 'begin']);
        const flags = cone === '--sparse-index' ? ['--cone', '--sparse-index'] : [cone];
        repository.git([
          'sparse-checkout',
          'set',
          ...flags,
          ...(cone === '--no-cone' ? ['/src/', '/.gitignore'] : ['src']),
        ]);
        addRows(repository.db, 1);
        repository.write('src/code.txt', 'newer\n');
        commit(repository, 'src/code.txt');
        expect(repository.git(['diff', '--name-only', '--diff-filter=D', 'HEAD~1', 'HEAD'])).toBe('');
        expect(usersOnly(repository.changed())).toEqual(['src/code.txt']);
        expect(manifestsIn(repository.changed())).toHaveLength(1);
        expect(repository.changed().filter((path) => path.startsWith('backups/parts/'))).toHaveLength(1);
        expect(repository.status()).toBe('');
        // And once more, with nothing changed in the database.
        repository.write('src/code.txt', 'newest\n');
        commit(repository, 'src/code.txt');
        expect(repository.changed()).toEqual(['src/code.txt']);
        expect(repository.status()).toBe('');
      });
    }

    test('where the backups are ignored', async () => {
      const repository = newRepository();
      repository.write('.gitignore', 'app.db*\nbackups/\n*.jsonl\n');
      repository.git(['commit', '-qam', 'ignore', '--no-verify']);
      addRows(repository.db, 2000);
      repository.write('code.txt', 'new\n');
      commit(repository, 'code.txt');
      await expectSaved(repository, ['code.txt']);
    });

    test('where text is converted and filtered', async () => {
      const repository = newRepository();
      repository.write('.gitattributes', '* text=auto eol=crlf\n*.json filter=shout ident\n*.jsonl text eol=crlf\n');
      repository.git(['config', 'filter.shout.clean', 'tr a-z A-Z']);
      repository.git(['config', 'filter.shout.smudge', 'tr A-Z a-z']);
      repository.git(['config', 'core.autocrlf', 'true']);
      repository.git(['add', '.']);
      repository.git(['commit', '-qm', 'convert', '--no-verify']);
      addRows(repository.db, 2000);
      repository.write('code.txt', 'new\r\n');
      commit(repository, 'code.txt');
      await expectSaved(repository, ['code.txt']);
      rmSync(join(repository.top, 'backups'), { recursive: true });
      repository.git(['checkout', '--', 'backups']);
      expect(await restoredRows(repository.root)).toBe(2003);
    });

    test('with a bare PATH', async () => {
      const repository = newRepository();
      repository.write('code.txt', 'new\n');
      const env = { PATH: '/usr/bin:/bin' };
      commit({ ...repository, git: (args, options) => repository.git(args, { ...options, env }) }, 'code.txt');
      await expectSaved(repository, ['code.txt']);
    });

    test('in a shallow clone', async () => {
      const origin = newRepository({ hooks: false });
      origin.write('code.txt', lines(1, 5));
      origin.git(['commit', '-qam', 'more']);
      const top = join(scratch(), 'clone');
      origin.git(['clone', '-q', '--depth=1', `file://${origin.top}`, top]);
      const clone = repositoryIn(top);
      installHooks(clone);
      addRows(clone.db, 5);
      clone.write('code.txt', 'new\n');
      commit(clone, 'code.txt');
      await expectSaved(clone, ['code.txt']);
      expect(clone.changed()).toContain('backups/latest_backup.json');
    });

    test('signed', async () => {
      const repository = newRepository();
      const key = join(scratch(), 'key');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      repository.git(['config', 'gpg.format', 'ssh']);
      repository.git(['config', 'user.signingKey', key]);
      repository.git(['config', 'commit.gpgSign', 'true']);
      repository.write('code.txt', 'new\n');
      commit(repository, 'code.txt');
      await expectSaved(repository, ['code.txt']);
      expect(repository.git(['cat-file', 'commit', 'HEAD'])).toContain('BEGIN SSH SIGNATURE');
    });

    test('with a separate git folder and GIT_DIR given', async () => {
      const repository = newRepository();
      const env = { GIT_DIR: join(repository.top, '.git'), GIT_WORK_TREE: repository.top };
      repository.write('code.txt', 'new\n');
      commit({ ...repository, git: (args, options) => repository.git(args, { ...options, env }) }, 'code.txt');
      await expectSaved(repository, ['code.txt']);
    });

    test('beside a repository of its own in which the backups are', () => {
      const repository = newRepository({ hooks: false });
      const inner = repositoryIn(join(repository.top, 'inner'));
      mkdirSync(inner.top);
      inner.git(['init', '-q', '-b', 'main']);
      addRows(inner.db, 3);
      installHooks(repository, false, 'inner');
      const before = inner.status();
      repository.write('code.txt', 'new\n');
      commit(repository, 'code.txt');
      expect(repository.changed()).toEqual(['code.txt']);
      expect(inner.status()).toBe(before);
      expect(existsSync(join(inner.top, 'backups'))).toBe(false);
    });
  });
}
