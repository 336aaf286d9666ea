import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { diff } from '../../src/operations/diff.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles, UPLOADS } from '../support/with-files.ts';

function app() {
  const project = projectWithFiles(scratch());
  const { files: _, ...without } = project;
  addNotes(project.db, 3);
  const save = async (of: typeof without) => (await backup(of, { trigger: 'test', allowShrink: true })).name;
  const remove = (path: string) => rmSync(join(project.folder, UPLOADS, path));
  return { project, without, save, remove };
}

test('files that came, went, or are other ones are told by their paths, and what is the same is not', async () => {
  const { project, save, remove } = app();
  for (const name of ['same', 'gone', 'other']) project.put(name, name);
  const before = await save(project);
  remove('gone');
  project.put('other', 'OTHER');
  project.put('new', 'new');
  const after = await save(project);
  const { files } = await diff(project, before, after, 10);
  expect(files).toMatchObject({ added: 1, changed: 1, removed: 1 });
  expect([...(files?.paths ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { kind: 'removed', path: `${UPLOADS}/gone` },
    { kind: 'added', path: `${UPLOADS}/new` },
    { kind: 'changed', path: `${UPLOADS}/other` },
  ]);
  expect((await diff(project, before, after, 1)).files?.paths).toHaveLength(1);
  expect((await diff(project, after, undefined, 10)).files).toEqual({ added: 0, changed: 0, removed: 0, paths: [] });
});

test('against a backup from before there were files, all are new, and the other way round they are gone', async () => {
  const { project, without, save } = app();
  project.put('one', 'one');
  project.put('two', 'two');
  const before = await save(without);
  addNotes(project.db, 1);
  const after = await save(project);
  expect((await diff(project, before, after, 10)).files).toMatchObject({ added: 2, changed: 0, removed: 0 });
  expect((await diff(project, after, before, 10)).files).toMatchObject({ added: 0, changed: 0, removed: 2 });
  expect((await diff(project, before, before, 10)).files).toBeUndefined();
  expect((await diff(project, before, undefined, 10)).files).toMatchObject({ added: 2 });
});

test('where the configuration names no folder, files of a backup are not told as gone from the database', async () => {
  const { project, without, save } = app();
  project.put('one', 'one');
  const saved = await save(project);
  expect((await diff(without, saved, undefined, 10)).files).toBeUndefined();
});
