import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inParenthesesAfter,
  isOneExpression,
  mentions,
  namesIn,
  namesReadIn,
  quotedIn,
  settingsIn,
} from '../../src/engines/sqlite/sql/sql-words.ts';

describe('a name is mentioned', () => {
  test.each([
    ['as a word', 'SELECT email FROM users'],
    ['in capitals', 'SELECT EMAIL FROM USERS'],
    ['in double quotes', 'SELECT "email" FROM "users"'],
    ['in backticks', 'SELECT `email` FROM `users`'],
    ['in brackets', 'SELECT [email] FROM [users]'],
    ['in what may be a string', "SELECT 'email' FROM 'users'"],
    ['after its table', 'SELECT users.email'],
    ['at the very end', 'UPDATE users SET name=email'],
  ])('%s', (_, sql) => {
    expect(mentions(sql, 'email')).toBe(true);
    expect(mentions(sql, 'Users')).toBe(true);
    expect(mentions(sql, 'e')).toBe(false);
  });

  test.each([
    ['in another word', 'SELECT emails, my_email, email2, $email FROM t'],
    ['in a comment to the end of the line', 'SELECT 1 -- email\n'],
    ['in a comment without an end', 'SELECT 1 /* email'],
    ['in a longer string', "SELECT 'email of', 'it''s email'"],
    ['in other quotes', `SELECT '"email"', "'email'", \`[email]\`, ["email"]`],
  ])('but not %s', (_, sql) => {
    expect(mentions(sql, 'email')).toBe(false);
  });

  test.each([
    ['"a""b"', 'a"b'],
    ["'it''s'", "it's"],
    ['`a``b`', 'a`b'],
    ['[a[[b]', 'a[[b'],
    ['["a"]', '"a"'],
    ['""', ''],
    ['"größe"', 'GRÖßE'],
  ])('%s as %s', (sql, name) => {
    expect(mentions(`SELECT ${sql} FROM t`, name)).toBe(true);
  });

  test('however it is quoted, and by no other name', () => {
    const quotings = fc.constantFrom<(name: string) => string>(
      (name) => `"${name.replaceAll('"', '""')}"`,
      (name) => `'${name.replaceAll("'", "''")}'`,
      (name) => `\`${name.replaceAll('`', '``')}\``,
    );
    const name = fc.string({ unit: fc.constantFrom('a', '"', "'", '`', '[', ']', '-', '/', '*', ' ') });
    fc.assert(
      fc.property(quotings, name, name, (quoting, said, asked) => {
        expect(mentions(`x = ${quoting(said)};`, asked)).toBe(said === asked);
        expect(quotedIn(`x = ${quoting(said)};`)).toEqual([said]);
      }),
    );
  });
});

test.each([
  ['DEFAULT \'it\'\'s\', "a""b", `c`, [d], e', ["it's", 'a"b', 'c', 'd']],
  ["'' -- 'no'\n/* 'no' */", ['']],
  ['(a = 1)', []],
])('between quotes in %s stands %j', (sql, expected) => {
  expect(quotedIn(sql)).toEqual(expected);
});

test.each([
  ['SELECT x FROM users', true],
  ['CREATE TRIGGER r AFTER INSERT ON "Users" BEGIN SELECT 1; END', true],
  ['DELETE FROM users', true],
  ['INSERT INTO users SELECT * FROM users', true],
  ['INSERT INTO users VALUES (1)', false],
  ['insert into "Users"(name) VALUES (1)', false],
  ['INSERT INTO other SELECT 1 -- FROM users', false],
  ['users', true],
  ['', false],
])('that %s reads users is %s', (sql, expected) => {
  expect(namesReadIn(sql).has('users')).toBe(expected);
});

describe('in parentheses after a word', () => {
  test.each<[string, string, string[]]>([
    ['a column that is computed', 'CREATE TABLE t(a, b TEXT AS (a || 1) STORED)', ['a || 1']],
    ['several', 'CREATE TABLE t(a, b as(lower(a)), c GENERATED ALWAYS As ( b ))', ['lower(a)', ' b ']],
    ['one in the other, which is part of it', 'AS (CAST(a AS (b))), c AS (d)', ['CAST(a AS (b))', 'd']],
    ['nothing', 'AS ()', ['']],
    ['a parenthesis that is a string', 'AS (a || \')\' || ")" || `)` || [)])', ['a || \')\' || ")" || `)` || [)]']],
    ['an opening one that is a string', "AS (a || '(')", ["a || '('"]],
    ['a parenthesis in a comment', 'AS (a /* ) */ -- )\n)', ['a /* ) */ -- )\n']],
    ['comments before', 'AS /* so */ -- here\n (a)', ['a']],
  ])('stands %s', (_, sql, expected) => {
    expect(inParenthesesAfter(sql, 'AS')).toEqual(expected);
  });

  test.each([
    ['another word', 'CHECK (a), BASE (a), ASK (a)'],
    ['a name that reads like the word', '"AS" (a), [as] (a)'],
    ['the word, but not at once', 'CAST(a AS TEXT), b AS c(d)'],
    ['a string that is a parenthesis', 'x AS "(" (a)'],
    ['the word at the end', 'a AS'],
    ['one that is not closed', 'AS (a, (b), c'],
    ['one whose end is a string', "AS (a ')'"],
  ])('but nothing after %s', (_, sql) => {
    expect(inParenthesesAfter(sql, 'AS')).toEqual([]);
  });

  test('of the word that is asked for', () => {
    const sql = 'CREATE TABLE t(a CHECK (a > 0), b AS (a + 1), CHECK (a < 9))';
    expect(inParenthesesAfter(sql, 'CHECK')).toEqual(['a > 0', 'a < 9']);
  });
});

describe('the settings of a virtual table', () => {
  test.each<[string, [string, string][]]>([
    ["fts5(body, content='posts')", [['content', 'posts']]],
    [
      'fts5(content=posts, content_rowid = "id")',
      [
        ['content', 'posts'],
        ['content_rowid', 'id'],
      ],
    ],
    ["fts5(body, content='it''s')", [['content', "it's"]]],
    ['fts5(body, content=[my posts])', [['content', 'my posts']]],
    ["fts5(body, content='')", [['content', '']]],
    ['fts4(body, content=my-posts and more , x)', [['content', 'my-posts and more']]],
    ['fts4(body, content=)', [['content', '']]],
    ["fts5(body, -- , content='other'\n content='posts')", [['content', 'posts']]],
    ['fts5(body, tokenize = "x \',content=y,\'")', [['tokenize', "x ',content=y,'"]]],
    ['fts5(body, content = ")", x)', [['content', ')']]],
    ['fts5(body, content=posts', [['content', 'posts']]],
    ['fts5(body, content=', []],
    ['fts5(body, content)', []],
    ['fts5(body content=posts)', []],
    ['fts5(body "," content=posts)', []],
    ['fts5(body, content "=" posts)', []],
  ])('%s', (sql, expected) => {
    expect(settingsIn(`CREATE VIRTUAL TABLE f USING ${sql}`)).toEqual(expected);
  });
});

describe('a condition stays between parentheses', () => {
  test.each([
    'active = 1',
    "(a = 1 OR b = 2) AND name IN ('x', 'y')",
    "note <> ')' AND note <> '('",
    'a = "it""s)" AND `b``c` = 1 AND [d)] = 2',
    "a = ';--/*'",
    "a = '' AND b = ''''",
    'a - 1 > b / 2',
    '',
  ])('%s', (sql) => {
    expect(isOneExpression(sql)).toBe(true);
  });

  test.each([
    ['closes one that it did not open', '1) OR (1'],
    ['closes one at its end', 'a = 1)'],
    ['leaves one open', '(a = 1'],
    ['ends a statement', 'a = 1; DROP TABLE t'],
    ['hides the rest in a comment', 'a = 1 -- and'],
    ['hides the rest in a comment without an end', 'a = 1 /* and'],
    ['has a comment inside', 'a = /* one */ 1'],
    ['leaves a string open', "a = 'x"],
    ['leaves a string open after two quotes', "a = 'x''"],
    ['is a quote', "'"],
    ['leaves a name open', 'a = "x'],
    ['leaves a name open in backticks', 'a = `x'],
    ['leaves a name open in brackets', 'a = [x'],
    ['opens a bracket', '['],
  ])('but not one that %s', (_, sql) => {
    expect(isOneExpression(sql)).toBe(false);
  });
});

describe('definitions of 240 KB take time by their length', () => {
  test.each(['CHECK(', 'CHECK(a) ', 'CHECK((', 'AS (a', ' a = b,', '(a=', ',a=(', "('", '[', '/*', '"a"=', 'a '])(
    '%s',
    (piece) => {
      const sql = `CREATE TABLE t(${piece.repeat(240_000 / piece.length)}`;
      const begun = process.cpuUsage();
      for (const word of ['CHECK', 'AS']) namesIn(inParenthesesAfter(sql, word).join('\n'));
      settingsIn(sql);
      namesReadIn(sql);
      quotedIn(sql);
      isOneExpression(sql);
      expect(process.cpuUsage(begun).user / 1000, 'ms').toBeLessThan(5000);
    },
  );
});
