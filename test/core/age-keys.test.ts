import { expect, test } from 'vitest';
import { identityKey, identityText, readIdentities, recipientKey, recipientText } from '../../src/core/age-keys.ts';
import { encodeBech32 } from '../../src/core/bech32.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const OTHER = KEY.map((byte) => 255 - byte);

test('a key is read back from its text, and only as what it is', () => {
  expect(recipientText(KEY)).toMatch(/^age1[a-z0-9]+$/);
  expect(identityText(KEY)).toMatch(/^AGE-SECRET-KEY-1[A-Z0-9]+$/);
  expect(recipientKey(recipientText(KEY))).toEqual(KEY);
  expect(identityKey(identityText(KEY))).toEqual(KEY);
  expect(recipientKey(identityText(KEY))).toBeUndefined();
  expect(identityKey(recipientText(KEY))).toBeUndefined();
});

test('a key of another length is none', () => {
  for (const bytes of [KEY.subarray(1), Uint8Array.of(...KEY, 0), new Uint8Array()]) {
    expect(recipientKey(encodeBech32('age', bytes))).toBeUndefined();
    expect(identityKey(encodeBech32('age-secret-key-', bytes))).toBeUndefined();
  }
});

test('an identity file may hold comments, empty lines and spaces; a line that is none is told by its number', () => {
  const file = `# made today\r\n# public key: ${recipientText(KEY)}\r\n${identityText(KEY)}\r\n\n  ${identityText(OTHER)}  \nnonsense\n`;
  expect(readIdentities(file)).toEqual({ keys: [KEY, OTHER], wrong: [6] });
  expect(readIdentities(recipientText(KEY))).toEqual({ keys: [], wrong: [1] });
  expect(readIdentities('')).toEqual({ keys: [], wrong: [] });
});
