import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { whichFileAndWhen } from '../../src/files/if-there.ts';
import { forgetTakenFor, isDone, noteTakenFor, takenFor } from '../../src/local/taken-for.ts';
import { scratch } from '../support/scratch.ts';

/** Longer than two moments can be the same to a file system. */
const A_MOMENT = 20;

async function aboutToBeReplaced() {
  const file = join(scratch(), 'app.db');
  writeFileSync(file, 'rows');
  await sleep(A_MOMENT);
  return { file, what: { file, was: whichFileAndWhen(file) } };
}

test('it is done once another file is in the place, and while none is', async () => {
  const { file, what } = await aboutToBeReplaced();
  expect(isDone(what)).toBe(false);
  writeFileSync(`${file}-new`, 'other rows');
  renameSync(`${file}-new`, file);
  expect(isDone(what)).toBe(true);
  rmSync(file);
  expect(isDone(what)).toBe(true);
});

test('it is done where the file that came later was given the number of the one before', async () => {
  const { file, what } = await aboutToBeReplaced();
  const { dev, ino, birthtimeNs } = statSync(file, { bigint: true });
  // When numbers are given again is the system's choice, and so is told here of a file that was made a moment before.
  expect(isDone({ file, was: `${dev}:${ino}:${birthtimeNs - 1n}` })).toBe(true);
  expect(what.was).toBe(`${dev}:${ino}:${birthtimeNs}`);
});

test('a transaction alone tells whether it is done, and nothing is before it has a name', () => {
  expect(isDone({})).toBe(false);
  expect(isDone({ transaction: '7' })).toEqual({ transaction: '7' });
  expect(isDone({ rows: true })).toEqual({ rows: true });
});

test('what was noted is there until it is forgotten', () => {
  const local = join(scratch(), '.overwinter');
  const file = { file: '/app.db', was: '1:2:3' };
  noteTakenFor(local, 'one', file);
  noteTakenFor(local, 'two', { transaction: '7' });
  noteTakenFor(local, 'three', {});
  noteTakenFor(local, 'four', { rows: true });
  expect(['one', 'two', 'three', 'four', 'five'].map((id) => takenFor(local, id))).toEqual([
    file,
    { transaction: '7' },
    {},
    { rows: true },
    undefined,
  ]);
  forgetTakenFor(local, 'one');
  expect(takenFor(local, 'one')).toBeUndefined();
});
