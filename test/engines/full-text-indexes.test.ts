import { describe, expect, test } from 'vitest';
import { declaredIn } from '../../src/core/privacy/declared.ts';
import type { PrivacyConfig } from '../../src/core/privacy/settings.ts';
import { contentOf } from '../../src/engines/sqlite/sql/indexes.ts';
import { shapesOf } from '../support/shapes.ts';

describe('what a full-text table is about', () => {
  test.each([
    ["fts5(body, content='posts')", 'posts'],
    ['fts5(body, content="my posts", content_rowid=id)', 'my posts'],
    ["fts5(body, CONTENT = 'posts')", 'posts'],
    ["fts5(body, content='it''s')", "it's"],
    ["fts5(body, c='posts')", 'posts'],
    ["fts5(body, -- , content='older'\n content='posts')", 'posts'],
    ["fts5(body, tokenize = \"unicode61 tokenchars ',content=x'\", content='posts')", 'posts'],
    ['fts4(body, content=my-posts)', 'my-posts'],
    ["fts4(body, content=older, content='posts')", 'posts'],
    ["fts5(body, content='')", ''],
  ])('%s is about %j', (sql, about) => {
    expect(contentOf(`CREATE VIRTUAL TABLE found USING ${sql}`)).toBe(about);
  });

  test.each([
    'fts5(body)',
    'fts5(body, content)',
    "fts5(body, content_rowid='id', contentless_delete=1)",
    "fts5(body, columnsize=0, detail='none', prefix='2 3')",
    'fts5(body, tokenize = "unicode61 tokenchars \',content=x\'")',
  ])('%s keeps its own text', (sql) => {
    expect(contentOf(`CREATE VIRTUAL TABLE found USING ${sql}`)).toBeUndefined();
  });
});

/** Every virtual table that tells, what it tells, and whether it can be made again. */
function telling(
  sql: readonly string[],
  left: { readonly redacted?: Record<string, readonly string[]>; readonly partial?: readonly string[] },
  { byName = true, ...config }: PrivacyConfig & { readonly byName?: boolean } = {},
) {
  const { tables, leakingTables, fold } = shapesOf(sql);
  const sources = { redacted: new Map(Object.entries(left.redacted ?? {})), partial: new Set(left.partial) };
  const found = leakingTables(declaredIn(config, tables, fold), sources, byName);
  return found.map(({ table, columns, canBeMadeAgain }) => [table.name, columns, canBeMadeAgain]);
}

describe('a full-text table about another one', () => {
  const PEOPLE = 'CREATE TABLE people(id INTEGER PRIMARY KEY, name, ssn)';
  const ABOUT = "CREATE VIRTUAL TABLE found USING fts5(name, ssn, content='People')";
  const redacted = { people: ['SSN'] };

  test('tells the columns of it that are left out', () => {
    expect(telling([PEOPLE, ABOUT], { redacted })).toEqual([['found', ['ssn'], true]]);
    expect(telling([PEOPLE, ABOUT], { redacted: { other: ['ssn'], people: ['id'] } })).toEqual([]);
    expect(telling([PEOPLE, ABOUT], {})).toEqual([]);
  });

  test('tells the rows of it that are left out', () => {
    expect(telling([PEOPLE, ABOUT], { partial: ['people'] })).toEqual([['found', [], true]]);
    expect(telling([PEOPLE, ABOUT, 'CREATE TABLE log(x)'], { partial: ['log'] })).toEqual([]);
  });

  test('tells nothing where somebody says so, or leaves it out', () => {
    expect(telling([PEOPLE, ABOUT], { redacted }, { keep: { found: ['ssn'] } })).toEqual([]);
    expect(telling([PEOPLE, ABOUT], { redacted }, { keep: { found: ['name'] } })).toEqual([['found', ['ssn'], true]]);
    // To keep a column is not to keep rows.
    expect(telling([PEOPLE, ABOUT], { redacted, partial: ['people'] }, { keep: { found: ['ssn'] } })).toEqual([
      ['found', [], true],
    ]);
    expect(telling([PEOPLE, ABOUT], { redacted }, { exclude: { found: 'rows' } })).toEqual([]);
  });

  test('is none that is an ordinary table itself', () => {
    expect(telling([PEOPLE, 'CREATE TABLE found(ssn)'], { redacted, partial: ['people'] })).toEqual([]);
  });

  test('of which a column is called like a credential is that of the other', () => {
    const secrets = [
      'CREATE TABLE people(password)',
      "CREATE VIRTUAL TABLE found USING fts5(password, content='people')",
    ];
    expect(telling(secrets, {})).toEqual([]);
  });

  test.each([
    ['a computed column', 'words TEXT AS (name || ssn)', ['words', 'more']],
    ['one that is computed from a computed one', "words AS (more || '!')", ['words', 'more']],
    ['what is computed from others', 'words TEXT AS (lower(name))', []],
    ['a column that merely checks it', "words DEFAULT 'x' CHECK (ssn <> words)", []],
  ])('tells %s', (_, column, columns) => {
    const more = columns.length > 0 ? ", more AS (ssn || '?')" : '';
    const tables = [
      `CREATE TABLE people(name, ssn, ${column}${more})`,
      "CREATE VIRTUAL TABLE found USING fts5(name, words, more, content='people')",
    ];
    expect(telling(tables, { redacted })).toEqual(columns.length > 0 ? [['found', columns, true]] : []);
  });
});

test('a computed column tells where it needs any of what is left out', () => {
  const tables = [
    'CREATE TABLE people(ssn, pin, words AS (ssn))',
    "CREATE VIRTUAL TABLE found USING fts5(words, content='people')",
  ];
  expect(telling(tables, { redacted: { people: ['ssn', 'pin'] } })).toEqual([['found', ['words'], true]]);
});

describe('a full-text table about a view', () => {
  const PEOPLE = 'CREATE TABLE people(id INTEGER PRIMARY KEY, name, ssn)';
  const FOUND = "CREATE VIRTUAL TABLE found USING fts5(name, words, content='shown')";
  const redacted = { people: ['ssn'] };

  test.each<[string, string[], unknown[]]>([
    ['shows what is left out', ['CREATE VIEW Shown AS SELECT name, ssn AS words FROM people'], ['name', 'words']],
    [
      'shows it through another view',
      [
        'CREATE VIEW other AS SELECT ssn AS s FROM people',
        'CREATE VIEW shown AS SELECT 1 AS name, s AS words FROM other',
      ],
      ['name', 'words'],
    ],
    [
      'shows something else, as another view shows it',
      ['CREATE VIEW other AS SELECT ssn FROM people', 'CREATE VIEW shown AS SELECT name, 1 AS words FROM people'],
      [],
    ],
    ['shows another table', ['CREATE TABLE t(ssn)', 'CREATE VIEW shown AS SELECT 1 AS name, ssn AS words FROM t'], []],
  ])('that %s', (_, between, columns) => {
    expect(telling([PEOPLE, ...between, FOUND], { redacted })).toEqual(
      columns.length === 0 ? [] : [['found', columns, true]],
    );
  });

  test('that shows all columns tells those of the same name', () => {
    const all = ['CREATE VIEW shown AS SELECT * FROM people', FOUND.replace('words', 'ssn')];
    expect(telling([PEOPLE, ...all], { redacted })).toEqual([['found', ['ssn'], true]]);
  });

  test('tells the rows of every table behind it', () => {
    const views = [
      'CREATE VIEW other AS SELECT name FROM people',
      'CREATE VIEW shown AS SELECT name, 1 AS words FROM other',
    ];
    expect(telling([PEOPLE, ...views, FOUND], { partial: ['people'] })).toEqual([['found', [], true]]);
  });
});

describe('a full-text table that keeps its own text', () => {
  const PEOPLE = 'CREATE TABLE people(id INTEGER PRIMARY KEY, name, ssn)';
  const POSTS = 'CREATE TABLE posts(id INTEGER PRIMARY KEY, author, body)';
  const FOUND = 'CREATE VIRTUAL TABLE found USING fts5(words)';
  const redacted = { people: ['ssn'] };
  const trigger = (on: string, what: string) => `CREATE TRIGGER fill AFTER INSERT ON ${on} BEGIN ${what}; END`;

  test.each<[string, string, string[]]>([
    ['the column', trigger('people', 'INSERT INTO found VALUES (new.ssn)'), ['words']],
    ['the column, under a condition', trigger('people', 'INSERT INTO found SELECT 1 WHERE new.ssn > 1'), ['words']],
    ['another column of the table', trigger('people', 'INSERT INTO found VALUES (new.name)'), []],
    [
      'the column of a table that it looks up',
      trigger('posts', 'INSERT INTO found SELECT ssn FROM people WHERE id = new.author'),
      ['words'],
    ],
    ['a column so called of another table', trigger('posts', 'INSERT INTO found SELECT 1 AS ssn'), []],
    ['another table', trigger('people', 'INSERT INTO posts(body) VALUES (new.ssn)'), []],
  ])('tells what triggers fill it with: %s', (_, fill, columns) => {
    expect(telling([PEOPLE, POSTS, FOUND, fill], { redacted })).toEqual(
      columns.length === 0 ? [] : [['found', columns, false]],
    );
  });

  test('tells what a trigger takes through a view', () => {
    const view = 'CREATE VIEW shown AS SELECT id, ssn AS code FROM people';
    const through = trigger('posts', 'INSERT INTO found SELECT code FROM shown WHERE id = new.author');
    expect(telling([PEOPLE, POSTS, view, FOUND, through], { redacted })).toEqual([['found', ['words'], false]]);
  });

  test('tells the rows of whatever it is filled from, and not of what is filled at the same time', () => {
    const both = trigger('posts', 'INSERT INTO found VALUES (new.body); INSERT INTO people(name) VALUES (1)');
    expect(telling([PEOPLE, POSTS, FOUND, both], { partial: ['posts'] })).toEqual([['found', [], false]]);
    expect(telling([PEOPLE, POSTS, FOUND, both], { partial: ['people'] })).toEqual([]);
    const looked = trigger('posts', 'INSERT INTO found SELECT name FROM people');
    expect(telling([PEOPLE, POSTS, FOUND, looked], { partial: ['people'] })).toEqual([['found', [], false]]);
  });

  test('is not filled by who reads it, nor by a trigger of the name of something that is read', () => {
    const view = 'CREATE VIEW shown AS SELECT ssn AS found FROM people, found';
    expect(telling([PEOPLE, FOUND, view], { redacted, partial: ['people'] })).toEqual([]);
    const other = trigger('people', 'UPDATE people SET name = new.ssn').replace('fill', 'body');
    const fill = trigger('posts', 'INSERT INTO found VALUES (new.body)');
    expect(telling([PEOPLE, POSTS, FOUND, other, fill], { redacted, partial: ['people'] })).toEqual([]);
  });

  test('is no source of another one that is filled at the same time', () => {
    const other = 'CREATE VIRTUAL TABLE other USING fts5(words)';
    const both = trigger('posts', "INSERT INTO found(found) VALUES ('x'); INSERT INTO other(other) VALUES ('x')");
    expect(telling([POSTS, FOUND, other, both], { partial: ['other'] }, { exclude: { other: 'rows' } })).toEqual([]);
  });

  test('tells columns that are called like a credential, unless nothing is left out by name', () => {
    const secrets = ['CREATE VIRTUAL TABLE found USING fts5(name, password)'];
    expect(telling(secrets, {})).toEqual([['found', ['password'], false]]);
    expect(telling(secrets, {}, { keep: { found: ['password'] } })).toEqual([]);
    expect(telling(secrets, {}, { byName: false })).toEqual([]);
    expect(telling(["CREATE VIRTUAL TABLE found USING fts5(password, content='')"], {})).toEqual([
      ['found', ['password'], false],
    ]);
  });
});
