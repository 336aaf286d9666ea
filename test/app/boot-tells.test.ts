import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test, vi } from 'vitest';
import { autoRestore, openDatabase } from '../../src/app/boot.ts';
import { backup } from '../../src/operations/backup.ts';
import { overwinter } from '../support/command-line.ts';
import { projectIn, scratch } from '../support/scratch.ts';

// On a runner of CI a boot also says that it found no backup of that environment.
beforeEach(() => void vi.stubEnv('OVERWINTER_ENVIRONMENT', 'test'));

/** A folder with a backup of users without their passwords; the database is gone. */
async function withoutPasswords(): Promise<string> {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{"name": "app"}');
  const project = projectIn(folder);
  change(
    project.db,
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name, password_hash TEXT); INSERT INTO users VALUES (1, 'ada', 'x'), (2, 'bob', 'y')",
  );
  await backup(project, { trigger: 'test' });
  rmSync(project.db);
  return folder;
}

/** A folder with two backups, the newer one damaged; the database is gone. */
async function withDamagedNewest(): Promise<{ folder: string; older: string; newer: string }> {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{"name": "app"}');
  const project = projectIn(folder);
  change(project.db, 'CREATE TABLE notes(text); INSERT INTO notes VALUES (1)');
  const older = await backup({ ...project, now: () => new Date('2026-01-01T00:00:00Z') }, { trigger: 'test' });
  change(project.db, 'INSERT INTO notes VALUES (2)');
  const newer = await backup({ ...project, now: () => new Date('2026-01-02T00:00:00Z') }, { trigger: 'test' });
  const file = join(folder, 'backups', `${newer.name}.json`);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"text":2', '"text":3'));
  rmSync(project.db);
  return { folder, older: older.name, newer: newer.name };
}

function change(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

function listening() {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  return { said, logger: { info: () => {}, warn: say, error: say } };
}

const EMPTY = expect.stringMatching(
  /users\.password_hash is in no backup, and so NULL .* set anew: let people reset it/,
);

test('whoever boots is told once which columns are empty now, and what to do', async () => {
  const folder = await withoutPasswords();
  const { said, logger } = listening();
  const options = { dir: join(folder, 'backups'), logger };
  (await openDatabase(join(folder, 'app.db'), options)).close();
  expect(said).toEqual([EMPTY]);
  await autoRestore({ ...options, db: join(folder, 'app.db') });
  expect(said).toHaveLength(1);
});

test.each([
  ['auto-restore', ['auto-restore', '--db', 'app.db']],
  ['run', ['run', '--db', 'app.db', '--', process.execPath, '-e', '']],
])('%s says so too', async (_, args) => {
  const { stderr } = overwinter(await withoutPasswords(), args);
  expect(stderr.split('\n').filter((line) => line.includes('password_hash'))).toEqual([EMPTY]);
});

const instead = ({ older, newer }: { older: string; newer: string }) =>
  expect.stringMatching(
    new RegExp(`${newer} could not be used .*, so ${older} of 2026-01-01 00:00 UTC was restored instead`),
  );

test('an older backup in the place of a newer one is said, and both are named', async () => {
  const found = await withDamagedNewest();
  const { said, logger } = listening();
  await autoRestore({ db: join(found.folder, 'app.db'), dir: join(found.folder, 'backups'), logger });
  expect(said).toContainEqual(instead(found));
});

test('on the command line as well', async () => {
  const found = await withDamagedNewest();
  const { stderr, code } = overwinter(found.folder, ['auto-restore', '--db', 'app.db']);
  expect(code).toBe(0);
  expect(stderr.replaceAll('\n', ' ')).toEqual(instead(found));
});
