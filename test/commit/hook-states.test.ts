import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import {
  addRows,
  manifestsIn,
  newRepository,
  ownOnly,
  plainEnvironment,
  restoredRows,
  type TestRepository,
  usersOnly,
} from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

function commit(repository: TestRepository, path: string, text: string): void {
  repository.write(path, text);
  repository.git(['add', path]);
  repository.git(['commit', '-m', `${path} is ${text.trim()}`]);
}

/** Two branches that changed the same line; `main` is checked out, and each has a backup of its own. */
function diverged(): TestRepository {
  const repository = newRepository();
  commit(repository, 'code.txt', 'begin\n');
  repository.git(['switch', '-qc', 'side']);
  addRows(repository.db, 1);
  commit(repository, 'code.txt', 'side\n');
  repository.git(['switch', '-q', 'main']);
  addRows(repository.db, 1);
  commit(repository, 'code.txt', 'main\n');
  return repository;
}

describe('in the middle of something', () => {
  test('a merge with conflicts carries a backup', async () => {
    const repository = diverged();
    expect(repository.tryGit(['merge', 'side']).status).toBe(1);
    addRows(repository.db, 1);
    repository.write('code.txt', 'both\n');
    repository.git(['add', 'code.txt']);
    repository.git(['commit', '-m', 'merge']);
    const changed = repository.changed();
    expect(usersOnly(changed)).toEqual(['code.txt']);
    // The other side's backup comes with the merge, and the merge makes one.
    expect(manifestsIn(changed)).toHaveLength(2);
    expect(repository.status()).toBe('');
    expect(await restoredRows(repository.root)).toBe(6);
  });

  test('a merge into a side branch leaves the pointer as it was merged', async () => {
    const repository = diverged();
    repository.git(['switch', '-q', 'side']);
    expect(repository.tryGit(['merge', 'main']).status).toBe(1);
    addRows(repository.db, 1);
    repository.write('code.txt', 'both\n');
    repository.git(['commit', '-am', 'merge']);
    expect(repository.git(['diff', '--name-only', 'main', '--', 'backups/latest_backup.json'])).toBe('');
    expect(repository.status()).toBe('');
    expect(await restoredRows(repository.root)).toBe(6);
  });

  test('a merge without conflicts is left alone', () => {
    const repository = newRepository();
    commit(repository, 'code.txt', 'begin\n');
    repository.git(['switch', '-qc', 'side']);
    commit(repository, 'other.txt', 'side\n');
    repository.git(['switch', '-q', 'main']);
    commit(repository, 'code.txt', 'main\n');
    addRows(repository.db, 1);
    repository.git(['merge', '-q', '-m', 'merge', 'side']);
    expect(repository.changed()).toEqual(['other.txt']);
    expect(repository.status()).toBe('');
  });

  test('a squash merge carries a backup', async () => {
    const repository = newRepository();
    commit(repository, 'code.txt', 'begin\n');
    repository.git(['switch', '-qc', 'side']);
    commit(repository, 'other.txt', 'side\n');
    repository.git(['switch', '-q', 'main']);
    addRows(repository.db, 1);
    repository.git(['merge', '-q', '--squash', 'side']);
    repository.git(['commit', '-m', 'squashed']);
    expect(usersOnly(repository.changed())).toEqual(['other.txt']);
    expect(manifestsIn(repository.changed())).toHaveLength(1);
    expect(repository.status()).toBe('');
  });

  test('a rebase adds nothing of its own, with conflicts and without', () => {
    const repository = diverged();
    repository.git(['switch', '-q', 'side']);
    const before = repository.changed();
    addRows(repository.db, 5);
    expect(repository.tryGit(['rebase', 'main']).status).toBe(1);
    repository.write('code.txt', 'both\n');
    repository.git(['add', 'code.txt']);
    repository.git(['rebase', '--continue'], { env: { GIT_EDITOR: 'true' } });
    expect(repository.changed()).toEqual(before);
    expect(repository.status()).toBe('');
  });

  test('a commit by hand in the middle of a rebase adds nothing', () => {
    const repository = diverged();
    repository.git(['switch', '-q', 'side']);
    addRows(repository.db, 5);
    expect(repository.tryGit(['rebase', 'main']).status).toBe(1);
    repository.write('code.txt', 'both\n');
    const staged = ownOnly(repository.git(['diff', '--cached', '--name-only']).split('\n'));
    repository.git(['commit', '-qam', 'by hand']);
    expect(ownOnly(repository.changed())).toEqual(staged);
    repository.git(['rebase', '--continue'], { env: { GIT_EDITOR: 'true' } });
    expect(repository.status()).toBe('');
  });

  for (const conflict of [false, true]) {
    test(`a cherry-pick ${conflict ? 'with' : 'without'} conflicts adds nothing of its own`, () => {
      const repository = diverged();
      repository.git(['switch', '-q', 'side']);
      commit(repository, 'other.txt', 'picked\n');
      repository.git(['switch', '-q', 'main']);
      addRows(repository.db, 5);
      if (conflict) {
        expect(repository.tryGit(['cherry-pick', 'side~1']).status).toBe(1);
        repository.write('code.txt', 'both\n');
        repository.git(['commit', '-qam', 'picked']);
      } else repository.git(['cherry-pick', 'side']);
      const users = conflict ? 'code.txt' : 'other.txt';
      expect(usersOnly(repository.changed())).toEqual([users]);
      expect(manifestsIn(repository.changed()).length).toBeLessThanOrEqual(1);
      expect(repository.status()).toBe('');
    });
  }

  test('a revert takes the backup back with it, and the next commit makes one', async () => {
    const repository = newRepository();
    commit(repository, 'code.txt', 'begin\n');
    addRows(repository.db, 1);
    commit(repository, 'code.txt', 'wrong\n');
    repository.git(['revert', '--no-edit', 'HEAD']);
    expect(usersOnly(repository.changed())).toEqual(['code.txt']);
    expect(repository.status()).toBe('');
    expect(await restoredRows(repository.root)).toBe(3);
    commit(repository, 'other.txt', 'right\n');
    expect(repository.status()).toBe('');
    expect(await restoredRows(repository.root)).toBe(4);
  });

  test('a bisection is left alone', () => {
    const repository = newRepository();
    repository.git(['bisect', 'start']);
    commit(repository, 'code.txt', 'look\n');
    expect(repository.changed()).toEqual(['code.txt']);
  });
});

describe('branches', () => {
  test('a side branch only adds files', () => {
    const repository = newRepository();
    commit(repository, 'code.txt', 'begin\n');
    repository.git(['switch', '-qc', 'side']);
    addRows(repository.db, 1);
    commit(repository, 'code.txt', 'side\n');
    expect(manifestsIn(repository.changed())).toHaveLength(1);
    expect(repository.changed()).not.toContain('backups/latest_backup.json');
    expect(repository.git(['diff', '--diff-filter=MD', '--name-only', 'main', 'HEAD', '--', 'backups'])).toBe('');
    expect(repository.status()).toBe('');
  });

  test('a detached HEAD only adds files', () => {
    const repository = newRepository();
    commit(repository, 'code.txt', 'begin\n');
    repository.git(['switch', '-q', '--detach']);
    addRows(repository.db, 1);
    commit(repository, 'code.txt', 'detached\n');
    expect(manifestsIn(repository.changed())).toHaveLength(1);
    expect(repository.changed()).not.toContain('backups/latest_backup.json');
    expect(repository.status()).toBe('');
  });

  test('what the remote calls its default branch is the default branch', () => {
    const repository = newRepository();
    repository.git(['update-ref', 'refs/remotes/origin/trunk', 'HEAD']);
    repository.git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk']);
    commit(repository, 'code.txt', 'on main\n');
    expect(repository.changed()).not.toContain('backups/latest_backup.json');
    repository.git(['switch', '-qc', 'trunk']);
    commit(repository, 'code.txt', 'on trunk\n');
    expect(repository.changed()).toContain('backups/latest_backup.json');
    expect(repository.status()).toBe('');
  });

  test('a part that was lost is healed, and the commit carries it', async () => {
    const repository = newRepository();
    addRows(repository.db, 2000);
    commit(repository, 'code.txt', 'begin\n');
    const [part] = repository.changed().filter((path) => path.startsWith('backups/parts/'));
    repository.git(['rm', '-q', part ?? '']);
    repository.git(['commit', '-qm', 'lose a part', '--no-verify']);
    commit(repository, 'code.txt', 'more\n');
    expect(repository.changed()).toEqual([part, 'code.txt']);
    expect(repository.status()).toBe('');
  });
});

describe('a failure', () => {
  const hurt: Record<string, { break: (repository: TestRepository) => void; says: RegExp }> = {
    'a corrupt database': {
      break: ({ db }) => writeFileSync(db, Buffer.alloc(9000, 'no database ')),
      says: /not an SQLite database.*the commit goes on.*overwinter /s,
    },
    'an emptied database': {
      break: (repository) => {
        commit(repository, 'code.txt', 'begin\n');
        writeFileSync(repository.db, '');
      },
      says: /has no rows.*the commit goes on.*overwinter restore latest/s,
    },
    'a database that is a folder': {
      break: (repository) => {
        repository.git(['clean', '-qfdx']);
        repository.write('app.db/file', '');
      },
      says: /is not a file.*the commit goes on.*ls -ld .*--db/s,
    },
    'a backups folder that is a file': {
      break: (repository) => repository.write('backups', 'in the way\n'),
      says: /cannot be read: it is no folder.*the commit goes on/s,
    },
  };
  for (const [what, { break: breakIt, says }] of Object.entries(hurt)) {
    for (const strict of [false, true]) {
      test(`${what} ${strict ? 'stops the commit when strict' : 'does not stop the commit'}`, () => {
        const repository = newRepository({ strict });
        breakIt(repository);
        repository.write('other.txt', 'new\n');
        const before = repository.status().replace(' M other.txt\n', '');
        const result = repository.tryGit(['commit', '-am', 'work']);
        if (strict) {
          expect(result.status).toBe(1);
          return;
        }
        expect(result.status).toBe(0);
        expect(result.stderr).toMatch(says);
        expect(result.stderr.trim().split('\n')).toHaveLength(1);
        expect(repository.changed()).toEqual(['other.txt']);
        expect(repository.status()).toBe(before);
      });
    }
  }

  test('a locked database does not stop the commit', async () => {
    const repository = newRepository();
    const { default: Database } = await import('better-sqlite3');
    const holder = new Database(repository.db);
    holder.exec('BEGIN EXCLUSIVE');
    repository.write('other.txt', 'new\n');
    const result = repository.tryGit(['commit', '-am', 'work']);
    holder.close();
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/in use by another process/);
    expect(repository.changed()).toEqual(['other.txt']);
    expect(repository.status()).toBe('');
  });

  test('a missing database is nothing to speak of', () => {
    const repository = newRepository();
    repository.git(['clean', '-qfdx']);
    repository.write('other.txt', 'new\n');
    const result = repository.tryGit(['commit', '-qam', 'work']);
    expect(result.stderr).toBe('');
    expect(repository.changed()).toEqual(['other.txt']);
    expect(repository.status()).toBe('');
  });

  for (const env of [{ OVERWINTER: '0' }, { HUSKY: '0' }, { CI: 'true' }]) {
    test(`${JSON.stringify(env)} keeps the hook out`, () => {
      const repository = newRepository();
      repository.write('other.txt', 'new\n');
      const result = repository.tryGit(['commit', '-qam', 'work'], { env });
      expect(result.stderr).toBe('');
      expect(repository.changed()).toEqual(['other.txt']);
      expect(repository.status()).toBe('');
    });
  }

  test('another program holds the index for a moment', async () => {
    const repository = newRepository();
    repository.write('other.txt', 'new\n');
    repository.git(['add', '.']);
    const lock = join(repository.top, '.git/index.lock');
    // The hook of the user's own, run before ours, starts an editor that holds the index a little too long.
    const hook = join(repository.top, '.git/hooks/pre-commit');
    const script = repository
      .read('.git/hooks/pre-commit')
      .replace('exec', `touch '${lock}'; (sleep 1; rm -f '${lock}') &\nexec`);
    writeFileSync(hook, script);
    repository.git(['commit', '-m', 'work']);
    expect(usersOnly(repository.changed())).toEqual(['other.txt']);
    expect(manifestsIn(repository.changed())).toHaveLength(1);
    expect(repository.status()).toBe('');
  });
});

describe('attributes that a branch brings', () => {
  /** A filter of the user's own, which notes what it is asked to change by a git that was started here: others do as they are told. */
  function withFilter(): { repository: TestRepository; filtered: () => string[] } {
    const repository = newRepository();
    const notes = join(scratch(), 'filtered');
    writeFileSync(notes, '');
    const clean = `sh -c '[ -z "$GIT_LITERAL_PATHSPECS" ] || echo "$1" >> ${notes}; tr a-z A-Z' - %f`;
    for (const [key, value] of [
      ['filter.loud.clean', clean],
      ['filter.loud.smudge', clean],
      ['filter.loud.required', 'true'],
    ] as const)
      repository.git(['config', key, value]);
    return { repository, filtered: () => ownOnly(readFileSync(notes, 'utf8').split('\n')) };
  }

  const bytesOf = ({ git }: TestRepository, path: string) => git(['cat-file', 'blob', `HEAD:${path}`]);

  test('have no program of the user’s change what is saved, and decide nothing of its bytes', async () => {
    const { repository, filtered } = withFilter();
    addRows(repository.db, 2000);
    commit(repository, 'code.txt', 'begin\n');
    const attributes = '** filter=loud text eol=crlf ident working-tree-encoding=UTF-16\n';
    repository.write('.gitattributes', `backups/${attributes}`);
    repository.write('backups/.gitattributes', attributes);
    addRows(repository.db, 2000);
    repository.write('other.txt', 'new\n');
    repository.git(['add', 'other.txt']);
    for (const args of [
      ['-qm', 'work'],
      ['-qm', 'a path', '--', 'code.txt'],
    ]) {
      addRows(repository.db, 1);
      repository.write('code.txt', `${args.join()}\n`);
      repository.git(['commit', ...args]);
      expect(filtered()).toEqual([]);
      const saved = ownOnly(repository.changed());
      expect(manifestsIn(saved)).toHaveLength(1);
      for (const path of saved) expect(bytesOf(repository, path)).toBe(repository.read(path));
    }
    expect(await restoredRows(repository.root)).toBe(4002 + 3);
  });

  test('are seen by the doctor, who runs nothing of theirs', () => {
    const { repository, filtered } = withFilter();
    commit(repository, 'code.txt', 'begin\n');
    addRows(repository.db, 1);
    commit(repository, 'code.txt', 'more\n');
    repository.write('backups/.gitattributes', '* -text filter=loud\n');
    const [manifest = ''] = manifestsIn(repository.changed());
    repository.write(manifest, 'torn\n');
    const run = (...args: string[]) => {
      const { stdout, stderr } = overwinter(repository.root, ['doctor', '--offline', ...args], plainEnvironment);
      return stdout + stderr;
    };
    expect(run()).toMatch(/\.gitattributes does not keep git from changing/);
    expect(run('--fix')).toContain('Told git to leave the bytes of backups alone.');
    expect(run()).not.toMatch(/\.gitattributes does not keep/);
    expect(filtered()).toEqual([]);
  });
});
