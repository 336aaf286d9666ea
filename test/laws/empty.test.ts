import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import type { TestProject as Project } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TRIGGER = { trigger: 'test' };

function change(project: Project, sql: string): void {
  const db = new Database(project.db);
  db.exec(sql);
  db.close();
}

/** A project whose newest backup has 100 rows. */
async function hundredRows(changes: Partial<Project> = {}): Promise<{ project: Project; name: string }> {
  const project = projectIn(scratch(), changes);
  change(
    project,
    `CREATE TABLE migrations(id INTEGER PRIMARY KEY);
     CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
     INSERT INTO users SELECT i, 'user ' || i FROM n`,
  );
  return { project, name: (await backup(project, TRIGGER)).name };
}

const manifest = (project: Project, name: string) => join(project.local, '..', 'backups', `${name}.json`);

test('law 4: a database that lost all rows is not backed up', async () => {
  const { project } = await hundredRows();
  change(project, 'DELETE FROM users');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
});

test('law 4: nor one that lost its tables, nor one that lost its content', async () => {
  const { project } = await hundredRows();
  change(project, 'DROP TABLE users; DROP TABLE migrations');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  rmSync(project.db);
  writeFileSync(project.db, '');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  rmSync(project.db);
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'DATABASE_MISSING' });
});

test('law 4: one that lost over half of its rows is not backed up, one that lost half is', async () => {
  const { project } = await hundredRows();
  change(project, 'DELETE FROM users WHERE id > 49');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
  change(project, "INSERT INTO users VALUES (1000, 'one more')");
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ status: 'created', rows: 50 });
});

test('law 4: whoever says that it is meant may write a smaller one', async () => {
  const { project } = await hundredRows();
  change(project, 'DELETE FROM users');
  await expect(backup(project, { ...TRIGGER, allowShrink: true })).resolves.toMatchObject({ rows: 0 });
});

test('law 4: a named backup and a dry run are guarded too', async () => {
  const { project } = await hundredRows();
  change(project, 'DELETE FROM users');
  await expect(backup(project, { ...TRIGGER, name: 'mine' })).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  await expect(backup(project, { ...TRIGGER, dryRun: true })).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
});

const DAMAGE: Record<string, (project: Project, name: string) => void> = {
  'cut in half': (project, name) =>
    writeFileSync(manifest(project, name), readFileSync(manifest(project, name)).subarray(0, 300)),
  gone: (project, name) => rmSync(manifest(project, name)),
  'in conflict': (project, name) =>
    writeFileSync(manifest(project, name), `<<<<<<< HEAD\n${readFileSync(manifest(project, name), 'utf8')}`),
  'wrong about its rows': (project, name) =>
    writeFileSync(
      manifest(project, name),
      readFileSync(manifest(project, name), 'utf8').replace('"rows": 100', '"rows": 1'),
    ),
};

test.each(Object.keys(DAMAGE))('law 4: the guard still knows the rows of a newest backup that is %s', async (kind) => {
  const { project, name } = await hundredRows();
  DAMAGE[kind]?.(project, name);
  change(project, 'DELETE FROM users WHERE id > 10');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
  change(project, 'DELETE FROM users');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
});

test('law 4: without a pointer, a damaged newest backup still says its rows', async () => {
  const { project, name } = await hundredRows();
  rmSync(join(project.local, '..', 'backups', 'latest_backup.json'));
  const text = readFileSync(manifest(project, name), 'utf8');
  writeFileSync(manifest(project, name), text.slice(0, -200));
  change(project, 'DELETE FROM users WHERE id > 10');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
});

test('law 4: rows of tables that do not count as data do not hide that the others are empty', async () => {
  const { project } = await hundredRows({ ignoreTables: ['migrations'] });
  change(
    project,
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO migrations SELECT i FROM n',
  );
  await backup(project, TRIGGER);
  change(project, 'DELETE FROM users');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
});

test('law 4: after a failed restore and a boot that made empty tables, the good backup stays the newest', async () => {
  const { project, name } = await hundredRows();
  const whole = readFileSync(manifest(project, name));
  rmSync(project.db);
  writeFileSync(manifest(project, name), whole.subarray(0, -20));
  await expect(autoRestore(project)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  change(
    project,
    'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE migrations(id INTEGER PRIMARY KEY)',
  );
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'HELD' });
  writeFileSync(manifest(project, name), whole);
  await expect(autoRestore(project)).resolves.toMatchObject({ restored: true, rows: 100, name });
});
