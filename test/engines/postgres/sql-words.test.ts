import { expect, test } from 'vitest';
import { columnsIn, primaryKeyIn } from '../../../src/engines/postgres/sql-words.ts';
import { isOneExpression, namesIn, quotedIn } from '../../../src/engines/sql-words.ts';

test('names are found whatever stands around them, in the texts of functions too', () => {
  const sql = `CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $body$ SELECT max("Id") FROM shop.orders -- users
$body$`;
  const names = namesIn(sql);
  expect(['f', 'Id', 'orders', 'shop'].map((name) => names.has(name))).toEqual([true, true, true, true]);
  expect(names.has('users')).toBe(false);
});

test('what stands between quotes is told, whichever they are', () => {
  expect(quotedIn(`SELECT 'it''s', E'a\\'b', "na""me", $$x'y$$, $t$a$$b$t$`)).toEqual([
    "it's",
    "a\\'b",
    'na"me',
    "x'y",
    'a$$b',
  ]);
});

test.each([
  ['active', true],
  ["name = 'a);--' AND (x OR y)", true],
  ["E'\\')' = x", true],
  ['$$)$$ = x', true],
  ['true) OR (true', false],
  ['true; DROP TABLE users', false],
  ['true -- ', false],
  ['true /*', false],
  ["name = 'open", false],
  ['"open', false],
  ['$a$ open $b$', false],
  ["name = E'\\'", false],
])('%s between parentheses stays there: %s', (condition, expected) => {
  expect(isOneExpression(condition)).toBe(expected);
});

test('columns are those that a table is made with', () => {
  const sql = `CREATE TABLE shop.orders (
    id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME shop.s START WITH 1) NOT NULL,
    "CONSTRAINT" numeric(10,2) DEFAULT round(1.5, 1),
    "a,b" text DEFAULT 'x, y',
    CONSTRAINT positive CHECK ((id > 0))
) PARTITION BY RANGE (id, at)`;
  expect(columnsIn(sql)).toEqual(['id', 'CONSTRAINT', 'a,b']);
  expect(columnsIn('CREATE TABLE empty ()')).toEqual([]);
});

test('a primary key is told from other constraints', () => {
  const add = 'ALTER TABLE ONLY orders ADD CONSTRAINT k ';
  expect(primaryKeyIn(`${add}PRIMARY KEY (id, "of ""x""") INCLUDE (name)`)).toEqual(['id', 'of "x"']);
  expect(primaryKeyIn(`${add}UNIQUE (id)`)).toBeUndefined();
  expect(primaryKeyIn(`${add}CHECK ((name <> 'PRIMARY KEY (id)'::text))`)).toBeUndefined();
});
