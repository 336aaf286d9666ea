import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fit, shortened, table, whole, widthOf, withBlanks } from '../../src/cli/fit.ts';

describe('a line', () => {
  test.each([
    ['one two three four', 9, 'one two\nthree\nfour'],
    ['  ✗ saved       There is no backup yet', 50, '  ✗ saved       There is no backup yet'],
    ['Error: it is not there at all', 18, 'Error: it is not\n       there at\n       all'],
    ['✗ it is not there at all', 12, '✗ it is not\n  there at\n  all'],
    ["Try 'overwinter restore latest --to x' now", 12, "Try\n'overwinter restore latest --to x'\nnow"],
    ["It's there ('git add x y', or so)", 14, "It's there\n('git add x y',\nor so)"],
    ["the users' own and others' tables", 14, "the users' own\nand others'\ntables"],
    ['  $ overwinter restore latest --to x', 12, '  $ overwinter restore latest --to x'],
    ['/a/very/long/path', 5, '/a/very/long/path'],
    ['日本 日本', 5, '日本\n日本'],
    ['', 5, ''],
  ])('%j in %i columns', (line, width, lines) => {
    expect(fit(line, width)).toBe(lines);
  });

  test('hangs under its second column', () => {
    expect(fit('  ✗ saved       There is no backup yet of any kind', 48)).toBe(
      '  ✗ saved       There is no backup yet of any\n                kind',
    );
  });

  test('has colours that take no room, and what is whole in one', () => {
    expect(fit('\u001b[31mone two\u001b[39m', 7)).toBe('\u001b[31mone two\u001b[39m');
    expect(withBlanks(fit(whole('one two three'), 5))).toBe('one two three');
    expect(widthOf(whole('one two'))).toBe(7);
  });

  test('loses nothing but blanks, and is never longer than its words are', () => {
    const word = fc.stringMatching(/^[a-z(),.é]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 12, max: 60 }), (words, width) => {
        const lines = fit(words.join(' '), width).split('\n');
        expect(lines.join(' ').split(/\s+/)).toEqual(words);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('a row is shortened to what there is room for', () => {
  expect(shortened('{"id":1,"name":"ada"}', 40)).toBe('{"id":1,"name":"ada"}');
  expect(shortened('{"id":1,"name":"ada"}', 10)).toBe('{"id":1,"…');
  expect(widthOf(shortened('日本日本日本', 8))).toBeLessThanOrEqual(8);
});

describe('a table', () => {
  const cells: [readonly string[], readonly (readonly string[])[], readonly number[]] = [
    ['NAME', 'ORIGIN', 'ROWS'],
    [
      ['backup_1', 'development', '3'],
      ['backup_22', 'ci', '1,200'],
    ],
    [2],
  ];

  test('has its columns one under another', () => {
    expect(table(...cells)).toBe(
      'NAME       ORIGIN        ROWS\nbackup_1   development      3\nbackup_22  ci           1,200',
    );
  });

  test('has two lines a row where it is too wide', () => {
    expect(table(...cells, 24)).toBe(
      'NAME\n  ORIGIN        ROWS\nbackup_1\n  development      3\nbackup_22\n  ci           1,200',
    );
  });

  test('says what would end a line, and does not end it', () => {
    expect(table(['NAME'], [['a\nb']])).toBe('NAME\na ⏎ b');
  });
});
