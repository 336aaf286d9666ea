import { expect, test } from 'vitest';
import { kindByLook } from '../../../src/operations/development/kind-by-look.ts';

/** What stands in a column that nobody named is looked for elsewhere by the kind that it seems to be: what is missed stays in a developer's copy. */
test.each([
  ['ada@example.org', 'email'],
  ['ada@localhost', undefined],
  ['ada @example.org', undefined],
  ['to ada@example.org', undefined],
  ['192.168.1.77', 'ip'],
  ['1.192.168.1.77', 'token'],
  ['3F2504E0-4f89-11d3-9a0c-0305e82c3301', 'uuid'],
  ['3f2504e0-4f89-11d3-9a0c-0305e82c3301-and-more', 'token'],
  ['+49 30 1234567', 'phone'],
  ['030 1234567', 'phone'],
  ['+49301234567', 'phone'],
  ['(030) 1-23', undefined],
  ['(030) 12-34', 'phone'],
  ['12345678', 'token'],
  ['123-45-6789', 'token'],
  ['2026-01-31', undefined],
  ['2026-01-31T10:11:12Z and whatever follows it', undefined],
  ['sk_live_4eC39Hq', 'token'],
  ['k4eC39Hq12', 'token'],
  ['k4eC39Hq1', undefined],
  ['unbelievable', undefined],
  ['ünbelievable7', 'token'],
  ['two words, 4 of it', undefined],
  ['nineteen characters', undefined],
  ['twenty characters ..', 'text'],
  ['', undefined],
])('%s is %s', (text, kind) => {
  expect(kindByLook(text)).toBe(kind);
});
