import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { snapshot } from '../../src/operations/snapshot.ts';
import type { TestProject as Project } from '../support/project.ts';
import { advance, makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TRIGGER = { trigger: 'test' };
const LATEST = { name: 'latest' };
const mounted: string[] = [];

const system = (...command: readonly [string, ...string[]]) =>
  execFileSync(command[0], command.slice(1), { stdio: 'ignore' });

afterEach(() => {
  for (const folder of mounted.splice(0).reverse()) system('umount', folder);
});

function mount(folder: string, ...options: string[]): void {
  mkdirSync(folder, { recursive: true });
  system('mount', ...options, folder);
  mounted.push(folder);
}

/** Only root may mount, and not in every container. */
function canMount(): boolean {
  const folder = '/tmp';
  try {
    system('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', folder);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

// A disk that is full and one that is read-only take a mount of their own to be real.
const onMount = test.skipIf(!canMount());

function fill(folder: string, leave: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const file = join(folder, 'filler');
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  return file;
}

function step(project: Project): void {
  const db = new Database(project.db);
  advance(db);
  db.close();
}

const LEFTOVER = /-overwinter|^\.overwinter-(?!lock$)|json-new/;
const leftovers = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ name }) => name)
    .filter((name) => LEFTOVER.test(name));

onMount(
  'a full disk under the backups: DISK_FULL, the last backup is there, and with space again the next works',
  async () => {
    const folder = scratch();
    const project = projectIn(folder);
    const backups = join(folder, 'backups');
    mount(backups, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
    makeSample(project.db, 1);
    const good = await backup(project, TRIGGER);
    for (const leave of [0, 4096, 20_000]) {
      step(project);
      const filler = fill(backups, leave);
      await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(leftovers(backups)).toEqual([]);
      const result = await restore(project, { ...LATEST, to: join(folder, `${leave}.db`) });
      expect(result).toMatchObject({ name: good.name, skipped: [] });
      expect(stepOf(result.db)).toBe(1);
      rmSync(filler);
    }
    await backup(project, TRIGGER);
    expect(stepOf((await restore(project, { ...LATEST, to: join(folder, 'to.db') })).db)).toBe(4);
  },
);

onMount('a full disk under the database: DISK_FULL, the database is what it was', async () => {
  const folder = scratch();
  const disk = join(folder, 'disk');
  mount(disk, '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs');
  const project = projectIn(folder, { db: join(disk, 'app.db') });
  makeSample(project.db, 1);
  await backup(project, TRIGGER);
  step(project);
  for (const leave of [0, 20_000, 100_000]) {
    const filler = fill(disk, leave);
    await expect(restore(project, LATEST)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(leftovers(disk)).toEqual([]);
    rmSync(filler);
    expect(stepOf(project.db)).toBe(2);
  }
  await restore(project, LATEST);
  expect(stepOf(project.db)).toBe(1);
});

onMount('a full disk while rows go into tables in WAL mode: DISK_FULL, and the tables are what they were', async () => {
  const folder = scratch();
  const disk = join(folder, 'disk');
  mount(disk, '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs');
  const saved = projectIn(folder, { db: join(folder, 'saved.db') });
  makeSample(saved.db, 1);
  await backup(saved, TRIGGER);
  const project = projectIn(folder, { db: join(disk, 'app.db') });
  const db = new Database(project.db);
  db.pragma('journal_mode = wal');
  const definitions = "SELECT sql FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE %' ORDER BY name";
  const source = new Database(saved.db, { readonly: true });
  for (const sql of source.prepare<[], string>(definitions).pluck().all()) db.exec(sql);
  source.close();
  db.exec("ALTER TABLE items ADD COLUMN more DEFAULT 'new'");
  db.close();
  const counts = async () => [...(await project.database.counts()).values()];
  // Room for the copy that is filled, but not for all of its rows; and hardly room for the rows, but not for what goes with them.
  for (const leave of [0, 20_000, 60_000, 100_000]) {
    const filler = fill(disk, leave);
    await expect(autoRestore(project)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(leftovers(disk)).toEqual([]);
    rmSync(filler);
    expect(await counts()).toEqual([0, 0, 0]);
  }
  expect(await autoRestore(project)).toMatchObject({ restored: true, rows: 1502 });
  const filled = new Database(project.db);
  expect(filled.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(filled.prepare("SELECT count(*) FROM items WHERE more = 'new'").pluck().get()).toBe(1500);
  filled.close();
});

onMount('a full disk under the snapshots: DISK_FULL, and nothing was replaced', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  mount(project.local, '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs');
  makeSample(project.db, 1);
  await backup(project, TRIGGER);
  step(project);
  await snapshot(project, 'fits');
  fill(project.local, 8192);
  await expect(restore(project, LATEST)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(stepOf(project.db)).toBe(2);
  expect(leftovers(folder)).toEqual([]);
});

onMount.each(['backups', '.overwinter', 'data'])(
  'a read-only %s folder: NOT_WRITABLE, and all is as it was',
  async (which) => {
    const folder = scratch();
    const project = projectIn(folder, { db: join(folder, 'data', 'app.db') });
    mkdirSync(join(folder, 'data'));
    makeSample(project.db, 1, 'delete');
    await backup(project, TRIGGER);
    step(project);
    await snapshot(project, 'first');
    const closed = join(folder, which);
    mount(closed, '--bind', closed);
    system('mount', '-o', 'remount,bind,ro', closed);
    if (which !== 'data') await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    if (which !== 'backups') await expect(restore(project, LATEST)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    if (which === 'data') expect(await backup(project, TRIGGER)).toMatchObject({ status: 'created' });
    if (which === 'backups') expect(await restore(project, LATEST)).toMatchObject({ skipped: [] });
    expect(leftovers(folder)).toEqual([]);
  },
);
