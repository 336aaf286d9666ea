import { expect, test } from 'vitest';
import { weaknessOf } from '../../src/core/passphrase.ts';

test.each([
  ['short', 'fewer than 12 characters'],
  ['aaaaaaaaaaaaaaaa', 'different characters'],
  ['abababababababab', 'different characters'],
  ['abcdefghijklmnop', 'in a row'],
  ['1234567890123', 'in a row'],
  ['password1234', 'tries first'],
  ['MyPassphrase1!', 'tries first'],
  ['passwordpassword', 'tries first'],
])('%s is too easy to guess', (passphrase, why) => {
  expect(weaknessOf(passphrase)).toContain(why);
});

test.each([
  'correct horse battery',
  'correct horse',
  'Überwintern im Süden',
  '四 月 の 雨 が 屋 根 を',
  'zK3!vQ9?mB7x',
])('%s is not', (passphrase) => {
  expect(weaknessOf(passphrase)).toBeUndefined();
});
