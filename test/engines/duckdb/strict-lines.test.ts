import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LoadedColumn, strictLines } from '../../../src/engines/duckdb/strict-lines.ts';
import { tries } from '../../support/chance.ts';

const COLUMNS: readonly LoadedColumn[] = [
  { name: 'id', kind: 'number' },
  { name: 'a "name"\n, longer than most', kind: 'text' },
  { name: 'ok', kind: 'boolean' },
  { name: 'ü', kind: 'bytes' },
  { name: 'many', kind: 'json' },
];

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  fc.constantFrom('', '\\', '"', '\u2028', '\x7f'),
);
const anyRows = fc.array(
  fc.record({
    id: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    text: fc.option(anyText),
    ok: fc.option(fc.boolean()),
    bytes: fc.option(fc.uint8Array({ maxLength: 20 })),
    many: fc.option(fc.oneof(fc.array(anyText, { maxLength: 3 }), fc.dictionary(anyText, anyText, { maxKeys: 3 }))),
  }),
  { minLength: 1, maxLength: 20 },
);

test('every single value is handed on as a text, and what consists of several as it is', () => {
  const names = COLUMNS.map(({ name }) => JSON.stringify(name));
  const same = fc.property(anyRows, (rows) => {
    const lines = rows.map(({ id, text, ok, bytes, many }) => {
      const base64 = bytes === null ? null : Buffer.from(bytes).toString('base64');
      const values = [
        id === null ? 'null' : String(id),
        JSON.stringify(text),
        JSON.stringify(ok),
        base64 === null ? 'null' : JSON.stringify({ $blob: base64 }),
        JSON.stringify(many),
      ];
      const expected = [id === null ? null : String(id), text, ok === null ? null : String(ok), base64, many];
      return { line: `{${values.map((value, at) => `${names[at]}:${value}`).join(',')}}\n`, expected };
    });
    const strict = strictLines('t', COLUMNS);
    const given = Buffer.from(strict.convert(Buffer.from(lines.map(({ line }) => line).join('')))).toString();
    const read = given
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    expect(read).toEqual(
      lines.map(({ expected }) => Object.fromEntries(expected.map((value, at) => [`c${at}`, value]))),
    );
    expect(strict.rows()).toBe(rows.length);
    expect(strict.longest()).toBe(Math.max(...lines.map(({ line }) => Buffer.byteLength(line))));
  });
  fc.assert(same, { numRuns: tries(300, 5000) });
});

const ONE: readonly LoadedColumn[] = [{ name: 'a', kind: 'text' }];

test.each([
  ['another key', '{"b":"x"}\n'],
  ['a key too many', '{"a":"x","b":1}\n'],
  ['no key', '{}\n'],
  ['no end', '{"a":"x"'],
  ['a text without an end', '{"a":"x\n'],
  ['a text that ends in a backslash', '{"a":"x\\'],
  ['a control character far behind', `{"a":"${'x'.repeat(21)}\u0001${'x'.repeat(21)}"}\n`],
  ['the end of a line in a text', '{"a":"one and\ntwo"}\n'],
  ['a word that is none', '{"a":nil}\n'],
  ['an expression', '{"a":1+x}\n'],
  ['nothing', '{"a":}\n'],
  ['several values', '{"a":["x"]}\n'],
  ['what comes behind', '{"a":"x"} \n'],
])('refused: %s', (_, line) => {
  expect(() => strictLines('t', ONE).convert(Buffer.from(line))).toThrow(
    expect.objectContaining({ code: 'RESTORE_INEXACT' }),
  );
});
