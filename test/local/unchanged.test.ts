import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

/** What an unchanged backup remembers lets the next one answer without looking; here it must look all the same. */

let folder: string;
const run = (env: Record<string, string> = {}) => overwinter(folder, ['backup', '--json'], env);
const LINK = { OVERWINTER_DB: 'app.db' };
const status = (env?: Record<string, string>): string => JSON.parse(run(env).stdout).status;

/** A table that is kept in parts. */
function make(path: string, first = 1): void {
  const db = new Database(path);
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, n)');
  const insert = db.prepare('INSERT INTO t(n) VALUES (?)');
  db.transaction(() => {
    for (let n = 0; n < 500; n++) insert.run(first + n);
  })();
  db.close();
}

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{"name": "app"}');
});

test('a database in WAL mode behind a link, whose change is beside the file it names', () => {
  mkdirSync(join(folder, 'volume'));
  make(join(folder, 'volume/real.db'));
  symlinkSync('volume/real.db', join(folder, 'app.db'));
  const app = new Database(join(folder, 'app.db'));
  app.pragma('journal_mode = wal');
  app.pragma('wal_autocheckpoint = 0');
  app.exec('UPDATE t SET n = -1 WHERE id = 1');
  expect(status(LINK)).toBe('created');
  expect(status(LINK)).toBe('unchanged');
  app.exec('UPDATE t SET n = -2 WHERE id = 1');
  expect(status(LINK)).toBe('created');
  app.close();
});

test('a row that was changed, and the time of the file set back', () => {
  make(join(folder, 'app.db'));
  expect([status(), status()]).toEqual(['created', 'unchanged']);
  const path = join(folder, 'app.db');
  execFileSync('touch', ['-r', path, join(folder, 'then')]);
  const db = new Database(path);
  db.exec('UPDATE t SET n = -1 WHERE id = 1');
  db.close();
  // What the header counts is set back as well: then only the system knows.
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(bytes.readUInt32BE(24) - 1, 24);
  bytes.writeUInt32BE(bytes.readUInt32BE(92) - 1, 92);
  writeFileSync(path, bytes);
  execFileSync('touch', ['-r', join(folder, 'then'), path]);
  expect(status()).toBe('created');
});

test('a configuration in code that reads the environment', () => {
  make(join(folder, 'one.sqlite'));
  // The same database, where another machine has it.
  const elsewhere = join(scratch(), 'one.sqlite');
  make(elsewhere, 1000);
  writeFileSync(join(folder, 'overwinter.config.mjs'), 'export default { db: process.env.SHOP_DATABASE };');
  expect(status({ SHOP_DATABASE: 'one.sqlite' })).toBe('created');
  expect(status({ SHOP_DATABASE: 'one.sqlite' })).toBe('unchanged');
  expect(status({ SHOP_DATABASE: elsewhere })).toBe('created');
});

test.each([
  ['overwinter.config.json', '{"maxShrnk": 1}'],
  ['overwinter.config.mjs', 'export default { maxShrnk: 1 };'],
  ['package.json', '{"name": "app", "overwinter": {"maxShrnk": 1}}'],
])('a configuration that appears later, as %s', (file, text) => {
  make(join(folder, 'app.db'));
  status();
  expect(status()).toBe('unchanged');
  writeFileSync(join(folder, file), text);
  expect(run().stdout).toContain('CONFIG_INVALID');
});

test.each(['the folder', 'a part'])('parts that are gone are written again: %s', (what) => {
  make(join(folder, 'app.db'));
  status();
  expect(status()).toBe('unchanged');
  const inside = (path: string) => join(folder, 'backups', path);
  const [part = ''] = readdirSync(inside('parts'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.jsonl'),
  );
  rmSync(inside(what === 'a part' ? join('parts', part) : 'parts'), { recursive: true });
  expect(run().code).toBe(0);
  expect(existsSync(inside(join('parts', part)))).toBe(true);
  expect(overwinter(folder, ['verify']).code).toBe(0);
});

test('a newer backup that a pull brought, without the pointer', () => {
  make(join(folder, 'app.db'));
  status();
  expect(status()).toBe('unchanged');
  const there = scratch();
  cpSync(folder, there, { recursive: true });
  const other = new Database(join(there, 'app.db'));
  other.exec('UPDATE t SET n = 7');
  other.close();
  const { name } = JSON.parse(overwinter(there, ['backup', '--json']).stdout);
  cpSync(join(there, 'backups/parts'), join(folder, 'backups/parts'), { recursive: true });
  cpSync(join(there, `backups/${name}.json`), join(folder, `backups/${name}.json`));
  // The newest backup says something else than this database now.
  expect(status()).toBe('created');
});
