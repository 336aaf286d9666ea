import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSame, plainDigits, sameness, valueInWords } from '../../../src/core/common/value.ts';

describe('two values', () => {
  test.each([
    [1n, true],
    [1n, 1],
    [1, { decimal: '1.00' }],
    [0.1, { decimal: '0.10' }],
    [1e300, { decimal: `1${'0'.repeat(300)}` }],
    [-0.5, { decimal: '-5e-1' }],
    [Number.NaN, { decimal: 'NaN' }],
    [Buffer.from('a'), Buffer.from('a')],
  ])('%s and %s are the same', (one, other) => {
    expect(isSame(one, other)).toBe(true);
  });

  test.each([
    [0, -0],
    [1n, '1'],
    [null, 'null'],
    ['', null],
    [2n ** 53n + 1n, 2 ** 53],
    [0.1, { decimal: '0.1000000000000000055511151231257827' }],
    ['a', Buffer.from('a')],
    [Buffer.from('a'), { torn: Buffer.from('a') }],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ['e\u0301', 'é'],
  ])('%s and %s are not', (one, other) => {
    expect(isSame(one, other)).toBe(false);
  });

  test('every double is told from every other, and by its digits alone is the same', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (one, other) => {
        expect(sameness(one) === sameness(other)).toBe(Object.is(one, other));
        if (Number.isFinite(one)) expect(isSame(one, { decimal: plainDigits(one) })).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('are shown without doing anything', () => {
    expect(valueInWords('a\u001b[2Jb\0')).toBe("the text 'a<U+001B>[2Jb<U+0000>'");
    expect(valueInWords('x'.repeat(100))).toBe(`the text '${'x'.repeat(40)}…'`);
  });
});
