import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { ageKey } from '../support/age.ts';
import { overwinter as run } from '../support/command-line.ts';
import { repositoryIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';
import { HAS_TERMINAL, onTerminal } from '../support/terminal.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);
const said = (text: string) => text.replaceAll(`${folder}/`, '').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE TIME');

function sql(text: string): void {
  const db = new Database(join(folder, 'data/app.db'));
  db.pragma('foreign_keys = off');
  db.exec(text);
  db.close();
}

function rows(text: string): unknown {
  const db = new Database(join(folder, 'data/app.db'), { readonly: true });
  try {
    return db.prepare(text).pluck().all();
  } finally {
    db.close();
  }
}

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  sql(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id));
    INSERT INTO users VALUES (1, 'one'), (2, 'two'), (3, 'three'); INSERT INTO orders VALUES (10, 1), (20, 2)`);
  overwinter('backup', 'good');
  sql(
    "DELETE FROM users WHERE id = 1; UPDATE users SET name = 'TWO' WHERE id = 2; INSERT INTO users VALUES (9, 'new'); DELETE FROM orders WHERE id = 10",
  );
});

describe('restore --table', () => {
  test('says what it did, by table, and how to take it back', () => {
    const ran = overwinter('restore', '--table', 'users');
    expect([ran.code, ran.stdout]).toEqual([0, 'users  +1 ~1 -0\n']);
    expect(said(ran.stderr)).toBe(
      "Brought rows back from good (DATE TIME UTC) into data/app.db: 1 added, 1 changed, 0 removed.\nWhat was there before is kept: 'overwinter undo' brings it back.\n",
    );
    expect(rows('SELECT name FROM users')).toEqual(['one', 'two', 'three', 'new']);
    expect(rows('SELECT id FROM orders')).toEqual([20]);
    expect(overwinter('undo', '--yes').code).toBe(0);
    expect(rows('SELECT name FROM users')).toEqual(['TWO', 'three', 'new']);
  });

  test('with --dry-run says the same and does nothing', () => {
    const ran = overwinter('restore', 'good', '--table', 'users', '--exact', '-n');
    expect(ran.stdout).toBe('users  +1 ~1 -1\n');
    expect(said(ran.stderr)).toBe(
      'Bringing rows back from good (DATE TIME UTC) would change data/app.db: 1 added, 1 changed, 1 removed. Nothing was done.\n',
    );
    expect(rows('SELECT name FROM users')).toEqual(['TWO', 'three', 'new']);
    expect(json('snapshots').snapshots).toEqual([]);
  });

  test('as JSON has the numbers by table', () => {
    const wanted = ['restore', '--table', 'users', '--table', 'orders', '--exact'];
    const counts = { added: { users: 1, orders: 1 }, changed: { users: 1 }, removed: { users: 1 } };
    expect(json(...wanted, '--dry-run')).toMatchObject({
      name: 'good',
      environment: 'development',
      warnings: [],
      ...counts,
    });
    expect(json(...wanted)).toMatchObject({
      ...counts,
      db: expect.stringMatching(/data.app\.db$/),
      snapshot: { id: expect.any(String) },
    });
    expect(json(...wanted)).toMatchObject({ added: {}, changed: {}, removed: {} });
    expect(said(overwinter(...wanted).stderr)).toBe(
      'Nothing was done: data/app.db has these rows as good (DATE TIME UTC) has them.\n',
    );
  });

  test('with --where brings fewer of them, and from whichever backup is named', () => {
    expect(json('restore', '--as-of', '0s', '--table', 'users', '--where', 'id = 1')).toMatchObject({
      added: { users: 1 },
      changed: {},
    });
    expect(rows('SELECT name FROM users')).toEqual(['one', 'TWO', 'three', 'new']);
  });

  test('offers the rows that are needed besides', () => {
    const ran = overwinter('restore', '--table', 'orders');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('The rows point to rows that are not here: 1 row of users. Nothing was changed.');
    expect(ran.stderr).toContain('Add --with-parents, and those come along');
    expect(json('restore', '--table', 'orders', '--with-parents')).toMatchObject({ added: { orders: 1, users: 1 } });
  });

  test.each([
    [['--where', 'id = 1'], '--where is about rows of a table, and no table was named.'],
    [['--exact'], '--exact is about rows of a table, and no table was named.'],
    [['--with-parents'], '--with-parents is about rows of a table, and no table was named.'],
    [
      ['--table', 'users', '--to', 'x.db'],
      'Rows of a table come back into the database itself, and --to says otherwise.',
    ],
    [
      ['--table', 'users', '--table', 'orders', '--where', '1'],
      '--where is about the rows of one table, and these were named: users, orders.',
    ],
    [
      ['--table', 'users', '--where', 'nme = 1'],
      'The condition of --where cannot be asked of users: no such column: nme.',
    ],
    [['--table', 'usrs'], "There is no table 'usrs'."],
  ])('%j is a mistake that is named', (args, sentence) => {
    const ran = overwinter('restore', ...args);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(rows('SELECT name FROM users')).toEqual(['TWO', 'three', 'new']);
  });
});

describe('restore --table takes rows', () => {
  test('from a commit, and from a backup before one that is damaged', () => {
    const repository = repositoryIn(folder);
    repository.git(['init', '-q']);
    repository.git(['add', 'backups']);
    repository.git(['commit', '-q', '-m', 'good']);
    sql("UPDATE users SET name = 'newer' WHERE id = 3");
    overwinter('backup', 'newer', '--allow-shrink');
    const file = join(folder, 'backups/newer.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('newer', 'nower'));
    const ran = overwinter('restore', '--table', 'users', '--where', 'id = 3');
    expect(ran.stdout).toBe('users  +0 ~1 -0\n');
    expect(ran.stderr).toContain('newer could not be used');
    rmSync(join(folder, 'backups'), { recursive: true });
    expect(json('restore', '--at', 'HEAD', '--table', 'users')).toMatchObject({ name: 'good', added: { users: 1 } });
    expect(rows('SELECT name FROM users WHERE id < 9')).toEqual(['one', 'two', 'three']);
  });

  test('from an encrypted backup with the key, and says what is missing without it', () => {
    const { identity, recipient } = ageKey();
    writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify({ encrypt: { recipients: [recipient] } }));
    const withKey = (...args: string[]) => run(folder, args, { OVERWINTER_IDENTITY: identity });
    withKey('backup', 'shut', '--allow-shrink');
    sql('DELETE FROM users');
    const refused = overwinter('restore', 'shut', '--table', 'users');
    expect([refused.code, refused.stderr.includes('OVERWINTER_IDENTITY')]).toEqual([12, true]);
    expect(withKey('restore', 'shut', '--table', 'users').stdout).toBe('users  +3 ~0 -0\n');
  });

  test('only where there is a database, and a backup', () => {
    rmSync(join(folder, 'data/app.db'));
    const missing = overwinter('restore', '--table', 'users', '--db', 'data/app.db');
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('DATABASE_MISSING')]);
    rmSync(join(folder, 'backups'), { recursive: true });
    sql('CREATE TABLE users(id INTEGER PRIMARY KEY)');
    expect(overwinter('restore', '--table', 'users').code).toBe(10);
  });
});

describe.runIf(HAS_TERMINAL)('restore --table on a terminal', () => {
  test('says the numbers and asks; nothing is done where nobody says yes', () => {
    const args = ['restore', '--table', 'users', '--exact'];
    const refused = onTerminal(folder, args, 'no');
    expect(said(refused.text)).toContain(
      'This changes data/app.db: with good, 1 row would come (1 into users), 1 would change (1 in users) and 1 would go (1 from users).',
    );
    expect([refused.code === 0, refused.text.includes('NOT_CONFIRMED')]).toEqual([false, true]);
    expect(rows('SELECT name FROM users')).toEqual(['TWO', 'three', 'new']);
    expect(onTerminal(folder, args, 'yes').code).toBe(0);
    expect(rows('SELECT name FROM users')).toEqual(['one', 'two', 'three']);
    // Where nothing would change, nothing is asked.
    expect(onTerminal(folder, args, '').text).not.toContain("Type 'yes'");
  });

  test('asks nothing with --yes', () => {
    expect(onTerminal(folder, ['restore', '--table', 'users', '--yes'], '').text).not.toContain("Type 'yes'");
    expect(rows('SELECT name FROM users')).toEqual(['one', 'two', 'three', 'new']);
  });
});
