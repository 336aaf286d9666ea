import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { journal, type Line, note, pair, standing, testsToTry } from '../../scripts/mutants/journal.ts';
import type { Mutation } from '../../scripts/mutants/mutation.ts';
import { page } from '../../scripts/mutants/page.ts';
import { chosen, isForPage, wishOf } from '../../scripts/mutants/sample.ts';
import { judge, table } from '../../scripts/mutants/score.ts';
import { FASTEST } from '../support/fastest.ts';

/* What is made of what was seen: a figure that flatters is worse than none. */

const mutation = (key: string, file = 'src/git/a.ts'): Mutation => ({
  key,
  file,
  line: 7,
  kind: 'ConditionalExpression',
  was: `${key} === 1`,
  becomes: 'false',
});

const reach = (test: string, mutants: readonly number[], ms = 10, file = 'test/git/a.test.ts'): Line => ({
  of: 'reach',
  test,
  name: test,
  file,
  ms,
  mutants,
});
const passed = (test: string, mutant: number): Line => ({ of: 'passed', test, mutant });
const noticed = (test: string, mutant: number): Line => ({ of: 'noticed', test, mutant, how: 'it failed' });

const FOUR = ['a', 'b', 'c', 'd'].map((key) => mutation(key));
const SEEN: readonly Line[] = [
  reach('one', [0, 1, 2]),
  reach('two', [1, 2]),
  noticed('one', 0),
  ...[passed('one', 1), passed('two', 1)],
  passed('one', 2),
];

describe('what became of each', () => {
  test('it is noticed by one test, missed by all that go through it, and else not reached or not done', () => {
    expect(judge(FOUR, SEEN).map(({ is }) => is)).toEqual(['noticed', 'missed', 'not done', 'not reached']);
  });

  test('a failure that was only doubted or suspected notices nothing', () => {
    const doubted: Line[] = [
      reach('one', [0, 1]),
      { of: 'doubt', test: 'one', mutant: 0 },
      { of: 'suspect', test: 'one', mutant: 1, how: 'does not end' },
    ];
    expect(judge(FOUR.slice(0, 2), doubted).map(({ is }) => is)).toEqual(['not done', 'not done']);
    const { doubted: waiting, suspected, suspectIn } = standing(doubted);
    expect([...waiting]).toEqual([pair('one', 0), pair('one', 1)]);
    expect([...suspected]).toEqual([pair('one', 1)]);
    expect([...suspectIn]).toEqual([[1, 'one']]);
    // Where it passed after all, every test may be tried with it again.
    expect(standing([...doubted, passed('one', 1)]).suspectIn.size).toBe(0);
  });

  test('the share is of what was judged: what was cut off counts for neither side', () => {
    expect(
      table(judge(FOUR, SEEN), () => 'git')
        .split('\n')
        .at(-1),
    ).toBe('| git (1 not done) | 1 | 1 | 1 | 50.0 % | 33.3 % |');
    const none = table(judge(FOUR.slice(3), []), () => 'git');
    expect(none.split('\n').at(-1)).toBe('| git | 0 | 0 | 1 | – | 0.0 % |');
    const two = table([...judge(FOUR.slice(0, 2), SEEN)], ({ key }) => key).split('\n');
    expect(two.at(-1)).toBe('| **all** | 1 | 1 | 0 | 50.0 % | 50.0 % |');
  });
});

describe('which tests are tried', () => {
  test('those of its own room first, the quick before the slow, for as long as there is time', () => {
    const lines = [
      ...[reach('slow', [0], 7000), reach('quick', [0], 1)],
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => reach(`other ${n}`, [0], 6000, 'test/app/a.test.ts')),
    ];
    const tried = testsToTry(lines, FOUR.slice(0, 1)).filter(({ mutants }) => mutants.length > 0);
    expect(tried.map((each) => each.test)).toEqual(['slow', 'quick', ...[0, 1, 2, 3, 4, 5].map((n) => `other ${n}`)]);
  });

  test('and one that is long only where there is no other', () => {
    const tried = (lines: readonly Line[]) =>
      testsToTry(lines, FOUR.slice(0, 1)).flatMap(({ test, mutants }) => (mutants.length > 0 ? [test] : []));
    expect(tried([reach('long', [0], 9000), reach('quick', [0])])).toEqual(['quick']);
    expect(tried([reach('longer', [0], 10_000), reach('long', [0], 9000)])).toEqual(['long']);
  });
});

describe('what is drawn', () => {
  const rooms = ['git', 'local', 'core'];
  const usual = ['git', 'local'];
  const all = Array.from({ length: 50 }, (_, n) => mutation(`k${n}`, `src/${n % 2 ? 'git' : 'local'}/a.ts`));
  const keysOf = (...given: string[]) => chosen(all, wishOf(given, rooms, usual), ['k1', 'k2']).map(({ key }) => key);

  test('is the same for the same word, another for another, and so many of each room', () => {
    expect(keysOf('5', 'one')).toEqual(keysOf('one', '5'));
    expect(keysOf('5', 'one')).toHaveLength(10);
    expect(keysOf('5', 'two')).not.toEqual(keysOf('5', 'one'));
    expect(keysOf('5', 'one', 'git')).toEqual(keysOf('5', 'one').slice(0, 5));
    expect(keysOf('9', 'one', 'git').slice(0, 5)).toEqual(keysOf('5', 'one', 'git'));
    // It hangs on what a place says, and not on what else there is.
    const fewer = all.filter(({ key }) => key !== 'k40');
    const drawn = chosen(fewer, wishOf(['5', 'one'], rooms, usual), []).map(({ key }) => key);
    expect(drawn.filter((key) => !keysOf('6', 'one').includes(key))).toEqual([]);
  });

  test('is all of the files that are named, or what was missed before', () => {
    expect(keysOf('src/git/a.ts')).toHaveLength(25);
    expect(keysOf('missed').sort()).toEqual(['k1', 'k2']);
    expect(wishOf(['missed', 'test/git/a.test.ts'], rooms, usual).tests).toEqual(['test/git/a.test.ts']);
  });

  test('is a page only where it is a sample of all its rooms, judged by all tests', () => {
    const isPage = (...given: string[]) => isForPage(wishOf(given, rooms, usual), usual);
    expect([isPage(), isPage('60', 'word')]).toEqual([true, true]);
    for (const given of [['git'], ['src/git/a.ts'], ['missed'], ['60', 'word', 'test/git/a.test.ts']])
      expect(isPage(...given), given.join(' ')).toBe(false);
  });
});

test('the page says by which word, with all figures and all that nobody noticed', () => {
  const text = page(judge(FOUR, SEEN), { count: 60, word: 'something', ways: 9413 });
  expect(text).toContain('Of the 9,413 ways in these rooms, 60 of each room were drawn by the word `something`');
  expect(text).toContain('| `git` (1 not done) | 1 | 1 | 1 | 50.0 % | 33.3 % |');
  expect(text).toContain('What is *not done* was cut off: no test had noticed it yet. If none did, it would be 33.3 %');
  expect(text).toContain('src/git/a.ts:7 ConditionalExpression\n  b === 1\n  → false\n```');
  expect(text).not.toContain('a === 1');
  expect(page(judge(FOUR.slice(0, 2), SEEN), { count: 1, word: 'x', ways: 2 })).not.toContain('cut off: no test');
});

test('a line that was being written when the run was cut off is none', () => {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-journal-'));
  expect(journal(folder)).toEqual([]);
  for (const line of SEEN) note(folder, line);
  expect(journal(folder)).toEqual(SEEN);
  rmSync(folder, { recursive: true });
});
