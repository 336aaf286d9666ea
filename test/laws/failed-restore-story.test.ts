import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/index.ts';
import { overwinter } from '../support/command-line.ts';
import { newRepository, rowsIn, type TestRepository } from '../support/repository.ts';

afterEach(() => vi.unstubAllEnvs());

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const boot = ({ db, root }: TestRepository, options = {}) =>
  openDatabase(db, { dir: join(root, 'backups'), logger: silent, ...options });
const remove = (db: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(db + end, { force: true });
};

/** Every file of the backups with its bytes. */
function backupsIn({ root }: TestRepository): Record<string, string> {
  const folder = join(root, 'backups');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  );
}

/** A repository whose committed backups hold three rows; then the database is lost and every backup is damaged. */
function disaster(): { repository: TestRepository; run: (...args: string[]) => ReturnType<typeof overwinter> } {
  vi.stubEnv('OVERWINTER_HOST', 'none');
  const repository = newRepository({ hooks: false });
  const run = (...args: string[]) =>
    overwinter(repository.root, [...args, '--db', repository.db], { OVERWINTER_ENVIRONMENT: 'test' });
  expect(run('backup').code).toBe(0);
  repository.git(['add', 'backups']);
  repository.git(['commit', '-q', '-m', 'keep the data']);
  remove(repository.db);
  for (const file of readdirSync(join(repository.root, 'backups')).filter((name) => name.endsWith('.json'))) {
    const path = join(repository.root, 'backups', file);
    writeFileSync(path, readFileSync(path).subarray(0, -20));
  }
  return { repository, run };
}

test('a restore that fails stops the boot; mended, the next boot brings everything back', async () => {
  const { repository, run } = disaster();
  const damaged = backupsIn(repository);
  await expect(boot(repository)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  await expect(boot(repository)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(run('auto-restore').code).toBe(3);
  const { light, boot: would, hold } = JSON.parse(run('status', '--json').stdout);
  expect({ light, would }).toEqual({ light: 'red', would: expect.stringMatching(/^refuse to start: /) });
  expect(hold.db).toBe(repository.db);

  repository.git(['checkout', '--', 'backups']);
  expect(backupsIn(repository)).not.toEqual(damaged);
  (await boot(repository)).close();
  expect(rowsIn(repository.db)).toBe(3);
  expect(JSON.parse(run('status', '--json').stdout).chain.steps[0]).toMatchObject({ name: 'saved', light: 'green' });
  expect(run('backup').code).toBe(0);
});

test('what an app writes without its data overwrites no backup, whoever tries to save it', async () => {
  const { repository, run } = disaster();
  const damaged = backupsIn(repository);
  await expect(boot(repository)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  // Somebody starts it all the same, and people use it.
  const db = await boot(repository, { onFailure: 'start-empty' });
  db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)');
  const insert = db.prepare('INSERT INTO notes(text) VALUES (?)');
  for (let i = 0; i < 10; i++) insert.run('written without the data');
  db.close();

  for (const command of [['backup'], ['backup', 'by-hand'], ['backup', '--dry-run']]) {
    const ran = run(...command);
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('(HELD)')]);
    expect(ran.stderr).toContain('overwinter restore latest');
  }
  expect(run('hook', 'pre-commit').code).toBe(0);
  expect(backupsIn(repository)).toEqual(damaged);

  repository.git(['checkout', '--', 'backups']);
  const mended = backupsIn(repository);
  // Even now that more rows are there than ever: they are not the data.
  expect(run('backup').code).toBe(4);
  expect(backupsIn(repository)).toEqual(mended);
  // A database with data is never touched; the boot says what is to be done.
  const warnings: string[] = [];
  (await boot(repository, { logger: { ...silent, warn: (text: string) => warnings.push(text) } })).close();
  expect(warnings).toEqual([expect.stringContaining("'overwinter restore latest'")]);
  expect(rowsIn(repository.db)).toBe(10);
  expect(JSON.parse(run('status', '--json').stdout).light).toBe('red');

  expect(run('restore', 'latest').code).toBe(0);
  expect(rowsIn(repository.db)).toBe(3);
  (await boot(repository)).close();
  expect(JSON.parse(run('status', '--json').stdout).chain.steps[0]).toMatchObject({ name: 'saved', light: 'green' });
  expect(run('backup').code).toBe(0);
  // What was written meanwhile is kept too.
  expect(run('undo').code).toBe(0);
  expect(rowsIn(repository.db)).toBe(10);
});

test('whoever says that what is there now is meant to be the data can save it', async () => {
  const { repository, run } = disaster();
  await expect(boot(repository)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  const db = new Database(repository.db);
  db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)');
  db.prepare('INSERT INTO notes(text) VALUES (?)').run('a new beginning');
  db.close();
  expect(run('backup').code).toBe(4);
  const ran = run('backup', '--allow-shrink');
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Backups of it are written again')]);
  expect(run('backup').code).toBe(0);
});
