import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, literal, namedBy, qualified, quoted } from '../../../src/engines/postgres/names.ts';

test('what is in public is called by its name alone', () => {
  expect(keyOf({ schema: 'public', name: 'users' })).toBe('users');
  expect(keyOf({ schema: 'shop', name: 'Order Items' })).toBe('shop.Order Items');
  expect(keyOf({ schema: 'public', name: 'shop.users' })).toBe('"shop.users"');
});

test('no two are called alike, whatever their names', () => {
  const word = fc.string({ unit: fc.constantFrom('a', '.', '"', ' ', 'public'), minLength: 1, maxLength: 6 });
  const name = fc.record({ schema: fc.oneof(fc.constant('public'), word), name: word });
  const told = fc.property(name, (each) => {
    expect({ ...namedBy(keyOf(each)) }).toEqual({ ...each });
  });
  fc.assert(told, { numRuns: 2000 });
});

test('names and texts end where they should', () => {
  expect([quoted('a"b'), literal("a'b"), qualified({ schema: 'a', name: 'b"' })]).toEqual([
    '"a""b"',
    "'a''b'",
    '"a"."b"""',
  ]);
});
