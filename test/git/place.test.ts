import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
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

test('a repository that git will not look at is said, and one without a work tree is none', async () => {
  const { top, git } = newRepository({ hooks: false });
  git(['config', 'core.bare', 'true']);
  expect(await findPlace(top, plainEnvironment)).toBeUndefined();
  writeFileSync(join(top, '.git/config'), '[core\n');
  await expect(findPlace(top, plainEnvironment)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

test('a repository that is named where another one is has this folder for its work tree', async () => {
  const [here, other] = [newRepository({ hooks: false }), newRepository({ hooks: false })];
  const env = { ...plainEnvironment, GIT_DIR: join(other.top, '.git') };
  const found = await findPlace(here.top, env);
  expect(found?.place).toEqual({ top: here.top, gitDir: join(other.top, '.git') });
  expect(found?.env).toMatchObject({ GIT_DIR: join(other.top, '.git'), GIT_WORK_TREE: here.top });
});

test('names are taken as they are, and nothing is said of a repository that no variable named', async () => {
  const { top } = newRepository({ hooks: false });
  const found = await findPlace(top, { ...plainEnvironment, GIT_ICASE_PATHSPECS: '1' });
  expect(found?.env.GIT_LITERAL_PATHSPECS).toBe('1');
  for (const name of ['GIT_ICASE_PATHSPECS', 'GIT_DIR', 'GIT_WORK_TREE'])
    expect(Object.keys(found?.env ?? {})).not.toContain(name);
});
