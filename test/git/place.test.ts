import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPlace } from '../../src/git/place.ts';
import { newRepository, plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const withoutGit = { ...plainEnvironment, PATH: '/nowhere' };

test('where no folder above holds a repository, git is not asked', async () => {
  expect(await findPlace(join(scratch(), 'not', 'made', 'yet'), withoutGit)).toBeUndefined();
});

test('where one may, a missing git is said', async () => {
  await expect(findPlace(newRepository({ hooks: false }).top, withoutGit)).rejects.toMatchObject({
    code: 'GIT_FAILED',
  });
});

test('a link leads into the repository it points to', async () => {
  const { top } = newRepository({ hooks: false });
  mkdirSync(join(top, 'inner'));
  const link = join(scratch(), 'link');
  symlinkSync(join(top, 'inner'), link);
  expect((await findPlace(link, plainEnvironment))?.place.top).toBe(top);
});

test('a link leads out of the repository it lies in', async () => {
  const { top } = newRepository({ hooks: false });
  const link = join(top, 'link');
  symlinkSync(scratch(), link);
  expect(await findPlace(link, withoutGit)).toBeUndefined();
});
