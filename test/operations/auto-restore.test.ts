import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { holdOf } from '../../src/local/hold.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { advance, makeSample, stepOf } from '../support/sample.ts';
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

test('a database that somebody holds is not one that cannot be read: nothing is restored over it', async () => {
  const project = projectIn(scratch(), { boot: { onCorrupt: 'restore' }, options: { busyTimeout: 50 } });
  makeSample(project.db, 1, 'delete');
  await backup(project, { trigger: 'test' });
  const app = new Database(project.db);
  advance(app);
  app.exec('BEGIN EXCLUSIVE');
  await expect(autoRestore(project)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  app.exec('ROLLBACK');
  app.close();
  expect(stepOf(project.db)).toBe(2);
  expect(holdOf(project.local, project.database.id)).toBeUndefined();
});

test('the newest backup is damaged, and the pointer names it: it is passed over once, for what is wrong with it', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  const older = await backup(project, { trigger: 'test' });
  const db = new Database(project.db);
  advance(db);
  db.close();
  const newest = await backup(project, { trigger: 'test' });
  writeFileSync(join(folder, 'backups', `${newest.name}.json`), '{');
  remove(project.db);
  const restored = await autoRestore(project);
  expect(restored).toMatchObject({ restored: true, name: older.name });
  const skipped = restored.restored ? restored.skipped : [];
  expect(skipped.map(({ name }) => name)).toEqual([newest.name]);
  expect(skipped[0]?.reason).not.toContain('is missing');
  expect(stepOf(project.db)).toBe(1);
});

test('the newest backup is gone, and the pointer still names it: that is said', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  const older = await backup(project, { trigger: 'test' });
  const db = new Database(project.db);
  advance(db);
  db.close();
  const newest = await backup(project, { trigger: 'test' });
  rmSync(join(folder, 'backups', `${newest.name}.json`));
  remove(project.db);
  expect(await autoRestore(project)).toMatchObject({
    restored: true,
    name: older.name,
    skipped: [{ name: newest.name, reason: expect.stringContaining('is missing') }],
  });
});

test('a start that cannot even wait its turn holds the database: what the app writes then is not saved over its data', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  await backup(project, { trigger: 'test' });
  remove(project.db);
  rmSync(join(project.local, 'locks'), { recursive: true });
  writeFileSync(join(project.local, 'locks'), 'in the way');
  await expect(autoRestore(project)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(holdOf(project.local, project.database.id)).toMatchObject({ reason: expect.stringContaining('locks') });
});
