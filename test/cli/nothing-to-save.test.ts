import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { safeProject } from '../support/safe-project.ts';
import { scratch } from '../support/scratch.ts';

/** A file that was cut to nothing is no database that was always empty, and nobody can tell the two apart: so it is said. */
let folder: string;
const overwinter = (...args: string[]) => run(folder, args, plainEnvironment);

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'data/app.db'), '');
});

test('a first backup without a row says so, and a second one that still has none', () => {
  for (const word of ['Saved', 'Nothing changed']) {
    const ran = overwinter('backup');
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining(word) });
    expect(ran.stderr).toContain('There is no row in');
  }
});

test('init says that nothing was saved, and of a database that no app made yet it does not', () => {
  expect(overwinter('init', '--db', 'data/app.db').stderr).toContain('the database file has no content');
  rmSync(join(folder, 'data/app.db'));
  expect(overwinter('init', '--db', 'data/app.db').stderr).not.toContain('Nothing was saved');
});

test('status --check ends with 1 where the light is red, and only there', () => {
  expect(safeProject().run('status', '--check').code).toBe(0);
  addRows(join(folder, 'data/app.db'), 3);
  const ran = overwinter('status', '--check', '--json', '--db', 'data/app.db');
  expect([ran.code, JSON.parse(ran.stdout).light]).toEqual([1, 'red']);
  expect(overwinter('status', '--db', 'data/app.db').code).toBe(0);
});
