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
    'CONFIG_INVALID: Values that are to be faked stand elsewhere, too: audit.payload (email, in 1 row).',
  );
  expect(said).toContain("fake: { audit: { payload: 'email' } }");
  expect(said).not.toContain('bob@corp.test');
  expect(
    (await making(copied, { users: { email: 'email' }, audit: 'empty' })).rows('SELECT count(*) FROM audit'),
  ).toEqual([[0]]);
  const kept = await making(copied, { users: { email: 'email' }, audit: { payload: 'keep' } });
  expect(kept.rows("SELECT count(*) FROM audit WHERE payload LIKE '%bob@%'")).toEqual([[1]]);
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
