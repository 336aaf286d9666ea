import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { installed } from '../support/installed.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** Runs a line of the specification's "Getting rows out by hand" in a project's folder. */
const shell = (cwd: string, line: string) =>
  execFileSync('sh', ['-c', line], { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

test.skipIf(!installed('jq'))('jq alone gets every row out, as the specification says', async () => {
  const folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, photo BLOB);
    INSERT INTO users VALUES (1, 'ada@example.org', x'89504e47'), (2, 'bob@example.org', NULL);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO orders SELECT i, printf('order %d, "quoted" and
      long enough for several parts: %.60c', i, 'x') FROM n;
  `);
  const notes = db.prepare('SELECT note FROM orders ORDER BY id').pluck().all();
  db.close();
  const { name } = await backup(projectIn(folder), { trigger: 'test' });

  const users = shell(folder, `jq -c '.data.users[]' backups/${name}.json`).trim().split('\n');
  expect(users.map((line) => JSON.parse(line).email)).toEqual(['ada@example.org', 'bob@example.org']);
  const photo = shell(folder, `jq -r '.data.users[0].photo["$blob"]' backups/${name}.json | base64 -d | od -An -tx1`);
  expect(Buffer.from(JSON.parse(users[0] ?? '').photo.$blob, 'base64').toString('hex')).toBe('89504e47');
  expect(photo.replaceAll(/\s/g, '')).toBe('89504e47');

  const files = `jq -r '.data.orders.parts[].file' backups/${name}.json | sed 's|^|backups/|'`;
  const orders = shell(folder, `${files} | xargs cat | jq -c .note`).trim().split('\n');
  expect(orders.map((line) => JSON.parse(line))).toEqual(notes);
  expect(shell(folder, files).trim().split('\n').length).toBeGreaterThan(3);
});

test('git itself confirms the name of every part', async () => {
  const folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, hex(i * 7919) FROM n`);
  db.close();
  await backup(projectIn(folder), { trigger: 'test' });
  const parts = readdirSync(join(folder, 'backups/parts'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.jsonl'),
  );
  expect(parts.length).toBeGreaterThan(0);
  for (const part of parts) {
    const id = execFileSync('git', ['hash-object', '--no-filters', join(folder, 'backups/parts', part)], {
      encoding: 'utf8',
    });
    expect(part).toContain(`-${id.trim()}-`);
  }
});

test.skipIf(!installed('age') || !installed('jq'))(
  'age, gunzip and jq alone get every row out of an encrypted backup, with the very lines of the specification',
  async () => {
    const folder = scratch();
    const db = new Database(join(folder, 'app.db'));
    db.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);
    INSERT INTO users VALUES (1, 'ada@example.org'), (2, 'bob@example.org');
    CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO orders SELECT i, printf('order %d %.60c', i, 'x') FROM n;
  `);
    const notes = db.prepare('SELECT note FROM orders ORDER BY id').pluck().all();
    db.close();
    const ada = ageKey();
    const { name } = await backup(projectIn(folder, { encryption: encryptionFor({ to: [ada, ageKey()] }) }), {
      trigger: 'test',
    });
    copyFileSync(ada.file, join(folder, 'key.txt'));
    const specification = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8');
    const lines = /### Opening one by hand\n\n```sh\n(.*?)\n```\n/s.exec(specification)?.[1] ?? '';
    const rows = shell(folder, `set -e\n${lines.replace('NAME', name)}`)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.slice(0, 2).map(({ email }) => email)).toEqual(['ada@example.org', 'bob@example.org']);
    expect(rows.slice(2).map(({ note }) => note)).toEqual(notes);
  },
);
