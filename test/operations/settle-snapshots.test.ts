import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whichFileAndWhen } from '../../src/files/if-there.ts';
import { listSnapshots, takeSnapshot } from '../../src/local/snapshots.ts';
import { noteTakenFor, type TakenFor } from '../../src/local/taken-for.ts';
import { asFile } from '../../src/operations/as-file.ts';
import { settleSnapshots } from '../../src/operations/settle-snapshots.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** A snapshot that was taken for something, by somebody who was killed. */
async function taken(what: (db: string) => TakenFor, wentThrough?: boolean) {
  const folder = scratch();
  const project = projectIn(folder);
  addNotes(project.db, 1);
  const asked: string[] = [];
  const database = {
    ...project.database,
    wentThrough: async (transaction: string) => {
      asked.push(transaction);
      return wentThrough;
    },
  };
  const copyTo = (path: string) => asFile(project.database).copyTo(path);
  const copying = { name: 'app', kind: 'db', copyTo } as const;
  const about = { madeFor: undefined, what: what(project.db) };
  const { id, file } = await takeSnapshot(project, database.id, copying, 'before a restore', about);
  return {
    db: project.db,
    asked,
    note: (other: TakenFor) => noteTakenFor(project.local, id, other),
    spoil: () => writeFileSync(join(project.local, 'snapshots', `${id}.for`), 'not what was written'),
    settle: () => settleSnapshots(project.local, database),
    isKept: () => existsSync(file) && listSnapshots(project.local, database.id).some((each) => each.id === id),
    isSettled: () => !existsSync(join(project.local, 'snapshots', `${id}.for`)),
  };
}

const forFile = (db: string): TakenFor => ({ file: db, was: whichFileAndWhen(db) });

test('where nothing came in the place of the database, its snapshot is no way back, and goes', async () => {
  const { settle, isKept, isSettled } = await taken(forFile);
  await settle();
  expect([isKept(), isSettled()]).toEqual([false, true]);
});

test('where another file stands there, the snapshot is all there is of what was, and stays', async () => {
  const { db, settle, isKept, isSettled } = await taken(forFile);
  writeFileSync(`${db}.new`, 'other');
  renameSync(`${db}.new`, db);
  await settle();
  expect([isKept(), isSettled()]).toEqual([true, true]);
});

test('a snapshot of which nobody can tell what it was taken for stays', async () => {
  const { spoil, settle, isKept, isSettled } = await taken(forFile);
  spoil();
  await settle();
  expect([isKept(), isSettled()]).toEqual([true, true]);
});

test('of a transaction its server tells; while it does not, the snapshot stays and is asked about again', async () => {
  const named = () => ({ transaction: '7' });
  const through = await taken(named, true);
  await through.settle();
  expect([through.isKept(), through.isSettled(), through.asked]).toEqual([true, true, ['7']]);
  const failed = await taken(named, false);
  await failed.settle();
  expect([failed.isKept(), failed.isSettled()]).toEqual([false, true]);
  const silent = await taken(named);
  await silent.settle();
  expect([silent.isKept(), silent.isSettled()]).toEqual([true, false]);
  const unnamed = await taken(() => ({}), true);
  await unnamed.settle();
  expect([unnamed.isKept(), unnamed.asked]).toEqual([false, []]);
});

test('of rows that change where they are, these tell: while they are what it holds, a snapshot is no way back', async () => {
  const rows = () => ({ rows: true }) as const;
  const same = await taken(rows, true);
  await same.settle();
  expect([same.isKept(), same.isSettled(), same.asked]).toEqual([false, true, []]);
  const changed = await taken(rows);
  addNotes(changed.db, 1);
  expect(changed.isKept()).toBe(true);
  await changed.settle();
  expect([changed.isKept(), changed.isSettled()]).toEqual([true, true]);
  // Then it may be all that is left.
  const spoilt = await taken(rows);
  writeFileSync(spoilt.db, 'no database, '.repeat(500));
  await spoilt.settle();
  expect([spoilt.isKept(), spoilt.isSettled()]).toEqual([true, true]);
});
