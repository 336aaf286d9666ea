import { expect, test } from 'vitest';
import { databaseMissing } from '../../../src/core/problems/database.ts';
import { serverUnreachable } from '../../../src/core/problems/server.ts';
import { waitedOnce } from '../../../src/engines/postgres/waited-once.ts';

/** A server whose every answer takes so long, and a clock that goes on with it. */
function slow(milliseconds: number, problem: () => Error) {
  let now = 0;
  let asked = 0;
  const connect = waitedOnce(
    async () => {
      asked++;
      now += milliseconds;
      throw problem();
    },
    () => now,
  );
  const tries = async (times: number) => {
    for (let at = 0; at < times; at++) await expect(connect()).rejects.toThrow();
    return asked;
  };
  return { tries, later: (passed: number) => (now += passed) };
}

const unreachable = () => serverUnreachable('db.example.org/app', 'it does not answer')();

test('a server that says nothing is waited for once, and asked again later', async () => {
  const server = slow(10_000, unreachable);
  expect(await server.tries(6)).toBe(1);
  server.later(29_000);
  expect(await server.tries(1)).toBe(1);
  server.later(2_000);
  expect(await server.tries(3)).toBe(2);
});

test('one that refuses at once is asked each time: it may be starting', async () => {
  expect(await slow(5, unreachable).tries(4)).toBe(4);
});

test('what it says after a long time is no silence', async () => {
  expect(await slow(10_000, () => databaseMissing('db.example.org/app', undefined)()).tries(3)).toBe(3);
});
