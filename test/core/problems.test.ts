import { expect, test } from 'vitest';
import { EXIT_CODES, OverwinterError } from '../../src/core/errors.ts';
import { problems } from '../support/problems.ts';

const WORDS = ['thing 1', 'thing 2', 'thing 3', 'thing 4'];
/** Those that name several things at once. */
const LISTS = ['cannotLeaveOut', 'wrongKey'];

test.each(problems)('%s: a sentence, what to do next, and the cause', (name, problem) => {
  const cause = new Error('the cause');
  const given = LISTS.includes(name) ? WORDS.map((word) => [word]) : WORDS;
  const make: unknown = Reflect.apply(problem, undefined, given);
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
