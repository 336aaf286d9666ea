import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAnother, scanFolders, writtenLast } from '../../src/folders/scan.ts';
import { scratch } from '../support/scratch.ts';
import { UPLOADS, wantedIn } from '../support/with-files.ts';

const later = new Date(8.64e15);

/** Folders of twenty files, of which those in `new` were written to last. */
async function uploads() {
  const top = scratch();
  const folder = join(top, UPLOADS);
  const put = (path: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), path);
  };
  for (let n = 0; n < 20; n++) put(`old/${n}`);
  await sleep(20);
  for (let n = 0; n < 8; n++) put(`new/${n}`);
  const wanted = wantedIn(top);
  return { folder, put, last: () => writtenLast(scanFolders(wanted, later)) };
}

test('a few files are known that were written to last, and the folders they lie in', async () => {
  const { folder, last } = await uploads();
  const names = Array.from({ length: 8 }, (_, n) => join(folder, 'new', `${n}`));
  expect(
    last()
      .map(([path]) => path)
      .sort(),
  ).toEqual([join(folder, 'new'), ...names]);
  expect(isAnother(last())).toBe(false);
  rmSync(folder, { recursive: true });
  expect(last()).toEqual([]);
  expect(isAnother([])).toBe(false);
});

test('one that is written to again, one that is new beside them, and one that is gone is another', async () => {
  const { folder, put, last } = await uploads();
  let before = last();
  writeFileSync(join(folder, 'new/3'), 'another');
  expect(isAnother(before)).toBe(true);

  before = last();
  put('new/more');
  expect(isAnother(before)).toBe(true);

  before = last();
  rmSync(join(folder, 'new/5'));
  expect(isAnother(before)).toBe(true);

  before = last();
  utimesSync(join(folder, 'new/4'), 1, 1);
  expect(isAnother(before)).toBe(true);
});

test('of what else changed they say nothing', async () => {
  const { put, last } = await uploads();
  const before = last();
  put('old/7');
  expect(isAnother(before)).toBe(false);
});
