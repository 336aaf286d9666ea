import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, type RowChange, rowMatcher, unsharedStretches } from '../../src/core/diff.ts';
import type { Part } from '../../src/core/manifest.ts';

const part = (file: string, rows = 1): Part => ({ file, rows, bytes: 10 });

test('parts that both sides name are never read', () => {
  const before = { count: 4, parts: [part('a'), part('b'), part('c'), part('d')] };
  const after = { count: 5, parts: [part('a'), part('x'), part('y'), part('c'), part('d')] };
  expect(unsharedStretches(before, after)).toEqual([
    { before: { count: 1, parts: [part('b')] }, after: { count: 2, parts: [part('x'), part('y')] } },
  ]);
  expect(unsharedStretches(before, before)).toEqual([]);
});

test('a row is found by its key, with every digit of it', () => {
  expect(keyOf('{"id":9007199254740993,"v":1}', ['id'])).toBe('9007199254740993');
  const first = (members: ReadonlyMap<string, string>) => [...members.values()][0];
  expect(keyOf('{"rowid":7,"v":1}', [], first)).toBe('7');
  expect(keyOf('{"rowid":7,"v":null}', ['v'], first)).toBe('7,null');
  expect(keyOf('{"a":"x","b":2,"v":1}', ['b', 'a'])).toBe('2,"x"');
});

test('the changes between any two tables are what a comparison row by row finds', () => {
  const table = fc.dictionary(fc.integer({ min: 0, max: 30 }).map(String), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(table, table, fc.infiniteStream(fc.boolean()), (before, after, turns) => {
      const lines = (rows: Record<string, number>) => Object.entries(rows).map(([id, v]) => `{"id":${id},"v":${v}}`);
      const [left, right] = [lines(before), lines(after)];
      const found: RowChange[] = [];
      const matcher = rowMatcher(
        (line) => keyOf(line, ['id']),
        (change) => found.push(change),
      );
      while (left.length + right.length > 0) {
        const takeLeft = right.length === 0 || (left.length > 0 && turns.next().value === true);
        matcher.take(takeLeft ? 'before' : 'after', (takeLeft ? left : right).shift() ?? '');
      }
      matcher.finish();
      const kinds = Object.fromEntries(found.map(({ key, kind }) => [key, kind]));
      const expected: Record<string, string> = {};
      for (const id of new Set([...Object.keys(before), ...Object.keys(after)])) {
        if (!(id in before)) expected[id] = 'added';
        else if (!(id in after)) expected[id] = 'removed';
        else if (before[id] !== after[id]) expected[id] = 'changed';
      }
      expect(kinds).toEqual(expected);
    }),
  );
});

test('rows that only all they hold tells apart are counted, however many are alike', () => {
  const changesBetween = (before: readonly string[], after: readonly string[]) => {
    const found: string[] = [];
    const matcher = rowMatcher(
      (line) => keyOf(line, []),
      ({ kind, key }) => found.push(`${kind} ${key}`),
    );
    for (const line of before) matcher.take('before', line);
    for (const line of after) matcher.take('after', line);
    matcher.finish();
    return found;
  };
  const [a, b] = ['{"v":1}', '{"v":2}'];
  expect(changesBetween([a, a, a], [a])).toEqual([`removed ${a}`, `removed ${a}`]);
  expect(changesBetween([a, b], [b, b, a])).toEqual([`added ${b}`]);
  expect(changesBetween([a, a], [a, a])).toEqual([]);
});
