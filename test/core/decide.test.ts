import { expect, test } from 'vitest';
import { emptiness, refusal, worstOf } from '../../src/core/decide.ts';

test.each([
  [{ kind: 'missing' }, 'missing'],
  [{ kind: 'blank' }, 'no content'],
  [{ kind: 'no-tables' }, 'no tables'],
  [{ kind: 'no-rows', tables: 3 }, 'no rows'],
] as const)('%j is empty, and says why', (state, why) => {
  expect(emptiness(state)).toContain(why);
});

test('a database with one row holds data', () => {
  expect(emptiness({ kind: 'rows', tables: 1 })).toBeUndefined();
});

test.each([
  [0, 0, undefined],
  [5, 0, undefined],
  [0, 1, 'BACKUP_EMPTY'],
  [1, 1, undefined],
  [49, 100, 'BACKUP_SHRUNK'],
  [50, 100, undefined],
  [100, 99, undefined],
])('%i rows after %i: %s', (rows, before, code) => {
  expect(refusal(rows, before, 0.5, 'app.db')?.code).toBe(code);
});

test('the share that may be lost is the one asked for, and nobody may ask to lose all', () => {
  expect(refusal(99, 100, 0, 'app.db')?.code).toBe('BACKUP_SHRUNK');
  expect(refusal(1, 100, 1, 'app.db')).toBeUndefined();
  expect(refusal(0, 100, 1, 'app.db')?.code).toBe('BACKUP_EMPTY');
});

test('the worst light wins', () => {
  expect(worstOf([])).toBe('green');
  expect(worstOf(['green', 'yellow'])).toBe('yellow');
  expect(worstOf(['yellow', 'red', 'green'])).toBe('red');
});
