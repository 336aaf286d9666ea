import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  changeHold,
  changeHoldWith,
  type Hold,
  holdOf,
  isHoldChanging,
  liftHold,
  placeHold,
  readHold,
  settleHold,
  transactionOfHold,
  writeHold,
} from '../../src/local/hold.ts';
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

test('a folder in its place is said in our words, and stays', () => {
  const { local, db } = place();
  placeHold(local, db, 'first', FIRST);
  const [name = ''] = readdirSync(local).filter((each) => each.startsWith('hold-'));
  rmSync(join(local, name));
  mkdirSync(join(local, name, 'of-somebody'), { recursive: true });
  expect(() => liftHold(local, db)).toThrow(
    expect.objectContaining({ code: 'NOT_WRITABLE', message: expect.stringContaining('it is a folder') }),
  );
  expect(readdirSync(join(local, name))).toEqual(['of-somebody']);
});

test('a hold says when the trouble began', () => {
  const { local, db } = place();
  placeHold(local, db, 'first', FIRST);
  placeHold(local, db, 'again', LATER);
  expect(holdOf(local, db)).toMatchObject({ reason: 'first', time: FIRST.toISOString() });
});

const WHOLE = { db: 'it', reason: 'first', time: FIRST.toISOString() };
const without = (part: string) => JSON.stringify({ ...WHOLE, [part]: undefined });

test.each(['', '{', '{"db":1}', 'null', without('db'), without('reason'), without('time')])(
  'a hold that cannot be read is one too: %j',
  (text) => {
    const { local, db } = place();
    placeHold(local, db, 'first', FIRST);
    const [file = ''] = readdirSync(local).filter((name) => name.startsWith('hold-'));
    writeFileSync(join(local, file), text);
    const damaged = { db, reason: 'a restore failed', time: new Date(0).toISOString() };
    expect([holdOf(local, db), readHold(local, db)]).toEqual([damaged, damaged]);
    expect(liftHold(local, db)).toBe(true);
    expect(holdOf(local, db)).toBeUndefined();
  },
);

test('one that says for what the database was made says it again, and another says nothing of it', () => {
  const { local, db, other } = place();
  const made: Hold = { ...WHOLE, db, madeFor: { environment: 'development', backup: 'b' } };
  writeHold(local, made);
  placeHold(local, other, 'first', FIRST);
  expect(readHold(local, db)).toStrictEqual(made);
  expect(readHold(local, other)).toStrictEqual({ ...WHOLE, db: other });
});

test('where nobody can say whether there is one, whoever tells of it says why, and whoever would write is stopped', () => {
  const { local, db } = place();
  symlinkSync(scratch(), local);
  expect(() => readHold(local, db)).toThrow(expect.objectContaining({ code: 'NOT_OURS' }));
  expect(holdOf(local, db)).toMatchObject({ db, reason: expect.stringContaining('is a link') });
});

describe('a hold that changes when another file takes the place of the database', () => {
  const replace = (db: string) => {
    writeFileSync(`${db}-new`, 'new');
    renameSync(`${db}-new`, db);
  };
  const after = (db: string): Hold => ({ db, reason: 'made for development', time: LATER.toISOString() });

  test('is the one before until it does, and the one after from then on, whoever was killed between', () => {
    const { local, db } = place();
    writeFileSync(db, 'old');
    placeHold(local, db, 'first', FIRST);
    const before = readHold(local, db);
    changeHold(local, db, db, after(db));
    expect([readHold(local, db), isHoldChanging(local, db)]).toEqual([before, true]);
    rmSync(db);
    expect(readHold(local, db)).toEqual(before);
    replace(db);
    expect(readHold(local, db)).toEqual(after(db));
    settleHold(local, db);
    expect([readHold(local, db), isHoldChanging(local, db)]).toEqual([after(db), false]);
    // From here on no other file changes it.
    replace(db);
    expect(readHold(local, db)).toEqual(after(db));
  });

  test('may be none before, and none after', () => {
    const { local, db } = place();
    changeHold(local, db, db, after(db));
    expect(readHold(local, db)).toBeUndefined();
    replace(db);
    expect(readHold(local, db)).toEqual(after(db));
    changeHold(local, db, db, undefined);
    expect(readHold(local, db)).toEqual(after(db));
    replace(db);
    settleHold(local, db);
    expect([readHold(local, db), isHoldChanging(local, db)]).toEqual([undefined, false]);
    expect(readdirSync(local).filter((each) => each.startsWith('hold-'))).toEqual([]);
  });

  test('is not settled where it does not change, and a reason that speaks of it is none', () => {
    const { local, db } = place();
    const reason = 'it says\n  "change": nothing';
    placeHold(local, db, reason, FIRST);
    expect(isHoldChanging(local, db)).toBe(false);
    settleHold(local, db);
    expect(readHold(local, db)).toMatchObject({ reason });
    const [name = ''] = readdirSync(local).filter((each) => each.startsWith('hold-'));
    writeFileSync(join(local, name), '{');
    settleHold(local, db);
    expect(readHold(local, db)).toMatchObject({ reason: 'a restore failed' });
    expect(isHoldChanging(local, `${db}-other`)).toBe(false);
  });
});

describe('a hold that changes with a transaction', () => {
  const hold = (db: string, reason: string): Hold => ({ db, reason, time: LATER.toISOString() });

  test.each([
    ['none and one', undefined, 'fakes', 'fakes'],
    ['one and none', 'fakes', undefined, 'fakes'],
    ['one and another', 'older fakes', 'fakes', 'fakes'],
  ])(
    'is, of %s, the one for what might be made until somebody knows, and then what they say',
    (_, was, is, doubted) => {
      for (const through of [true, false]) {
        const { local, db } = place();
        const [before, after] = [was, is].map((reason) => (reason === undefined ? undefined : hold(db, reason)));
        if (before !== undefined) writeHold(local, before);
        changeHoldWith(local, db, '77', after);
        expect(transactionOfHold(local, db)).toBe('77');
        settleHold(local, db, undefined);
        expect([readHold(local, db), isHoldChanging(local, db)]).toEqual([hold(db, doubted), true]);
        settleHold(local, db, through);
        expect([readHold(local, db), isHoldChanging(local, db)]).toEqual([through ? after : before, false]);
        expect(transactionOfHold(local, db)).toBeUndefined();
      }
    },
  );

  test('asks for no transaction where a file tells, or nothing changes', () => {
    const { local, db } = place();
    expect(transactionOfHold(local, db)).toBeUndefined();
    placeHold(local, db, 'first', FIRST);
    expect(transactionOfHold(local, db)).toBeUndefined();
    changeHold(local, db, db, undefined);
    expect(transactionOfHold(local, db)).toBeUndefined();
  });
});
