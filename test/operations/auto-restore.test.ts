import { existsSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const remove = (db: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(db + end, { force: true });
};

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
