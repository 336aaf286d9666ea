import { renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changeHold, changeHoldWith, holdOf, isHoldChanging, writeHold } from '../../../src/local/hold.ts';
import { readNote } from '../../../src/local/notes.ts';
import { beginMarking, noteReal, REAL, settleMark } from '../../../src/operations/development/mark.ts';
import { projectIn, scratch } from '../../support/scratch.ts';
import { addNotes } from '../../support/with-files.ts';

const MADE = { environment: 'development', backup: 'backup_1' };

function app(wentThrough?: boolean) {
  const plain = projectIn(scratch());
  addNotes(plain.db, 1);
  const { id } = plain.database;
  const project = { ...plain, database: { ...plain.database, wentThrough: async () => wentThrough } };
  const { local, db } = project;
  return {
    project,
    id,
    local,
    db,
    hold: { db: id, reason: 'made', time: '2026-01-01T00:00:00.000Z', madeFor: MADE },
    replace() {
      writeFileSync(`${db}.new`, 'other');
      renameSync(`${db}.new`, db);
    },
    /** What stands for good, and what only while nobody knows. */
    stands: () => [holdOf(local, id)?.madeFor !== undefined, isHoldChanging(local, id)],
  };
}

test('after a kill the file tells whether what was made is there, and whoever looks makes that stand for good', async () => {
  const { project, id, local, db, hold, replace, stands } = app();
  changeHold(local, id, db, hold);
  expect(stands()).toEqual([false, true]);
  await settleMark(project);
  expect(stands()).toEqual([false, false]);
  changeHold(local, id, db, hold);
  replace();
  await settleMark(project);
  expect(stands()).toEqual([true, false]);
});

test('of a transaction its server tells, and while it does not, what might be made is held back', async () => {
  for (const [wentThrough, after] of [
    [true, [true, false]],
    [false, [false, false]],
    [undefined, [true, true]],
  ] as const) {
    const { project, id, local, hold, stands } = app(wentThrough);
    changeHoldWith(local, id, '7', hold);
    await settleMark(project);
    expect(stands()).toEqual(after);
  }
});

test('whoever only looks waits for nobody, and leaves alone what is certain', async () => {
  const { project, id, local, hold, stands } = app();
  writeHold(local, hold);
  await settleMark(project);
  expect(stands()).toEqual([true, false]);
  expect(holdOf(local, id)).toEqual(hold);
});

test('a mark comes with what is made, and goes with the data', async () => {
  const { project, id, local, replace, stands } = app();
  noteReal(local, id);
  const made = await beginMarking(project, project.database, MADE);
  expect(stands()).toEqual([false, true]);
  expect(readNote(local, REAL, id)).toBeUndefined();
  made.about();
  replace();
  expect(stands()).toEqual([true, true]);
  made.done();
  expect(stands()).toEqual([true, false]);
  const same = await beginMarking(project, project.database, 'as it is');
  same.done();
  expect(stands()).toEqual([true, false]);
  const data = await beginMarking(project, project.database, 'data');
  data.undone();
  expect(stands()).toEqual([true, false]);
  (await beginMarking(project, project.database, 'data')).done();
  expect(stands()).toEqual([false, false]);
});

test('the hold of a restore that failed does not go with the data', async () => {
  const { project, id, local } = app();
  const hold = { db: id, reason: 'a restore failed', time: '2026-01-01T00:00:00.000Z' };
  writeHold(local, hold);
  (await beginMarking(project, project.database, 'data')).done();
  expect(holdOf(local, id)).toEqual(hold);
});

test('what is no file is marked at the last moment, or with its transaction', async () => {
  const { project, stands } = app(true);
  const { file: _, ...database } = project.database;
  const late = await beginMarking(project, database, MADE);
  expect(stands()).toEqual([false, false]);
  late.about();
  expect(stands()).toEqual([true, false]);
  late.undone();
  expect(stands()).toEqual([false, false]);
  const named = await beginMarking(project, database, MADE);
  named.about('7');
  expect(stands()).toEqual([true, true]);
  named.undone();
  expect(stands()).toEqual([false, false]);
  // The data itself is unmarked once it is there, and not before.
  (await beginMarking(project, database, MADE)).done();
  const data = await beginMarking(project, database, 'data');
  data.about();
  expect(stands()).toEqual([true, false]);
  data.done();
  expect(stands()).toEqual([false, false]);
});
