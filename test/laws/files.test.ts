import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { verify } from '../../src/operations/verify.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, type ProjectWithFiles, projectWithFiles, UPLOADS } from '../support/with-files.ts';

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
