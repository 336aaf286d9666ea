import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Deployment, newDeployment, pageIn, publish, run } from '../support/deployment.ts';
import type { TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** The backups of three databases of a project, deployed together. */

const NAMES = ['app', 'jobs', 'metrics'];
const DATABASES = [{ db: 'data/app.db' }, { db: 'data/jobs.db' }, { name: 'metrics', db: 'data/numbers.sqlite' }];
const FOLDERS = ['backups', 'backups/jobs', 'backups/metrics'];

let deployment: Deployment;

function add(file: string, table: string, rows: number): void {
  const db = new Database(file);
  db.exec(`CREATE TABLE IF NOT EXISTS ${table}(id INTEGER PRIMARY KEY, text)`);
  for (let n = 0; n < rows; n++) db.prepare(`INSERT INTO ${table}(text) VALUES (?)`).run(`${table} ${n}`);
  db.close();
}

function json(top: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const ran = run(top, ['ci', '--json', ...args], env);
  return { code: ran.code, document: JSON.parse(ran.stdout) };
}

const commits = (branch = 'main') => deployment.atRemote('rev-list', '--count', branch).trim();
const added = (branch = 'main') =>
  deployment.atRemote('show', '--name-only', '--diff-filter=A', '--format=', branch, '--').trim().split('\n');
const folders = (files: readonly string[]) =>
  FOLDERS.filter((folder) => files.some((file) => new RegExp(`^${folder}/deployment_[^/]+\\.json$`).test(file)));
const hows = (databases: Record<string, { readonly backup?: { readonly how: string } }>) =>
  NAMES.map((name) => databases[name]?.backup?.how);

/** As a merge that went wrong leaves the newest backup of one of them: its rows are in no part any more. */
function damage({ write, read }: TestRepository, folder: string): void {
  const { name } = JSON.parse(read(`${folder}/latest_backup.json`));
  write(`${folder}/${name}.json`, read(`${folder}/${name}.json`).replace(/jobs 0/, 'jobs X'));
}

beforeEach(() => {
  deployment = newDeployment();
  const { app } = deployment;
  app.write('overwinter.config.json', JSON.stringify({ databases: DATABASES }));
  app.write('.gitignore', '*.db\n*.sqlite\n.overwinter\n');
  mkdirSync(join(app.top, 'data'));
  add(join(app.top, 'data/app.db'), 'users', 5);
  add(join(app.top, 'data/jobs.db'), 'jobs', 3);
  add(join(app.top, 'data/numbers.sqlite'), 'numbers', 2);
  run(app.top, ['backup']);
  publish(deployment, 'begin');
});

describe('without a database', () => {
  test('each is labelled in its folder, all in one commit, and a second run adds nothing', () => {
    const runner = deployment.clone();
    const before = Number(commits());
    const page = pageIn(scratch());
    const ran = json(runner.top, [], { GITHUB_STEP_SUMMARY: page.path });
    expect(ran.code).toBe(0);
    expect(ran.document.status).toBe('pushed');
    expect(hows(ran.document.databases)).toEqual(['labelled', 'labelled', 'labelled']);
    expect(Number(commits())).toBe(before + 1);
    expect(folders(added())).toEqual(FOLDERS);
    expect(deployment.atRemote('log', '-1', '--format=%s')).toContain('[skip ci] Save app, jobs, metrics');
    for (const folder of FOLDERS)
      expect(JSON.parse(deployment.atRemote('show', `main:${folder}/latest_backup.json`)).name).toMatch(/^deployment_/);
    for (const name of NAMES) expect(page.read()).toContain(`### \`${name}\``);
    expect(page.read().match(/^## /gm)).toHaveLength(1);
    const again = json(runner.top);
    expect(again.document.status).toBe('unchanged');
    expect(hows(again.document.databases)).toEqual(['kept', 'kept', 'kept']);
  });

  test('to a branch of their own', () => {
    const ran = json(deployment.clone().top, ['--branch', 'kept']);
    expect(ran).toMatchObject({ code: 0, document: { status: 'pushed', branch: 'kept' } });
    expect(commits('kept')).toBe('1');
    expect(folders(added('kept'))).toEqual(FOLDERS);
  });

  test('people are told of each under its name', () => {
    const ran = run(deployment.clone().top, ['ci']);
    expect(ran.stdout).toMatch(
      /^app {2}data\/app\.db\ndeployment_\S+\njobs {2}data\/jobs\.db\ndeployment_\S+\nmetrics {2}\S+\ndeployment_\S+\n$/,
    );
    expect(ran.stderr.match(/^Labelled \d rows/gm)).toHaveLength(3);
  });

  test('one alone', () => {
    const ran = json(deployment.clone().top, ['--db', 'jobs']);
    expect(ran).toMatchObject({ code: 0, document: { backup: { how: 'labelled', rows: 3 } } });
    expect(folders(added())).toEqual(['backups/jobs']);
  });

  test('one that is damaged is red and holds up none of the others', () => {
    damage(deployment.app, 'backups/jobs');
    publish(deployment, 'a merge');
    const page = pageIn(scratch());
    const ran = json(deployment.clone().top, [], { GITHUB_STEP_SUMMARY: page.path });
    expect(ran.code).not.toBe(0);
    expect(ran.document.databases.jobs.error.code).toBe('BACKUP_DAMAGED');
    expect(ran.document.status).toBe('pushed');
    expect(folders(added())).toEqual(['backups', 'backups/metrics']);
    expect(page.read()).toContain('Backups need attention');
  });

  test('the alarm is about each of them', () => {
    const ran = json(deployment.clone().top, ['--max-age', '2d']);
    expect(ran.code).not.toBe(0);
    expect(NAMES.map((name) => ran.document.databases[name].error.code)).toEqual(Array(3).fill('BACKUP_STALE'));
    expect(ran.document.status).toBe('pushed');
  });
});

describe('with a database', () => {
  test('one that is named is saved into its folder', () => {
    const runner = deployment.clone();
    mkdirSync(join(runner.top, 'data'));
    add(join(runner.top, 'data/jobs.db'), 'jobs', 9);
    for (const named of ['jobs', 'data/jobs.db']) {
      const ran = json(runner.top, ['--db', named, '--dry-run']);
      expect(ran).toMatchObject({ code: 0, document: { backup: { how: 'saved', rows: 9 } } });
    }
    const elsewhere = join(scratch(), 'jobs.db');
    add(elsewhere, 'jobs', 8);
    expect(json(runner.top, ['--db', elsewhere]).document.backup).toMatchObject({ how: 'saved', rows: 8 });
    expect(folders(added())).toEqual(['backups/jobs']);
  });

  test('one that the environment names is saved, and the others are labelled; where it is missing that is an error', () => {
    const runner = deployment.clone();
    const file = join(scratch(), 'app.db');
    const without = json(runner.top, [], { OVERWINTER_DB: file });
    expect(without.code).not.toBe(0);
    expect(without.document.databases.app.error.code).toBe('DATABASE_MISSING');
    add(file, 'users', 7);
    const ran = json(deployment.clone().top, [], { OVERWINTER_DB: file });
    expect(hows(ran.document.databases)).toEqual(['saved', 'labelled', 'labelled']);
  });

  test('a copy of another one, under whatever name, is refused even where it may shrink', () => {
    const runner = deployment.clone();
    const before = commits();
    const fetched = join(scratch(), 'fetched.db');
    add(fetched, 'jobs', 30);
    for (const more of [[], ['--allow-shrink']]) {
      const ran = json(runner.top, ['--db', fetched, ...more]);
      expect(ran.code).toBe(4);
      expect(ran.document.error.code).toBe('ANOTHER_DATABASE');
      const onNew = json(runner.top, ['--db', fetched, '--branch', 'new', ...more]);
      expect(onNew.document.error.code).toBe('ANOTHER_DATABASE');
    }
    expect(commits()).toBe(before);
    rmSync(fetched);
    add(fetched, 'users', 6);
    add(fetched, 'newer', 1);
    expect(json(runner.top, ['--db', fetched]).document).toMatchObject({ status: 'pushed', backup: { rows: 7 } });
  });
});

test('what a runner checked out stays as it was', () => {
  const runner = deployment.clone();
  run(runner.top, ['ci']);
  expect(runner.status()).toBe('');
  expect(JSON.parse(readFileSync(join(runner.top, 'overwinter.config.json'), 'utf8'))).toEqual({
    databases: DATABASES,
  });
});

vi.setConfig({ testTimeout: 60_000 });
