import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isComment, tokensIn } from '../../src/engines/sqlite/sql/sql-tokens.ts';

const texts = (sql: string) => [...tokensIn(sql)].map(({ text }) => text);

describe('the pieces of SQL', () => {
  test.each<[string, string[]]>([
    ['', []],
    [' \n\t', []],
    ['CREATE TABLE t(a)', ['CREATE', 'TABLE', 't', '(', 'a', ')']],
    ["'it''s' x", ["'it''s'", 'x']],
    ["''''", ["''''"]],
    ["'' ''", ["''", "''"]],
    ['"a""b"`c``d`[e]]', ['"a""b"', '`c``d`', '[e]', ']']],
    ['a--b\nc', ['a', '--b\n', 'c']],
    ['a--b', ['a', '--b']],
    ['a/*b*/c/*d', ['a', '/*b*/', 'c', '/*d']],
    ["/*'*/'/*'", ["/*'*/", "'/*'"]],
    ['/*/ x', ['/*/ x']],
    ["'never closed''", ["'never closed''"]],
    ['[never closed', ['[never closed']],
    ['größe$1_x😀;', ['größe$1_x😀', ';']],
    ['a-b', ['a', '-', 'b']],
  ])('%j', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  test('are all there is, in order, with white space between them', () => {
    const pieces = fc.constantFrom(
      "'",
      '"',
      '`',
      '[',
      ']',
      '--',
      '/*',
      '*/',
      '\n',
      ' ',
      'a',
      'ü',
      '(',
      ';',
      '\0',
      '-',
      '/',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const sql = parts.join('');
        let at = 0;
        for (const { text, from, to } of tokensIn(sql)) {
          expect(sql.slice(at, from).trim()).toBe('');
          expect([to > from, sql.slice(from, to)]).toEqual([true, text]);
          at = to;
        }
        expect(sql.slice(at).trim()).toBe('');
      }),
    );
  });

  test('tell comments', () => {
    expect([...tokensIn('a -- b\n /* c */ - /')].map(isComment)).toEqual([false, true, true, false, false]);
  });

  test.each(['[', '"', "'", '`', '/*', '--', '(', "''", '["'])('take time by their number: %s', (piece) => {
    const begun = performance.now();
    expect(texts(piece.repeat(1_000_001)).length).toBeGreaterThan(0);
    expect(performance.now() - begun, 'ms').toBeLessThan(5000);
  });
});
