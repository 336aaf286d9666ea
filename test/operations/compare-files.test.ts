import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { compareFiles } from '../../src/operations/compare-files.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles, UPLOADS } from '../support/with-files.ts';

async function app() {
  const project = projectWithFiles(scratch());
  addNotes(project.db, 1);
  for (const name of ['a', 'b', 'c']) project.put(name, name);
  const { name } = await backup(project, { trigger: 'test' });
  const opened = await openBackup(project.store, name);
  const { manifest } = await unseal(undefined, project.store, opened);
  return {
    project,
    remove: (path: string) => rmSync(join(project.folder, UPLOADS, path)),
    opened,
    look: (other: Partial<typeof project> = {}, isShut = false) =>
      compareFiles({ ...project, ...other }, opened, isShut ? undefined : manifest, 'quick'),
  };
}

const SAME = { kind: 'compared', changed: 0, gone: 0, leftOut: [] };

test('files that are as they were saved are so, and those that came, changed or went are counted', async () => {
  const { project, remove, look } = await app();
  expect(await look()).toEqual(SAME);
  project.put('d', 'd');
  project.put('a', 'A');
  remove('b');
  expect(await look()).toEqual({ ...SAME, changed: 2, gone: 1 });
  remove('d');
  project.put('a', 'a');
  expect(await look()).toEqual({ ...SAME, gone: 1 });
});

test('another mode, and another time, are a change', async () => {
  const { project, look } = await app();
  project.put('a', 'a', { mode: 0o600 });
  expect(await look()).toMatchObject({ changed: 1 });
  project.put('a', 'a', { mtime: new Date('2026-01-02T03:04:06.000Z') });
  expect(await look()).toMatchObject({ changed: 1 });
  project.put('a', 'a');
  expect(await look()).toMatchObject({ changed: 0 });
});

test('what is too large to be saved is told, and does not count', async () => {
  const { project, look } = await app();
  project.put('large', 'x'.repeat(2000));
  const files = project.files && { ...project.files, largest: 1000 };
  expect(await look(files && { files })).toEqual({ ...SAME, leftOut: [`${UPLOADS}/large`] });
  expect(await look(project.files && { files: { ...project.files, largestSum: 1000 } })).toMatchObject({
    kind: 'trouble',
  });
});

test('of a backup that is shut, only what looks as it did is known', async () => {
  const { project, look } = await app();
  project.put('d', 'd');
  expect(await look({}, true)).toEqual({ kind: 'unknown' });
});

test('without folders to be saved there is nothing to say', async () => {
  const { project, opened } = await app();
  const { files: _, ...without } = project;
  expect(await compareFiles(without, opened, undefined, 'quick')).toBeUndefined();
});
