import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);
const dates = new Map<string, string>();

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'data/app.db'));
  db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY)');
  for (const [id, name] of ['one', 'two', 'three'].entries()) {
    db.prepare('INSERT INTO notes VALUES (?)').run(id);
    overwinter('backup', name);
    dates.set(name, JSON.parse(readFileSync(join(folder, `backups/${name}.json`), 'utf8')).metadata.backup_date);
  }
  db.close();
});

const dateOf = (name: string) => dates.get(name) ?? '';
const justBefore = (name: string) => new Date(Date.parse(dateOf(name)) - 1).toISOString();

test('restore --as-of takes the newest backup of then or before', () => {
  expect(json('restore', '--as-of', dateOf('two'), '-n').name).toBe('two');
  expect(json('restore', '--as-of', justBefore('three'), '-n').name).toBe('two');
  expect(json('restore', '--as-of', '0s').name).toBe('three');
  expect(json('restore', 'latest', '--as-of', justBefore('two'), '--to', 'beside.db')).toMatchObject({
    name: 'one',
    rows: 1,
  });
});

test('of a time before all backups there is none, and the hint leads to the history', () => {
  const ran = overwinter('restore', '--as-of', '2001-01-01');
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain('There is no backup of 2001-01-01 23:59 UTC or before in');
  expect(ran.stderr).toContain('overwinter list --history');
});

test('a name and a moment are one too many, and what is no moment is said', () => {
  const both = overwinter('restore', 'one', '--as-of', '2h');
  expect([both.code, both.stderr]).toEqual([
    2,
    expect.stringContaining('Both a backup, one, and a moment were given.'),
  ]);
  const none = overwinter('restore', '--as-of', 'yesterday');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("'yesterday' is no moment.")]);
});
