import { existsSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { startChild } from '../support/child.ts';
import { makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const remove = (db: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(db + end, { force: true });
};

test('ten processes that boot at once on a missing database restore it once, and all see all rows', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 2);
  await backup(project, { trigger: 'test' });
  remove(project.db);
  const children = Array.from({ length: 10 }, () => startChild('auto-restore', folder));
  for (const child of children) expect(await child.line()).toBe('ready');
  for (const child of children) child.say('go');
  const answers = await Promise.all(children.map((child) => child.line()));
  expect(answers.sort()).toEqual([...Array(9).fill('left 1500'), 'restored 1500']);
});

test('a first boot without any backup is told so, and is no failure', async () => {
  const project = projectIn(scratch());
  expect(await autoRestore(project)).toMatchObject({ restored: false });
  expect(existsSync(project.db)).toBe(false);
});

test('a database that has a row is left alone', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 2);
  await backup(project, { trigger: 'test' });
  const db = new Database(project.db);
  db.exec('DELETE FROM items; DELETE FROM log');
  db.close();
  expect(await autoRestore(project)).toEqual({ restored: false, reason: 'the database has data' });
});

test('what a restore that died left beside the database goes at the next boot', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  writeFileSync(`${project.db}-overwinter`, 'half');
  await autoRestore(project);
  expect(existsSync(`${project.db}-overwinter`)).toBe(false);
  expect(stepOf(project.db)).toBe(1);
});

test('rows that the app wrote while a boot was restoring are not replaced', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 2);
  await backup(project, { trigger: 'test' });
  remove(project.db);
  let wrote = false;
  const meddle = () => {
    if (wrote) return;
    wrote = true;
    makeSample(project.db, 7, 'delete');
  };
  await expect(autoRestore(project, meddle)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  expect(stepOf(project.db)).toBe(7);
});
