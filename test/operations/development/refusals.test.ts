import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OverwinterError } from '../../../src/core/errors.ts';
import type { FakesConfig } from '../../../src/core/privacy/fake-kinds.ts';
import { backup } from '../../../src/operations/backup.ts';
import { makingFor } from '../../../src/operations/development/remake.ts';
import { restore } from '../../../src/operations/restore.ts';
import { look, projectWith } from '../../support/round-trip.ts';

const secret = Buffer.from('a secret of this test');

/** What comes of fakes in a database: what is said of the rows, or why not. */
async function making(sql: string, fakes: FakesConfig, share?: number) {
  const project = { ...projectWith((db) => db.exec(sql)), privacy: { byName: false } };
  await backup({ ...project, environment: 'production' }, { trigger: 'test' });
  const to = join(project.local, '..', 'made.db');
  const how = makingFor({ environment: 'test', fakes, secret, ...(share === undefined ? {} : { share }) });
  const made = await restore(project, { name: 'latest', to, making: how }).then(
    (result) => result.made,
    (error: OverwinterError) => error,
  );
  return { to, made, rows: (query: string) => look(to, (db) => db.prepare(query).raw().all()) };
}

const refused = async (sql: string, fakes: FakesConfig, share?: number) => {
  const { made, to } = await making(sql, fakes, share);
  expect(made).toBeInstanceOf(Error);
  expect(() => look(to, (db) => db.prepare('SELECT * FROM t').all())).toThrow();
  const { code, message, hint } = made as OverwinterError;
  return `${code}: ${message} ${hint}`;
};

const USERS = `CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL);
  INSERT INTO users VALUES (1, 'ada@corp.test', 'Ada Privlace'), (2, 'bob@corp.test', 'Bob Privson');`;

test('names that are not there are said, with the right one', async () => {
  expect(await refused(USERS, { user: { email: 'email' } })).toContain(
    "names 'user', which is no table in the backup; did you mean 'users'?",
  );
  expect(await refused(USERS, { users: { mail: 'email' } })).toContain("did you mean 'email'?");
});

test('a copy of what is faked is refused by its column, wherever it came from', async () => {
  const copied = `${USERS} CREATE TABLE audit(id INTEGER PRIMARY KEY, payload TEXT, at TEXT);
    CREATE TRIGGER copies AFTER UPDATE ON users BEGIN INSERT INTO audit(payload) VALUES (json_object('before', old.email)); END;
    UPDATE users SET email = 'new@corp.test' WHERE id = 1; INSERT INTO audit(payload) VALUES ('{"to": "bob@corp.test", "n": 1}')`;
  const said = await refused(copied, { users: { email: 'email' } });
  expect(said).toContain(
    'CONFIG_INVALID: Values that are to go stand elsewhere, too: audit.payload (email, in 1 row).',
  );
  expect(said).toContain("fake: { audit: { payload: 'email' } }");
  expect(said).not.toContain('bob@corp.test');
  expect(
    (await making(copied, { users: { email: 'email' }, audit: 'empty' })).rows('SELECT count(*) FROM audit'),
  ).toEqual([[0]]);
  const kept = await making(copied, { users: { email: 'email' }, audit: { payload: 'keep' } });
  expect(kept.rows("SELECT count(*) FROM audit WHERE payload LIKE '%bob@%'")).toEqual([[1]]);
});

const AUDITED = `CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, ssn TEXT, code INTEGER);
  INSERT INTO users VALUES (1, 'ada@corp.test', '078-05-1120', 4), (2, 'bob@corp.test', '219-09-9999', 5);
  CREATE TABLE sessions(id INTEGER PRIMARY KEY, token TEXT, user INTEGER, place TEXT, at TEXT);
  INSERT INTO sessions VALUES (1, 'kq8Zt41mWv', 1, 'Vienna', '2026-01-01 10:00'), (2, 'x71LpQ0a9B', 2, 'Linz', '2026-01-01 11:00');
  CREATE TABLE audit(id INTEGER PRIMARY KEY, note TEXT, at TEXT)`;

test('what a column that is emptied held is looked for as what is faked is', async () => {
  const copied = `${AUDITED}; INSERT INTO audit(note) VALUES ('{"ssn":"219-09-9999"}')`;
  expect(await refused(copied, { users: { ssn: null } })).toContain('audit.note (token, in 1 row)');
  expect(await refused(copied, { users: { ssn: null } })).toContain("{ audit: { note: 'token' } }");
  expect(
    (await making(copied, { users: { ssn: null }, audit: { note: 'keep' } })).rows('SELECT count(*) FROM audit'),
  ).toEqual([[1]]);
});

test('what a table that is emptied held is looked for, too', async () => {
  const copied = `${AUDITED}; INSERT INTO audit(note) VALUES ('signed in with kq8Zt41mWv')`;
  expect(await refused(copied, { sessions: 'empty' })).toContain('audit.note (token, in 1 row)');
  const { made, rows } = await making(
    // What people and times share is no copy.
    `${AUDITED}; INSERT INTO audit(note, at) VALUES ('a trip to Vienna', '2026-01-01 10:00')`,
    { sessions: 'empty' },
  );
  expect(made).toMatchObject({ notes: [] });
  expect(rows('SELECT note FROM audit')).toEqual([['a trip to Vienna']]);
});

const PHONED = `CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, phone TEXT);
  INSERT INTO users VALUES (1, 'ada@firm.org', '+43 660 123 45 67'), (2, 'Bob.O''Neil+x@firm.org', '0664/9876543'); CREATE TABLE log(line TEXT)`;

test.each([
  ['<a href="mailto:ada@firm.org?subject=x">', 'email'],
  ['user:eve@firm.org, user:ada@firm.org', 'email'],
  ['to=ada@firm.org;', 'email'],
  ['https://x.org/u/ada@firm.org/edit', 'email'],
  ['sent to ada@firm.org.', 'email'],
  ['AdaLace<ada@firm.org>', 'email'],
  ["Bob.O'Neil+x@firm.org wrote", 'email'],
  ['call +43 660 123 45 67 at noon', 'phone'],
  ['call +436601234567 at noon', 'phone'],
  ['call (+43) 660/1234567, at noon', 'phone'],
  ['tel:0664-98 76 543', 'phone'],
])('%s holds what is a copy', async (line, kind) => {
  const sql = `${PHONED}; INSERT INTO log VALUES ('${line.replaceAll("'", "''")}')`;
  expect(await refused(sql, { users: { email: 'email', phone: 'phone' } })).toContain(`log.line (${kind}, in 1 row)`);
});

test.each(['cada@firm.org', 'ada@firm.organic', 'order 12 of 345', '1 2 3 4 5 6 7 8 9', 'ada@firm.org.uk'])(
  '%s holds none',
  async (line) => {
    const { made } = await making(`${PHONED}; INSERT INTO log VALUES ('${line}')`, {
      users: { email: 'email', phone: 'phone' },
    });
    expect(made).toMatchObject({ notes: [] });
  },
);

test('a definition that names somebody is said by its name, and one that names nobody is not', async () => {
  const sql = `${PHONED}; CREATE VIEW hers AS SELECT * FROM log WHERE line = 'ada@firm.org'; CREATE VIEW all_of_them AS SELECT email FROM users;
    CREATE TABLE tasks(id INTEGER PRIMARY KEY, owner TEXT DEFAULT 'mailto:ada@firm.org')`;
  const { made } = await making(sql, { users: { email: 'email' } });
  const said = (what: string) => `the ${what} names what is to go (email) in its definition, and stays as it is`;
  expect(made).toMatchObject({ notes: expect.arrayContaining([said('view hers'), said('table tasks')]) });
  expect(made).toMatchObject({ notes: { length: 2 } });
});

test('a name that stands elsewhere is said, and stays', async () => {
  const { made, rows } = await making(
    `${USERS} CREATE TABLE ships(title TEXT); INSERT INTO ships VALUES ('Ada Privlace')`,
    {
      users: { name: 'name' },
    },
  );
  expect(made).toMatchObject({ notes: ['ships.title holds what is a name elsewhere in 1 row, and stays as it is'] });
  expect(rows('SELECT * FROM ships')).toEqual([['Ada Privlace']]);
});

test('fakes that have no room, or would meet where they must not, are refused by the column', async () => {
  const short = USERS.replace('email TEXT', 'email VARCHAR(12)');
  expect(await refused(short, { users: { email: 'email' } })).toContain('users.email (VARCHAR(12)) has no room');
  const many = `CREATE TABLE t(code TEXT UNIQUE); WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
    INSERT INTO t SELECT char(97 + i) FROM n`;
  expect(await refused(many, { t: { code: 'token' } })).toContain(
    't.code must be unique, and token fakes of its values are not',
  );
  expect(await refused('CREATE TABLE t(d DATE UNIQUE); INSERT INTO t VALUES (1)', { t: { d: 'date' } })).toContain(
    't.d must be unique',
  );
});

test('a rule that fakes would break is named', async () => {
  const ruled = `CREATE TABLE t(age INTEGER CHECK (age < 35)); INSERT INTO t SELECT 10 + key % 20 FROM json_each('[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]')`;
  expect(await refused(ruled, { t: { age: 'number' } })).toMatch(
    /^CONFIG_INVALID: The fakes break a rule of the database: CHECK constraint failed in t/,
  );
});

test.each<[string, FakesConfig, string]>([
  [
    'CREATE TABLE t(a TEXT, b TEXT AS (lower(a))); INSERT INTO t(a) VALUES (1)',
    { t: { b: 'text' } },
    't.b is computed from other columns',
  ],
  ['CREATE TABLE t(a TEXT NOT NULL); INSERT INTO t VALUES (1)', { t: { a: null } }, 't.a is NOT NULL'],
  [
    'CREATE TABLE t(a INTEGER); INSERT INTO t VALUES (1)',
    { t: { a: 'email' } },
    't.a is of the type INTEGER, which holds no email',
  ],
  [
    'CREATE TABLE t(a JSON); INSERT INTO t VALUES (1)',
    { t: { a: 'text' } },
    't.a is of the type JSON, which holds no text',
  ],
  [
    'CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE TABLE u(t REFERENCES t); INSERT INTO t VALUES (1)',
    { t: 'empty' },
    'rows of u point to t, which is to be empty',
  ],
  [
    'CREATE TABLE t(m TEXT UNIQUE); CREATE TABLE u(m REFERENCES t(m)); INSERT INTO t VALUES (1)',
    { t: { m: 'email' }, u: { m: 'name' } },
    'u.m points to t.m, and the two are to be different',
  ],
  [
    `CREATE VIRTUAL TABLE t USING fts5(body); INSERT INTO t VALUES ('a')`,
    { t: { body: 'text' } },
    "t.body is in a virtual table: 'empty' leaves its rows out",
  ],
  [
    `CREATE TABLE n(id INTEGER PRIMARY KEY, body TEXT); CREATE VIRTUAL TABLE t USING fts5(body);
    CREATE TRIGGER fills AFTER INSERT ON n BEGIN INSERT INTO t(rowid, body) VALUES (new.id, new.body); END; INSERT INTO n VALUES (1, 'x')`,
    { n: { body: 'text' } },
    't keeps a text of its own of body',
  ],
])('%s with %o is refused', async (sql, fakes, words) => {
  expect(await refused(sql, fakes)).toContain(words);
});

test('what a key joins is faked with it, and keys of numbers hold', async () => {
  const { made, rows } = await making(
    `CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT UNIQUE); CREATE TABLE u(t INTEGER REFERENCES t, who TEXT REFERENCES t(mail), n INTEGER);
     INSERT INTO t VALUES (1234567, 'a@corp.test'), (2345678, 'b@corp.test'); INSERT INTO u VALUES (1234567, 'b@corp.test', 1), (NULL, NULL, 2)`,
    { t: { id: 'number' }, u: { who: 'email' } },
  );
  expect(made).toMatchObject({
    carried: expect.arrayContaining(['u.t', 't.mail']),
    faked: { t: ['id', 'mail'], u: ['who', 't'] },
  });
  expect(rows('SELECT n FROM u JOIN t ON u.t = t.id')).toEqual([[1]]);
  expect(rows('SELECT n FROM u JOIN t ON who = mail')).toEqual([[1]]);
  expect(rows("SELECT count(*) FROM t WHERE id IN (1234567, 2345678) OR mail LIKE '%corp%'")).toEqual([[0]]);
  expect(rows('PRAGMA foreign_key_check')).toEqual([]);
});

test('a sample follows keys of several columns, in circles and into itself', async () => {
  const { rows } = await making(
    `CREATE TABLE a(x INTEGER, y TEXT, next_x INTEGER, next_y TEXT, b INTEGER REFERENCES b(id), PRIMARY KEY (x, y), FOREIGN KEY (next_x, next_y) REFERENCES a(x, y)) WITHOUT ROWID;
     CREATE TABLE b(id INTEGER PRIMARY KEY, a_x INTEGER, a_y TEXT, FOREIGN KEY (a_x, a_y) REFERENCES a);
     CREATE TABLE few(id INTEGER PRIMARY KEY, a_x INTEGER, a_y TEXT, FOREIGN KEY (a_x, a_y) REFERENCES a(x, y));
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
     INSERT INTO a SELECT i, 'y' || i, CASE WHEN i % 10 > 0 THEN i + 1 END, CASE WHEN i % 10 > 0 THEN 'y' || (i + 1) END, CASE i % 7 WHEN 0 THEN 1 + i % 500 END FROM n;
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO b SELECT i, i * 3, 'y' || (i * 3) FROM n;
     INSERT INTO few VALUES (1, 2999, 'y2999'), (2, 5, 'y5')`,
    {},
    0.02,
  );
  expect(rows('PRAGMA foreign_key_check')).toEqual([]);
  const [[some]] = rows('SELECT count(*) FROM a') as [[number]];
  expect(some).toBeGreaterThan(30);
  expect(some).toBeLessThan(1500);
  expect(rows('SELECT x FROM a WHERE x IN (5, 6, 7, 8, 9, 10, 2999, 3000) ORDER BY x').length).toBe(8);
  expect(rows('SELECT count(*) FROM few')).toEqual([[2]]);
});
