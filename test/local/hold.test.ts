import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdOf, liftHold, placeHold } from '../../src/local/hold.ts';
import { scratch } from '../support/scratch.ts';

const FIRST = new Date('2026-11-20T23:15:00Z');
const LATER = new Date('2026-11-21T08:00:00Z');

function place() {
  const folder = scratch();
  return { local: join(folder, '.overwinter'), db: join(folder, 'app.db'), other: join(folder, 'other.db') };
}

test('a hold is on one database, and stands until it is lifted', () => {
  const { local, db, other } = place();
  expect(holdOf(local, db)).toBeUndefined();
  expect(liftHold(local, db)).toBe(false);
  placeHold(local, db, 'the backup is damaged', FIRST);
  expect(holdOf(local, db)).toEqual({ db, reason: 'the backup is damaged', time: FIRST.toISOString() });
  expect(holdOf(local, other)).toBeUndefined();
  expect(liftHold(local, db)).toBe(true);
  expect(holdOf(local, db)).toBeUndefined();
});

test('a hold says when the trouble began', () => {
  const { local, db } = place();
  placeHold(local, db, 'first', FIRST);
  placeHold(local, db, 'again', LATER);
  expect(holdOf(local, db)).toMatchObject({ reason: 'first', time: FIRST.toISOString() });
});

test.each(['', '{', '{"db":1}', 'null'])('a hold that cannot be read is one too: %j', (text) => {
  const { local, db } = place();
  placeHold(local, db, 'first', FIRST);
  const [file = ''] = readdirSync(local).filter((name) => name.startsWith('hold-'));
  writeFileSync(join(local, file), text);
  expect(holdOf(local, db)).toMatchObject({ db, reason: expect.any(String) });
  expect(liftHold(local, db)).toBe(true);
  expect(holdOf(local, db)).toBeUndefined();
});
