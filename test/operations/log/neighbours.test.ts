import { beforeAll, expect, test } from 'vitest';
import type { Metadata } from '../../../src/core/manifest.ts';
import { backupDamaged } from '../../../src/core/problems/backups.ts';
import { backup } from '../../../src/operations/backup.ts';
import { openBackup } from '../../../src/operations/catalog.ts';
import { neighbours } from '../../../src/operations/log/neighbours.ts';
import { memoryPlace, memoryStore } from '../../support/memory-store.ts';
import { projectIn, scratch } from '../../support/scratch.ts';
import { addNotes } from '../../support/with-files.ts';

let metadata: Metadata;

beforeAll(async () => {
  const project = projectIn(scratch());
  addNotes(project.db, 1);
  const { name } = await backup(project, { trigger: 'test' });
  metadata = (await openBackup(project.store, name)).manifest.metadata;
});

/** Backups, newest first, each as its environment and its number: `p3`, `l2`, `p1`; `!` is damaged. */
async function walk(...names: readonly string[]) {
  const store = memoryStore(memoryPlace());
  const versions = names.map((name) => {
    const environment = name.replace(/^!/, '').charAt(0) === 'p' ? 'production' : 'laptop';
    return { name, metadata: { ...metadata, origin: { ...metadata.origin, environment } }, commit: undefined, store };
  });
  const read: string[] = [];
  const skipped: string[] = [];
  const stateOf = async ({ name }: { readonly name: string }) => {
    read.push(name);
    if (name.startsWith('!')) throw backupDamaged(name, 'is damaged')();
    return name;
  };
  const pairs: (readonly [string | undefined, string])[] = [];
  for await (const { before, after } of neighbours(versions, stateOf, ({ name }) => skipped.push(name)))
    pairs.push([before, after]);
  return { pairs, read, skipped };
}

test('each is compared with the one before it of the same environment, and read once', async () => {
  const { pairs, read } = await walk('p4', 'l3', 'p2', 'l1');
  expect(pairs).toEqual([
    ['p2', 'p4'],
    ['l1', 'l3'],
    ['l1', 'p2'],
    [undefined, 'l1'],
  ]);
  expect([...read].sort()).toEqual(['l1', 'l3', 'p2', 'p4']);
});

test('what is damaged is gone around, and told once', async () => {
  const { pairs, skipped } = await walk('p4', '!p3', 'p2', '!p1');
  expect(pairs).toEqual([
    ['p2', 'p4'],
    [undefined, 'p2'],
  ]);
  expect(skipped).toEqual(['!p3', '!p1']);
});

test('where nothing can be read, it says why; where there is nothing, nothing', async () => {
  await expect(walk('!p2', '!p1')).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
    message: expect.stringContaining('!p2'),
  });
  expect((await walk()).pairs).toEqual([]);
});
