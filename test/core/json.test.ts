import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compact, elementsOf, JsonSyntaxError, membersOf, parse } from '../../src/core/json.ts';
import { tries } from '../support/chance.ts';

/** White space between the tokens of a JSON text, as a formatter would move it. */
const loosened = (text: string, space: string) =>
  text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]/g, (token) => (token.length === 1 ? space + token + space : token));

const anySpace = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

describe('reading JSON without losing anything', () => {
  test('an object gives the text of each of its members, however it is spaced', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), anySpace, (object, space) => {
      const members = membersOf(`${space}${loosened(JSON.stringify(object), space)}${space}`);
      const expected = Object.entries(object).map(([key, value]) => [key, JSON.stringify(value)]);
      expect([...members].map(([key, value]) => [key, compact(value)])).toEqual(expected);
    });
    fc.assert(property, { numRuns: tries(1000) });
  });

  test('an array gives the text of each of its elements', () => {
    const property = fc.property(fc.array(fc.jsonValue()), anySpace, (array, space) => {
      const elements = elementsOf(loosened(JSON.stringify(array), space));
      expect(elements.map(compact)).toEqual(array.map((value) => JSON.stringify(value)));
    });
    fc.assert(property, { numRuns: tries(1000) });
  });

  test('numbers keep every digit and their point', () => {
    expect(elementsOf('[9223372036854775807, 1.0, -0.0, 1e400]')).toEqual([
      '9223372036854775807',
      '1.0',
      '-0.0',
      '1e400',
    ]);
  });

  test('keys are compared by what they say, so one given twice is seen in any spelling', () => {
    expect(() => membersOf('{"a":1,"a":2}')).toThrow(JsonSyntaxError);
    expect(() => membersOf('{"a":1,"\\u0061":2}')).toThrow(/twice/);
  });

  test('a key may be called like what every object has', () => {
    expect([...membersOf('{"__proto__":1,"constructor":2,"":3}')]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['', '3'],
    ]);
  });

  test.each([
    ...[
      '',
      ' ',
      '{',
      '}',
      '[]',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{,}',
      '{"a":1 "b":2}',
      '{a:1}',
      '{"a":1}x',
      '{"a":"\n"}',
      '{"a',
      '{"a":"',
    ],
    ...['{"a"=1}', '{"a":1]', '["a":1}', '{"a":{}{}}', '{"a":""1}', '{"a":{"b":1}', '{"a":[1}'],
    ...["{'a':1}", '{"a":1,,"b":2}', '{"\\x":1}', '{"a":1}{}', '\ufeff{}', '// c\n{}'],
  ])('%j is no object', (text) => {
    expect(() => membersOf(text)).toThrow(JsonSyntaxError);
  });

  test.each([
    '',
    '[',
    '[1',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1]]',
    '{}',
    '["a]',
    '{1]',
    '[{}{}]',
    '[[][]]',
    '["a""b"]',
    '["a"1]',
    '[[1]',
  ])('%j is no array', (text) => {
    expect(() => elementsOf(text)).toThrow(JsonSyntaxError);
  });

  test.each([
    ['{a:1}', 'a key that is no string at character 1'],
    ['{ 1:"a"}', 'a key that is no string at character 2'],
    ['{"a" 1}', "something else where ':' belongs at character 5"],
    ['{"a":}', 'no value at character 5'],
    ['{"a":1 2}', "something else where ',' or '}' belongs at character 7"],
    ['{"a":1} 2', 'something after the end at character 7'],
    ['{"a":1,"a":2}', 'the key "a" twice at character 7'],
    ['{"a":"\u0001"}', 'a control character in a string at character 6'],
    ['{"a":"\u001f"}', 'a control character in a string at character 6'],
    ['{"a":"x', 'a string without an end at character 5'],
    [' [1]', "something else where '{' belongs at character 1"],
  ])('what is wrong with %j is said, and where', (text, why) => {
    expect(() => membersOf(text)).toThrow(new JsonSyntaxError(why));
  });

  test('a space is the first character that a string may hold', () => {
    expect(membersOf('{"a":" "}').get('a')).toBe('" "');
  });

  test('nesting is bounded, and deep nesting costs no stack', () => {
    const nested = (depth: number) => `[${'['.repeat(depth)}${']'.repeat(depth)}]`;
    expect(elementsOf(nested(64))).toHaveLength(1);
    expect(() => elementsOf(nested(65))).toThrow(/too deep/);
    expect(() => elementsOf(nested(1_000_000))).toThrow(/too deep/);
  });

  test('a cut text is never whole', () => {
    const text = '{"a":[1,{"b":"c\\"d"}],"e":null}';
    for (let end = 0; end < text.length; end++) expect(() => membersOf(text.slice(0, end))).toThrow(JsonSyntaxError);
  });

  test('what is not JSON at all fails with our error', () => {
    expect(() => parse('nothing')).toThrow(JsonSyntaxError);
  });
});

describe('taking the white space out', () => {
  test('gives what JSON.stringify gives, and leaves strings alone', () => {
    const property = fc.property(fc.jsonValue(), anySpace, (value, space) => {
      expect(compact(loosened(JSON.stringify(value), space))).toBe(JSON.stringify(value));
      expect(compact(JSON.stringify(value, null, 2))).toBe(JSON.stringify(value));
    });
    fc.assert(property, { numRuns: tries(1000) });
  });
});
