import { describe, expect, test } from 'vitest';
import { readExpression } from '../../../src/core/common/expression.ts';
import { type Held, writeCondition } from '../../../src/core/common/write-expression.ts';

const COLUMNS: Readonly<Record<string, Held>> = { n: 'numbers', t: 'texts', b: 'truth', o: 'other', 'a b': 'texts' };

/** What SQL of one kind of database is in another's; undefined where that is not certain. */
function translated(sql: string, hasCasts = false): string | undefined {
  const read = readExpression(sql, {
    column: (name) => Object.keys(COLUMNS).find((each) => each === name.toLowerCase()),
    hasCasts,
  });
  return (
    read &&
    writeCondition(read, {
      held: (name) => COLUMNS[name],
      name: (name) => `"${name}"`,
      truth: (value) => String(value),
    })
  );
}

describe('a condition', () => {
  test.each([
    ['n > 0', '("n" > 0)'],
    ['0 < N', '("n" > 0)'],
    ['n == 1 OR n != 2', '(("n" = 1) OR ("n" <> 2))'],
    ['n BETWEEN -1 AND 1.5', '(("n" >= -1) AND ("n" <= 1.5))'],
    ['NOT (n IS NULL)', '(NOT ("n" IS NULL))'],
    ['n IS NOT NULL AND n', '((NOT ("n" IS NULL)) AND ("n" <> 0))'],
    ["t IN ('a', 'it''s')", `("t" IN ('a', 'it''s'))`],
    ["[a b] NOT IN ('x')", `(NOT ("a b" IN ('x')))`],
    ['length(t) >= 3', '(length("t") >= 3)'],
    ['b', '("b" = true)'],
    ['b IN (0, 1)', '("b" IN (false, true))'],
    ['o IS NULL', '("o" IS NULL)'],
  ])('%s means the same elsewhere', (sql, expected) => {
    expect(translated(sql)).toBe(expected);
  });

  test.each([
    ["((t)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", `("t" IN ('a', 'b'))`],
    ['(n <> ALL (ARRAY[(5)::bigint, (6)::bigint]))', '(NOT ("n" IN (5, 6)))'],
    ["(n > '-1'::integer)", '("n" > -1)'],
    ['(n > (0)::numeric)', '("n" > 0)'],
  ])('%s is read as the server writes it', (sql, expected) => {
    expect(translated(sql, true)).toBe(expected);
  });

  test.each([
    ["t < 'b'", 'texts come in another order there'],
    ["t LIKE 'a%'", 'case is another matter there'],
    ["n = '1'", 'SQLite would make a number of it'],
    ['t = 1', 'SQLite would make a text of it'],
    ['n / 2 = 1', 'arithmetic is not the same'],
    ['unknown > 0', 'there is no such column'],
    ["o = '2026-01-01'", 'a day is more than its text'],
    ['n > 0; DROP TABLE x', 'it is none'],
    ['n > 0)', 'it does not end where it should'],
    ['(n > 0', 'it does not end'],
    ['1 = 1', 'it is about nothing'],
    ['b > 0', 'a truth is neither more nor less'],
    ['n > 0.1234567890123456789', 'there is no such number in SQLite'],
    ['', 'it is nothing'],
  ])('%s is left alone: %s', (sql) => {
    expect(translated(sql)).toBeUndefined();
  });

  test('one that is nested without an end takes no more than is there', () => {
    expect(translated(`${'('.repeat(100_000)}n`)).toBeUndefined();
  });
});
