import { describe, expect, test } from 'vitest';
import type { FakeKind } from '../../../src/core/privacy/fake-kinds.ts';
import { kindIn, textIn } from '../../../src/operations/development/kind-in.ts';

/** A value that is to go, and stands in a text of another column: whoever has the copy would read it there. */

const values = (texts: Readonly<Record<string, FakeKind>>, ...digits: readonly string[]) => ({
  texts: new Map(Object.entries(texts)),
  digits: new Set(digits),
});

const ADA = values({ 'ada@example.org': 'email' });
const NAME = values({ Hopper: 'name' });
const TOKEN = values({ sk_live_4eC39: 'token' });
const NUMBER = values({}, '4930123456');

describe('a private value is found', () => {
  test.each([
    ['as the whole text, of any kind', 'Hopper', NAME, 'name'],
    ['as a word', 'write to ada@example.org today', ADA, 'email'],
    ['as a word that a sentence ends with', 'write to ada@example.org.', ADA, 'email'],
    ['in a link', 'see mailto:ada@example.org?subject=x', ADA, 'email'],
    ['in quotes', "from='ada@example.org'", ADA, 'email'],
    ['behind an equals sign', 'from=ada@example.org', ADA, 'email'],
    ['between others', 'x,ada@example.org;y', ADA, 'email'],
    ['in a path', '/users/sk_live_4eC39/edit', TOKEN, 'token'],
    ['before a colon and a dash', '(sk_live_4eC39:-)', TOKEN, 'token'],
    ['behind a plus', '+sk_live_4eC39', TOKEN, 'token'],
    ['as digits that are grouped', 'call (49) 30-12 34 56 now', NUMBER, 'phone'],
    ['as digits beside other digits', '7 4930123456', NUMBER, 'phone'],
    ['as digits before other digits', '49.30.123456 12', NUMBER, 'phone'],
    ['as digits alone', '4930123456', NUMBER, 'phone'],
  ] as const)('%s', (_, text, of, kind) => {
    expect(kindIn(text, of)).toBe(kind);
  });

  test.each([
    ['a name, which others have too, as a word', 'Mrs Hopper came', NAME],
    ['another address that ends like it', 'write to rada@example.org', ADA],
    ['a longer word that begins like it', 'sk_live_4eC39x', TOKEN],
    ['a longer number that begins like it', '49301234567', NUMBER],
    ['a number of which some digits are missing', '493012345', NUMBER],
    ['nothing', '', ADA],
  ] as const)('and not %s', (_, text, of) => {
    expect(kindIn(text, of)).toBeUndefined();
  });
});

test('of a member the text is read without what stands around it, and a number as it is written', () => {
  expect(textIn('"  a \\"b\\" "')).toBe('a "b"');
  expect(textIn('4930123456')).toBe('4930123456');
  for (const none of ['null', 'true', '-7', '{"base64":"AA=="}', '[1]']) expect(textIn(none)).toBeUndefined();
});
