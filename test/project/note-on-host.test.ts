import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const RENDER = { OVERWINTER_HOST: 'render' };
const NOTE = 'This runs on Render: backups written here are lost with the host unless they are pushed.';
const FLAGS = ['--db', 'app.db', '--dir', 'backups'];

let folder: string;
beforeEach(() => {
  folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE t(n); INSERT INTO t VALUES (1)');
  db.close();
});

const times = (text: string) => text.split(NOTE).length - 1;

test('on a host that forgets, a backup is written, with one message; lists stay readable, and status is red', () => {
  const saved = overwinter(folder, ['backup', ...FLAGS], RENDER);
  expect([saved.code, times(saved.stderr)]).toEqual([0, 1]);
  expect(overwinter(folder, ['list', ...FLAGS], RENDER)).toMatchObject({ code: 0, stderr: '' });
  const { light, chain } = JSON.parse(overwinter(folder, ['status', '--json', ...FLAGS], RENDER).stdout);
  expect([light, times(JSON.stringify(chain.steps))]).toEqual(['red', 1]);
});

test('it is said once a project, not at every backup, and again where the project is on another host', () => {
  const saved = (host: string) => times(overwinter(folder, ['backup', ...FLAGS], { OVERWINTER_HOST: host }).stderr);
  const insert = () => {
    const db = new Database(join(folder, 'app.db'));
    db.exec('INSERT INTO t VALUES (2)');
    db.close();
  };
  expect(times(overwinter(folder, ['backup', '-n', ...FLAGS], RENDER).stderr)).toBe(0);
  expect(saved('render')).toBe(1);
  insert();
  expect(saved('render')).toBe(0);
  const elsewhere = overwinter(folder, ['backup', ...FLAGS, 'on-fly'], { OVERWINTER_HOST: 'vercel' });
  expect(elsewhere.stderr).toContain('This runs on Vercel');
});

test('with a branch that backups are brought to there is nothing to say', () => {
  const { code, stderr } = overwinter(folder, ['backup', ...FLAGS], { ...RENDER, OVERWINTER_STORES: 'branch:backups' });
  expect([code, times(stderr)]).toEqual([0, 0]);
});

test('an app that runs there hears it once, and is kept', async () => {
  const script = `process.env.OVERWINTER_HOST = 'render';
    const logger = { info() {}, warn: (text) => say('warned ' + text), error: say };
    const keeper = await keep(db, { dir, logger });
    await keeper.backup(); await keeper.backup(); say('done'); await keeper.stop(); process.exit(0);`;
  const app = startApp(folder, script);
  expect(await app.heard('warned ')).toContain(NOTE);
  await expect(app.heard('warned ')).rejects.toThrow('the app ended');
  expect(existsSync(join(folder, 'backups/latest_backup.json'))).toBe(true);
});

test('so does one in another language', () => {
  rmSync(join(folder, 'app.db'));
  const ran = overwinter(folder, ['run', ...FLAGS, '--', 'true'], RENDER);
  expect([ran.code, times(ran.stderr)]).toEqual([0, 1]);
});
