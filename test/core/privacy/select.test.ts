import { describe, expect, test } from 'vitest';
import { OverwinterError } from '../../../src/core/errors.ts';
import { type Privacy, selectionOf, settlementOf } from '../../../src/core/privacy/select.ts';
import { shapesOf } from '../../support/shapes.ts';

const USERS = 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT)';

const select = (sql: readonly string[], privacy: Privacy = {}) => selectionOf(privacy, shapesOf(sql));

function refusal(sql: readonly string[], privacy: Privacy = {}): OverwinterError {
  try {
    select(sql, privacy);
  } catch (error) {
    if (error instanceof OverwinterError && error.code === 'CONFIG_INVALID') return error;
    throw error;
  }
  return expect.unreachable('it is not refused');
}

describe('a backup leaves out', () => {
  test.each<[string, string[], Privacy, object]>([
    ['nothing of no tables, whatever is said of them', [], { exclude: { users: 'rows' } }, {}],
    ['columns that look like credentials', [USERS], {}, { redacted: { users: ['password_hash'] }, values: {} }],
    ['none of them where nothing goes by name', [USERS], { byName: false }, { values: {} }],
    [
      'what is known of a table that a framework makes',
      ['CREATE TABLE credentials_entity(id TEXT, name TEXT, data TEXT)', 'CREATE TABLE jobs(id TEXT, payload TEXT)'],
      {},
      { redacted: { credentials_entity: ['data'] }, values: {} },
    ],
    [
      'what is known of one with these columns, but not of its namesake',
      [
        'CREATE TABLE sessions(n INTEGER PRIMARY KEY, id TEXT, payload TEXT, last_activity INTEGER)',
        'CREATE TABLE session(id TEXT, title TEXT, data TEXT, room TEXT)',
      ],
      {},
      { redacted: { sessions: ['id', 'payload'] }, values: {} },
    ],
    [
      'none that is known of its table and to be kept',
      ['CREATE TABLE credentials_entity(id TEXT, data TEXT)'],
      { keep: { credentials_entity: ['data'] } },
      { values: {} },
    ],
    ['none that is to be kept', [USERS], { keep: { Users: ['Password_Hash'] } }, { values: {} }],
    [
      'those that are not kept',
      ['CREATE TABLE t(password, secret)', 'CREATE TABLE s(password)'],
      { keep: { t: ['secret'] } },
      { redacted: { t: ['password'], s: ['password'] }, values: {} },
    ],
    [
      'columns that are named, in the order and the case of the table',
      [USERS],
      { byName: false, redact: { USERS: ['PASSWORD_HASH', 'Name'] } },
      { redacted: { users: ['name', 'password_hash'] }, values: {} },
    ],
    [
      'a column that is named and kept',
      [USERS],
      { keep: { users: ['name', 'password_hash'] }, redact: { users: ['name'] } },
      { redacted: { users: ['name'] }, values: {} },
    ],
    [
      'columns for which something else stands there',
      [USERS],
      { redact: { users: { name: 'someone', password_hash: null } } },
      {
        redacted: { users: ['name', 'password_hash'] },
        replaced: { users: ['name'] },
        values: { users: { name: 'someone' } },
      },
    ],
    [
      'columns for which something empty stands there',
      ['CREATE TABLE t(a, b)'],
      { redact: { t: { a: '', b: 0 } } },
      { redacted: { t: ['a', 'b'] }, replaced: { t: ['a', 'b'] }, values: { t: { a: '', b: 0 } } },
    ],
    ['rows', [USERS], { byName: false, include: { USERS: 'id > 1' } }, { included: { users: 'id > 1' }, values: {} }],
    [
      'all rows, and then no column',
      [USERS],
      { exclude: { Users: 'rows' } },
      { excluded: { users: 'rows' }, values: {} },
    ],
    [
      'all rows of a table of which only some are asked for',
      [USERS],
      { include: { users: 'id > 1' }, exclude: { users: 'rows' } },
      { excluded: { users: 'rows' }, values: {} },
    ],
    ['a table', [USERS], { exclude: { users: 'whole' } }, { excluded: { users: 'whole' }, values: {} }],
    [
      'a table that is gone',
      [USERS],
      { keep: { users: ['password_hash'] }, exclude: { sessions: 'whole' } },
      { excluded: { sessions: 'whole' }, values: {} },
    ],
    [
      'nothing of a column that points to another table',
      ['CREATE TABLE tokens(id INTEGER PRIMARY KEY)', 'CREATE TABLE t(Token TEXT REFERENCES tokens, x)'],
      {},
      { values: {} },
    ],
    [
      'such a column where it is named',
      ['CREATE TABLE tokens(id INTEGER PRIMARY KEY)', 'CREATE TABLE t(token TEXT REFERENCES tokens, x)'],
      { redact: { t: ['token'] } },
      { redacted: { t: ['token'] }, values: {} },
    ],
    [
      'nothing of several that point there together',
      ['CREATE TABLE k(a, b, UNIQUE (a, b))', 'CREATE TABLE t(x, token, FOREIGN KEY (x, token) REFERENCES k(a, b))'],
      {},
      { values: {} },
    ],
    [
      'nothing of a number or of the hash of a file',
      ['CREATE TABLE t(token INTEGER)', 'CREATE TABLE files(hash TEXT)'],
      {},
      { values: {} },
    ],
    ['nothing of a column that is computed', ['CREATE TABLE t(a, password AS (lower(a)))'], {}, { values: {} }],
    [
      'the index about a column that is left out',
      [USERS, "CREATE VIRTUAL TABLE found USING fts5(password_hash, content='users')"],
      {},
      { redacted: { users: ['password_hash'] }, excluded: { found: 'rows' }, values: {} },
    ],
    [
      'the index about rows that are left out, whatever is to be in it',
      [USERS, "CREATE VIRTUAL TABLE found USING fts5(name, content='users')"],
      { byName: false, include: { users: 'id > 1', found: 'rowid > 1' } },
      { included: { users: 'id > 1' }, excluded: { found: 'rows' }, values: {} },
    ],
    [
      'the index about rows that are all left out',
      [USERS, "CREATE VIRTUAL TABLE found USING fts5(name, content='users')"],
      { exclude: { users: 'rows' } },
      { excluded: { users: 'rows', found: 'rows' }, values: {} },
    ],
    [
      'nothing of the tables of an index by itself',
      ['CREATE VIRTUAL TABLE password USING fts5(name)'],
      {},
      { values: {} },
    ],
  ])('%s', (_, sql, privacy, expected) => {
    expect(select(sql, privacy)).toEqual(expected);
  });
});

describe('a configuration is refused that names', () => {
  test.each<[string, Privacy, string]>([
    ['no table', { redact: { usres: ['name'] } }, "'redact' names 'usres', which is no table; did you mean 'users'?"],
    ['another word than any', { include: { nothing: '1' } }, "'include' names 'nothing', which is no table."],
    [
      'no column',
      { keep: { users: ['nmae'] } },
      "'keep' names 'nmae', which is no column of users; did you mean 'name'?",
    ],
    ['no column to replace', { redact: { users: { ssn: '' } } }, "'redact' names 'ssn', which is no column of users."],
    ['rows of no table', { exclude: { sessions: 'rows' } }, "'exclude' names 'sessions', which is no table."],
    ['a table that reads like another', { exclude: { user: 'whole' } }, "did you mean 'users'?"],
    ['a table of an index', { exclude: { found_data: 'rows' } }, "'exclude' names 'found_data', which is no table."],
  ])('%s', (_, privacy, message) => {
    expect(refusal([USERS, 'CREATE VIRTUAL TABLE found USING fts5(x)'], privacy).message).toContain(message);
  });
});

/** What cannot be left out: the definitions, what is said, the sentence, and what would settle it. */
const OBSTACLES: [string, string[], Privacy, string, object][] = [
  [
    'a key',
    ['CREATE TABLE s(token TEXT PRIMARY KEY, x)'],
    {},
    "looks like a credential, but s.token is part of its table's key.",
    { exclude: { s: 'rows' } },
  ],
  [
    'a part of a key',
    ['CREATE TABLE s(x, token TEXT, PRIMARY KEY (x, token))'],
    {},
    "s.token is part of its table's key.",
    { exclude: { s: 'rows' } },
  ],
  [
    'what is computed',
    ['CREATE TABLE t(a, b AS (a))'],
    { redact: { t: ['b'] } },
    "is in 'redact', but t.b is computed from other columns: what is to be left out are those.",
    { exclude: { t: 'rows' } },
  ],
  [
    'what others point to',
    ['CREATE TABLE t(id INTEGER PRIMARY KEY, Token TEXT UNIQUE)', 'CREATE TABLE other(x REFERENCES T(token))'],
    {},
    't.Token is what rows of other point to.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what others point to together with more',
    ['CREATE TABLE t(a, token, UNIQUE (a, token))', 'CREATE TABLE o(x, y, FOREIGN KEY (x, y) REFERENCES t(a, token))'],
    {},
    't.token is what rows of o point to.',
    { exclude: { t: 'rows' } },
  ],
  [
    'one without which no two rows could come back',
    ['CREATE TABLE t(x, token TEXT NOT NULL UNIQUE)'],
    {},
    't.token is NOT NULL and UNIQUE: no two rows could come back.',
    { exclude: { t: 'rows' } },
  ],
  [
    'one of several that must differ, and may not be NULL',
    ['CREATE TABLE t(x, token TEXT NOT NULL, UNIQUE (x, token))'],
    {},
    't.token is NOT NULL and UNIQUE: no two rows could come back.',
    { exclude: { t: 'rows' } },
  ],
  [
    'one value for all rows that must differ',
    ['CREATE TABLE t(x, token TEXT UNIQUE)'],
    { redact: { t: { token: 'x' } } },
    "is in 'redact', but t.token is UNIQUE: no two rows could have the same declared value.",
    { exclude: { t: 'rows' } },
  ],
  [
    'what an index on an expression must see differ',
    ['CREATE TABLE t(x, token TEXT)', 'CREATE UNIQUE INDEX i ON t(lower(token))'],
    {},
    't.token decides in a UNIQUE index which rows must differ.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what decides which rows an index holds',
    ['CREATE TABLE t(x, token TEXT)', 'CREATE UNIQUE INDEX i ON t(x) WHERE Token IS NULL'],
    {},
    't.token decides in a UNIQUE index which rows must differ.',
    { exclude: { t: 'rows' } },
  ],
  [
    'one that must have a value',
    ['CREATE TABLE t(x, token TEXT NOT NULL, secret TEXT NOT NULL)'],
    {},
    't.token is NOT NULL without a default: a restore would have nothing to put there; and t.secret is NOT NULL without',
    { redact: { t: { token: '', secret: '' } } },
  ],
  [
    'what something NOT NULL is computed from',
    ["CREATE TABLE t(x, token TEXT, y TEXT NOT NULL AS (token || '!'))"],
    {},
    't.token is what a column that is NOT NULL or UNIQUE is computed from.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what something UNIQUE is computed from',
    ["CREATE TABLE t(x, token TEXT, y TEXT AS (token || '!') UNIQUE)"],
    {},
    't.token is what a column that is NOT NULL or UNIQUE is computed from.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what something UNIQUE together with more is computed from, among others',
    ["CREATE TABLE t(x UNIQUE, token TEXT, z AS (x), y TEXT AS (token || '!'), UNIQUE (x, y))"],
    {},
    't.token is what a column that is NOT NULL or UNIQUE is computed from.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what may not be NULL either',
    ["CREATE TABLE t(x, token TEXT NOT NULL, y TEXT AS (token || '!') UNIQUE)"],
    {},
    't.token is what a column that is NOT NULL or UNIQUE is computed from.',
    { exclude: { t: 'rows' } },
  ],
  [
    'what rows are known by that an index has too',
    [
      'CREATE TABLE s(token TEXT PRIMARY KEY, note TEXT)',
      'CREATE TABLE t(token TEXT NOT NULL)',
      'CREATE VIRTUAL TABLE found USING fts5(note)',
      'CREATE TRIGGER fill AFTER INSERT ON s BEGIN INSERT INTO found VALUES (new.note); END',
    ],
    {},
    "s.token is part of its table's key",
    { redact: { t: { token: '' } }, exclude: { s: 'rows', found: 'rows' } },
  ],
  [
    'what a full-text table has once more',
    ['CREATE VIRTUAL TABLE found USING fts5(name, password)'],
    {},
    'looks like a credential, but found.password stands once more in the index of this virtual table',
    { exclude: { found: 'rows' } },
  ],
  [
    'several, of which one does not do with a value',
    [
      'CREATE TABLE t(x, token TEXT NOT NULL)',
      'CREATE TABLE u(token TEXT NOT NULL, password TEXT PRIMARY KEY)',
      'CREATE TABLE v(secret TEXT)',
    ],
    {},
    "t.token is NOT NULL without a default: a restore would have nothing to put there; and u.token is NOT NULL without a default: a restore would have nothing to put there; and u.password is part of its table's key.",
    { redact: { t: { token: '' } }, exclude: { u: 'rows' } },
  ],
];

describe('what a restore could not do without', () => {
  test.each(OBSTACLES)('is not left out: %s', (_, sql, privacy, sentence) => {
    expect(refusal(sql, privacy).message).toContain(sentence);
  });

  test.each(OBSTACLES)('may be settled as the hint says: %s', (_, sql, privacy, _sentence, settlement) => {
    const shapes = shapesOf(sql);
    if (privacy.redact === undefined) expect(settlementOf(shapes)).toEqual(settlement);
    expect(() => selectionOf(settlement, shapes)).not.toThrow();
  });

  test.each<[string, string[], Privacy?]>([
    ['one that may be NULL', ['CREATE TABLE t(x, token TEXT)']],
    ['one with a default', ["CREATE TABLE t(x, token TEXT NOT NULL DEFAULT '')"]],
    ['one with a value', ['CREATE TABLE t(x, token TEXT NOT NULL)'], { redact: { t: { token: '' } } }],
    ['one that must differ, but may be NULL', ['CREATE TABLE t(x, token TEXT UNIQUE)']],
    ['one in an index that makes them differ', ['CREATE TABLE t(x, token TEXT)', 'CREATE UNIQUE INDEX i ON t(token)']],
    [
      'one beside others in such an index',
      ['CREATE TABLE t(x, token TEXT)', 'CREATE UNIQUE INDEX i ON t(lower(x), Token)'],
    ],
    ['one in an index that lets rows be equal', ['CREATE TABLE t(token TEXT)', 'CREATE INDEX i ON t(lower(token))']],
    ['one beside a unique index', ['CREATE TABLE t(x, token TEXT)', 'CREATE UNIQUE INDEX i ON t(lower(x))']],
    ['one beside what is computed', ['CREATE TABLE t(x, token TEXT, y TEXT NOT NULL AS (x))']],
    [
      'one from which something is computed that may be NULL',
      ['CREATE TABLE t(x UNIQUE, token TEXT, y TEXT AS (token))'],
    ],
    [
      'one beside what others point to',
      ['CREATE TABLE t(id INTEGER PRIMARY KEY, token)', 'CREATE TABLE o(x REFERENCES t(id))'],
    ],
    [
      'one called like what others point to',
      ['CREATE TABLE t(token)', 'CREATE TABLE s(id PRIMARY KEY)', 'CREATE TABLE o(token REFERENCES s(id))'],
    ],
  ])('is not %s', (_, sql, privacy = {}) => {
    expect(select(sql, privacy).redacted).toEqual({ t: ['token'] });
    if (privacy.redact === undefined) expect(settlementOf(shapesOf(sql))).toBeUndefined();
  });

  test('of users is saved with them, rather than that they are not', () => {
    const shapes = shapesOf([
      'CREATE TABLE users(id TEXT PRIMARY KEY, tokenKey TEXT NOT NULL UNIQUE, password TEXT NOT NULL)',
      'CREATE TABLE sessions(sid TEXT PRIMARY KEY, sess TEXT NOT NULL)',
    ]);
    const settlement = settlementOf(shapes);
    expect(settlement).toEqual({
      keep: { users: ['tokenKey'] },
      redact: { users: { password: '' } },
      exclude: { sessions: 'rows' },
    });
    expect(selectionOf(settlement ?? {}, shapes).redacted).toEqual({ users: ['password'] });
  });

  test('is told with the lines that may be pasted', () => {
    const { hint } = refusal(['CREATE TABLE t(x, token TEXT NOT NULL)', 'CREATE TABLE s(x, sid PRIMARY KEY)'], {
      redact: { s: ['sid'] },
    });
    expect(hint).toContain("overwinter.config.ts redact: { t: { token: '' } }, exclude: { s: 'rows' }, which");
    expect(hint).toContain("or, to save it as it is, keep: { t: ['token'], s: ['sid'] }.");
  });

  test('is told of rows without a word on columns', () => {
    const { message, hint } = refusal(
      [
        USERS,
        'CREATE VIRTUAL TABLE found USING fts5(name)',
        'CREATE TRIGGER fill AFTER INSERT ON users BEGIN INSERT INTO found VALUES (new.name); END',
      ],
      { byName: false, include: { users: 'id > 1' } },
    );
    expect(message).toContain("what 'include' or 'exclude' says, but found has the words of such rows in an index");
    expect(hint).toContain("exclude: { found: 'rows' }, which is what a restore then brings back. ");
  });
});

describe('a table is not left out whole', () => {
  const LOG = 'CREATE TABLE log(id INTEGER PRIMARY KEY)';
  test.each<[string, string[], string]>([
    ['that a foreign key needs', ['CREATE TABLE t(x REFERENCES Log)'], 'the foreign key of t'],
    ['that a view needs', ['CREATE VIEW shown AS SELECT * FROM LOG'], 'the view shown'],
    [
      "that another table's trigger needs",
      ['CREATE TABLE t(x)', 'CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES (1); END'],
      'the trigger r',
    ],
  ])('%s', (_, more, what) => {
    const { message, hint } = refusal([LOG, ...more], { exclude: { log: 'whole' } });
    expect(message).toBe(`The table log cannot be left out whole: ${what} needs it.`);
    expect(hint).toContain("exclude: { log: 'rows' }");
    expect(select([LOG, ...more], { exclude: { log: 'rows' } }).excluded).toEqual({ log: 'rows' });
  });

  test.each<[string, string[], Privacy['exclude']]>([
    ['its own trigger', ['CREATE TRIGGER r AFTER INSERT ON log BEGIN DELETE FROM log; END'], {}],
    ['a reference to itself', ['CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree)'], { tree: 'whole' }],
    ['a table that goes too', ['CREATE TABLE t(x REFERENCES log)'], { t: 'whole' }],
    ['a table that says nothing of it', ['CREATE TABLE t(x)', 'CREATE VIEW v AS SELECT x FROM t'], {}],
  ])('but %s does not need it', (_, more, exclude) => {
    const all = { log: 'whole', ...exclude } as const;
    expect(select([LOG, ...more], { exclude: all }).excluded).toEqual(all);
  });
});

test('a name means what the database takes it for: SQLite does not tell large letters from small ones, others do', () => {
  const shapes = shapesOf([USERS, 'CREATE TABLE t(who REFERENCES Users)']);
  const exact = { ...shapes, fold: (name: string) => name };
  const privacy: Privacy = { redact: { USERS: ['Name'] } };
  expect(selectionOf(privacy, shapes).redacted).toEqual({ users: ['name', 'password_hash'] });
  expect(() => selectionOf(privacy, exact)).toThrow(/USERS/);
  expect(() => selectionOf({ redact: { users: ['Name'] } }, exact)).toThrow(/Name/);
  expect(() => selectionOf({ exclude: { users: 'whole' } }, shapes)).toThrow(/foreign key/);
  expect(selectionOf({ exclude: { users: 'whole' } }, exact).excluded).toEqual({ users: 'whole' });
});
