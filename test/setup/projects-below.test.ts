import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { projectBelow } from '../../src/project/projects-below.ts';
import { overwinter } from '../support/command-line.ts';
import { contents } from '../support/project-shapes.ts';
import { scratch } from '../support/scratch.ts';

/** A repository of several apps, each of which is a project of its own: nothing is kept twice. */

let top: string;

function app(folder: string, db = 'data/app.db'): string {
  const at = join(top, folder);
  mkdirSync(join(at, 'data'), { recursive: true });
  writeFileSync(join(at, 'package.json'), '{}');
  new Database(join(at, db)).exec('CREATE TABLE notes(text); INSERT INTO notes VALUES (1)').close();
  return at;
}

function inShell(command: string, cwd: string): string {
  return execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8' }).trim();
}

beforeEach(() => {
  top = scratch();
  inShell('git init -q', top);
  writeFileSync(join(top, 'package.json'), '{"workspaces":["apps/*"]}');
  for (const folder of ['apps/api', 'apps/web']) expect(overwinter(app(folder), ['init']).code).toBe(0);
});

const ALL = ['status', 'backup', 'restore', 'auto-restore', 'init', 'init --dry-run', 'doctor --offline'];

test.each(ALL)('%s at the top says where they are kept, and does nothing', (typed) => {
  const before = contents(top);
  const { code, stdout, stderr } = overwinter(top, [...typed.split(' '), '--json']);
  const said = `${stdout}${stderr}`;
  expect(said).toContain('belong to projects of their own, in apps/api, apps/web.');
  expect(said).toMatch(/cd apps\/api && (npx )?overwinter status/);
  if (!typed.startsWith('doctor')) expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'USAGE']);
  expect(contents(top)).toEqual(before);
});

test.each(['list', 'list --history', 'verify', 'log notes'])('%s at the top says where their backups are', (typed) => {
  const said = overwinter(top, typed.split(' '));
  expect([said.code, said.stderr]).toEqual([
    10,
    expect.stringMatching(
      /There is no backup in \S+; projects of their own have theirs in apps\/api, apps\/web\. \(NO_BACKUP\)\nTry: {3}Go there: 'cd apps\/api && (npx )?overwinter list'\. If this folder is to have one as well: '/,
    ),
  ]);
});

test('and so does whatever needs one where the top has a database that nobody saved', () => {
  app('.', 'data/top.db');
  writeFileSync(join(top, 'package.json'), '{"workspaces":["apps/*"]}');
  mkdirSync(join(top, 'docs'));
  for (const typed of ['list', 'restore', 'verify'])
    expect(overwinter(join(top, 'docs'), [typed]).stderr).toMatch(
      /theirs in \.\.\/apps\/api, \.\.\/apps\/web\..*\nTry: {3}Go there: 'cd \.\.\/apps\/api && (npx )?overwinter list'\. To make the first one of what is here: '(npx )?overwinter backup'\./,
    );
  expect(overwinter(top, ['backup']).code).toBe(0);
  expect(overwinter(top, ['list']).code).toBe(0);
});

test('the command that is named works as it is typed, from wherever that is', () => {
  // Only there: npx at the top would not find it.
  mkdirSync(join(top, 'apps/api/node_modules/overwinter'), { recursive: true });
  mkdirSync(join(top, 'docs/more'), { recursive: true });
  for (const from of [top, join(top, 'docs/more')]) {
    const { stdout } = overwinter(from, ['status', '--json']);
    const [typed = ''] = JSON.parse(stdout).error.commands;
    const [, folder = ''] = /^cd (\S+) && npx overwinter status$/.exec(typed) ?? [];
    const there = inShell(`cd ${folder} && pwd -P`, from);
    expect(relative(inShell('pwd -P', top), there)).toBe('apps/api');
    expect(overwinter(there, ['status']).code).toBe(0);
  }
});

test('one that lies there alone is left to its project, too, and so is one that is not there now', () => {
  rmSync(join(top, 'apps/web'), { recursive: true });
  expect(overwinter(top, ['backup']).stderr).toContain('in apps/api.');
  rmSync(join(top, 'apps/api/data/app.db'));
  expect(overwinter(top, ['init']).stderr).toContain('in apps/api.');
  expect(existsSync(join(top, 'backups'))).toBe(false);
});

test('init keeps what nobody keeps yet, and says what it leaves', () => {
  app('apps/jobs', 'data/jobs.db');
  app('apps/mail', 'data/mail.db');
  const first = overwinter(top, ['init']);
  expect([first.code, first.stderr]).toEqual([
    0,
    expect.stringContaining('Not kept here: the databases in apps/api, apps/web, which are projects of their own.'),
  ]);
  const { stdout } = overwinter(top, ['init', '--json']);
  const kept: string[] = JSON.parse(stdout).databases;
  expect(kept.map((file) => relative(top, file)).sort()).toEqual(['apps/jobs/data/jobs.db', 'apps/mail/data/mail.db']);
  expect(overwinter(top, ['init']).stderr).toContain('Nothing to change.');
});

test('nor is what an app’s own tools say of a database taken from its project', () => {
  const drizzle = "export default { dialect: 'sqlite', dbCredentials: { url: './data/app.db' } };";
  writeFileSync(join(top, 'apps/web/drizzle.config.ts'), drizzle);
  expect(overwinter(top, ['init']).stderr).toContain('in apps/api, apps/web.');
  expect(existsSync(join(top, 'overwinter.config.json'))).toBe(false);
});

test('what the top’s own configuration or backups name is the top’s', () => {
  const db = 'apps/web/data/app.db';
  expect(overwinter(top, ['backup', '--db', db]).code).toBe(0);
  expect(overwinter(top, ['status', '--json']).stdout).toContain('apps/web/data/app.db');
  rmSync(join(top, 'backups'), { recursive: true });
  writeFileSync(join(top, 'overwinter.config.json'), JSON.stringify({ db }));
  expect(overwinter(top, ['backup']).code).toBe(0);
});

test('a project is what has a configuration, or a folder for backups beside what marks it as one', () => {
  const at = app('apps/plain');
  const deep = join(at, 'data');
  expect(projectBelow(top, deep)).toBeUndefined();
  overwinter(at, ['backup']);
  expect(projectBelow(top, deep)).toBe(at);
  rmSync(join(at, 'package.json'));
  expect(projectBelow(top, deep)).toBeUndefined();
  writeFileSync(join(at, 'package.json'), '{"overwinter":{"db":"data/app.db"}}');
  rmSync(join(at, 'backups'), { recursive: true });
  expect(projectBelow(top, deep)).toBe(at);
  // The root is no project below itself, and what lies beside it is none of its.
  expect(projectBelow(at, deep)).toBeUndefined();
  expect(projectBelow(join(top, 'apps/web'), deep)).toBeUndefined();
});

describe('where the top keeps the database of a workspace', () => {
  const DB = 'apps/lone/data/app.db';
  const ABOVE =
    /The project in \.\.\/\.\. keeps data\/app\.db already\..*\nTry: {3}Go there: 'cd \.\.\/\.\. && (npx )?overwinter status'/;
  let lone: string;

  beforeEach(() => {
    lone = app('apps/lone');
  });

  test('also one that init would not take by itself', () => {
    const file = join(lone, 'data/test.db');
    renameSync(join(lone, 'data/app.db'), file);
    writeFileSync(join(top, 'overwinter.config.json'), JSON.stringify({ db: 'apps/lone/data/test.db' }));
    expect(overwinter(lone, ['init']).stderr).toContain(
      "keeps data/test.db already. (USAGE)\nTry:   Go there: 'cd ../..",
    );
  });

  function expectLeftToTheTop(): void {
    const before = contents(lone);
    for (const typed of [...ALL, 'init --db data/app.db', 'list', 'verify']) {
      const { code, stderr } = overwinter(lone, typed.split(' '));
      expect([typed, stderr]).toEqual([typed, expect.stringMatching(ABOVE)]);
      if (!typed.startsWith('doctor')) expect([typed, code]).toEqual([typed, 2]);
    }
    expect(contents(lone)).toEqual(before);
  }

  test.each([
    ['db', { db: DB }],
    ['databases', { databases: [{ db: 'data/other.db' }, { name: 'lone', db: DB }] }],
  ])('as its configuration says under %s, whoever begins there is told so', (_, config) => {
    writeFileSync(join(top, 'overwinter.config.json'), JSON.stringify(config));
    expectLeftToTheTop();
  });

  test('as its backups say, too', () => {
    expect(overwinter(top, ['backup', '--db', DB]).code).toBe(0);
    expectLeftToTheTop();
  });

  test('whoever began there before goes on, and so does whoever names it, or has another', () => {
    expect(overwinter(lone, ['backup']).code).toBe(0);
    writeFileSync(join(top, 'overwinter.config.json'), JSON.stringify({ db: DB }));
    for (const typed of ['init', 'status', 'backup'])
      expect([typed, overwinter(lone, [typed]).code]).toEqual([typed, 0]);
    const other = app('apps/other');
    expect(overwinter(other, ['init']).code).toBe(0);
    const third = app('apps/third');
    writeFileSync(join(top, 'overwinter.config.json'), JSON.stringify({ db: 'apps/third/data/app.db' }));
    expect(overwinter(third, ['status', '--db', 'data/app.db']).code).toBe(0);
  });

  test('what cannot be read up there stands in nobody’s way', () => {
    writeFileSync(join(top, 'overwinter.config.json'), '{ "db": ');
    expect(overwinter(lone, ['init']).code).toBe(0);
  });
});

test('databases to choose from are named as they are typed where somebody is', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'docs/more'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const name of ['a', 'b']) new Database(join(folder, `data/${name}.db`)).exec('CREATE TABLE t(x)').close();
  const { error } = JSON.parse(overwinter(join(folder, 'docs/more'), ['status', '--json']).stdout);
  expect(error.message).toBe('More than one database is here: ../../data/a.db, ../../data/b.db.');
  const [typed = ''] = error.commands;
  const [, ...args] = typed.replace(/^npx /, '').split(' ');
  expect(overwinter(join(folder, 'docs/more'), args).code).toBe(0);
});
