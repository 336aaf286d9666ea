import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { diffRevisions } from '../../src/operations/diff-revisions.ts';
import type { LocalProject } from '../../src/operations/project.ts';
import { repositoryIn } from '../support/repository.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

let project: LocalProject;
const names: string[] = [];

/** `main`: no backup, then two, one a commit; `side` leaves it after the first and has one of its own. */
beforeAll(async () => {
  const repository = repositoryIn(join(lasting(), 'app'));
  repository.write('.gitignore', 'app.db*\n.overwinter\n');
  repository.git(['init', '-q', '-b', 'main']);
  const commit = () => {
    repository.git(['add', '-A']);
    repository.git(['commit', '-q', '-m', 'x']);
  };
  commit();
  const made = projectIn(repository.top, { repository: () => repository.open() });
  const save = async (sql: string) => {
    new Database(made.db).exec(sql).close();
    names.push((await backup(made, { trigger: 'test' })).name);
    commit();
  };
  await save('CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t(x) VALUES (1), (2)');
  repository.git(['branch', 'side']);
  await save('INSERT INTO t(x) VALUES (3)');
  repository.git(['checkout', '-q', 'side']);
  await save('DELETE FROM t WHERE id = 3; UPDATE t SET x = 9 WHERE id = 1');
  project = made;
});

/** What differs in the only table, with the labels of both sides. */
async function told(from: string | undefined, to?: string) {
  const { from: left, to: right, tables } = await diffRevisions(project, from, to, 0);
  const [{ added, changed, removed } = { added: 0, changed: 0, removed: 0 }] = tables;
  return { left, right, added, changed, removed };
}

test('commits stand for the newest backup that they have', async () => {
  expect(await told('main~1', 'main')).toMatchObject({ added: 1, changed: 0, removed: 0 });
  expect(await told('main~1', 'main')).toMatchObject({ left: `main~1:${names[0]}`, right: `main:${names[1]}` });
  expect(await told('main', 'side')).toMatchObject({ added: 0, changed: 1, removed: 1 });
  expect(await told('side')).toMatchObject({ left: `side:${names[2]}`, added: 0, changed: 0, removed: 0 });
});

test('a range is from one to the other, or from where they parted', async () => {
  expect(await told('main..side')).toMatchObject({ added: 0, changed: 1, removed: 1 });
  expect(await told('main...side')).toMatchObject({ left: `main:${names[0]}`, changed: 1, removed: 0 });
  expect(await told('main...')).toMatchObject({ right: `HEAD:${names[2]}`, changed: 1, removed: 0 });
  expect(await told('..main')).toMatchObject({ left: `HEAD:${names[2]}`, added: 1, changed: 1 });
});

test('where a range begins before the first backup, all its rows are new', async () => {
  expect(await told('main~2..main')).toMatchObject({ left: 'main~2, which has no backup,', added: 3, removed: 0 });
});

test('a backup comes before a commit, and its name may be the beginning of one', async () => {
  const [first = ''] = names;
  expect(await told(first, 'side')).toMatchObject({ left: first, changed: 1, removed: 0 });
  expect(await told(undefined)).toMatchObject({ left: names[2], changed: 0 });
  expect((await told(first.slice(0, -1))).left).toBe(first);
});

test.each([
  ['a name that is neither', 'no-such', undefined, 'BACKUP_NOT_FOUND'],
  ['a revision that is none', 'no-such~1', undefined, 'REVISION_NOT_FOUND'],
  ['a range whose end is none', 'main..no-such', undefined, 'REVISION_NOT_FOUND'],
  ['a range from where nothing parted', 'no-such...main', undefined, 'REVISION_NOT_FOUND'],
  ['a commit without a backup', 'main~2', 'main', 'NO_BACKUP'],
])('%s is said', async (_, from, to, code) => {
  await expect(diffRevisions(project, from, to, 0)).rejects.toMatchObject({ code });
});

test('outside of a repository a name is a backup, and a range is none', async () => {
  const alone = projectIn(scratch());
  new Database(alone.db).exec('CREATE TABLE t(x); INSERT INTO t VALUES (1)').close();
  await backup(alone, { trigger: 'test' });
  await expect(diffRevisions(alone, 'main', undefined, 0)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  await expect(diffRevisions(alone, 'main..side', undefined, 0)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});
