import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { checkPointer, pointerOf, readCatalog } from '../../src/operations/catalog.ts';
import type { Range, ReadableStore } from '../../src/stores/store.ts';
import { makeSample } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

async function saved() {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const { name } = await backup(project, { trigger: 'test' });
  return { ...project, name, pointer: join(project.store.path, 'latest_backup.json') };
}

test.each([
  ['is gone', () => {}, 'is missing'],
  ['is a link', (path: string) => symlinkSync('elsewhere.json', path), 'cannot be read'],
  ['is no document', (path: string) => writeFileSync(path, '{'), 'cannot be read'],
  ['is larger than any', (path: string) => writeFileSync(path, ' '.repeat(1 << 20)), 'cannot be read'],
])('a pointer that %s is told of, and every backup is found without it', async (_, change, words) => {
  const { store, name, pointer } = await saved();
  expect((await pointerOf(store))?.name).toBe(name);
  rmSync(pointer);
  change(pointer);
  expect(await pointerOf(store)).toBeUndefined();
  const catalog = await readCatalog(store);
  expect(catalog.entries.map((each) => each.name)).toEqual([name]);
  expect(await checkPointer(store, catalog)).toEqual({
    pointer: undefined,
    problem: `the pointer ${words}`,
    isStale: false,
  });
});

test('a pointer that cannot be asked for is not one that is damaged', async () => {
  const { store } = await saved();
  const read = () => Promise.reject(new Error('out of reach'));
  await expect(pointerOf({ ...store, read })).rejects.toThrow('out of reach');
});

test('a list reads no more of a backup than its beginning, however large it is', async () => {
  const { store } = await saved();
  const ranges: (Range | undefined)[] = [];
  const watched: ReadableStore = {
    ...store,
    read(path, range) {
      ranges.push(range);
      return store.read(path, range);
    },
  };
  expect((await readCatalog(watched)).entries).toHaveLength(1);
  expect(ranges).toEqual([{ first: expect.any(Number) }]);
});
