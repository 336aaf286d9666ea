import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { differencesBetween } from '../support/same-database.ts';
import { scratch } from '../support/scratch.ts';

test('a restore large enough to be shared between two threads brings everything back', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const file = join(folder, 'app.db');
  const db = new Database(file);
  db.pragma('journal_mode = wal');
  db.exec(`
    CREATE TABLE keyed(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, amount REAL, any);
    CREATE TABLE hidden(day TEXT, payload);
    CREATE TABLE unique_names(name TEXT PRIMARY KEY, n INTEGER);
    CREATE TABLE without(a TEXT, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;
    CREATE TABLE computed(n INTEGER, twice INTEGER AS (n * 2) STORED, thrice INTEGER AS (n * 3));
    CREATE INDEX by_name ON keyed(name);
    CREATE TRIGGER never AFTER INSERT ON keyed BEGIN INSERT INTO hidden VALUES ('fired', NULL); END;
  `);
  db.pragma('recursive_triggers = off');
  db.exec('DROP TRIGGER never');
  db.transaction(() => {
    const keyed = db.prepare('INSERT INTO keyed VALUES (?, ?, ?, ?)');
    const values = [null, 1.5, -0, Infinity, 9007199254740993n, Buffer.from([0, 1, 255]), 'text', '{"$blob":"AA=="}'];
    for (let i = 1; i <= 40_000; i++) keyed.run(i * 3, `name ${i % 977}`, i / 7, values[i % values.length]);
    const hidden = db.prepare('INSERT INTO hidden(rowid, day, payload) VALUES (?, ?, ?)');
    for (let i = 1; i <= 30_000; i++) hidden.run(i * i, `day ${i}`, i % 500 === 0 ? Buffer.alloc(300, i) : i);
    const names = db.prepare('INSERT INTO unique_names VALUES (?, ?)');
    for (let i = 0; i < 12_000; i++) names.run(`n${(i * 7919) % 12_007}`, i);
    const without = db.prepare('INSERT INTO without VALUES (?, ?)');
    for (let i = 0; i < 12_000; i++) without.run(`a${i % 100}`, i);
    const computed = db.prepare('INSERT INTO computed(n) VALUES (?)');
    for (let i = 0; i < 15_000; i++) computed.run(i);
  })();
  db.exec(`DELETE FROM keyed WHERE id > 119000;
    CREATE TRIGGER never AFTER INSERT ON keyed BEGIN INSERT INTO hidden VALUES ('fired', NULL); END`);
  db.close();

  expect(overwinter(folder, ['backup']).code).toBe(0);
  const restored = overwinter(folder, ['restore', '--to', 'copy.db']);
  expect(restored.stderr).toContain('Restored 10');
  expect(restored.code).toBe(0);
  expect(differencesBetween(file, join(folder, 'copy.db'))).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.includes('second'))).toEqual([]);
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  renameSync(join(folder, 'copy.db'), file);
  expect(JSON.parse(overwinter(folder, ['backup', '--json']).stdout).status).toBe('unchanged');
});

const hasTaskset = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

test.skipIf(!hasTaskset)('on one core there is no second thread, and on more there is', () => {
  const script = String(new URL('../../dist-test/src/engines/sqlite/thread-script.js', import.meta.url));
  const asks = `import(${JSON.stringify(script)}).then(({ threadScript }) => {
    for (const name of ['insert-worker', 'reader-worker']) console.log(threadScript(name) === undefined);
  });`;
  const run = (...pinned: readonly string[]) => {
    const [program = '', ...args] = [...pinned, process.execPath, '--eval', asks];
    return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim().split('\n');
  };
  expect(run('taskset', '-c', '0')).toEqual(['true', 'true']);
  if (availableParallelism() > 1) expect(run()).toEqual(['false', 'false']);
});

test('what the second thread writes is for the user alone, and goes with the next restore after a kill', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'app.db'));
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, secret);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO t SELECT i, 'secret ' || i FROM n`);
  db.close();
  expect(overwinter(folder, ['backup']).code).toBe(0);
  rmSync(join(folder, 'app.db'));
  const second = join(folder, 'app.db-overwinter-second');
  const restoring = startCommand(process.execPath, [MAIN, 'restore', '--db', 'app.db', '--dir', 'backups'], folder);
  await expect
    .poll(() => statSync(second, { throwIfNoEntry: false })?.size ?? 0, { interval: 1, timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(statSync(second).mode & 0o777).toBe(0o600);
  restoring.signal('SIGKILL');
  await restoring.ended;
  expect(readdirSync(folder).filter((name) => name.includes('second'))).not.toEqual([]);
  expect(existsSync(join(folder, 'app.db'))).toBe(false);
  expect(overwinter(folder, ['restore', '--db', 'app.db']).code).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith('app.db'))).toEqual(['app.db']);
});
