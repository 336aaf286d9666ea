import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, expect, test } from 'vitest';
import { keep } from '../../../src/keep/keep.ts';
import { save } from '../../support/as-backup.ts';
import { overwinterHere } from '../../support/here.ts';
import { scratch } from '../../support/scratch.ts';
import { on, open } from './support.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A repository whose database is in use in a process of its own. */
function project() {
  const folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { db: 'data/app.duckdb', wait: 0 } }));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.email', 'ada@example.org');
  git('config', 'user.name', 'Ada');
  return { folder, git, file: join(folder, 'data', 'app.duckdb') };
}

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** An app that has it open, and answers nothing. */
async function app(file: string): Promise<number> {
  const code = `import { DuckDBInstance } from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(process.argv[1]);
    console.log('open'); setInterval(() => instance, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ending.push(() => {
    child.kill();
    return once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test('who has it open is named, and nothing of it is touched', async () => {
  const { folder, file } = project();
  await on(file, 'CREATE TABLE t(x INTEGER); INSERT INTO t VALUES (1)');
  const pid = await app(file);
  const before = readFileSync(file);
  for (const argv of [['backup'], ['restore', 'latest', '--yes'], ['clear', 't', '--yes'], ['snapshot']]) {
    const ran = await overwinterHere({ cwd: folder, argv });
    expect(ran.code, argv.join()).not.toBe(0);
    if (argv[0] !== 'restore') expect(ran.err).toContain(`is open in node (process ${pid})`);
  }
  expect(readFileSync(file)).toEqual(before);
});

test('a commit carries what the app itself saved last', async () => {
  const { folder, git, file } = project();
  await on(file, 'CREATE TABLE t(x INTEGER); INSERT INTO t VALUES (1)');
  const instance = await DuckDBInstance.create(file);
  const keeper = await keep(instance, { dir: join(folder, 'backups'), debounce: 20, logger: silent });
  const saved = await keeper.backup();
  await keeper.stop();
  instance.closeSync();
  const pid = await app(file);
  writeFileSync(join(folder, 'readme'), 'more');
  git('add', 'readme');
  const ran = await overwinterHere({ cwd: folder, argv: ['hook', 'pre-commit'] });
  expect(ran.code, ran.err).toBe(0);
  const name = 'result' in saved ? saved.result.name : '';
  expect(ran.err + ran.out).toContain(`the commit carries what the app saved last, ${name}`);
  expect(git('diff', '--cached', '--name-only')).toContain(`backups/${name}.json`);
  // What was saved can be tried all the while.
  expect((await overwinterHere({ cwd: folder, argv: ['verify'] })).code).toBe(0);
  // One that the app did not make says nothing of what the app wrote since.
  rmSync(join(folder, 'backups'), { recursive: true });
  const without = await overwinterHere({ cwd: folder, argv: ['hook', 'pre-commit'] });
  expect(without.code).toBe(0);
  expect(without.err + without.out).toContain(`(process ${pid})`);
  expect(without.err + without.out).toContain('the commit goes on without a backup');
});

const silent = { info() {}, warn() {}, error() {} };

test('an app that writes as fast as it can is saved by itself: each backup one moment, and the lock stays', async () => {
  const { folder, file } = project();
  const instance = await DuckDBInstance.create(file);
  ending.push(async () => instance.closeSync());
  const db = await instance.connect();
  await db.run('CREATE TABLE a(id INTEGER PRIMARY KEY, "when" TIMESTAMPTZ); CREATE TABLE b(id INTEGER, n INTEGER)');
  const keeper = await keep(instance, { dir: join(folder, 'backups'), debounce: 10, logger: silent });
  let isWriting = true;
  let written = 0;
  const writer = (async () => {
    while (isWriting) {
      await db.run(
        `BEGIN; INSERT INTO a VALUES (${written}, now()); INSERT INTO b VALUES (${written}, ${written}); COMMIT`,
      );
      written++;
    }
  })();
  const seen: number[] = [];
  for (let i = 0; i < 20; i++) {
    const event = await keeper.backup();
    expect(event.type).not.toBe('failed');
    const { name } = 'result' in event ? event.result : { name: '' };
    const manifest = JSON.parse(readFileSync(join(folder, 'backups', `${name}.json`), 'utf8'));
    const rows = (table: readonly unknown[] | { readonly parts: readonly { readonly rows: number }[] }): number =>
      'parts' in table ? table.parts.reduce((sum, part) => sum + part.rows, 0) : table.length;
    expect(rows(manifest.data.a)).toBe(rows(manifest.data.b));
    seen.push(rows(manifest.data.a));
  }
  isWriting = false;
  await writer;
  expect(seen).toEqual([...seen].sort((x, y) => x - y));
  expect(new Set(seen).size).toBeGreaterThan(10);
  // Whoever comes from outside is refused, and whoever would open it once more inside, too.
  expect(other(file)).toContain(`PID ${process.pid}`);
  await keeper.stop();
  await expect(save(open(file))).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  expect(other(file)).toContain(`PID ${process.pid}`);
});

/** What another process hears that opens it. */
function other(file: string): string {
  const code = `import { DuckDBInstance } from '@duckdb/node-api';
    try { await DuckDBInstance.create(process.argv[1]); console.log('opened'); } catch (error) { console.log(error.message); }`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', code, file], { cwd: ROOT, encoding: 'utf8' });
}

test('what an app that was killed left beside its file is saved, and meets no other file', async () => {
  const { folder, file } = project();
  await on(file, 'CREATE TABLE t(x INTEGER); INSERT INTO t VALUES (1)');
  expect((await overwinterHere({ cwd: folder, argv: ['backup'] })).code).toBe(0);
  const code = `import { DuckDBInstance } from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(process.argv[1]);
    const db = await instance.connect();
    await db.run("INSERT INTO t SELECT i FROM range(100) t(i); CREATE TABLE late(x INTEGER)");
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, file], { cwd: ROOT, stdio: 'inherit' });
  await once(child, 'exit');
  expect(existsSync(`${file}.wal`)).toBe(true);
  expect([...(await open(file).counts())]).toEqual([
    ['late', 0],
    ['t', 101],
  ]);
  expect((await save(open(file))).there.get('t')).toBe(101);
  expect(existsSync(`${file}.wal`)).toBe(true);
  const restored = await overwinterHere({ cwd: folder, argv: ['restore', 'latest', '--yes'] });
  expect(restored.code, restored.err).toBe(0);
  expect(existsSync(`${file}.wal`)).toBe(false);
  expect([...(await open(file).counts())]).toEqual([['t', 1]]);
  const undone = await overwinterHere({ cwd: folder, argv: ['undo', '--yes'] });
  expect(undone.code, undone.err).toBe(0);
  expect((await open(file).counts()).get('t')).toBe(101);
});

test('rows that somebody wrote since a copy was made are not replaced by what was made of it', async () => {
  const { file } = project();
  await on(file, 'CREATE TABLE t(x INTEGER); CREATE TABLE u(x INTEGER); INSERT INTO t VALUES (1)');
  const staged = await open(file).stage('fill');
  await on(file, 'INSERT INTO t VALUES (2)');
  const how = { ignore: [], patience: 0, keep: async () => {}, replaced() {}, asideFolder: scratch, stamp: 'x' };
  await expect(staged.commit(how)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  await staged.discard();
  expect((await open(file).counts()).get('t')).toBe(2);
});
