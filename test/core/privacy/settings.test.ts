import { expect, test } from 'vitest';
import { asConfigText } from '../../../src/core/config.ts';

test.each([
  [{ users: { password_hash: '' } }, "{ users: { password_hash: '' } }"],
  [{ keep: { files: ['hash', 'name'] } }, "{ keep: { files: ['hash', 'name'] } }"],
  [{ $1: null, _a: 1.5 }, '{ $1: null, _a: 1.5 }'],
  [{ '1st': true, 'a-b': [], 'a b': "it's" }, "{ '1st': true, 'a-b': [], 'a b': 'it\\'s' }"],
  ['C:\\data', "'C:\\\\data'"],
])('%j is pasted as %s', (value, text) => {
  expect(asConfigText(value)).toBe(text);
  const read: unknown = new Function(`return (${text})`)();
  expect(read).toEqual(value);
});
