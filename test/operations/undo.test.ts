import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { listSnapshots } from '../../src/local/snapshots.ts';
import { noteTakenFor } from '../../src/local/taken-for.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { snapshot, tryUndo, undo } from '../../src/operations/snapshot.ts';
import { startChild } from '../support/child.ts';
import { overwinter } from '../support/command-line.ts';
import type { TestProject as Project } from '../support/project.ts';
import { advance, makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

function step(project: Project): void {
  const db = new Database(project.db);
  advance(db);
  db.close();
}

test('undo brings back what a restore replaced, and undo again returns', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  await backup(project, { trigger: 'test' });
  step(project);
  await restore(project, { name: 'latest' });
  expect(stepOf(project.db)).toBe(1);
  await undo(project);
  expect(stepOf(project.db)).toBe(2);
  await undo(project);
  expect(stepOf(project.db)).toBe(1);
  await undo(project);
  expect(stepOf(project.db)).toBe(2);
});

test('undo keeps the journal mode that the database had', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1, 'wal');
  await snapshot(project, 'first');
  await undo(project);
  const db = new Database(project.db);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  db.close();
});

test('the newest snapshot is the newest although the clock was set back', async () => {
  const folder = scratch();
  const now = projectIn(folder);
  makeSample(now.db, 1);
  await snapshot(now, 'first');
  step(now);
  const past = projectIn(folder, { now: () => new Date('2001-01-01T00:00:00Z') });
  const second = await snapshot(past, 'second');
  step(now);
  expect((await undo(past)).restored.id).toBe(second.id);
  expect(stepOf(now.db)).toBe(2);
  await undo(past);
  expect(stepOf(now.db)).toBe(3);
});

test('ten snapshots stay, the newest ones', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) ids.push((await snapshot(project, `number ${i}`)).id);
  expect(listSnapshots(project.local, project.db).map(({ id }) => id)).toEqual(ids.slice(2).reverse());
});

test('restores that fail do not push snapshots out', async () => {
  const folder = scratch();
  const project = projectIn(folder, { keepSnapshots: 2 });
  makeSample(project.db, 1);
  await backup(project, { trigger: 'test' });
  const mine = [await snapshot(project, 'one'), await snapshot(project, 'two')];
  const holder = startChild('hold-database', folder, 'idle');
  await holder.line();
  await expect(restore(project, { name: 'latest' })).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  expect(listSnapshots(project.local, project.db)).toEqual(mine.reverse());
});

test('what a snapshot that died left is no snapshot, and goes with the next', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const first = await snapshot(project, 'first');
  const folder = join(project.local, 'snapshots');
  const left = join(folder, '20200101000000000-app.db.db');
  writeFileSync(left, 'half');
  writeFileSync(`${left}-journal`, 'half');
  expect(listSnapshots(project.local, project.db)).toEqual([first]);
  await snapshot(project, 'second');
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(folder)).toHaveLength(4);
});

test('a snapshot that is damaged is refused, and the database stays', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  const { file } = await snapshot(project, 'first');
  writeFileSync(file, 'no database at all, but some text that is long enough to be looked at'.repeat(50));
  await expect(undo(project)).rejects.toMatchObject({ code: 'DATABASE_NOT_SQLITE' });
  expect(stepOf(project.db)).toBe(1);
  expect(existsSync(`${project.db}-overwinter`)).toBe(false);
});

test('without any snapshot there is nothing to undo', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  await expect(undo(project)).rejects.toMatchObject({ code: 'NO_SNAPSHOT' });
});

test.each([
  ['the database', "'overwinter snapshot' takes one"],
  ['a backup', "'overwinter restore latest' brings it back from the newest backup."],
  ['neither', 'start the app, which makes it, or name it with --db.'],
])('where %s is there, what can be done is said', (is, said) => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  makeSample(join(folder, 'app.db'), 1);
  if (is === 'a backup') expect(overwinter(folder, ['backup', '--db', 'app.db']).code).toBe(0);
  if (is !== 'the database') rmSync(join(folder, 'app.db'));
  const { code, stderr } = overwinter(folder, ['undo', '--db', 'app.db', '--yes']);
  expect([code, stderr]).toEqual([
    10,
    expect.stringContaining(said.replace(/(restore latest|snapshot)'/, "$1 --db app.db'")),
  ]);
});

test('a snapshot that is not there is named, and so is the newest', async () => {
  const project = projectIn(scratch());
  makeSample(project.db, 1);
  await expect(undo(project)).rejects.toMatchObject({ message: expect.stringContaining('There is no snapshot of') });
  const { id } = await snapshot(project, 'first');
  await expect(undo(project, 'other')).rejects.toMatchObject({
    code: 'NO_SNAPSHOT',
    message: `There is no snapshot 'other' of ${project.db}.`,
    hint: expect.stringContaining(id),
  });
});

test.each([
  [true, 'second'],
  [undefined, 'second'],
  [false, 'first'],
])(
  'what is shown before is where undo would go, of a killed restore whose transaction went through: %s',
  async (through, label) => {
    const project = projectIn(scratch());
    makeSample(project.db, 1);
    await snapshot(project, 'first');
    step(project);
    const { id } = await snapshot(project, 'second');
    noteTakenFor(project.local, id, { transaction: '7' });
    const onServer = { ...project, database: { ...project.database, wentThrough: async () => through } };
    expect((await tryUndo(onServer)).snapshot.label).toBe(label);
    expect((await undo(onServer)).restored.label).toBe(label);
  },
);
