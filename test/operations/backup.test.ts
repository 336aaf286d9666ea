import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { partFile } from '../../src/core/names.ts';
import { backup } from '../../src/operations/backup.ts';
import { revocableSink } from '../../src/operations/remove-new-parts.ts';
import { restore } from '../../src/operations/restore.ts';
import { startChild } from '../support/child.ts';
import type { TestProject as Project } from '../support/project.ts';
import { advance, makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TRIGGER = { trigger: 'test' };

function step(project: Project): void {
  const db = new Database(project.db);
  advance(db);
  db.close();
}

const manifestsIn = (folder: string) =>
  readdirSync(join(folder, 'backups')).filter((file) => file.startsWith('backup_') && file.endsWith('.json'));

test('a second backup of the same database writes nothing', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const first = await backup(project, TRIGGER);
  expect(await backup(project, TRIGGER)).toMatchObject({ status: 'unchanged', name: first.name, bytesWritten: 0 });
});

test('a pointer that is gone is written again, also where no row changed', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const { name } = await backup(project, TRIGGER);
  const pointer = join(project.store.path, 'latest_backup.json');
  const lose: Record<string, () => void> = {
    'nobody wrote': () => {},
    'somebody wrote, and took it back': () => {
      const db = new Database(project.db);
      db.exec("INSERT INTO log VALUES (99, 'x'); DELETE FROM log WHERE step = 99");
      db.close();
    },
  };
  for (const [what, write] of Object.entries(lose)) {
    rmSync(pointer);
    write();
    expect(await backup(project, TRIGGER), what).toMatchObject({ status: 'unchanged', name });
    expect(JSON.parse(readFileSync(pointer, 'utf8')), what).toMatchObject({ name });
  }
});

test('a dry run says what a backup would come to, and leaves everything as it is', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const dry = () => backup(project, { ...TRIGGER, dryRun: true });
  const files = () => readdirSync(project.store.path, { recursive: true }).sort();
  expect(await dry()).toMatchObject({ status: 'created' });
  expect(existsSync(project.store.path)).toBe(false);
  const { name } = await backup(project, TRIGGER);
  const db = new Database(project.db);
  // Somebody wrote, and took it back.
  db.exec("INSERT INTO log VALUES (99, 'x'); DELETE FROM log WHERE step = 99");
  rmSync(join(project.store.path, 'latest_backup.json'));
  const before = files();
  expect(await dry()).toMatchObject({ status: 'unchanged', name, bytesWritten: 0 });
  db.exec("INSERT INTO log VALUES (99, 'x')");
  db.close();
  const would = await dry();
  expect(would).toMatchObject({ status: 'created' });
  expect(files()).toEqual(before);
  const made = await backup(project, TRIGGER);
  expect(made).toMatchObject({ status: 'created', rows: would.rows });
  // But for the date, which has as many letters every time.
  expect(would.bytesWritten).toBe(made.bytesWritten);
});

test('two processes that back up at once both succeed, one after the other', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 2);
  const children = [startChild('back-up-once', folder), startChild('back-up-once', folder)];
  for (const child of children) await child.line();
  for (const child of children) child.say('go');
  const answers = await Promise.all(children.map((child) => child.line()));
  expect(answers.sort()).toEqual(['created', 'unchanged']);
  expect(stepOf((await restore(project, { name: 'latest', to: join(folder, 'to.db') })).db)).toBe(2);
});

test('a backup that another process holds up says BUSY after the wait', async () => {
  const folder = scratch();
  const project = projectIn(folder, { wait: 100 });
  makeSample(project.db, 1);
  const holder = startChild('hold-lock', folder, join(folder, 'backups'));
  await holder.line();
  await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BUSY' });
  await holder.kill();
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ status: 'created' });
});

test('backups within one instant keep apart, and the last is the newest', async () => {
  const folder = scratch();
  const project = projectIn(folder, { now: () => new Date('2026-03-01T10:00:00.000Z') });
  makeSample(project.db, 1);
  for (let i = 0; i < 4; i++) {
    step(project);
    await backup(project, TRIGGER);
  }
  expect(manifestsIn(folder)).toHaveLength(4);
  expect(stepOf((await restore(project, { name: 'latest', to: join(folder, 'to.db') })).db)).toBe(5);
});

test('a clock that was set back does not make the newest backup look old', async () => {
  const folder = scratch();
  makeSample(projectIn(folder).db, 1);
  const first = await backup(projectIn(folder, { now: () => new Date('2026-03-01T10:00:00Z') }), TRIGGER);
  const late = projectIn(folder, { now: () => new Date('2020-01-01T00:00:00Z') });
  step(late);
  const second = await backup(late, TRIGGER);
  expect(second.date > first.date).toBe(true);
  expect(await restore(late, { name: 'latest', to: join(folder, 'to.db') })).toMatchObject({ name: second.name });
});

test('a damaged date far in the future does not drag the next backup there', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  await backup(project, TRIGGER);
  const [file = ''] = manifestsIn(folder);
  const path = join(folder, 'backups', file);
  const text = await project.store.read(file);
  writeFileSync(path, String(text).replace(/"backup_date": "\d{4}/, '"backup_date": "9026'));
  step(project);
  const next = await backup(project, TRIGGER);
  expect(Math.abs(Date.parse(next.date) - Date.now())).toBeLessThan(60_000);
  expect(await restore(project, { name: 'latest', to: join(folder, 'to.db') })).toMatchObject({ name: next.name });
});

test('a name that is taken is refused, and what has it stays', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  await backup(project, { ...TRIGGER, name: 'mine' });
  const before = await project.store.read('mine.json');
  step(project);
  await expect(backup(project, { ...TRIGGER, name: 'mine' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  expect(await project.store.read('mine.json')).toEqual(before);
});

test('what a backup that died left is tidied by the next', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  await backup(project, TRIGGER);
  const [scratchFolder = ''] = readdirSync(join(project.local, 'scratch'));
  writeFileSync(join(project.local, 'scratch', scratchFolder, 'reading-1.db'), 'left');
  writeFileSync(join(folder, 'backups', '.overwinter-left'), 'left');
  writeFileSync(`${project.db}-overwinter`, 'left');
  mkdirSync(join(folder, 'backups', 'parts', 'empty'), { recursive: true });
  await backup(project, TRIGGER);
  const names = readdirSync(folder, { recursive: true }).map(String);
  expect(names.filter((name) => /reading-|\.overwinter-(?!lock$)|-overwinter$/.test(name))).toEqual([]);
});

/** Wide rows, so that there are parts; `mark` makes those of one time differ from those of another. */
function widen(project: Project, mark: string): void {
  const db = new Database(project.db);
  db.exec(`CREATE TABLE IF NOT EXISTS wide(n INTEGER PRIMARY KEY, line TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
    INSERT OR REPLACE INTO wide SELECT i, '${mark} ' || i || hex(zeroblob(60)) FROM c`);
  db.close();
}

function failing(after: number): { onProgress: () => void } {
  let left = after;
  return {
    onProgress() {
      if (left-- <= 0) throw new Error('told to stop');
    },
  };
}

test('one that fails in the middle takes back what it wrote, and nothing else', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  widen(project, 'first');
  await backup(project, TRIGGER);
  const before = await project.store.list('parts');
  expect(before.size).toBeGreaterThan(2);
  widen(project, 'second');
  await expect(backup(project, { ...TRIGGER, ...failing(3) })).rejects.toThrow('told to stop');
  expect(await project.store.list('parts')).toEqual(before);
  expect(await backup(project, TRIGGER)).toMatchObject({ status: 'created' });
});

test('what it wrote and a backup that came meanwhile needs as well, it leaves', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  widen(project, 'first');
  await backup(project, TRIGGER);
  widen(project, 'second');
  // The same data, saved elsewhere and brought by git.
  const elsewhere = projectIn(scratch(), { db: project.db });
  const { name } = await backup(elsewhere, { ...TRIGGER, name: 'brought' });
  const own = partFile('wide', 'ab'.padEnd(40, '0'), '00000000');
  const { put, removeNewParts } = await project.store.batch(async (batch) => revocableSink(batch));
  await put(own, Buffer.from('{"n":1}\n'));
  cpSync(elsewhere.store.path, project.store.path, { recursive: true, force: false });
  const brought = [...(await elsewhere.store.list('parts')).keys()];
  expect(brought.length).toBeGreaterThan(1);
  for (const file of brought) await put(file, (await elsewhere.store.read(file)) ?? Buffer.alloc(0));
  await removeNewParts();
  expect((await project.store.list('parts')).has(own)).toBe(false);
  expect(await restore(project, { name, to: join(scratch(), 'to.db') })).toMatchObject({ name: 'brought' });
});
