import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { ageKey } from '../support/age.ts';
import { overwinter as run } from '../support/command-line.ts';
import { repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

let repository: TestRepository;
const overwinter = (...args: string[]) => run(repository.top, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);

function sql(text: string): void {
  const db = new Database(join(repository.top, 'data/app.db'));
  db.exec(text);
  db.close();
}

function commit(title: string): string {
  repository.git(['add', '-A', 'backups']);
  repository.git(['commit', '-q', '-m', title]);
  return repository.git(['rev-parse', 'HEAD']).trim();
}

/** Dates are of the moment of the test. */
const said = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE TIME').replace(/\b[0-9a-f]{10}\b/g, 'COMMIT');

const USERS = 'CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, age INTEGER)';

beforeEach(() => {
  const folder = scratch();
  repository = repositoryIn(folder);
  repository.git(['init', '-q', '-b', 'main']);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, '.gitignore'), 'data\n.overwinter\n');
  sql(
    `${USERS}; CREATE TABLE teams(name TEXT, user INTEGER, PRIMARY KEY(name, user)); INSERT INTO teams VALUES ('a', 1)`,
  );
  sql("INSERT INTO users VALUES (1, 'ada@example.org', 36), (9007199254740993, 'big', 1)");
  overwinter('backup', 'one');
  commit('Begin');
});

describe('the life of a row', () => {
  test('is told newest first: when, in which backup, by whose commit, from what to what', () => {
    sql("UPDATE users SET email = 'ada@new.org', age = NULL WHERE id = 1");
    overwinter('backup', 'two');
    commit('Ada moves');
    sql('DELETE FROM users WHERE id = 1');
    overwinter('backup', 'three');
    const ran = overwinter('log', 'users', '1');
    expect(said(ran.stdout)).toBe(
      [
        'DATE TIME  removed  development, three',
        '  - {"id":1,"email":"ada@new.org","age":null}',
        'DATE TIME  changed  development, two  COMMIT Ada: Ada moves',
        '  ~ email "ada@example.org" → "ada@new.org"',
        '  ~ age 36 → null',
        'DATE TIME  added    development, one  COMMIT Ada: Begin',
        '  + {"id":1,"email":"ada@example.org","age":36}',
        '',
      ].join('\n'),
    );
    expect(ran.stderr).toBe('');
    expect(said(overwinter('log', 'users', '1', '-n', '1').stdout)).toMatch(/^DATE TIME {2}removed .*\n.*\n$/);
  });

  test('as JSON has the rows, and whole numbers that JavaScript would round as text', () => {
    const first = repository.git(['rev-parse', 'HEAD']).trim();
    expect(json('log', 'USERS', '9007199254740993')).toEqual([
      {
        backup: 'one',
        date: expect.stringMatching(/^\d{4}-.*Z$/),
        commit: first,
        author: 'Ada',
        environment: 'development',
        change: 'added',
        before: null,
        after: { id: '9007199254740993', email: 'big', age: 1 },
      },
    ]);
  });

  test('goes on in the history where the folder has it no more', () => {
    sql("UPDATE users SET email = 'new' WHERE id = 1");
    overwinter('backup', 'two');
    commit('Two');
    rmSync(join(repository.top, 'backups/one.json'));
    const [newest, oldest, ...others] = json('log', 'users', '1');
    expect([newest.backup, oldest.backup, others]).toEqual(['two', 'one', []]);
  });

  test('with a key of several columns takes a word for each', () => {
    expect(json('log', 'teams', 'a', '1')).toMatchObject([{ backup: 'one', after: { name: 'a', user: 1 } }]);
    const ran = overwinter('log', 'teams', 'a');
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining('A row of teams is told by name and user, and 1 word was given.'),
    ]);
    expect(ran.stderr).toContain('overwinter log teams NAME USER');
  });

  test('that never was is said', () => {
    const ran = overwinter('log', 'users', '7');
    expect([ran.code, ran.stdout]).toEqual([0, '']);
    expect(ran.stderr).toBe('No row of users has the key 7 in 1 backup.\n');
    expect(json('log', 'users', '7')).toEqual([]);
  });

  test('shows columns that came and went', () => {
    sql('ALTER TABLE users ADD COLUMN nick TEXT; ALTER TABLE users DROP COLUMN age');
    overwinter('backup', 'two');
    expect(said(overwinter('log', 'users', '1', '-n', '1').stdout)).toBe(
      'DATE TIME  changed  development, two\n  - age 36\n  + nick null\n',
    );
  });

  test('of an environment is not mixed with that of another', () => {
    const backup = (name: string, environment: string) =>
      run(repository.top, ['backup', name], { OVERWINTER_ENVIRONMENT: environment });
    sql("UPDATE users SET email = 'prod' WHERE id = 1");
    backup('two', 'production');
    sql("UPDATE users SET email = 'ada@example.org', age = 37 WHERE id = 1");
    backup('three', 'development');
    sql("UPDATE users SET email = 'prod', age = 36 WHERE id = 1");
    backup('four', 'production');
    const changes = json('log', 'users', '1').map((event: { backup: string; environment: string }) => [
      event.backup,
      event.environment,
    ]);
    expect(changes).toEqual([
      ['three', 'development'],
      ['two', 'production'],
      ['one', 'development'],
    ]);
  });
});

describe('the history of a table', () => {
  test('is how many rows each backup added, changed and removed', () => {
    sql("UPDATE users SET age = 40; INSERT INTO users VALUES (3, 'new', 1); DELETE FROM users WHERE id = 1");
    overwinter('backup', 'two');
    sql('ALTER TABLE users ADD COLUMN nick TEXT');
    overwinter('backup', 'three');
    sql("INSERT INTO teams VALUES ('b', 2)");
    overwinter('backup', 'four');
    expect(said(overwinter('log', 'users').stdout)).toBe(
      [
        'DATE TIME  +0 ~2 -0  development, three',
        '  table changed',
        '  + column nick',
        'DATE TIME  +1 ~1 -1  development, two',
        'DATE TIME  +2 ~0 -0  development, one  COMMIT Ada: Begin',
        '  table added',
        '',
      ].join('\n'),
    );
    expect(json('log', 'users', '-n', '1')).toMatchObject([
      { backup: 'three', added: 0, changed: 2, removed: 0, definition: 'changed', columns: { added: ['nick'] } },
    ]);
  });

  test('of a table that was dropped ends with all its rows', () => {
    sql('DROP TABLE teams');
    overwinter('backup', 'two', '--allow-shrink');
    expect(json('log', 'teams')).toMatchObject([
      { backup: 'two', removed: 1, definition: 'removed' },
      { backup: 'one', added: 1, definition: 'added' },
    ]);
  });

  test('that nobody ever saved is a mistake, with the tables there are', () => {
    const ran = overwinter('log', 'user');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("There is no table 'user'.");
    expect(ran.stderr).toContain('The tables are: teams, users.');
  });
});

test('without any backup it says so', () => {
  rmSync(join(repository.top, 'backups'), { recursive: true });
  rmSync(join(repository.top, '.git'), { recursive: true });
  const ran = overwinter('log', 'users');
  expect([ran.code, ran.stderr.includes('There is no backup in')]).toEqual([10, true]);
});

test('what is damaged is gone around, and said', () => {
  sql("UPDATE users SET email = 'two' WHERE id = 1");
  overwinter('backup', 'two');
  const file = join(repository.top, 'backups/two.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('two', 'tow'));
  sql("UPDATE users SET email = 'three' WHERE id = 1");
  overwinter('backup', 'three');
  const ran = overwinter('log', 'users', '1');
  expect(ran.stderr).toContain('Note: two was passed over: two.json is not what was written');
  expect(json('log', 'users', '1')).toMatchObject([
    { backup: 'three', before: { email: 'ada@example.org' }, after: { email: 'three' } },
    { backup: 'one' },
  ]);
});

test('parts that a merge dropped are read from git', () => {
  sql(
    "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO users SELECT i, 'someone' || i, i FROM n",
  );
  overwinter('backup', 'two');
  commit('Many');
  rmSync(join(repository.top, 'backups/parts'), { recursive: true });
  const ran = overwinter('log', 'users', '700');
  expect([said(ran.stdout), ran.stderr]).toEqual([
    'DATE TIME  added    development, two  COMMIT Ada: Many\n  + {"id":700,"email":"someone700","age":700}\n',
    '',
  ]);
});

test('a shallow clone says that older backups are not in it', () => {
  sql("UPDATE users SET email = 'two' WHERE id = 1");
  overwinter('backup', 'two');
  rmSync(join(repository.top, 'backups/one.json'));
  commit('Two');
  const clone = join(scratch(), 'clone');
  repository.git(['clone', '-q', '--depth=1', `file://${repository.top}`, clone]);
  const ran = run(clone, ['log', 'users', '1', '--db', 'data/app.db']);
  expect(ran.stderr).toContain('This clone is shallow, so older backups are not looked into');
  expect(said(ran.stdout)).toContain('added    development, two');
});

describe('encrypted backups', () => {
  test('are looked into with the key, and refused with a hint without it', () => {
    rmSync(join(repository.top, 'backups'), { recursive: true });
    const { identity, recipient } = ageKey();
    const config = JSON.stringify({ encrypt: { recipients: [recipient] } });
    writeFileSync(join(repository.top, 'overwinter.config.json'), config);
    const withKey = (...args: string[]) => run(repository.top, args, { OVERWINTER_IDENTITY: identity });
    withKey('backup', 'shut', '--allow-shrink');
    sql("UPDATE users SET email = 'two' WHERE id = 1");
    withKey('backup', 'shut-2');
    // What differs from the plain one that is committed is the row alone.
    expect(JSON.parse(withKey('log', 'users', '1', '--json').stdout)).toMatchObject([
      { backup: 'shut-2', before: { email: 'ada@example.org' }, after: { email: 'two' } },
      { backup: 'one', commit: expect.any(String) },
    ]);
    const half = overwinter('log', 'users', '1');
    expect(half.stderr).toContain('Note: shut was passed over: The backup is encrypted to');
    expect(half.stdout).toContain('development, one');
    rmSync(join(repository.top, '.git'), { recursive: true });
    const refused = overwinter('log', 'users', '1');
    expect([refused.code, refused.stderr.includes('OVERWINTER_IDENTITY'), refused.stdout]).toEqual([12, true, '']);
  });
});

test('what is left out of backups is in no answer', () => {
  sql("CREATE TABLE accounts(id INTEGER PRIMARY KEY, password_hash TEXT); INSERT INTO accounts VALUES (1, 'hush')");
  overwinter('backup', 'two');
  const ran = overwinter('log', 'accounts', '1');
  expect([ran.stdout.includes('{"id":1}'), ran.stdout.includes('hush')]).toEqual([true, false]);
});
