import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { restore } from '../../src/operations/restore.ts';
import { gitRevisionStore } from '../../src/stores/git/revision.ts';
import { addRows, newRepository, rowsIn, type TestRepository } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

async function save(repository: TestRepository, rows: number): Promise<void> {
  addRows(repository.db, rows, 'ä "quoted" \u0001 '.repeat(8));
  await backup(projectIn(repository.root), { trigger: 'test' });
  repository.git(['add', '-f', join(repository.root, 'backups')]);
  repository.git(['commit', '-qm', 'save']);
}

async function restoreAt(repository: TestRepository, revision: string, name = 'latest'): Promise<number> {
  const from = await gitRevisionStore(await repository.open(), revision, join(repository.root, 'backups'));
  const to = join(scratch(), 'restored.db');
  await restore(projectIn(repository.root), { name, to, from });
  return rowsIn(to);
}

describe('the backups of a revision', () => {
  for (const inside of ['', 'packages/the app']) {
    test(`are restored without the work tree${inside === '' ? '' : ', from a subfolder'}`, async () => {
      const repository = newRepository({ hooks: false, inside });
      await save(repository, 3000);
      await save(repository, 1);
      rmSync(join(repository.root, 'backups'), { recursive: true });
      repository.git(['tag', 'v1', 'HEAD~1']);
      expect(await restoreAt(repository, 'HEAD')).toBe(3004);
      expect(await restoreAt(repository, 'HEAD~1')).toBe(3003);
      expect(await restoreAt(repository, 'v1')).toBe(3003);
    });
  }

  test('are listed and read like those of a folder', async () => {
    const repository = newRepository({ hooks: false });
    await save(repository, 3000);
    const { store } = projectIn(repository.root);
    const revision = await gitRevisionStore(await repository.open(), 'HEAD', join(repository.root, 'backups'));
    for (const shelf of ['top', 'parts'] as const) {
      const listed = await store.list(shelf);
      expect(new Map([...(await revision.list(shelf))].sort())).toEqual(new Map([...listed].sort()));
      for (const file of listed.keys()) {
        expect(await revision.read(file)).toEqual(await store.read(file));
        expect(await revision.read(file, { first: 10 })).toEqual(await store.read(file, { first: 10 }));
      }
    }
    expect(await revision.read('nothing.json')).toBeUndefined();
    expect(await revision.read('parts')).toBeUndefined();
    expect(revision.label).toBe('HEAD:backups');
  });

  test('are whole even where a merge dropped a part', async () => {
    const repository = newRepository({ hooks: false });
    await save(repository, 3000);
    const [part] = (await projectIn(repository.root).store.list('parts')).keys();
    repository.git(['rm', '-q', `backups/${part}`]);
    repository.git(['commit', '-qm', 'drop a part']);
    expect(await restoreAt(repository, 'HEAD')).toBe(3003);
  });

  test('are none in a commit before the first backup', async () => {
    const repository = newRepository({ hooks: false });
    await save(repository, 3);
    const store = await gitRevisionStore(await repository.open(), 'HEAD~1', join(repository.root, 'backups'));
    expect((await readCatalog(store)).entries).toEqual([]);
    await expect(restoreAt(repository, 'HEAD~1')).rejects.toMatchObject({ code: 'NO_BACKUP' });
  });

  for (const wrong of ['no-such-branch', '', '--all', 'HEAD:code.txt', 'HEAD~99']) {
    test(`are refused for '${wrong}', which is no commit`, async () => {
      const repository = newRepository({ hooks: false });
      await expect(restoreAt(repository, wrong)).rejects.toMatchObject({ code: 'REVISION_NOT_FOUND' });
    });
  }
});
