import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import { partFile, pieceFile } from '../../src/core/names.ts';
import type { SavedFiles } from '../../src/core/saved-files.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { LATER } from '../../src/folders/look.ts';
import { readFoundFile } from '../../src/folders/read-file.ts';
import { scanFolders } from '../../src/folders/scan.ts';
import { targetsIn } from '../../src/folders/targets.ts';
import { isSealed } from '../../src/format/sealed.ts';
import { notePlacing } from '../../src/local/placing.ts';
import { autoRestore, previewBoot } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { copyNewest } from '../../src/operations/copy-newest.ts';
import { diff } from '../../src/operations/diff.ts';
import { stageFiles } from '../../src/operations/place-files.ts';
import { prune } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { status } from '../../src/operations/status.ts';
import { tryRestore } from '../../src/operations/trial.ts';
import { verify } from '../../src/operations/verify.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor, filesIn } from '../support/encrypted.ts';
import { scratch } from '../support/scratch.ts';
import {
  addNotes,
  type ProjectWithFiles,
  projectWithFiles,
  readNotes,
  treeOf,
  UPLOADS,
  wantedIn,
} from '../support/with-files.ts';

const partsOf = ({ folder }: ProjectWithFiles) =>
  readdirSync(join(folder, 'backups/parts'), { recursive: true })
    .map(String)
    .filter((name) => /\.(jsonl|bin)$/.test(name));

function filled(): ProjectWithFiles {
  const project = projectWithFiles(scratch());
  addNotes(project.db, 3);
  project.put('a.txt', 'hello');
  project.put('empty', '');
  project.put('deep/down/run.sh', '#!/bin/sh\n', { mode: 0o755 });
  project.put('private', 'mine', { mode: 0o600, mtime: new Date('1999-12-31T23:59:59.999Z') });
  project.put('ümläut ☃/ name.bin', Buffer.from([0, 255, 254]));
  project.put('large.bin', randomBytes(9_000_000));
  project.put('half.bin', randomBytes(20_000));
  return project;
}

test('law 1: files come back with the rows, byte by byte, with modes and times', async () => {
  const project = filled();
  const before = project.there();
  const saved = await backup(project, { trigger: 'test' });
  expect(saved.files).toEqual({ files: 7, bytes: 9_020_022 });
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true, warnings: [] }]);
  rmSync(project.db);
  rmSync(join(project.folder, 'data'), { recursive: true });
  const restored = await restore(project, { name: 'latest' });
  expect(restored.files).toEqual({ files: 7, added: 7, replaced: 0, kept: 0, unknown: 0, elsewhere: [] });
  expect(project.there()).toEqual(before);
  expect(readdirSync(join(project.folder, UPLOADS)).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'unchanged', name: saved.name });
});

test('law 2: the same files are the same bytes, and equal files are stored once', async () => {
  const project = filled();
  const bytes = randomBytes(30_000);
  project.put('one.bin', bytes);
  project.put('two.bin', bytes);
  const saved = await backup(project, { trigger: 'test' });
  const parts = partsOf(project);
  expect(parts.filter((name) => name.endsWith('.bin')).length).toBe(2 + 1 + 1);
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'unchanged', bytesWritten: 0 });
  project.put('a.txt', 'other');
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
  project.put('a.txt', 'hello');
  const again = await backup(project, { trigger: 'test' });
  expect(again.status).toBe('created');
  expect(partsOf(project).length).toBe(parts.length + 1);
  expect(saved.name).not.toBe(again.name);
});

test('what a restore replaces comes back with undo; what the backup does not know stays', async () => {
  const project = filled();
  await backup(project, { trigger: 'test' });
  const before = project.there();
  project.put('a.txt', 'changed since');
  project.put('new.txt', 'uploaded since');
  rmSync(join(project.folder, UPLOADS, 'private'));
  const since = project.there();
  const restored = await restore(project, { name: 'latest' });
  expect(restored.files).toMatchObject({ files: 7, added: 1, replaced: 1, kept: 0, unknown: 1 });
  expect(project.there()).toEqual({ ...before, 'new.txt': since['new.txt'] });
  const undone = await undo(project);
  expect(undone.files).toMatchObject({ replaced: 1 });
  expect(project.there()).toEqual({ ...since, private: before.private });
});

const lightOf = async (project: ProjectWithFiles) => (await status(project)).chain.steps[0];

test('law 9: no green for files that are in no backup', async () => {
  const project = filled();
  await backup(project, { trigger: 'test' });
  expect(await lightOf(project)).toMatchObject({ name: 'saved', light: 'green' });
  project.put('a.txt', 'HELLO');
  expect(await lightOf(project)).toMatchObject({
    light: 'yellow',
    text: expect.stringContaining('1 file is in no backup'),
  });
  project.put('a.txt', 'hello');
  expect(await lightOf(project)).toMatchObject({ light: 'green' });
  rmSync(join(project.folder, UPLOADS, 'a.txt'));
  expect(await lightOf(project)).toMatchObject({ light: 'yellow', text: expect.stringContaining('1 file of ') });
  project.put('a.txt', 'hello');
  symlinkSync('a.txt', join(project.folder, UPLOADS, 'link'));
  expect(await lightOf(project)).toMatchObject({ light: 'yellow', text: `No backup can hold ${UPLOADS}/link.` });
});

test('encrypted: neither names nor bytes of files are to be seen, and all of it comes back', async () => {
  const ada = ageKey();
  const project = projectWithFiles(scratch(), { encryption: encryptionFor({ to: [ada], with: [ada] }) });
  addNotes(project.db, 3);
  project.put('passport of Ada.jpg', Buffer.concat([Buffer.from('PASSPORT'), randomBytes(50_000)]));
  project.put('note.txt', 'HARMLESS');
  const before = project.there();
  await backup(project, { trigger: 'test' });
  const all = Buffer.concat([...filesIn(join(project.folder, 'backups')).values()]).toString('latin1');
  for (const word of [
    'passport',
    'Ada',
    'note.txt',
    'PASSPORT',
    'HARMLESS',
    Buffer.from('HARMLESS').toString('base64'),
  ])
    expect(all).not.toContain(word);
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'unchanged' });
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true }]);
  rmSync(join(project.folder, 'data'), { recursive: true });
  await restore(project, { name: 'latest' });
  expect(project.there()).toEqual(before);
  project.put('note.txt', 'OTHER');
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true }]);
});

test('a start on an empty host brings rows and files, and one with rows and no files the files alone', async () => {
  const project = filled();
  const before = project.there();
  await backup(project, { trigger: 'test' });
  rmSync(project.db);
  rmSync(join(project.folder, 'data'), { recursive: true });
  expect(await previewBoot(project)).toMatchObject({ words: expect.stringContaining('restore backup_') });
  expect(await autoRestore(project)).toMatchObject({ restored: true, rows: 3, files: { added: 7 } });
  expect(project.there()).toEqual(before);
  addNotes(project.db, 1);
  expect(await autoRestore(project)).toEqual({ restored: false, reason: 'the database has data' });
  rmSync(join(project.folder, 'data'), { recursive: true });
  expect(await previewBoot(project)).toMatchObject({ words: 'leave the database as it is, and bring its files back' });
  expect(await autoRestore(project)).toMatchObject({ restored: false, files: { added: 7, name: expect.anything() } });
  expect(project.there()).toEqual(before);
  expect(readNotes(project.db)).toBe(4);
});

test('a folder that the backup has no file of is left as it is, whatever the others hold', async () => {
  const project = filled();
  const wanted = wantedIn(project.folder, [UPLOADS, 'icons']);
  const both = { ...project, files: wanted };
  mkdirSync(join(project.folder, 'icons'));
  await backup(both, { trigger: 'test' });
  expect(await previewBoot(both)).toMatchObject({ words: 'leave the database as it is' });
  expect(await autoRestore(both)).toEqual({ restored: false, reason: 'the database has data' });
});

test('where the rows are gone and files are not, newer files stay as they are', async () => {
  const project = filled();
  await backup(project, { trigger: 'test' });
  rmSync(project.db);
  project.put('a.txt', 'newer');
  rmSync(join(project.folder, UPLOADS, 'empty'));
  const since = project.there();
  expect(await autoRestore(project)).toMatchObject({ restored: true, files: { added: 1, replaced: 0, kept: 1 } });
  expect(project.there()).toMatchObject(since);
});

describe('nothing that comes with data decides where is written', () => {
  /** A backup whose list says something else, as whoever may write to the repository can make it. */
  async function forged(lines: readonly object[], folders?: SavedFiles['folders']): Promise<ProjectWithFiles> {
    const project = filled();
    const { name } = await backup(project, { trigger: 'test' });
    const { manifest } = await openBackup(project.store, name);
    if (isSealed(manifest)) throw new Error('it is plain');
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const file = partFile('files', blobId(text), '00000000');
    const bytes = lines.length * 4;
    const files: SavedFiles = {
      folders: folders ?? [{ name: UPLOADS, files: lines.length, bytes }],
      list: [{ part: { file, rows: lines.length, bytes: text.length }, pieces: [] }],
    };
    const content = { ...manifest, files };
    const counts = { files: lines.length, file_bytes: bytes };
    const metadata = { ...manifest.metadata, ...counts, content: contentDigest(content) };
    rmSync(join(project.folder, 'backups', `${name}.json`));
    await project.store.batch(async (batch) => {
      await batch.put(file, text);
      await batch.publish('forged.json', Buffer.from(writeManifest({ ...content, metadata }).text));
    });
    rmSync(join(project.folder, UPLOADS), { recursive: true });
    return project;
  }

  const line = (path: string) => ({
    path,
    mode: '755',
    mtime: '2026-01-02T03:04:05.678Z',
    bytes: 4,
    base64: 'ZXZpbA==',
  });

  const ESCAPING = [
    `${UPLOADS}/../../escaped`,
    `${UPLOADS}/..`,
    `${UPLOADS}/./x`,
    `${UPLOADS}//etc/passwd`,
    '/etc/escaped',
    '../escaped',
    'src/escaped.ts',
    `${UPLOADS}x/escaped`,
    `${UPLOADS}/.git/hooks/pre-commit`,
    `${UPLOADS}/.GIT/hooks/pre-commit`,
    `${UPLOADS}/.g\u200bit/hooks/pre-commit`,
    `${UPLOADS}/.git./hooks/pre-commit`,
    `${UPLOADS}/GIT~1/hooks/pre-commit`,
    `${UPLOADS}/node_modules/x/index.js`,
    `${UPLOADS}/.overwinter-0123456789abcdef/0`,
    `${UPLOADS}/a\u0000b`,
    `${UPLOADS}/a\u001b[2Jb`,
    `${UPLOADS}/\ud800`,
  ];

  test.each(ESCAPING)('a path like %j is damage, whoever asks', async (path) => {
    const project = await forged([line(path)]);
    const [drilled] = await verify(project, 'newest');
    expect(drilled).toMatchObject({ ok: false });
    await expect(restore(project, { name: 'latest' })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(existsSync(join(project.folder, 'escaped'))).toBe(false);
    expect(existsSync(join(project.folder, 'data/escaped'))).toBe(false);
    expect(existsSync(join(project.folder, UPLOADS))).toBe(false);
  });

  test('a folder that the configuration does not name is written to by nothing', async () => {
    const project = await forged([line('src/evil.ts')], [{ name: 'src', files: 1, bytes: 4 }]);
    const restored = await restore(project, { name: 'latest' });
    expect(restored.files).toMatchObject({ files: 0, elsewhere: ['src'] });
    expect(restored.warnings.join()).toContain('1 file of src stayed in the backup');
    expect(existsSync(join(project.folder, 'src'))).toBe(false);
  });

  test.each([
    ['twice', [line(`${UPLOADS}/a`), line(`${UPLOADS}/a`)]],
    ['in another order', [line(`${UPLOADS}/b`), line(`${UPLOADS}/a`)]],
    ['inside of another file', [line(`${UPLOADS}/a`), line(`${UPLOADS}/a.b`), line(`${UPLOADS}/a/b`)]],
  ])('a file %s is damage', async (_, lines) => {
    const project = await forged(lines);
    await expect(restore(project, { name: 'latest' })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  test('the database and its backups are no files to be replaced', async () => {
    const folder = scratch();
    const files = wantedIn(folder, ['data']);
    const never = [join(folder, 'data/backups'), join(folder, 'data/app.db')];
    const targets = targetsIn({ ...files, never });
    for (const path of ['data/app.db', 'data/APP.db', 'data/backups/x.json'])
      expect(() => targets.of(path)).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE' }));
    expect(() => targetsIn(files, 'win32').of('data/a:b')).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE' }));
    expect(() => targetsIn(files, 'win32').of('data/..\\..\\x')).toThrow(
      expect.objectContaining({ code: 'NOT_WRITABLE' }),
    );
  });

  test.each([
    [{ [UPLOADS]: '../../elsewhere' }, `${UPLOADS}/a.txt`],
    [{ [UPLOADS]: '.overwinter-0123456789abcdef' }, `${UPLOADS}/../../escaped`],
    [{ [UPLOADS]: '.overwinter-0123456789abcdef' }, `${UPLOADS}/.git/hooks/pre-commit`],
    [{ src: '.overwinter-0123456789abcdef' }, 'src/escaped'],
  ])('what a killed restore left, as somebody changed it: %j', async (staging, path) => {
    const project = filled();
    await backup(project, { trigger: 'test' });
    const before = project.there();
    for (const folder of ['elsewhere', 'src', `${UPLOADS}/.overwinter-0123456789abcdef`]) {
      mkdirSync(join(project.folder, folder), { recursive: true });
      writeFileSync(join(project.folder, folder, '0'), 'evil');
    }
    notePlacing(project.local, project.database.id, { staging, files: [[0, path, true]] });
    expect(await autoRestore(project)).toMatchObject({ restored: false });
    expect(project.there()).toMatchObject(before);
    expect(existsSync(join(project.folder, 'escaped'))).toBe(false);
    expect(existsSync(join(project.folder, 'src/escaped'))).toBe(false);
    expect(existsSync(join(project.folder, UPLOADS, '.git'))).toBe(false);
  });

  test.each(['the folder', 'a folder on the way', 'a folder inside', 'the file'])(
    '%s is a link: nothing is written through it',
    async (what) => {
      const project = filled();
      await backup(project, { trigger: 'test' });
      const elsewhere = join(project.folder, 'elsewhere');
      mkdirSync(join(elsewhere, 'down'), { recursive: true });
      mkdirSync(join(elsewhere, 'uploads'));
      const at =
        {
          'the folder': UPLOADS,
          'a folder on the way': 'data',
          'a folder inside': `${UPLOADS}/deep`,
          'the file': `${UPLOADS}/a.txt`,
        }[what] ?? '';
      rmSync(join(project.folder, at), { recursive: true });
      symlinkSync(what === 'the file' ? join(elsewhere, 'down/x') : elsewhere, join(project.folder, at));
      const rows = readFileSync(project.db);
      await expect(restore(project, { name: 'latest' })).rejects.toMatchObject({
        code: expect.stringMatching(/^NOT_/),
      });
      expect(treeOf(elsewhere)).toEqual({});
      expect(readFileSync(project.db).equals(rows)).toBe(true);
    },
  );
});

test('what differs is told by path, between backups and to what is there', async () => {
  const project = filled();
  const first = await backup(project, { trigger: 'test' });
  project.put('a.txt', 'HELLO');
  project.put('new.bin', randomBytes(30_000));
  rmSync(join(project.folder, UPLOADS, 'private'));
  const changed = {
    added: 1,
    changed: 1,
    removed: 1,
    paths: expect.arrayContaining([
      { kind: 'changed', path: `${UPLOADS}/a.txt` },
      { kind: 'added', path: `${UPLOADS}/new.bin` },
      { kind: 'removed', path: `${UPLOADS}/private` },
    ]),
  };
  expect((await diff(project, undefined, undefined, 5)).files).toEqual(changed);
  const second = await backup(project, { trigger: 'test' });
  expect((await diff(project, first.name, second.name, 5)).files).toEqual(changed);
  expect((await diff(project, undefined, undefined, 5)).files).toEqual({ added: 0, changed: 0, removed: 0, paths: [] });
  const tried = await tryRestore(project, { name: first.name });
  expect(tried.files).toMatchObject({ added: 1, replaced: 1, unknown: 1 });
});

test('pieces go with the last backup that needs them, and no sooner', async () => {
  const project = filled();
  await backup(project, { trigger: 'test' });
  rmSync(join(project.folder, UPLOADS, 'large.bin'));
  await backup(project, { trigger: 'test' });
  const before = partsOf(project).length;
  await prune(project, { last: 2, daily: 0, weekly: 0, monthly: 0 }, false);
  expect(partsOf(project).length).toBe(before);
  await prune(project, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
  expect(partsOf(project).length).toBe(before - 3);
  expect(await verify(project, 'all')).toMatchObject([{ ok: true }]);
});

test('law 6: a piece that is damaged or gone is seen, and the backup before is used', async () => {
  const project = filled();
  const first = await backup(project, { trigger: 'test' });
  project.put('other.bin', randomBytes(40_000));
  await backup(project, { trigger: 'test' });
  const bytes = readFileSync(join(project.folder, UPLOADS, 'other.bin'));
  const piece = join(project.folder, 'backups', pieceFile(blobId(bytes)));
  writeFileSync(piece, Buffer.alloc(bytes.length));
  expect(await verify(project, 'newest')).toMatchObject([{ ok: false, problem: expect.stringContaining('.bin') }]);
  rmSync(project.db);
  rmSync(join(project.folder, UPLOADS), { recursive: true });
  expect(await restore(project, { name: 'latest' })).toMatchObject({ name: first.name, files: { added: 7 } });
  expect(Object.keys(project.there()).length).toBe(7);
});

test('a copy elsewhere has the files, and brings them back', async () => {
  const project = filled();
  const before = project.there();
  await backup(project, { trigger: 'test' });
  const there = folderStore(join(project.folder, 'copy'));
  expect(await copyNewest(project, there)).toMatchObject({ status: 'copied' });
  rmSync(join(project.folder, 'data'), { recursive: true });
  await restore(project, { name: 'latest', from: there });
  expect(project.there()).toEqual(before);
});

test('a file that is written to whenever it is read is saved, and said to be so', async () => {
  const project = filled();
  const busy = join(project.folder, UPLOADS, 'busy.log');
  writeFileSync(busy, 'x'.repeat(20_000));
  const wanted = wantedIn(project.folder);
  const found = scanFolders(wanted, new Date()).files.find(({ file }) => file === busy);
  if (found === undefined) throw new Error('it is there');
  const write = async () => {
    appendFileSync(busy, 'more');
    return 'id';
  };
  const read = await readFoundFile(found, wanted.largest, write, LATER);
  expect(read).toMatchObject({ changing: true });
  let once = 0;
  const writeOnce = async () => {
    if (once++ === 0) appendFileSync(busy, 'more');
    return 'id';
  };
  expect(await readFoundFile(found, wanted.largest, writeOnce, LATER)).toMatchObject({ changing: false });
  expect(once).toBe(2);
});

test('cost follows the change: of two thousand files the one that changed is read', async () => {
  const project = projectWithFiles(scratch());
  addNotes(project.db, 3);
  for (let i = 0; i < 2000; i++) project.put(`${i % 40}/${i}.txt`, `file ${i} `.repeat(60));
  project.put('large.bin', randomBytes(9_000_000));
  const later = { ...project, now: () => new Date(Date.now() + 10_000) };
  const first = await backup(later, { trigger: 'test' });
  const before = new Set(partsOf(project));
  project.put('7/7.txt', 'another');
  const second = await backup(later, { trigger: 'test' });
  expect(second.status).toBe('created');
  expect(second.bytesWritten).toBeLessThan(first.bytesWritten / 10);
  expect(partsOf(project).filter((part) => !before.has(part)).length).toBe(1);
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true }]);
  const anew = await backup({ ...later, local: join(project.folder, '.overwinter-anew') }, { trigger: 'test' });
  expect(anew, 'canonical, whatever is remembered').toMatchObject({ status: 'unchanged', name: second.name });
});

test('law 4: files that are gone take no place elsewhere, unless that is meant', async () => {
  const project = filled();
  const there = folderStore(join(project.folder, 'copy'));
  await backup(project, { trigger: 'test' });
  await copyNewest(project, there);
  rmSync(join(project.folder, 'data'), { recursive: true });
  rmSync(join(project.folder, 'backups'), { recursive: true });
  await backup(project, { trigger: 'test' });
  expect(await copyNewest(project, there)).toMatchObject({ status: 'refused', problem: { code: 'BACKUP_SHRUNK' } });
  const again = filled();
  await backup(again, { trigger: 'test' });
  await copyNewest(again, there);
  const first = (await readCatalog(again.store)).entries[0];
  rmSync(join(again.folder, 'data'), { recursive: true });
  await expect(backup(again, { trigger: 'test' })).rejects.toMatchObject({ code: 'BACKUP_SHRUNK', tables: [UPLOADS] });
  await backup(again, { trigger: 'test', allowShrink: [UPLOADS] });
  rmSync(join(again.folder, 'backups', `${first?.name}.json`));
  expect(await copyNewest(again, folderStore(join(project.folder, 'copy')))).toMatchObject({ status: 'copied' });
});

test.each([true, false])(
  'law 3: a restore killed before its files are in place, its database replaced: %s',
  async (isReplaced) => {
    const project = filled();
    const { name } = await backup(project, { trigger: 'test' });
    const saved = project.there();
    project.put('a.txt', 'changed since');
    rmSync(join(project.folder, UPLOADS, 'private'));
    const since = project.there();
    const { manifest } = await openBackup(project.store, name);
    if (isSealed(manifest) || manifest.files === undefined) throw new Error('it is plain, with files');
    const staged = await stageFiles(project, project.database, manifest.files, project.store);
    staged?.ready();
    await staged?.keep(join(project.folder, '.overwinter/kept.files'));
    if (isReplaced) {
      copyFileSync(project.db, `${project.db}.new`);
      renameSync(`${project.db}.new`, project.db);
    }
    expect(await autoRestore(project)).toMatchObject({ restored: false });
    expect(project.there()).toEqual(isReplaced ? saved : since);
    expect(await autoRestore(project)).toMatchObject({ restored: false });
    expect(project.there()).toEqual(isReplaced ? saved : since);
  },
);
