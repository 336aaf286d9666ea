import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { listSnapshots } from '../../src/local/snapshots.ts';
import { asFile } from '../../src/operations/as-file.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { status } from '../../src/operations/status.ts';
import { startChild } from '../support/child.ts';
import type { Changes, TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { contentsOf, makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const LATEST = { name: 'latest' };
/** Where a lock is not to be had, however long one waits. */
const IMPATIENT: Changes = { wait: 100, options: { busyTimeout: 100 } };
const SIDES = ['', '-wal', '-shm', '-journal'];

/** A project whose backup is at step 2, and no database. */
async function backedUp(changes: Changes = {}): Promise<{ folder: string; project: Project }> {
  const folder = scratch();
  const project = projectIn(folder, changes);
  makeSample(project.db, 2);
  await backup(project, { trigger: 'test' });
  for (const side of SIDES) rmSync(project.db + side, { force: true });
  return { folder, project };
}

function make(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

const permissions = (path: string) => statSync(path).mode & 0o777;
const besides = (folder: string) => readdirSync(folder).filter((name) => /^app\.db./.test(name));

test('into nothing: the database is whole, and only its user may read it', async () => {
  const { folder, project } = await backedUp();
  const result = await restore(project, LATEST);
  expect(stepOf(project.db)).toBe(2);
  expect(permissions(project.db)).toBe(0o600);
  expect(result).toMatchObject({ snapshot: undefined, setAside: undefined, skipped: [] });
  expect(besides(folder)).toEqual([]);
});

test('into a folder that is not there yet', async () => {
  const { folder, project } = await backedUp();
  await restore(withDatabase(project, join(folder, 'a', 'b', 'app.db')), LATEST);
  expect(stepOf(join(folder, 'a', 'b', 'app.db'))).toBe(2);
});

test('into a file without content, whose mode stays', async () => {
  const { project } = await backedUp();
  writeFileSync(project.db, '');
  chmodSync(project.db, 0o640);
  await restore(project, LATEST);
  expect(stepOf(project.db)).toBe(2);
  expect(permissions(project.db)).toBe(0o640);
});

test('into a database without tables', async () => {
  const { project } = await backedUp();
  make(project.db, 'PRAGMA user_version = 4; VACUUM');
  await autoRestore(project);
  expect(stepOf(project.db)).toBe(2);
});

const TABLES = `
  CREATE TABLE progress(step INTEGER NOT NULL);
  CREATE TABLE items(id INTEGER PRIMARY KEY, label TEXT NOT NULL, touched INTEGER NOT NULL);
  CREATE TABLE log(step INTEGER PRIMARY KEY, note TEXT) WITHOUT ROWID;
`;

test('into tables that migrations made: rows move in, and a newer column gets its default', async () => {
  const { project } = await backedUp();
  make(project.db, `${TABLES} ALTER TABLE items ADD COLUMN colour TEXT DEFAULT 'blue'; CREATE TABLE more(id)`);
  expect(await autoRestore(project)).toMatchObject({ restored: true });
  const db = new Database(project.db);
  expect(db.prepare("SELECT count(*) FROM items WHERE colour = 'blue'").pluck().get()).toBe(1500);
  expect(db.prepare('SELECT step FROM progress').pluck().get()).toBe(2);
  expect(db.prepare('SELECT count(*) FROM more').pluck().get()).toBe(0);
  db.close();
});

test('into tables without a column that the backup has values for: COLUMN_GONE names it, nothing changes', async () => {
  const { folder, project } = await backedUp();
  make(project.db, TABLES.replace(', touched INTEGER NOT NULL', ''));
  const before = contentsOf(project.db);
  const error = await restore(project, LATEST).catch((each: unknown) => each);
  expect(error).toMatchObject({ code: 'COLUMN_GONE', message: expect.stringMatching(/items.*touched/) });
  expect(contentsOf(project.db)).toBe(before);
  expect(besides(folder)).toEqual([]);
});

test('into tables of which one is gone: TABLE_GONE names it, nothing changes', async () => {
  const { folder, project } = await backedUp();
  make(project.db, TABLES.replace(/CREATE TABLE log.*/, ''));
  const before = contentsOf(project.db);
  const error = await restore(project, LATEST).catch((each: unknown) => each);
  expect(error).toMatchObject({ code: 'TABLE_GONE', message: expect.stringContaining("'log'") });
  expect(contentsOf(project.db)).toBe(before);
  expect(besides(folder)).toEqual([]);
});

test('over data: a snapshot is taken first, the mode stays', async () => {
  const { project } = await backedUp();
  makeSample(project.db, 9);
  chmodSync(project.db, 0o644);
  const { snapshot } = await restore(project, LATEST);
  expect(stepOf(project.db)).toBe(2);
  expect(permissions(project.db)).toBe(0o644);
  expect(stepOf(snapshot?.file ?? '')).toBe(9);
  expect(permissions(snapshot?.file ?? '')).toBe(0o600);
});

test.each(['not a database, but the notes of somebody\n'.repeat(99), 'corrupt'])(
  'over what cannot be read (%#): it is set aside, never deleted',
  async (text) => {
    const { project } = await backedUp();
    if (text === 'corrupt') {
      makeSample(project.db, 9);
      const bytes = readFileSync(project.db);
      bytes.fill(0xa5, 100, bytes.length);
      writeFileSync(project.db, bytes);
    } else writeFileSync(project.db, text);
    const old = readFileSync(project.db);
    const { setAside } = await restore(project, LATEST);
    expect(stepOf(project.db)).toBe(2);
    expect(readFileSync(setAside ?? '')).toEqual(old);
  },
);

test('the WAL of an app that was killed is in the snapshot, and is never applied to the new file', async () => {
  const { folder, project } = await backedUp();
  makeSample(project.db, 20);
  const app = startChild('leave-wal', folder);
  expect(await app.line()).toBe('written');
  await app.kill();
  expect(statSync(`${project.db}-wal`).size).toBeGreaterThan(0);
  const { snapshot } = await restore(project, LATEST);
  expect(besides(folder)).toEqual([]);
  expect(stepOf(project.db)).toBe(2);
  expect(stepOf(snapshot?.file ?? '')).toBe(23);
});

test('a WAL whose database was deleted is set aside, and never applied to the new file', async () => {
  const { folder, project } = await backedUp();
  makeSample(project.db, 20);
  const app = startChild('leave-wal', folder);
  await app.line();
  await app.kill();
  const wal = readFileSync(`${project.db}-wal`);
  rmSync(project.db);
  const { setAside } = await restore(project, LATEST);
  expect(besides(folder)).toEqual([]);
  expect(stepOf(project.db)).toBe(2);
  expect(readFileSync(`${setAside}-wal`)).toEqual(wal);
});

test.each([
  ['idle in WAL mode', 'wal', 'idle'],
  ['in a transaction in WAL mode', 'wal', 'transaction'],
  ['in a transaction', 'delete', 'transaction'],
  // It holds no lock: only Linux can tell.
  ...(process.platform === 'linux' ? [['idle', 'delete', 'idle'] as const] : []),
] as const)('another process %s: DATABASE_LOCKED, and nothing changes', async (_, journal, how) => {
  const { folder, project } = await backedUp(IMPATIENT);
  makeSample(project.db, 9, journal);
  const holder = startChild('hold-database', folder, how);
  expect(await holder.line()).toBe('held');
  await expect(restore(project, LATEST)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  expect(listSnapshots(project.local, project.db)).toEqual([]);
  expect(besides(folder).filter((name) => name.includes('overwinter'))).toEqual([]);
  await holder.end();
  const db = new Database(project.db);
  expect(db.pragma('journal_mode', { simple: true })).toBe(journal);
  db.close();
  expect(stepOf(project.db)).toBe(9);
  await expect(restore(project, LATEST)).resolves.toMatchObject({ skipped: [] });
});

test.each(['wal', 'delete'] as const)(
  'rows written between the snapshot and the swap are noticed: nothing is replaced, and they are there (%s)',
  async (journal) => {
    const { folder, project } = await backedUp();
    makeSample(project.db, 9, journal);
    const { database } = project;
    const file = asFile(database);
    const late: Project = {
      ...project,
      database: {
        ...database,
        file: {
          ...file,
          // The snapshot is what it was; the moment it is taken the app writes again, and lets go of the database.
          async copyTo(target) {
            await file.copyTo(target);
            make(project.db, 'CREATE TABLE late(n); INSERT INTO late VALUES (1)');
          },
        },
      },
    };
    await expect(restore(late, LATEST)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    const db = new Database(project.db);
    expect(db.prepare('SELECT n FROM late').pluck().all()).toEqual([1]);
    expect(db.pragma('journal_mode', { simple: true })).toBe(journal);
    db.close();
    expect(listSnapshots(project.local, project.db)).toEqual([]);
    expect(besides(folder).filter((name) => name.includes('overwinter'))).toEqual([]);
  },
);

test.runIf(process.platform === 'linux')(
  'a file without content that another process has open stays, because that process would go on writing to it',
  async () => {
    const { folder, project } = await backedUp(IMPATIENT);
    writeFileSync(project.db, '');
    const holder = startChild('hold-file', folder);
    await holder.line();
    await expect(restore(project, LATEST)).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringMatching(/is open in \w+ \(process \d+\)/),
    });
    expect(readFileSync(project.db, 'utf8')).toBe('');
    await holder.end();
    await restore(project, LATEST);
    expect(stepOf(project.db)).toBe(2);
  },
);

test('a folder in its place is refused and stays', async () => {
  const { project } = await backedUp();
  mkdirSync(project.db);
  await expect(restore(project, LATEST)).rejects.toMatchObject({ code: 'DATABASE_NOT_A_FILE' });
  expect(statSync(project.db).isDirectory()).toBe(true);
});

test('beside: an existing file is refused and stays', async () => {
  const { folder, project } = await backedUp();
  const to = join(folder, 'beside.db');
  writeFileSync(to, 'mine');
  await expect(restore(project, { ...LATEST, to })).rejects.toMatchObject({ code: 'DATABASE_EXISTS' });
  expect(readFileSync(to, 'utf8')).toBe('mine');
});

test('a link stays one: the file it names is replaced, with its own side files', async () => {
  const { folder, project } = await backedUp();
  const real = join(folder, 'volume', 'real.db');
  mkdirSync(join(folder, 'volume'));
  makeSample(real, 9);
  symlinkSync(real, project.db);
  const { snapshot } = await restore(project, LATEST);
  expect(lstatSync(project.db).isSymbolicLink()).toBe(true);
  expect(stepOf(real)).toBe(2);
  expect(listSnapshots(project.local, project.database.id).map(({ id }) => id)).toEqual([snapshot?.id]);
});

test('a link to a file that is not there yet is followed too', async () => {
  const { folder, project } = await backedUp();
  symlinkSync(join(folder, 'volume', 'real.db'), project.db);
  await restore(project, LATEST);
  expect(lstatSync(project.db).isSymbolicLink()).toBe(true);
  expect(stepOf(join(folder, 'volume', 'real.db'))).toBe(2);
});

test('a backup that is not there is BACKUP_NOT_FOUND; none at all is NO_BACKUP', async () => {
  const { project } = await backedUp();
  await expect(restore(project, { name: 'other' })).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  await expect(restore(projectIn(scratch()), LATEST)).rejects.toMatchObject({ code: 'NO_BACKUP' });
  expect(existsSync(project.db)).toBe(false);
});

test('what fails once the database is replaced leaves the snapshot of what it held', async () => {
  const { project } = await backedUp();
  makeSample(project.db, 9);
  const { database } = project;
  const late: Project = {
    ...project,
    database: {
      ...database,
      async stage(how, scratch) {
        const staged = await database.stage(how, scratch);
        return {
          ...staged,
          async commit(committing) {
            await staged.commit(committing);
            throw new Error('the folder was not brought to the disk');
          },
        };
      },
    },
  };
  await expect(restore(late, LATEST)).rejects.toThrow('not brought to the disk');
  expect(stepOf(project.db)).toBe(2);
  expect(listSnapshots(project.local, project.db)).toHaveLength(1);
  await undo(project);
  expect(stepOf(project.db)).toBe(9);
});

test('what an app writes as soon as its data is back is not taken for what was restored', async () => {
  const { project } = await backedUp();
  const { database } = project;
  const writing = {
    ...database,
    id: database.id,
    async stage(...how: Parameters<typeof database.stage>) {
      const staged = await database.stage(...how);
      const commit: typeof staged.commit = async (committing) => {
        const done = await staged.commit(committing);
        const app = new Database(project.db);
        app.exec('CREATE TABLE written_since(x); INSERT INTO written_since VALUES (1)');
        app.close();
        // Long enough for the file not to look as if it were being written to.
        await sleep(50);
        return done;
      };
      return { ...staged, commit };
    },
  };
  await restore({ ...project, database: writing }, LATEST);
  expect((await status(project)).chain.steps.find(({ name }) => name === 'saved')?.light).not.toBe('green');
  await backup(project, { trigger: 'test' });
  expect((await status(project)).chain.steps.find(({ name }) => name === 'saved')?.light).toBe('green');
});
