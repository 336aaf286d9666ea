import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import { withScratch } from '../../src/local/scratch.ts';
import { scratch } from '../support/scratch.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');
const INDEX = join(import.meta.dirname, '../../dist/index.js');

/** As careless as a machine can be: whatever is made is everybody's, unless its maker says otherwise. */
const carelessly = (cwd: string, ...command: readonly string[]) =>
  execFileSync('sh', ['-c', 'umask 000; exec "$@"', 'sh', ...command], {
    cwd,
    env: { PATH: process.env.PATH, OVERWINTER_HOST: 'none' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const overwinter = (cwd: string, ...args: readonly string[]) => carelessly(cwd, process.execPath, MAIN, ...args);

function project(rows: number, mode: number): string {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = new Database(join(folder, 'app.db'));
  db.pragma('page_size = 4096');
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO t SELECT i, printf('note %d %.60c', i, 'x') FROM n`);
  db.close();
  chmodSync(join(folder, 'app.db'), mode);
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** What others than the owner may touch below a folder; the ignore file says nothing. */
const open = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (modeOf(path) & 0o077) !== 0 && !path.endsWith('.gitignore') && !path.includes('/locks/'))
    .map((path) => `${relative(folder, path)} ${modeOf(path).toString(8)}`);

test('what a machine keeps for itself is its owner’s alone, whatever the umask says', () => {
  // More than is read in place, so that a copy is made for reading; enough rows for a second thread.
  const folder = project(60_000, 0o600);
  overwinter(folder, 'backup');
  overwinter(folder, 'snapshot');
  overwinter(folder, 'restore');
  overwinter(folder, 'undo');
  overwinter(folder, 'verify');
  overwinter(folder, 'diff');
  overwinter(folder, 'restore', '--to', 'beside.db');
  overwinter(folder, 'export', '-o', 'data.json');
  writeFileSync(join(folder, 'app.db'), 'torn');
  overwinter(folder, 'restore', '--db', 'app.db');
  expect(modeOf(join(folder, '.overwinter'))).toBe(0o700);
  expect(open(join(folder, '.overwinter')).filter((path) => !path.startsWith('aside/'))).toEqual([]);
  for (const file of ['app.db', 'beside.db', 'data.json']) expect(modeOf(join(folder, file)), file).toBe(0o600);
  expect(readdirSync(folder).filter((name) => /-overwinter|second|-wal|-journal/.test(name))).toEqual([]);
});

test('a copy that is read is its owner’s alone, whoever may read the database', async () => {
  const folder = project(60_000, 0o644);
  const aside = join(folder, 'aside');
  mkdirSync(aside);
  const reading = await sqliteDatabase(join(folder, 'app.db'), { busyTimeout: 1000 }).read(aside);
  expect(readdirSync(aside).map((name) => modeOf(join(aside, name)))).toEqual([0o600]);
  await reading.close();
  expect(readdirSync(aside)).toEqual([]);
});

test('a restore gives the database the mode of the one it replaces, and 0600 where there is none', () => {
  const folder = project(10, 0o640);
  overwinter(folder, 'backup');
  overwinter(folder, 'restore');
  expect(modeOf(join(folder, 'app.db'))).toBe(0o640);
  rmSync(join(folder, 'app.db'));
  overwinter(folder, 'auto-restore');
  expect(modeOf(join(folder, 'app.db'))).toBe(0o600);
});

test('a database that an app begins with is its owner’s alone, its side files too', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const script = `
    import { openDatabase } from ${JSON.stringify(INDEX)};
    import { statSync } from 'node:fs';
    const db = await openDatabase('data/app.db');
    db.pragma('journal_mode = wal');
    db.exec('CREATE TABLE t(a)');
    console.log(['', '-wal', '-shm'].map((end) => (statSync('data/app.db' + end).mode & 0o777).toString(8)).join());`;
  expect(carelessly(folder, process.execPath, '--input-type=module', '-e', script).trim()).toBe('600,600,600');
});

test('what both threads of a restore that was killed had begun is private, and goes with the next command', async () => {
  const folder = project(200_000, 0o600);
  overwinter(folder, 'backup');
  const child = spawn(process.execPath, [MAIN, 'restore'], {
    cwd: folder,
    env: { OVERWINTER_HOST: 'none' },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const second = join(folder, 'app.db-overwinter-second');
  while (!existsSync(second) && child.exitCode === null) await new Promise((go) => setImmediate(go));
  child.kill('SIGKILL');
  await ended;
  const begun = () => readdirSync(folder).filter((name) => name.startsWith('app.db-'));
  expect(begun()).toEqual(expect.arrayContaining(['app.db-overwinter', 'app.db-overwinter-second']));
  for (const name of begun()) expect(modeOf(join(folder, name)), name).toBe(0o600);
  overwinter(folder, 'auto-restore');
  expect(begun()).toEqual([]);
});

test('what a process that was killed left in the scratch folder goes once it is old, and only then', async () => {
  const local = join(scratch(), '.overwinter');
  const left = join(local, 'scratch', 'drill-4194304-0');
  const begin = () => execFileSync('mkdir', ['-p', left]);
  begin();
  await withScratch(local, 'drill', async (folder) => expect(readdirSync(folder)).toEqual([]));
  expect(readdirSync(join(local, 'scratch'))).toEqual(['drill-4194304-0']);
  const old = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  utimesSync(left, old, old);
  await withScratch(local, 'live', async () => {});
  expect(readdirSync(join(local, 'scratch'))).toEqual(['drill-4194304-0']);
  await withScratch(local, 'drill', async () => {});
  expect(readdirSync(join(local, 'scratch'))).toEqual([]);
});
