import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { startLoop } from '../../src/keep/loop.ts';
import { binaryCopyOf } from '../../src/local/binary-copy.ts';
import { holdOf, placeHold } from '../../src/local/hold.ts';
import { autoRestore, previewBoot } from '../../src/operations/auto-restore.ts';
import { type BackupResult, backup } from '../../src/operations/backup.ts';
import { BINARY_SOURCE, keepBinaryCopy } from '../../src/operations/binary-copy.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { startApp } from '../support/app.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

let folder: string;
let project: Project;
let newest: BackupResult;

function sql(text: string): void {
  const db = new Database(project.db);
  db.pragma('journal_mode = wal');
  db.exec(text);
  db.close();
}

const count = () => {
  const db = new Database(project.db, { readonly: true });
  try {
    return db.prepare('SELECT count(*) FROM t').pluck().get();
  } finally {
    db.close();
  }
};

const save = () => backup(project, { trigger: 'test' });
const manifest = (name: string) => join(folder, 'backups', `${name}.json`);
const tear = (name: string) => writeFileSync(manifest(name), readFileSync(manifest(name)).subarray(0, 200));

function lose(): void {
  for (const end of ['', '-wal', '-shm']) rmSync(project.db + end, { force: true });
}

/** Boots, and says from which form and how many rows there are then. */
async function boot(as: Project = project): Promise<string> {
  lose();
  const { words: foreseen } = await previewBoot(as);
  const result = await autoRestore(as);
  if (!result.restored) throw new Error(result.reason);
  const form = result.source === BINARY_SOURCE ? 'binary' : 'json';
  expect(foreseen).toContain(`from ${result.source}`);
  expect(result.rows).toBe(count());
  return `${form} ${count()}`;
}

/** Two rows in an older backup, three in the newest, and a fourth that only the copy has. */
beforeEach(async () => {
  folder = scratch();
  project = projectIn(folder, { environment: 'production' });
  sql('CREATE TABLE t(id INTEGER PRIMARY KEY, n); INSERT INTO t(n) VALUES (1), (2)');
  await save();
  sql('INSERT INTO t(n) VALUES (3)');
  newest = await save();
  sql('INSERT INTO t(n) VALUES (4)');
  await keepBinaryCopy(project, newest);
});

describe('a start of the app takes the binary form', () => {
  test('where the database is lost and nothing is newer', async () => {
    expect(await boot()).toBe('binary 4');
    expect(await boot()).toBe('binary 4');
    expect(statSync(project.db).mode & 0o777).toBe(0o600);
  });

  test('even where the backup it goes with is damaged: that is what two forms are for', async () => {
    for (const file of readdirSync(join(folder, 'backups')))
      if (file.startsWith('backup_')) tear(file.replace('.json', ''));
    expect(await boot()).toBe('binary 4');
    expect(holdOf(project.local, project.db)).toBeUndefined();
  });

  test('and it lifts the hold of a restore that failed', async () => {
    placeHold(project.local, project.db, 'it failed', new Date());
    expect(await boot()).toBe('binary 4');
    expect(holdOf(project.local, project.db)).toBeUndefined();
  });

  test('in the place of a database that cannot be read, which is kept', async () => {
    lose();
    writeFileSync(project.db, 'no database'.repeat(500));
    const result = await autoRestore({ ...project, boot: { onCorrupt: 'restore' } });
    expect(result).toMatchObject({ restored: true, source: BINARY_SOURCE, rows: 4 });
    expect(result.restored && existsSync(result.setAside ?? '')).toBe(true);
  });
});

describe('a start of the app takes the JSON form', () => {
  test('where a backup is newer', async () => {
    await save();
    sql('DELETE FROM t WHERE n = 1');
    await save();
    expect(await boot()).toBe('json 3');
  });

  test('where a newer one came in from elsewhere, even damaged', async () => {
    await keepBinaryCopy(project, newest);
    const there = projectIn(scratch(), { environment: 'production' });
    cpSync(join(folder, 'backups'), there.store.path, { recursive: true });
    sql('INSERT INTO t(n) VALUES (5)');
    const { name } = await backup(withDatabase(there, project.db), { trigger: 'test' });
    rmSync(join(folder, 'backups'), { recursive: true });
    cpSync(there.store.path, join(folder, 'backups'), { recursive: true });
    expect(await boot()).toBe('json 5');
    tear(name);
    expect(await boot()).toBe('json 3');
  });

  test('where a newer one came in, and the pointer is the old one still, as a merge may leave it', async () => {
    const there = projectIn(scratch(), { environment: 'production' });
    cpSync(join(folder, 'backups'), there.store.path, { recursive: true });
    sql('INSERT INTO t(n) VALUES (5)');
    const { name } = await backup(withDatabase(there, project.db), { trigger: 'test' });
    const pointer = readFileSync(join(folder, 'backups/latest_backup.json'));
    cpSync(there.store.path, join(folder, 'backups'), { recursive: true });
    writeFileSync(join(folder, 'backups/latest_backup.json'), pointer);
    expect(existsSync(manifest(name))).toBe(true);
    expect(await boot()).toBe('json 5');
  });

  test('where the newest backup is not here: an older commit is checked out', async () => {
    rmSync(manifest(newest.name));
    rmSync(join(folder, 'backups/latest_backup.json'));
    expect(await boot()).toBe('json 2');
  });

  test('where migrations made the tables, whose definitions may be newer', async () => {
    lose();
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, n, more DEFAULT 'new')");
    expect(await autoRestore(project)).toMatchObject({ restored: true, source: project.store.label });
    expect(count()).toBe(3);
  });

  test('of its own environment, where the copy is of another', async () => {
    await expect(boot({ ...project, environment: 'staging' })).resolves.toBe('json 3');
    await expect(boot({ ...project, environment: 'staging', boot: { from: 'production' } })).resolves.toBe('binary 4');
  });

  test('where another place that may hold newer ones cannot be asked', async () => {
    const noWay = async (): Promise<never> => {
      throw new OverwinterError('GIT_FAILED', 'no way', []);
    };
    const limits = { largestFile: 1, atOnce: 1, replaces: true };
    const store = { label: 'away', id: 'away', limits, list: noWay, read: noWay, batch: noWay };
    const near = { address: 'near', label: 'near', id: 'near', open: () => folderStore(join(scratch(), 'near')) };
    const away = { address: 'away', label: 'away', id: 'away', open: () => store };
    expect(await boot({ ...project, remotes: [near, away] })).toBe('json 3');
  });

  test.each<[string, (file: string) => void]>([
    [
      'a flipped byte in a row',
      (file) => change(file, (bytes) => bytes.writeUInt8(bytes.at(-1) === 7 ? 8 : 7, bytes.length - 1)),
    ],
    ['a cut file', (file) => change(file, (bytes) => bytes.subarray(0, 4096))],
    ['a missing file', (file) => rmSync(file)],
    ['a description that is torn', () => writeFileSync(description(), '{"db":')],
    ['a description with nothing in it', () => writeFileSync(description(), '{}')],
  ])('where the copy has %s', async (_, harm) => {
    harm(binaryCopyOf(project.local, project.db)?.file ?? '');
    expect(await boot()).toBe('json 3');
  });
});

function change(file: string, how: (bytes: Buffer) => Buffer | number): void {
  const bytes = readFileSync(file);
  const changed = how(bytes);
  writeFileSync(file, typeof changed === 'number' ? bytes : changed);
}

function description(): string {
  const inside = join(project.local, 'binary');
  return join(inside, readdirSync(inside).find((name) => name.endsWith('.json')) ?? '');
}

describe('the copy is made', () => {
  test('in one file, which takes the place of the one before, for the user alone', async () => {
    await keepBinaryCopy(project, newest);
    const inside = join(project.local, 'binary');
    expect(
      readdirSync(inside)
        .map((name) => name.replace(/.*\./, ''))
        .sort(),
    ).toEqual(['db', 'json']);
    for (const name of readdirSync(inside)) expect(statSync(join(inside, name)).mode & 0o077).toBe(0);
  });

  test('never of a database that lost its rows since its backup; the good one stays', async () => {
    const before = binaryCopyOf(project.local, project.db);
    sql('DELETE FROM t');
    await expect(keepBinaryCopy(project, newest)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
    expect(binaryCopyOf(project.local, project.db)).toEqual(before);
    expect(await boot()).toBe('binary 4');
  });

  test('nor of one in which a table lost its rows while another grew', async () => {
    sql(
      'CREATE TABLE other(n); INSERT INTO other SELECT n FROM t UNION ALL SELECT n + 10 FROM t UNION ALL SELECT n + 20 FROM t',
    );
    newest = await save();
    await keepBinaryCopy(project, newest);
    const before = binaryCopyOf(project.local, project.db);
    sql(
      "DELETE FROM other; INSERT INTO t(n) SELECT value FROM json_each('[5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')",
    );
    await expect(keepBinaryCopy(project, newest)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK', tables: ['other'] });
    expect(binaryCopyOf(project.local, project.db)).toEqual(before);
  });

  test('never while a hold stands', async () => {
    rmSync(join(project.local, 'binary'), { recursive: true });
    placeHold(project.local, project.db, 'it failed', new Date());
    const loop = startLoop(project, { trigger: 'keep', timing: { debounce: 1, longest: 10 }, onEvent: () => {} });
    expect(await loop.backup()).toMatchObject({ type: 'error', problem: { code: 'HELD' } });
    expect(binaryCopyOf(project.local, project.db)).toBeUndefined();
    loop.stop();
  });

  test('by an app while it runs, and is there after a kill', async () => {
    rmSync(join(project.local, 'binary'), { recursive: true });
    const app = startApp(
      folder,
      `const keeper = await keep(db, { dir, environment: 'production', debounce: '10ms', longest: '50ms' });
      keeper.on('backup', (event) => say('backup ' + event.result.rows));
      db.exec('INSERT INTO t(n) VALUES (5)'); setInterval(() => {}, 1000);`,
    );
    await app.heard('backup 5');
    await expect.poll(() => binaryCopyOf(project.local, project.db)?.environment).toBe('production');
    app.signal('SIGKILL');
    await app.ended;
    expect(await boot()).toBe('binary 5');
  });
});
