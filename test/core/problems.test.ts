import { expect, test } from 'vitest';
import { EXIT_CODES, OverwinterError } from '../../src/core/errors.ts';
import { databaseFailed } from '../../src/core/problems/database.ts';
import { wrongKey } from '../../src/core/problems/encryption.ts';
import { looksMadeUp, madeForDevelopment } from '../../src/core/problems/fakes.ts';
import { pushRefused, remoteShut } from '../../src/core/problems/git.ts';
import { backupShrunk, held } from '../../src/core/problems/loss.ts';
import { problems, wordsFor } from '../support/problems.ts';

test.each(problems)('%s: a sentence, what to do next, and the cause', (name, problem) => {
  const cause = new Error('the cause');
  const make: unknown = Reflect.apply(problem, undefined, wordsFor(name));
  if (typeof make !== 'function') expect.unreachable('a problem waits for its cause');
  const error: unknown = make(cause);
  if (!(error instanceof OverwinterError)) expect.unreachable('it is no error of ours');
  expect(EXIT_CODES).toHaveProperty(error.code);
  expect(error.cause).toBe(cause);
  expect(`${error.message} ${error.hint}`).not.toMatch(/undefined|NaN|\[object|=>/);
  // Some are given their words, or end in somebody else's.
  expect(error.message).toMatch(/^\S.{9,}[.?!]$|^thing 1$|: thing \d$/s);
  expect(error.hint).toMatch(/^[A-Z'].{9,}\.$|^thing 2$/s);
});

const named = (length: number) => Array.from({ length }, (_, i) => `age1k${i}`);

test.each([
  [pushRefused('backups', 'origin', 1)(), '(1 try).'],
  [pushRefused('backups', 'origin', 3)(), '(3 tries).'],
  [backupShrunk('app.db', 1, 9)(), 'app.db has 1 row, and the newest backup has 9'],
  [backupShrunk('app.db', 2, 9)(), 'app.db has 2 rows, and'],
  [remoteShut('origin', true)(), 'it does not take the token in OVERWINTER_GIT_TOKEN.'],
  [remoteShut('origin', false)(), 'there is no token in OVERWINTER_GIT_TOKEN.'],
  [wrongKey(['age1a', 'age1b'], false, 0)(), 'encrypted to age1a, age1b, and there is no identity here.'],
  [wrongKey(['age1a', 'age1b'], true, 1)(), 'age1b (the last with a passphrase), and none of the 1 identities here'],
  [wrongKey(named(20), false, 0)(), ', age1k19, and there'],
  [wrongKey(named(21), false, 0)(), ', age1k19 and 1 more, and there'],
  [wrongKey(named(1000), true, 0)(), ', age1k19 and 980 more (the last with a passphrase), and there'],
])('%s', ({ message }, words) => {
  expect(message).toContain(words);
});

test.each([
  [wrongKey(['age1a'], true, 0)(), ', or OVERWINTER_PASSPHRASE;', true],
  [wrongKey(['age1a'], false, 0)(), 'OVERWINTER_PASSPHRASE', false],
  [databaseFailed('no such module.db', 'no such module: x')(), 'prepare(db)', true],
])('%s: the hint names %s: %s', ({ hint }, words, isThere) => {
  expect(hint.includes(words)).toBe(isThere);
});

const OF_JOBS = ['--db', 'jobs'];
const HELD_BACK = [
  held('jobs.db', '2026-11-20T23:15:00.000Z', 'it is damaged.', OF_JOBS)(),
  madeForDevelopment('jobs.db', 'development', 'backup_1', OF_JOBS)(),
  looksMadeUp('jobs.db', 'users.email', OF_JOBS)(),
];

test.each(HELD_BACK)('where one of several databases is held back, both ways on name it: $message', ({ hint }) => {
  expect(hint.match(/--db jobs/g)).toHaveLength(2);
});
