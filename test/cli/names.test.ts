import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'data/app.db'));
  db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1)');
  overwinter('backup', 'before-launch');
  db.exec('INSERT INTO notes VALUES (2)');
  overwinter('backup', 'before-migration');
  db.exec('INSERT INTO notes VALUES (3)');
  overwinter('backup', 'launch');
  db.close();
});

test('the beginning of a name is enough wherever a backup is named', () => {
  expect(json('verify', 'before-m').backups).toMatchObject([{ name: 'before-migration', ok: true }]);
  expect(json('diff', 'before-l', 'lau')).toMatchObject({ from: 'before-launch', to: 'launch' });
  expect(json('export', 'before-l').metadata.rows).toBe(1);
  expect(json('restore', 'before-m', '--yes')).toMatchObject({ name: 'before-migration', rows: 2 });
});

test('a beginning of several names is no name, and the error says which they are', () => {
  for (const command of ['restore', 'verify', 'diff', 'export']) {
    const ran = overwinter(command, 'before');
    expect(ran.code, command).toBe(2);
    expect(ran.stderr, command).toContain('before-launch, before-migration');
  }
});

test('a whole name is that backup, although it begins another name too', () => {
  overwinter('backup', 'launch-2', '--db', 'data/app.db');
  expect(json('restore', 'launch', '-n').name).toBe('launch');
});

test('a new backup is called what was typed, whatever begins so', () => {
  const db = new Database(join(folder, 'data/app.db'));
  db.exec('INSERT INTO notes VALUES (4)');
  db.close();
  expect(json('backup', 'before').name).toBe('before');
});

test('latest is understood where a backup is named', () => {
  expect(json('verify', 'latest').backups).toMatchObject([{ name: 'launch', ok: true }]);
  expect(json('diff', 'before-l', 'latest')).toMatchObject({ from: 'before-launch', to: 'launch' });
  expect(json('diff', 'latest')).toMatchObject({ from: 'launch', tables: [] });
  expect(json('restore', 'latest', '-n').name).toBe('launch');
});

test('ls is list, and -n is how many', () => {
  expect(overwinter('ls').stdout).toBe(overwinter('list').stdout);
  expect(json('ls', '-n', '2').backups.map(({ name }: { name: string }) => name)).toEqual([
    'launch',
    'before-migration',
  ]);
});

test('-n is --dry-run where something would be done', () => {
  expect(overwinter('backup', '-n').code).toBe(0);
  expect(overwinter('clear', 'notes', '-n').stderr).toContain('Would remove 3 rows');
  expect(overwinter('prune', '-n').code).toBe(0);
});
