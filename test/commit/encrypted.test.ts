import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heal } from '../../src/commit/heal.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { verify } from '../../src/operations/verify.ts';
import { gitRevisionStore } from '../../src/stores/git/revision.ts';
import { ageKey } from '../support/age.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { addRows, newRepository, plainEnvironment, rowsIn, type TestRepository } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ada = ageKey();
let seconds = 0;

/** Every time another machine: it knows nothing but what is in the repository. */
const projectOf = (repository: TestRepository) =>
  projectIn(repository.root, {
    local: join(scratch(), '.overwinter'),
    encryption: encryptionFor({ to: [ada], with: [ada] }),
    now: () => new Date(Date.UTC(2026, 10, 1) + 1000 * seconds++),
  });

async function save(repository: TestRepository, leavePointer = false) {
  const saved = await backup(projectOf(repository), { trigger: 'pre-commit', leavePointer });
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'save']);
  return saved;
}

test('branches that saved the same rows, and other rows, merge without a conflict', async () => {
  const repository = newRepository({ hooks: false });
  addRows(repository.db, 3000);
  await save(repository);
  repository.git(['checkout', '-qb', 'side']);
  addRows(repository.db, 500, 'the same on both');
  const side = await save(repository, true);
  repository.git(['checkout', '-q', 'main']);
  // The same rows are in the database, and this branch has no backup of them yet.
  const main = await save(repository);
  addRows(repository.db, 500, 'on main alone');
  await save(repository);
  const parts = (rev: string) =>
    repository.git(['ls-tree', '-r', '--name-only', rev, 'backups/parts']).trim().split('\n');
  // The same rows made the same files; only the bodies differ, because the two were saved at different times.
  expect(parts('side').filter((path) => !parts('main~1').includes(path)).length).toBe(1);
  repository.git(['merge', '-q', '--no-edit', 'side']);
  expect(repository.status()).toBe('');
  const results = await verify(projectOf(repository), 'all');
  expect(results.map(({ name, ok }) => [name, ok])).toHaveLength(4);
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining([side.name, main.name]));
});

test("a lost and a flipped part come back from git's objects, without any key", async () => {
  const repository = newRepository({ hooks: false });
  addRows(repository.db, 3000);
  await save(repository);
  const { store } = projectOf(repository);
  const files = [...(await store.list('parts')).keys()];
  expect(files.length).toBeGreaterThan(2);
  const [gone = '', flipped = ''] = files;
  const before = repository.read(join('backups', flipped));
  rmSync(join(repository.root, 'backups', gone));
  writeFileSync(join(repository.root, 'backups', flipped), before.replace(/.$/, '~'));
  const git = await repository.open();
  expect((await heal(git, store, { among: 'all', deep: true })).healed).toEqual(
    expect.arrayContaining([gone, flipped]),
  );
  expect(repository.status()).toBe('');
});

test('an old commit is restored from git alone, with what a merge dropped from it', async () => {
  const repository = newRepository({ hooks: false });
  addRows(repository.db, 3000);
  await save(repository);
  const [part = ''] = [...(await projectOf(repository).store.list('parts')).keys()];
  repository.git(['rm', '-q', join('backups', part)]);
  repository.git(['commit', '-qm', 'drop']);
  const from = await gitRevisionStore(await repository.open(), 'HEAD', join(repository.root, 'backups'));
  const to = join(scratch(), 'old.db');
  await restore(projectOf(repository), { name: 'latest', to, from });
  expect(rowsIn(to)).toBe(3003);
});

test('a commit on a laptop that has only public keys saves its database, and CI with the secret drills and pushes it', () => {
  const repository = newRepository({ hooks: false });
  const config = { db: 'app.db', encrypt: { recipients: [ada.recipient] } };
  repository.write('overwinter.config.json', JSON.stringify(config));
  addRows(repository.db, 3000);
  repository.write('.git/hooks/pre-commit', `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' hook pre-commit\n`);
  execFileSync('chmod', ['+x', join(repository.top, '.git/hooks/pre-commit')]);
  const env = { OVERWINTER_HOST: 'none', HOME: '/nonexistent' };
  repository.git(['add', 'overwinter.config.json']);
  repository.git(['commit', '-qm', 'encrypt'], { env });
  expect(repository.changed().some((path) => path.endsWith('.age'))).toBe(true);
  const parts = () => repository.git(['ls-files', 'backups/parts']).trim().split('\n').length;
  const before = parts();
  addRows(repository.db, 1);
  repository.write('code.txt', 'changed\n');
  repository.git(['commit', '-qam', 'change'], { env });
  // The last slice and the body.
  expect(parts() - before).toBe(2);
  expect(repository.status()).toBe('');

  const bare = join(scratch(), 'origin.git');
  repository.git(['init', '-q', '--bare', '-b', 'main', bare]);
  repository.git(['remote', 'add', 'origin', bare]);
  repository.git(['push', '-q', 'origin', 'main']);
  const ci = (identity: Record<string, string>) =>
    overwinter(repository.top, ['ci', '--json'], { ...plainEnvironment, CI: 'true', ...identity });
  const without = ci({});
  expect([without.code, without.stdout]).toEqual([12, expect.stringContaining(ada.recipient)]);
  const done = ci({ OVERWINTER_IDENTITY: ada.identity });
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(JSON.parse(done.stdout)).toMatchObject({ status: 'pushed', verified: { ok: true, rows: 3004 } });
  expect(done.stdout + done.stderr + without.stdout + without.stderr).not.toContain('AGE-SECRET-KEY');
});
