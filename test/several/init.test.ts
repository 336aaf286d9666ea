import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { repositoryIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** A project without a configuration, in which several databases lie. */

function projectWith(files: readonly string[], schema = 'CREATE TABLE notes (text)'): string {
  const repository = repositoryIn(scratch());
  repository.git(['init', '-q', '-b', 'main']);
  repository.write('package.json', '{}');
  for (const file of files) {
    mkdirSync(dirname(join(repository.top, file)), { recursive: true });
    new Database(join(repository.top, file)).exec(`${schema}; INSERT INTO notes (text) VALUES ('${file}')`).close();
  }
  return repository.top;
}

const init = (folder: string, ...args: string[]) => overwinter(folder, ['init', ...args]);
const json = (folder: string, ...args: string[]) => JSON.parse(overwinter(folder, [...args, '--json']).stdout);
const config = (folder: string) => JSON.parse(readFileSync(join(folder, 'overwinter.config.json'), 'utf8'));

test('all are taken, each has its first backup, and it says so', () => {
  const folder = projectWith(['data/jobs.db', 'data/app.db', 'var/metrics.sqlite']);
  const ran = init(folder);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain('Found 3 databases, and keeps them all: data/app.db, data/jobs.db, var/metrics.sqlite.');
  expect(config(folder)).toEqual({
    databases: [{ db: 'data/app.db' }, { db: 'data/jobs.db' }, { db: 'var/metrics.sqlite' }],
  });
  for (const place of ['backups', 'backups/jobs', 'backups/metrics'])
    expect(existsSync(join(folder, place, 'latest_backup.json'))).toBe(true);
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  for (const db of ['data/app.db', 'data/jobs.db', 'var/metrics.sqlite']) {
    expect(text('.gitignore')).toContain(`/${db}\n`);
    expect(ran.stdout).toContain(db);
  }
  expect(text('.gitattributes')).toContain('backups/jobs/latest_backup.json merge=overwinter');
  // What was set up is what every command finds.
  expect(Object.keys(json(folder, 'backup').databases)).toEqual(['app', 'jobs', 'metrics']);
  expect(init(folder).stderr).toContain('Nothing to change.');
});

test('what it wrote goes again, in code and in JSON', () => {
  for (const typescript of [false, true]) {
    const folder = projectWith(['data/app.db', 'data/jobs.db']);
    for (const db of ['app', 'jobs'])
      new Database(join(folder, `data/${db}.db`))
        .exec("CREATE TABLE accounts (name TEXT, password_hash TEXT NOT NULL); INSERT INTO accounts VALUES ('a', 'b')")
        .close();
    if (typescript) writeFileSync(join(folder, 'tsconfig.json'), '{}');
    const file = join(folder, typescript ? 'overwinter.config.ts' : 'overwinter.config.json');
    const ran = init(folder);
    expect(ran.code, ran.stderr).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/databases"?: \[\n/);
    expect(readFileSync(file, 'utf8').match(/password_hash/g)).toHaveLength(2);
    expect(init(folder, '--remove').code).toBe(0);
    expect(existsSync(file)).toBe(false);
  }
});

test('one of its own that an entry says of its tables makes the file its owner’s', () => {
  const folder = projectWith(['data/app.db', 'data/jobs.db']);
  writeFileSync(join(folder, 'tsconfig.json'), '{}');
  init(folder);
  const file = join(folder, 'overwinter.config.ts');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace("db: 'data/jobs.db' }", "db: 'data/jobs.db', include: { notes: 'rows' } }"));
  expect(readFileSync(file, 'utf8')).not.toBe(text);
  init(folder, '--remove');
  expect(existsSync(file)).toBe(true);
});

test('a credential in the second is left out by its own entry', () => {
  const folder = projectWith(['data/app.db']);
  new Database(join(folder, 'data/users.db'))
    .exec("CREATE TABLE accounts (name TEXT, password_hash TEXT NOT NULL); INSERT INTO accounts VALUES ('a', 'b')")
    .close();
  const ran = init(folder);
  expect(ran.code, ran.stderr).toBe(0);
  const [first, second] = config(folder).databases;
  expect(first).toEqual({ db: 'data/app.db' });
  expect(Object.keys(second)).toHaveLength(2);
  expect(JSON.stringify(second)).toContain('password_hash');
});

test('two files of one name get names by their folders', () => {
  const folder = projectWith(['data/app.db', 'var/app.db']);
  expect(init(folder).code).toBe(0);
  expect(config(folder)).toEqual({ databases: [{ db: 'data/app.db' }, { name: 'var-app', db: 'var/app.db' }] });
  expect(existsSync(join(folder, 'backups/var-app/latest_backup.json'))).toBe(true);
});

test('copies, and what tests leave, are not taken and are named', () => {
  const folder = projectWith(['data/app.db', 'data/app-backup.db', 'data/test.db']);
  const ran = init(folder);
  expect(ran.code).toBe(0);
  expect(config(folder)).toEqual({ db: 'data/app.db' });
  expect(ran.stderr).toContain('Not kept: data/app-backup.db, data/test.db.');
});

test('what the app’s own configuration names is the one, and the other is named', () => {
  const folder = projectWith(['data/app.db', 'data/jobs.db']);
  writeFileSync(
    join(folder, 'knexfile.js'),
    "module.exports = { client: 'better-sqlite3', connection: { filename: 'data/app.db' } };",
  );
  const ran = init(folder);
  expect(config(folder)).toEqual({ db: 'data/app.db' });
  expect(ran.stderr).toContain('Not kept: data/jobs.db.');
});

test('one that is named is the one', () => {
  const folder = projectWith(['data/app.db', 'data/jobs.db']);
  expect(init(folder, '--db', 'data/jobs.db').code).toBe(0);
  expect(config(folder)).toEqual({ db: 'data/jobs.db' });
});

test('of a project with several, one that is named changes nothing about the others', () => {
  const folder = projectWith(['data/app.db', 'data/jobs.db']);
  writeFileSync(
    join(folder, 'overwinter.config.json'),
    '{"databases": [{"db": "data/app.db"}, {"db": "data/jobs.db"}]}',
  );
  expect(init(folder, '--db', 'jobs').code).toBe(0);
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  const before = ['.gitignore', '.gitattributes'].map(text);
  for (const line of ['/data/app.db\n', '/data/jobs.db\n']) expect(before[0]).toContain(line);
  for (const dir of ['backups', 'backups/jobs']) expect(before[1]).toContain(`${dir}/latest_backup.json merge`);
  // Only that one was asked for.
  expect(existsSync(join(folder, 'backups/jobs/latest_backup.json'))).toBe(true);
  expect(existsSync(join(folder, 'backups/latest_backup.json'))).toBe(false);
  expect(init(folder).code).toBe(0);
  expect(['.gitignore', '.gitattributes'].map(text)).toEqual(before);
  new Database(join(folder, 'data/new.db')).exec('CREATE TABLE t(a)').close();
  const another = init(folder, '--db', 'data/new.db');
  expect([another.code, another.stderr]).toEqual([4, expect.stringContaining('{ "db": "data/new.db" }')]);
  expect(['.gitignore', '.gitattributes'].map(text)).toEqual(before);
});

vi.setConfig({ testTimeout: 60_000 });
