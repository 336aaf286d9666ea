import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { hasPlacing, keptFiles, planFiles, settlePlacing, stageFiles } from '../../src/operations/place-files.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles, UPLOADS } from '../support/with-files.ts';

/** An app with files that were saved, and are not as they were: `gone` is missing, `other` another one, `new` in no backup. */
async function app(more = 0) {
  const project = projectWithFiles(scratch());
  addNotes(project.db, 1);
  for (const name of ['deep/gone', 'other', 'same']) project.put(name, name);
  for (let n = 0; n < more; n++) project.put(`many/${n}`, `${n}`);
  const { name } = await backup(project, { trigger: 'test' });
  const { manifest, store } = await unseal(undefined, project.store, await openBackup(project.store, name));
  const { files } = manifest;
  if (files === undefined || project.files === undefined) throw new Error('there are files');
  const saved = project.there();
  const folder = join(project.folder, UPLOADS);
  rmSync(join(folder, 'deep'), { recursive: true });
  rmSync(join(folder, 'many'), { recursive: true, force: true });
  project.put('other', 'OTHER');
  project.put('new', 'new');
  const stage = async () => {
    const staged = await stageFiles(project, project.database, files, store);
    if (staged === undefined) throw new Error('there are folders');
    return staged;
  };
  const plan = () => planFiles(project.files ?? wanted, files, store, project.now());
  const wanted = project.files;
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  const left = () => readdirSync(folder).filter((each) => each.startsWith('.overwinter'));
  const snapshot = join(scratch(), 'kept');
  return { project, saved, folder, stage, plan, text, left, snapshot, files };
}

test('what is missing comes back, and what is there another way stays where no snapshot keeps it', async () => {
  const { stage, text, left, project } = await app();
  const staged = await stage();
  expect(left()).toHaveLength(1);
  expect(hasPlacing(project)).toBe(true);
  expect(staged.place()).toMatchObject({ files: 3, added: 1, replaced: 0, kept: 1, unknown: 1, elsewhere: [] });
  expect([text('deep/gone'), text('other'), text('new')]).toEqual(['deep/gone', 'OTHER', 'new']);
  expect([left(), hasPlacing(project)]).toEqual([[], false]);
});

test('where a snapshot keeps it, it is replaced, and is in the snapshot', async () => {
  const { stage, text, saved, project, snapshot } = await app();
  mkdirSync(snapshot);
  const staged = await stage();
  await staged.keep(snapshot);
  expect(staged.place()).toMatchObject({ added: 1, replaced: 1, kept: 0 });
  expect(text('new')).toBe('new');
  expect(project.there()).toMatchObject(saved);
  const kept = await keptFiles(snapshot);
  expect(kept?.files.folders).toEqual([{ name: UPLOADS, files: 1, bytes: 5 }]);
  expect(await keptFiles(join(snapshot, 'none'))).toBeUndefined();
  expect(await keptFiles(scratch())).toBeUndefined();
});

test('what is discarded leaves nothing, not even folders that were made for it', async () => {
  const { stage, left, folder, project } = await app();
  const before = project.there();
  const staged = await stage();
  staged.ready();
  staged.discard();
  expect([left(), hasPlacing(project), existsSync(join(folder, 'deep'))]).toEqual([[], false, false]);
  expect(project.there()).toEqual(before);
  rmSync(folder, { recursive: true });
  (await stage()).discard();
  expect(existsSync(folder)).toBe(false);
});

test('after a kill files are put in place only where the database was replaced, or was to stay', async () => {
  const { project, stage, text, left, folder } = await app();
  (await stage()).ready();
  settlePlacing(project);
  expect([existsSync(join(folder, 'deep')), left()]).toEqual([false, []]);

  (await stage()).ready('stays');
  settlePlacing(project);
  expect([text('deep/gone'), text('other'), left(), hasPlacing(project)]).toEqual(['deep/gone', 'OTHER', [], false]);

  rmSync(join(folder, 'deep'), { recursive: true });
  (await stage()).ready();
  rmSync(project.db);
  addNotes(project.db, 2);
  settlePlacing(project);
  expect([text('deep/gone'), text('other'), left()]).toEqual(['deep/gone', 'OTHER', []]);
});

test('files that came meanwhile are nobody’s to replace', async () => {
  const { project, stage, text } = await app();
  (await stage()).ready('stays');
  project.put('deep/gone', 'came meanwhile');
  settlePlacing(project);
  expect(text('deep/gone')).toBe('came meanwhile');
  const again = await stage();
  project.put('deep/gone', 'came again');
  again.place();
  expect(text('deep/gone')).toBe('came again');
});

test('where a folder came meanwhile, what is missing goes into it, and what came stays', async () => {
  for (const ending of ['place', 'kill'] as const) {
    const { project, stage, text, left, folder } = await app(3);
    const staged = await stage();
    staged.ready('stays');
    project.put('many/1', 'came meanwhile');
    project.put('many/mine', 'mine');
    if (ending === 'place') staged.place();
    else settlePlacing(project);
    expect(['0', '1', '2', 'mine'].map((name) => text(`many/${name}`))).toEqual(['0', 'came meanwhile', '2', 'mine']);
    expect([left(), existsSync(join(folder, 'deep/gone'))]).toEqual([[], true]);
  }
});

test('after a kill between two of its files, the rest of a folder that came meanwhile is put there', async () => {
  const { project, stage, text, left, folder } = await app(3);
  (await stage()).ready('stays');
  const [staging = ''] = left();
  const unit = readdirSync(join(folder, staging)).find((name) => existsSync(join(folder, staging, name, '2')));
  mkdirSync(join(folder, 'many'));
  renameSync(join(folder, staging, unit ?? '', '0'), join(folder, 'many/0'));
  settlePlacing(project);
  expect(['0', '1', '2'].map((name) => text(`many/${name}`))).toEqual(['0', '1', '2']);
  expect(left()).toEqual([]);
});

test('a link or a file that came in the place of a folder is neither followed nor replaced', async () => {
  for (const put of [(at: string) => symlinkSync(scratch(), at), (at: string) => writeFileSync(at, 'a file')]) {
    const { stage, folder } = await app(3);
    const staged = await stage();
    staged.ready('stays');
    const at = join(folder, 'many');
    put(at);
    expect(() => staged.place()).toThrow('many');
    expect(lstatSync(at).isSymbolicLink() ? readdirSync(at) : readFileSync(at, 'utf8')).toEqual(
      lstatSync(at).isSymbolicLink() ? [] : 'a file',
    );
  }
});

test('folders that were not there are put in place by one name each', async () => {
  const { stage, folder, left } = await app(3);
  const staged = await stage();
  const [staging = ''] = left();
  const made = readdirSync(join(folder, staging))
    .map((name) => statSync(join(folder, staging, name)))
    .filter((each) => each.isDirectory());
  staged.place();
  const placed = ['deep', 'many'].map((name) => statSync(join(folder, name)).ino);
  expect(placed.sort()).toEqual(made.map(({ ino }) => ino).sort());
});

test('more files than are flushed one by one come back as well', async () => {
  const { project, stage, saved } = await app(120);
  const { other: _, ...others } = saved;
  expect((await stage()).place()).toMatchObject({ files: 123, added: 121 });
  expect(project.there()).toMatchObject(others);
});

test('folders that the configuration does not name are told, and not written to', async () => {
  const { project, plan, files } = await app();
  expect((await plan()).elsewhere).toEqual([]);
  const renamed = { ...project.files, folders: [{ name: 'other', path: join(project.folder, 'other') }] };
  const wanted = { top: project.folder, never: [], largest: 1e6, largestSum: 1e6, ...renamed };
  const found = await planFiles(wanted, files, project.store, project.now());
  expect(found).toMatchObject({ files: 0, missing: [], elsewhere: [UPLOADS] });
});
