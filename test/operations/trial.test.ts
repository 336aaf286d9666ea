import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { tryRestore } from '../../src/operations/trial.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** An app with uploads beside its rows; `without` is the same app before anybody said so. */
function app() {
  const root = scratch();
  const uploads = join(root, 'uploads');
  mkdirSync(uploads);
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(uploads, name), name);
  const files = { folders: [{ name: 'uploads', path: uploads }], top: root, never: [], largest: 1e6, largestSum: 1e6 };
  const run = (sql: string) => {
    const db = new Database(join(root, 'app.db'));
    db.exec(sql);
    db.close();
  };
  run("CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t(x) VALUES ('a'), ('b')");
  return { root, uploads, run, project: projectIn(root, { files }), without: projectIn(root) };
}

const LATEST = { name: 'latest', rowsToShow: 5 };

test('a trial tells what would become of rows and files, and changes neither', async () => {
  const { uploads, run, project } = app();
  await backup(project, { trigger: 'test' });
  run("UPDATE t SET x = 'c' WHERE id = 2; INSERT INTO t(x) VALUES ('d')");
  writeFileSync(join(uploads, 'a.txt'), 'other');
  rmSync(join(uploads, 'b.txt'));
  const trial = await tryRestore(project, LATEST);
  expect(trial).toMatchObject({ kind: 'diff', hasRows: true });
  expect(trial.kind === 'diff' && trial.diff.tables).toMatchObject([{ table: 't', added: 0, changed: 1, removed: 1 }]);
  expect(trial.files).toBeDefined();
  expect(readdirSync(uploads)).toEqual(['a.txt']);
});

test('of a backup from before there were files, no file is told', async () => {
  const { project, without } = app();
  await backup(without, { trigger: 'test' });
  const trial = await tryRestore(project, LATEST);
  expect(trial).toMatchObject({ kind: 'diff' });
  expect(trial.files).toBeUndefined();
});

test('where there is no database, the rows that would be there are told', async () => {
  const { project } = app();
  await backup(project, { trigger: 'test' });
  for (const end of ['', '-wal', '-shm']) rmSync(project.db + end, { force: true });
  expect(await tryRestore(project, LATEST)).toMatchObject({
    kind: 'nothing-there',
    tables: 1,
    rows: 2,
    rowsOf: { t: 2 },
  });
  expect(existsSync(project.db)).toBe(false);
});

test('files whose folder is named come back without a word about it; others stay in the backup, which is said', async () => {
  const { uploads, project, without } = app();
  await backup(project, { trigger: 'test' });
  rmSync(uploads, { recursive: true });
  const named = await restore(project, { name: 'latest' });
  expect(named.warnings).toEqual([]);
  expect(readdirSync(uploads).sort()).toEqual(['a.txt', 'b.txt']);
  const unnamed = await restore(without, { name: 'latest' });
  expect(unnamed.warnings).toEqual([expect.stringContaining('uploads')]);
});

test('where nothing stands that a snapshot could keep, a file that is another one here would stay', async () => {
  const { uploads, project } = app();
  await backup(project, { trigger: 'test' });
  writeFileSync(join(uploads, 'a.txt'), 'other');
  rmSync(join(uploads, 'b.txt'));
  expect((await tryRestore(project, LATEST)).files).toMatchObject({ files: 2, added: 1, replaced: 1, kept: 0 });
  for (const end of ['', '-wal', '-shm']) rmSync(project.db + end, { force: true });
  expect((await tryRestore(project, LATEST)).files).toMatchObject({ files: 2, added: 1, replaced: 0, kept: 1 });
});
