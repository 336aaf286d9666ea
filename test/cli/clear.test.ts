import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { MAIN, overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
const clear = (...args: string[]) => overwinter(folder, ['clear', ...args]);

function query<T>(work: (db: Database.Database) => T): T {
  const db = new Database(join(folder, 'app.db'));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const rows = (table: string) => query((db) => db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get());

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  query((db) =>
    db.exec(`
      PRAGMA journal_mode = wal;
      CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id));
      CREATE TABLE strict_orders(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE RESTRICT);
      CREATE TABLE sessions(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);
      CREATE TABLE "odd ""name"(x);
      INSERT INTO users(name) VALUES ('ada'), ('bob'), ('cy');
      INSERT INTO orders(user_id) VALUES (1), (1), (3);
      INSERT INTO sessions(user_id) VALUES (2);
      INSERT INTO "odd ""name" VALUES (1);
    `),
  );
});

describe('clear', () => {
  test('empties what was named, after a snapshot, and undo brings it back', () => {
    const ran = clear('orders', 'odd "name', '--yes');
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('Removed 4 rows');
    expect(ran.stderr).toContain('overwinter undo');
    expect([rows('orders'), rows('users'), rows('sessions')]).toEqual([0, 3, 1]);
    expect(overwinter(folder, ['undo']).code).toBe(0);
    expect(rows('orders')).toBe(3);
  });

  test('refuses what other rows point to, and nothing is gone', () => {
    const ran = clear('users', '--yes');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('ROWS_REFERENCED');
    expect(ran.stderr).toContain('overwinter clear users orders');
    expect([rows('users'), rows('sessions'), rows('orders')]).toEqual([3, 1, 3]);
  });

  test('takes both in either order, and counts what keys take along', () => {
    query((db) => db.exec('INSERT INTO strict_orders(user_id) VALUES (1)'));
    const ran = clear('users', 'orders', 'strict_orders', '--yes', '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      rows: 8,
      removed: { users: 3, orders: 3, strict_orders: 1, sessions: 1 },
    });
  });

  test('names the tables there are, where one is not', () => {
    const ran = clear('order', '--yes');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('orders');
    expect(overwinter(folder, ['snapshots', '--json']).stdout).toContain('"snapshots": []');
  });

  test('does nothing unasked: without a terminal it must be told', () => {
    const ran = overwinter(folder, ['clear', 'orders'], {}, 'app.db\n');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('NOT_CONFIRMED');
    expect(rows('orders')).toBe(3);
  });

  test('only counts with --dry-run', () => {
    expect(JSON.parse(clear('orders', '--dry-run', '--json').stdout)).toEqual({ rows: { orders: 3 } });
    expect(rows('orders')).toBe(3);
  });

  test.each([
    ['app.db', 0, 0],
    ['yes', 4, 3],
  ])('asks on a terminal for the name of the file: %s', (typed, code, left) => {
    const script = `
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
seen = b''
while b'to go on' not in seen: seen += os.read(fd, 1000)
os.write(fd, b'${typed}\\n')
try:
    while os.read(fd, 1000): pass
except OSError: pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
    const ran = spawnSync('python3', ['-c', script, process.execPath, MAIN, 'clear', 'orders'], { cwd: folder });
    expect(ran.status).toBe(code);
    expect(rows('orders')).toBe(left);
  });
});
