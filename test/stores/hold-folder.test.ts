import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FOLDER_LOCK, holdFolder } from '../../src/stores/folder/hold-folder.ts';
import { standingFolder, tryFolder } from '../../src/stores/folder/standing-folder.ts';
import { scratch } from '../support/scratch.ts';

const nothing = async () => undefined;

test('a folder that was made for the lock goes with it where nothing was written, and all that was made above it', async () => {
  const top = scratch();
  const root = join(top, 'a/b/backups');
  expect(await holdFolder(root, 0, async (made) => made)).toBe(join(top, 'a'));
  expect(readdirSync(top)).toEqual([]);
  const own = async () => {
    for (const name of ['.gitignore', '.gitattributes']) writeFileSync(join(root, name), '');
    throw new Error('it ended early');
  };
  await expect(holdFolder(root, 0, own)).rejects.toThrow('it ended early');
  expect(readdirSync(top)).toEqual([]);
  mkdirSync(join(top, 'a/mine'), { recursive: true });
  await holdFolder(root, 0, nothing);
  expect(readdirSync(join(top, 'a'))).toEqual(['mine']);
});

test('one in which something was written stays, and so does one that was there before', async () => {
  const top = scratch();
  const root = join(top, 'backups');
  await holdFolder(root, 0, async () => writeFileSync(join(root, 'a.json'), ''));
  expect(readdirSync(root).sort()).toEqual([FOLDER_LOCK, 'a.json']);
  const empty = join(top, 'empty');
  mkdirSync(empty);
  expect(await holdFolder(empty, 0, async (made) => made)).toBeUndefined();
  expect(readdirSync(empty)).toEqual([FOLDER_LOCK]);
});

test('whoever waited for a lock that went with its folder makes another, and is alone there as well', async () => {
  const root = join(scratch(), 'backups');
  const order: string[] = [];
  const turn = (name: string, writes: boolean) =>
    holdFolder(root, 5000, async () => {
      order.push(`${name} in`);
      await sleep(30);
      if (writes) writeFileSync(join(root, `${name}.json`), '');
      order.push(`${name} out`);
    });
  await Promise.all([turn('a', false), turn('b', true), turn('c', true)]);
  expect(order.map((each) => each.slice(2))).toEqual(['in', 'out', 'in', 'out', 'in', 'out']);
  expect(readdirSync(root).sort()).toEqual([FOLDER_LOCK, 'b.json', 'c.json']);
});

test('a lock that somebody else put there is not taken for ours, and nothing is done', async () => {
  for (const plant of [
    (path: string) => symlinkSync(join(scratch(), 'elsewhere'), path),
    (path: string) => mkdirSync(path),
    (path: string) => writeFileSync(path, 'mine'),
  ]) {
    const root = scratch();
    plant(join(root, FOLDER_LOCK));
    let isDone = false;
    const work = holdFolder(root, 0, async () => {
      isDone = true;
    });
    await expect(work).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect(isDone).toBe(false);
  }
});

test('a disk that is not mounted is no empty folder, whatever is wanted of it', async () => {
  const root = join(scratch(), 'unmounted');
  const store = standingFolder({ root, path: join(root, 'app') });
  const gone = { code: 'NOT_READABLE', message: expect.stringContaining(root) };
  await expect(store.list('top')).rejects.toMatchObject(gone);
  await expect(store.read('a.json')).rejects.toMatchObject(gone);
  await expect(store.batch(nothing)).rejects.toMatchObject(gone);
  await expect(tryFolder(root)).rejects.toMatchObject(gone);
  expect(existsSync(root)).toBe(false);
  mkdirSync(root);
  await tryFolder(root);
  await store.batch((batch) => batch.publish('a.json', Buffer.from('it')));
  expect([...(await store.list('top'))]).toContainEqual(['a.json', 2]);
  expect([store.id, store.label]).toEqual([join(root, 'app'), join(root, 'app')]);
});
