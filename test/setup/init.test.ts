import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import {
  contents,
  installScripts,
  type MadeProject,
  makeProject,
  SHAPES,
  type Shape,
} from '../support/project-shapes.ts';
import { addRows, manifestsIn, plainEnvironment, rowsIn } from '../support/repository.ts';
import { lasting, scratch } from '../support/scratch.ts';
import { everythingIn } from '../support/secrets.ts';

/** Backups that are made within one second have no order. */
const nextSecond = () => pause(1000 - (Date.now() % 1000) + 20);

const [PLAIN] = SHAPES;
if (PLAIN === undefined) throw new Error('there is no plain project');
const json = (project: MadeProject, ...args: string[]) => {
  const ran = overwinter(project.app, ['init', ...args, '--json'], plainEnvironment);
  return { ...ran, document: JSON.parse(ran.stdout) };
};
const said = (document: { notes: { text: string; lines?: string[] }[] }) =>
  document.notes.map(({ text, lines }) => [text, ...(lines ?? [])].join('\n')).join('\n');

describe.each(SHAPES.map((shape): [string, Shape] => [shape.name, shape]))('%s', (_name, shape) => {
  test('init twice is init once, and --remove leaves every byte as it was', () => {
    const project = makeProject(shape);
    const before = contents(project.top);
    const planned = json(project, '--dry-run');
    expect(planned.stderr + planned.code).toBe('0');
    expect(contents(project.top)).toEqual(before);
    const first = json(project);
    expect(first.code).toBe(0);
    const after = contents(project.top);
    const changed = Object.keys(after).filter((path) => after[path] !== before[path] && path !== '.git/config');
    const told: { path: string }[] = first.document.changes;
    expect(told.map(({ path }) => relative(project.top, path)).sort()).toEqual(changed);
    expect(planned.document.changes).toEqual(told);
    expect(json(project).document).toMatchObject({
      changes: [],
      git: [],
      backup: null,
      status: shape.git ? 'yellow' : 'red',
    });
    expect(contents(project.top)).toEqual(after);
    expect(overwinter(project.app, ['init', '--remove']).code).toBe(0);
    expect(contents(project.top)).toEqual(before);
    expect(overwinter(project.app, ['init', '--remove']).stderr).toContain('Nothing to change');
  });
});

describe('after init, a commit carries the data', () => {
  const shapes = SHAPES.filter(({ git }) => git);
  const projects = new Map<string, MadeProject>();

  /** All are set up before the first is gone on with, so that one second is waited for and not one for each. */
  beforeAll(async () => {
    for (const shape of shapes) {
      const project = makeProject(shape, lasting());
      expect(json(project).document.backup.rows).toBe(5);
      installScripts(shape, project);
      project.git(['add', '.']);
      project.git(['commit', '-q', '-m', 'set up']);
      expect(manifestsIn(project.changed())).toHaveLength(1);
      expect(project.changed().join('\n')).not.toMatch(/\.db|\.sqlite|\.overwinter/);
      projects.set(shape.name, project);
    }
    await nextSecond();
  });

  test.each(shapes.map(({ name }) => name))('%s', (name) => {
    const project = projects.get(name);
    if (project === undefined) return expect.unreachable('it was set up');
    addRows(project.database, 2);
    project.write('code.txt', 'new\n');
    project.git(['add', 'code.txt']);
    project.git(['commit', '-q', '-m', 'work']);
    expect(manifestsIn(project.changed())).toHaveLength(1);
    expect(project.status()).toBe('');
    const copy = join(scratch(), 'copy.db');
    expect(overwinter(project.app, ['restore', '--to', copy]).code).toBe(0);
    expect(rowsIn(copy)).toBe(7);
  });
});

describe('what init says', () => {
  test('a database that git tracks is a warning with the command that helps', () => {
    const project = makeProject({ ...PLAIN, db: 'data/app.db' });
    project.git(['add', '-f', 'data/app.db']);
    expect(said(json(project, '--dry-run').document)).toContain('git rm --cached data/app.db');
  });

  test('where there is no repository, the rest is set up and git init is named', () => {
    const project = makeProject({ ...PLAIN, git: false });
    const { document, code } = json(project);
    expect(code).toBe(0);
    expect(said(document)).toContain('git init\nnpx overwinter init');
    expect(existsSync(join(project.top, 'overwinter.config.json'))).toBe(true);
  });

  test("husky's prepare that fails in production is mentioned, and husky's own hook is kept", () => {
    const shape = SHAPES.find(({ name }) => name.startsWith('husky'));
    const project = makeProject(shape ?? PLAIN);
    expect(said(json(project).document)).toContain('"prepare": "husky || true"');
    expect(project.read('.husky/pre-commit').startsWith('echo linted >> lint.log\n# >>> overwinter >>>\n')).toBe(true);
  });

  test('the lines for the start of the app, in this language and any other', () => {
    const text = overwinter(makeProject(PLAIN).top, ['init']).stdout;
    expect(text).toContain("import { openDatabase } from 'overwinter';");
    expect(text).toContain("const db = await openDatabase('app.db');");
    expect(text).toContain('npx overwinter auto-restore');
  });

  test('no database and nobody to ask is an error with the way out', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    const ran = overwinter(folder, ['init']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('overwinter init --db data/app.db');
    expect(overwinter(folder, ['init', '--db', 'data/app.db']).code).toBe(0);
  });
});

describe("what is the user's own", () => {
  test('a configuration and a workflow that were edited stay when the rest goes', () => {
    const project = makeProject(PLAIN);
    json(project);
    project.write('overwinter.config.json', '{ "db": "app.db", "maxShrink": 0.1 }\n');
    const workflow = `${project.read('.github/workflows/overwinter.yml')}# mine\n`;
    project.write('.github/workflows/overwinter.yml', workflow);
    expect(json(project).document.changes).toEqual([]);
    expect(said(json(project, '--remove').document)).toContain('was edited, so it stays');
    expect(project.read('.github/workflows/overwinter.yml')).toBe(workflow);
    expect(existsSync(join(project.top, 'overwinter.config.json'))).toBe(true);
  });

  test('lines added around a block stay where they are', () => {
    const project = makeProject(PLAIN);
    json(project);
    const hook = '.git/hooks/pre-commit';
    project.write(hook, `${project.read(hook)}echo mine\n`);
    project.write('.gitignore', `${project.read('.gitignore')}mine\n`);
    expect(json(project).document.changes).toEqual([]);
    json(project, '--remove');
    expect(project.read(hook)).toBe('#!/bin/sh\necho mine\n');
    expect(project.read('.gitignore')).toBe('node_modules\nmine\n');
  });

  test('a hook that is no shell script is left alone, and the lines are shown', () => {
    const project = makeProject(PLAIN);
    project.write('.git/hooks/pre-commit', '#!/usr/bin/env python3\nprint(1)\n');
    expect(said(json(project).document)).toContain('is no shell script and was left alone');
    expect(project.read('.git/hooks/pre-commit')).toBe('#!/usr/bin/env python3\nprint(1)\n');
  });

  test('two apps of one repository do not get in each other’s way', () => {
    const project = makeProject({
      ...PLAIN,
      inside: 'apps/one',
      files: { ...PLAIN.files, 'apps/one/package.json': '{}\n' },
    });
    project.write('apps/two/package.json', '{}\n');
    addRows(join(project.top, 'apps/two/app.db'), 3);
    json(project);
    const alone = contents(project.top);
    expect(overwinter(join(project.top, 'apps/two'), ['init']).code).toBe(0);
    expect(json(project).document).toMatchObject({ changes: [], git: [] });
    project.git(['add', '.']);
    project.git(['commit', '-q', '-m', 'both']);
    expect(manifestsIn(project.changed()).map((path) => path.slice(0, 8))).toEqual(['apps/one', 'apps/two']);
    rmSync(join(project.top, 'apps/two/backups'), { recursive: true });
    overwinter(join(project.top, 'apps/two'), ['init', '--remove']);
    const rest = contents(project.top);
    expect(rest).toEqual({ ...alone, 'apps/two/package.json': rest['apps/two/package.json'] });
  });
});

test.each([
  ['package-lock.json', '{}', 'npm install overwinter'],
  ['pnpm-lock.yaml', '', 'pnpm add overwinter --allow-build=better-sqlite3'],
  ['yarn.lock', '# yarn lockfile v1\n', 'yarn add overwinter'],
  [
    'yarn.lock',
    '__metadata:\n  version: 10\n',
    'npm pkg set --json dependenciesMeta.better-sqlite3.built=true && yarn add overwinter',
  ],
  ['bun.lock', '{}', 'bun add overwinter'],
])('beside %s (%j) it is installed with %s', (lock, text, command) => {
  const project = makeProject(PLAIN);
  rmSync(join(project.top, 'node_modules/overwinter'));
  project.write(lock, text);
  expect(said(json(project, '--dry-run').document).split('\n')).toContain(command);
});

test('backups that a .gitignore hides are told of', () => {
  const project = makeProject(PLAIN);
  project.write('.gitignore', 'node_modules\nbackups/\n');
  expect(said(json(project, '--dry-run').document)).toContain('A .gitignore hides backups');
});

describe.each(['{}', '{ "devDependencies": { "typescript": "^7" } }'])(
  'a project of %s with columns that look like credentials',
  (manifest) => {
    const withLogins = () => {
      const project = makeProject({ name: 'app', files: { 'package.json': `${manifest}\n` }, db: 'app.db', git: true });
      const db = new Database(project.database);
      db.exec(`CREATE TABLE logins(id INTEGER PRIMARY KEY, password TEXT NOT NULL, apiKey TEXT); INSERT INTO logins VALUES (1, 'SECRET', 'SECRET');
      CREATE TABLE sessions(token TEXT PRIMARY KEY); INSERT INTO sessions VALUES ('SECRET')`);
      db.close();
      return project;
    };

    test('is told in its configuration what a restore brings back, and the first backup works', () => {
      const project = withLogins();
      const before = contents(project.top);
      const first = json(project);
      expect(first.code).toBe(0);
      expect(first.document.backup).toMatchObject({
        redacted: { logins: ['password', 'apiKey'] },
        excluded: { sessions: 'rows' },
      });
      expect(everythingIn(join(project.app, 'backups'))).not.toContain('SECRET');
      const again = overwinter(project.app, ['backup', '--json'], plainEnvironment);
      expect(JSON.parse(again.stdout).status).toBe('unchanged');
      expect(json(project).document.changes).toEqual([]);
      expect(overwinter(project.app, ['init', '--remove']).code).toBe(0);
      expect(contents(project.top)).toEqual(before);
    });

    test('keeps a configuration of its own, and is told what is missing there', () => {
      const project = withLogins();
      project.write('overwinter.config.mjs', 'export default {};\n');
      const ran = overwinter(project.app, ['init'], plainEnvironment);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toContain("redact: { logins: { password: '' } }, exclude: { sessions: 'rows' }");
    });
  },
);

test.skipIf(postgresPrograms() === undefined)(
  'an address that OVERWINTER_DB alone says is named by that variable, and a typed one by that of apps',
  async () => {
    const { url, psql } = await freshDatabase();
    psql('CREATE TABLE t(a int PRIMARY KEY); INSERT INTO t VALUES (1)');
    const configured = (env: Record<string, string>, ...args: string[]) => {
      const folder = scratch();
      writeFileSync(join(folder, 'package.json'), '{}');
      const ran = overwinter(folder, ['init', ...args], { ...plainEnvironment, ...env });
      expect(ran.code, ran.stderr).toBe(0);
      // The next call finds it the same.
      expect(overwinter(folder, ['backup'], { ...plainEnvironment, ...env, DATABASE_URL: url }).code).toBe(0);
      expect(overwinter(folder, ['restore', '--yes'], { ...plainEnvironment, ...env, DATABASE_URL: url }).code).toBe(0);
      return readFileSync(join(folder, 'overwinter.config.json'), 'utf8');
    };
    expect(configured({ OVERWINTER_DB: url })).toContain('env:OVERWINTER_DB');
    expect(configured({}, '--db', url)).toContain('env:DATABASE_URL');
  },
);

test('what is to be done next is said as it is typed in the project, and in the configuration that it has now', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { overwinter: '*' } }));
  new Database(join(folder, 'app.db'))
    .exec("CREATE TABLE people(email); INSERT INTO people VALUES ('a@b.org')")
    .close();
  const { stdout, stderr } = overwinter(folder, ['init'], plainEnvironment);
  expect(stdout).toContain("First: 'git init && npx overwinter init' makes one");
  expect(stderr).toContain('say so in overwinter.config.json: "keep": { "people": ["email"] }');
});
