import type Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Privacy } from '../../src/core/privacy/select.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { diff } from '../../src/operations/diff.ts';
import { restore } from '../../src/operations/restore.ts';
import { findSecrets } from '../../src/operations/secrets.ts';
import { status } from '../../src/operations/status.ts';
import { exportDocument, importDocument } from '../../src/operations/transfer.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { verify } from '../../src/operations/verify.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { look, projectWith } from '../support/round-trip.ts';
import { everythingIn, withBlobs } from '../support/secrets.ts';

const USERS = `
  CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL, password_hash TEXT, active INTEGER NOT NULL DEFAULT 1);
  INSERT INTO users VALUES (1, 'a@example.org', 'SECRET-1', 1), (2, 'b@example.org', 'SECRET-2', 0), (3, 'c@example.org', 'SECRET-3', 1);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), note TEXT);
  INSERT INTO orders VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 2, 'z');
`;

const made = (sql: string, privacy: Privacy = {}): Project => ({
  ...projectWith((db) => db.exec(sql)),
  privacy,
});
const save = (project: Project) => backup(project, { trigger: 'test' });
const run = (project: Project, sql: string) => look(project.db, (db) => db.exec(`PRAGMA foreign_keys = off; ${sql}`));
const rows = (file: string, sql: string) => look(file, (db: Database.Database) => db.prepare(sql).raw().all());
const saved = (project: Project) => withBlobs(everythingIn(project.store.path));

/** Saved, drilled, brought back elsewhere; and what came back is the same backup. */
async function trip(project: Project): Promise<string> {
  const { name } = await save(project);
  expect(await verify(project, { name })).toMatchObject([{ ok: true, problem: undefined }]);
  const copy = `${project.db}.restored`;
  await restore(project, { name: 'latest', to: copy });
  expect(await backup(withDatabase(project, copy), { trigger: 'test' })).toMatchObject({ status: 'unchanged', name });
  return copy;
}

const refused = async (sql: string, privacy: Privacy = {}) => {
  const project = made(sql, privacy);
  const error = await save(project).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return error instanceof Error && 'hint' in error ? `${error.message} | ${error.hint}` : '';
};

describe('columns', () => {
  test('that look like credentials are left out, named, and come back as NULL', async () => {
    const project = made(USERS);
    const copy = await trip(project);
    expect(saved(project)).not.toContain('SECRET');
    expect(rows(copy, 'SELECT id, password_hash FROM users')).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
    const again = await save(project);
    expect(again).toMatchObject({ status: 'unchanged', redacted: { users: ['password_hash'] } });
    const { manifest } = await unseal(undefined, project.store, await openBackup(project.store, again.name));
    expect(manifest.metadata.redacted).toEqual({ users: ['password_hash'] });
    expect(manifest.data.get('users')).toEqual({
      rows: [1, 2, 3].map((id) => `{"id":${id},"email":"${'_abc'[id]}@example.org","active":${id === 2 ? 0 : 1}}`),
    });
    expect((await status(project)).leftOut).toEqual({ redacted: { users: ['password_hash'] } });
    expect(await verify(project, 'newest')).toMatchObject([{ leftOut: { redacted: { users: ['password_hash'] } } }]);
  });

  test('that are kept are saved as they are', async () => {
    const project = made(USERS, { keep: { USERS: ['Password_Hash'] } });
    const copy = await trip(project);
    expect(saved(project)).toContain('SECRET-2');
    expect(rows(copy, 'SELECT password_hash FROM users WHERE id = 2')).toEqual([['SECRET-2']]);
    expect((await save(project)).redacted).toBeUndefined();
  });

  test('come back as their declared value, stored as the column stores it', async () => {
    const project = made(
      `${USERS} ALTER TABLE users ADD pin INTEGER; ALTER TABLE users ADD x REAL; UPDATE users SET pin = 471147, x = 774477`,
      {
        redact: { users: { password_hash: "it's", PIN: '0042', x: 5, email: 'someone' } },
      },
    );
    const copy = await trip(project);
    expect(saved(project)).not.toMatch(/SECRET|471147|774477|a@example/);
    expect(rows(copy, 'SELECT password_hash, pin, typeof(pin), x, typeof(x), email FROM users WHERE id = 1')).toEqual([
      ["it's", 42, 'integer', 5, 'real', 'someone'],
    ]);
  });

  test('that must have a value get their default, and NULL where they need not have one', async () => {
    const project = made(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, token TEXT NOT NULL DEFAULT 'none', secret TEXT DEFAULT 'd', n); INSERT INTO t VALUES (1, 'SECRET', 'SECRET', 5)",
    );
    const copy = await trip(project);
    expect(rows(copy, 'SELECT * FROM t')).toEqual([[1, 'none', null, 5]]);
    expect(saved(project)).not.toContain('SECRET');
  });

  test('are left out of large tables, of tables without rowids, and of values that JSON cannot say', async () => {
    const project = made(
      `CREATE TABLE big(id INTEGER PRIMARY KEY, secret, note TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
         INSERT INTO big SELECT i, CASE i % 3 WHEN 0 THEN x'00ff' || i WHEN 1 THEN 9e999 ELSE printf('SECRET %2000d', i) END, 'note ' || i FROM n;
       CREATE TABLE w(k TEXT PRIMARY KEY, api_key TEXT, n) WITHOUT ROWID;
       INSERT INTO w SELECT 'k' || id, 'SECRET', x'01' FROM big;
       CREATE TABLE only(token TEXT); INSERT INTO only VALUES ('SECRET'), ('SECRET')`,
    );
    const copy = await trip(project);
    expect(saved(project)).not.toContain('SECRET');
    expect(rows(copy, 'SELECT count(*), count(secret), sum(id) FROM big')).toEqual([[9000, 0, 40504500]]);
    expect(rows(copy, 'SELECT count(*), count(api_key) FROM w')).toEqual([[9000, 0]]);
    expect(rows(copy, 'SELECT rowid, token FROM only')).toEqual([
      [1, null],
      [2, null],
    ]);
  });

  test('of what has no value of its own are not looked at: keys to other tables, computed columns', async () => {
    const project = made(
      'CREATE TABLE sessions(id TEXT PRIMARY KEY); CREATE TABLE t(id INTEGER PRIMARY KEY, session_id TEXT REFERENCES sessions, email TEXT, email_hash TEXT AS (hex(email)))',
    );
    expect((await save(project)).redacted).toBeUndefined();
  });

  test('that newly look like credentials are said to stand in older backups', async () => {
    const project = made(USERS, { byName: false });
    await save(project);
    expect(await save({ ...project, privacy: {} })).toMatchObject({
      status: 'created',
      stillInOlder: ['users.password_hash'],
    });
    expect((await save({ ...project, privacy: {} })).stillInOlder).toBeUndefined();
  });

  test('a change of what is left out is a new backup, even where no row is', async () => {
    const project = made(
      'CREATE TABLE users(id INTEGER PRIMARY KEY, secret TEXT); CREATE TABLE t(x); INSERT INTO t VALUES (1)',
    );
    await save(project);
    expect((await save({ ...project, privacy: { keep: { users: ['secret'] } } })).status).toBe('created');
  });

  test('do not show in a document, a difference or the samples of statistics', async () => {
    const project = made(`${USERS} CREATE INDEX by_hash ON users(password_hash); ANALYZE`);
    await save(project);
    run(project, "UPDATE users SET password_hash = 'SECRET-9' WHERE id = 1");
    const document = await exportDocument(project, undefined);
    expect(document).not.toContain('SECRET');
    expect(saved(project)).not.toContain(Buffer.from('SECRET').toString('base64').slice(0, 6));
    expect(await diff(project, undefined, undefined, 5)).toMatchObject({ tables: [] });
    const other = made('CREATE TABLE x(y); INSERT INTO x VALUES (1)');
    await importDocument(other, 'document.json', Buffer.from(document), { overAnother: true });
    expect(rows(other.db, 'SELECT email, password_hash FROM users WHERE id = 1')).toEqual([['a@example.org', null]]);
  });
});

describe('what a restore could not do without is refused beforehand, with the line that settles it', () => {
  test.each<[string, string, Privacy, RegExp]>([
    [
      'a column that must have a value',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, password TEXT NOT NULL)',
      {},
      /NOT NULL without a default.*redact: \{ u: \{ password: '' \} \}.*keep: \{ u: \['password'\] \}/,
    ],
    ['a key', 'CREATE TABLE sessions(token TEXT PRIMARY KEY, x)', {}, /key.*exclude: \{ sessions: 'rows' \}/],
    [
      'a declared value for what must differ',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, ssn TEXT UNIQUE)',
      { redact: { u: { ssn: 'none' } } },
      /UNIQUE/,
    ],
    [
      'what must differ and have a value',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, api_key TEXT NOT NULL UNIQUE)',
      {},
      /NOT NULL and UNIQUE.*exclude/,
    ],
    [
      'what a unique index is computed from',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, secret TEXT, y); CREATE UNIQUE INDEX i ON u(ifnull(secret, y))',
      {},
      /UNIQUE index/,
    ],
    [
      'what decides which rows a unique index covers',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, secret TEXT, y); CREATE UNIQUE INDEX i ON u(y) WHERE secret IS NULL',
      {},
      /UNIQUE index/,
    ],
    [
      'what other rows point to',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, token TEXT UNIQUE); CREATE TABLE o(t REFERENCES u(token))',
      {},
      /rows of o point to/,
    ],
    [
      'what a computed column needs',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, secret TEXT, g TEXT NOT NULL AS (upper(secret)))',
      {},
      /computed from/,
    ],
    [
      'a computed column',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, y, g AS (y + 1))',
      { redact: { u: ['g'] } },
      /is computed/,
    ],
    [
      'what a CHECK needs',
      "CREATE TABLE u(id INTEGER PRIMARY KEY, secret TEXT, y, CHECK (secret IS NOT NULL OR y)); INSERT INTO u VALUES (1, 'x', 0)",
      {},
      /CHECK/,
    ],
    [
      'a value that a CHECK refuses',
      "CREATE TABLE u(id INTEGER PRIMARY KEY, secret TEXT NOT NULL CHECK (length(secret) > 3)); INSERT INTO u VALUES (1, 'long')",
      { redact: { u: { secret: '' } } },
      /CHECK/,
    ],
    [
      'a value that a STRICT table refuses',
      'CREATE TABLE u(id INTEGER PRIMARY KEY, pin INTEGER) STRICT',
      { redact: { u: { pin: 'none' } } },
      /cannot stand there/,
    ],
    ['a table that is not there', USERS, { redact: { usres: ['ssn'] } }, /'usres'.*did you mean 'users'/],
    ['a column that is not there', USERS, { keep: { users: ['emial'] } }, /'emial'.*did you mean 'email'/],
    ['a condition that is none', USERS, { include: { users: 'activ = 1' } }, /activ = 1/],
    [
      'a table that others point to, left out whole',
      USERS,
      { exclude: { users: 'whole' } },
      /foreign key of orders.*'rows'/,
    ],
    [
      'a table that a view shows, left out whole',
      `${USERS} CREATE VIEW v AS SELECT * FROM orders`,
      { exclude: { orders: 'whole' } },
      /view v/,
    ],
    [
      'a full-text table with its own text',
      'CREATE VIRTUAL TABLE f USING fts5(name, password)',
      {},
      /f\.password.*exclude: \{ f: 'rows' \}/,
    ],
    [
      'a full-text table that a trigger fills',
      `CREATE TABLE u(id INTEGER PRIMARY KEY, ssn TEXT); CREATE VIRTUAL TABLE f USING fts5(ssn);
      CREATE TRIGGER x AFTER INSERT ON u BEGIN INSERT INTO f VALUES (new.ssn); END`,
      { redact: { u: ['ssn'] } },
      /f\.ssn/,
    ],
  ])('%s', async (_, sql, privacy, words) => {
    expect(await refused(sql, privacy)).toMatch(words);
  });

  test('all at once', async () => {
    const sql =
      'CREATE TABLE u(id INTEGER PRIMARY KEY, password TEXT NOT NULL, secret TEXT NOT NULL); CREATE TABLE s(token TEXT PRIMARY KEY)';
    expect(await refused(sql)).toContain("redact: { u: { password: '', secret: '' } }, exclude: { s: 'rows' }");
    const settled = made(sql, { redact: { u: { password: '', secret: '' } }, exclude: { s: 'rows' } });
    run(settled, "INSERT INTO u VALUES (1, 'SECRET', 'SECRET'); INSERT INTO s VALUES ('SECRET')");
    await trip(settled);
    expect(saved(settled)).not.toContain('SECRET');
  });

  test('status says so too', async () => {
    const found = await status(made('CREATE TABLE u(id INTEGER PRIMARY KEY, password TEXT NOT NULL)'));
    expect(found.light).toBe('red');
    expect(found.chain.steps.map(({ text }) => text).join()).toContain('No backup can be written: ');
  });
});

describe('rows and tables', () => {
  test('only rows that meet the condition are saved, and rows that will dangle are reported', async () => {
    const project = made(USERS, { include: { users: 'active = 1' } });
    const copy = await trip(project);
    expect(saved(project)).not.toContain('b@example.org');
    expect(rows(copy, 'SELECT id FROM users')).toEqual([[1], [3]]);
    const again = await save({ ...project, store: made('').store });
    expect(again).toMatchObject({
      rows: 5,
      included: { users: 'active = 1' },
      dangling: ['2 rows of orders will point to rows of users that are left out'],
    });
  });

  test.each(['active = 1) OR (1', "name = ')'; DROP TABLE users", 'active = 1 -- or not'])(
    'a condition is one, and not the end of one and more: %s',
    async (condition) => {
      const refused = save(made(USERS, { include: { users: condition } }));
      await expect(refused).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('it is not one condition'),
      });
    },
  );

  test('a table can be left out, its rows or whole', async () => {
    const project = made(
      `${USERS} CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT); INSERT INTO audit(what) VALUES ('GONE');
       CREATE TABLE cache(k TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('GONE', 1); CREATE INDEX by_v ON cache(v); ANALYZE`,
      { exclude: { audit: 'rows', cache: 'whole' } },
    );
    const copy = await trip(project);
    expect(saved(project)).not.toContain('GONE');
    expect(rows(copy, 'SELECT count(*) FROM audit')).toEqual([[0]]);
    expect(rows(copy, "SELECT name FROM sqlite_schema WHERE tbl_name = 'cache'")).toEqual([]);
  });

  test('the guard does not take for lost what is left out', async () => {
    const many = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)';
    const project = made(
      `${USERS} CREATE TABLE log(id INTEGER PRIMARY KEY, n); ${many} INSERT INTO log SELECT i, i FROM n`,
    );
    await save(project);
    const less = (privacy: Privacy) => save({ ...project, privacy });
    expect(await less({ include: { log: 'n > 490' } })).toMatchObject({ status: 'created', rows: 16 });
    expect(await less({ exclude: { log: 'rows' } })).toMatchObject({ status: 'created', rows: 6 });
    expect(await less({ exclude: { log: 'whole' } })).toMatchObject({ status: 'created', rows: 6 });
    expect(await less({})).toMatchObject({ status: 'created', rows: 506 });
    run(project, 'DELETE FROM log');
    await expect(less({ include: { log: 'n > 490' } })).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
  });
});

describe('full-text tables', () => {
  const FTS = `
    CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, ssn TEXT);
    INSERT INTO people VALUES (1, 'adalbert', 'SECRETONE'), (2, 'bob', 'SECRETTWO');
    CREATE VIRTUAL TABLE people_fts USING fts5(name, ssn, content='people', content_rowid='id');
    INSERT INTO people_fts(people_fts) VALUES ('rebuild');
    INSERT INTO people_fts(people_fts, rank) VALUES ('rank', 'bm25(10.0, 5.0)');
    CREATE TRIGGER ai AFTER INSERT ON people BEGIN INSERT INTO people_fts(rowid, name, ssn) VALUES (new.id, new.name, new.ssn); END;`;

  test('about a redacted column tell nothing of it, and find the rest after a restore', async () => {
    const project = made(FTS, { redact: { people: ['ssn'] } });
    const copy = await trip(project);
    expect(saved(project).toLowerCase()).not.toContain('secret');
    expect(rows(copy, "SELECT rowid FROM people_fts WHERE people_fts MATCH 'bob'")).toEqual([[2]]);
    expect(rows(copy, "SELECT rowid FROM people_fts WHERE people_fts MATCH 'secretone'")).toEqual([]);
    look(copy, (db) => db.exec("INSERT INTO people VALUES (3, 'cleo', 'x')"));
    expect(rows(copy, "SELECT rowid FROM people_fts WHERE people_fts MATCH 'cleo'")).toEqual([[3]]);
  });

  test('about rows that are left out tell nothing of them', async () => {
    const project = made(
      FTS.replaceAll('fts5(name, ssn, ', 'fts5(name, ')
        .replaceAll('(rowid, name, ssn) VALUES (new.id, new.name, new.ssn)', '(rowid, name) VALUES (new.id, new.name)')
        .replace("'bm25(10.0, 5.0)'", "'bm25(10.0)'"),
      {
        include: { people: 'id > 1' },
      },
    );
    const copy = await trip(project);
    expect(saved(project)).not.toMatch(/secretone|adalbert/i);
    expect(rows(copy, "SELECT rowid FROM people_fts WHERE people_fts MATCH 'bob'")).toEqual([[2]]);
  });

  test.each([
    [
      'a computed column',
      `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, ssn TEXT, words AS (name || ' ' || ssn));
      CREATE VIRTUAL TABLE people_fts USING fts5(words, content='people', content_rowid='id')`,
    ],
    [
      'a view',
      `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, ssn TEXT);
      CREATE VIEW words AS SELECT 1; CREATE VIEW shown AS SELECT id, name || ' ' || ssn AS words FROM people;
      CREATE VIRTUAL TABLE people_fts USING fts5(words, content='shown', content_rowid='id')`,
    ],
    [
      'a view of a view',
      `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, ssn TEXT);
      CREATE VIEW inner AS SELECT id, name || ' ' || ssn AS said FROM people;
      CREATE VIEW shown AS SELECT id, said AS words FROM inner;
      CREATE VIRTUAL TABLE people_fts USING fts5(words, content='shown', content_rowid='id')`,
    ],
  ])('about a redacted column under another name tell nothing of it either: %s', async (_, schema) => {
    const project = made(
      `${schema}; INSERT INTO people(id, name, ssn) VALUES (1, 'adalbert', 'SECRETONE');
      INSERT INTO people_fts(people_fts) VALUES ('rebuild')`,
      { redact: { people: ['ssn'] } },
    );
    const copy = await trip(project);
    expect(saved(project).toLowerCase()).not.toContain('secretone');
    expect(rows(copy, 'SELECT name, ssn FROM people')).toEqual([['adalbert', null]]);
    const kept = { ...project, privacy: { redact: { people: ['ssn'] }, keep: { people_fts: ['words'] } } };
    expect((await save(kept)).excluded).toBeUndefined();
  });

  test('that triggers fill with a redacted column under another name must be excluded or kept', async () => {
    const filled = `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, ssn TEXT);
      CREATE VIRTUAL TABLE people_fts USING fts5(words);
      CREATE TRIGGER ai AFTER INSERT ON people BEGIN INSERT INTO people_fts VALUES (new.name || ' ' || new.ssn); END;
      INSERT INTO people VALUES (1, 'adalbert', 'SECRETONE')`;
    const redact = { people: ['ssn'] };
    expect(await refused(filled, { redact })).toContain("exclude: { people_fts: 'rows' }");
    const project = made(filled, { redact, exclude: { people_fts: 'rows' } });
    await save(project);
    expect(saved(project).toLowerCase()).not.toContain('secretone');
    await save(made(filled.replace(" || ' ' || new.ssn", ''), { redact }));
  });

  test('over a live database they find the secrets that stayed', async () => {
    const project = made(FTS, { redact: { people: ['ssn'] } });
    await save(project);
    await restore(project, { name: 'latest' });
    expect(rows(project.db, "SELECT rowid FROM people_fts WHERE people_fts MATCH 'secretone'")).toEqual([[1]]);
  });
});

describe('what a backup leaves out, a restore does not take away', () => {
  test('a live row keeps its own secret', async () => {
    const project = made(USERS, { redact: { users: { password_hash: '!' } } });
    await save(project);
    run(
      project,
      "UPDATE users SET password_hash = 'NEW', email = 'changed' WHERE id = 1; DELETE FROM users WHERE id = 2",
    );
    await restore(project, { name: 'latest' });
    expect(rows(project.db, 'SELECT id, email, password_hash FROM users')).toEqual([
      [1, 'a@example.org', 'NEW'],
      [2, 'b@example.org', '!'],
      [3, 'c@example.org', 'SECRET-3'],
    ]);
    expect((await save(project)).status).toBe('unchanged');
  });

  test('keys of several columns, tables without rowids, triggers and unique secrets', async () => {
    const project = made(
      `CREATE TABLE m(a TEXT COLLATE NOCASE, b INTEGER, token TEXT UNIQUE, n, PRIMARY KEY (a, b)) WITHOUT ROWID;
       INSERT INTO m VALUES ('x', 1, 'T1', 0), ('x', 2, 'T2', 0);
       CREATE TRIGGER never BEFORE UPDATE ON m BEGIN SELECT raise(ABORT, 'fired'); END`,
    );
    await save(project);
    run(project, "INSERT INTO m VALUES ('y', 1, 'T3', 0)");
    await restore(project, { name: 'latest' });
    expect(rows(project.db, 'SELECT a, b, token FROM m')).toEqual([
      ['x', 1, 'T1'],
      ['x', 2, 'T2'],
    ]);
    expect((await save(project)).status).toBe('unchanged');
    expect(() => run(project, 'UPDATE m SET n = 1')).toThrow('fired');
  });

  test('rows and tables that are left out stay', async () => {
    const project = made(
      `${USERS} CREATE TABLE audit(id INTEGER PRIMARY KEY, what); INSERT INTO audit VALUES (1, 'kept');
       CREATE TABLE cache(k TEXT PRIMARY KEY, v); CREATE INDEX by_v ON cache(v); INSERT INTO cache VALUES ('kept', 1);
       CREATE TRIGGER cached AFTER INSERT ON cache BEGIN DELETE FROM cache WHERE v = 0; END`,
      { include: { users: 'active = 1' }, exclude: { audit: 'rows', cache: 'whole' } },
    );
    await save(project);
    run(project, "INSERT INTO audit VALUES (2, 'later'); UPDATE users SET active = 0, email = 'new' WHERE id = 3");
    const { warnings } = await restore(project, { name: 'latest' });
    expect(warnings).toEqual([]);
    expect(rows(project.db, 'SELECT id, email, password_hash, active FROM users')).toEqual([
      [1, 'a@example.org', 'SECRET-1', 1],
      [2, 'b@example.org', 'SECRET-2', 0],
      [3, 'c@example.org', 'SECRET-3', 1],
    ]);
    expect(rows(project.db, 'SELECT * FROM audit')).toEqual([
      [1, 'kept'],
      [2, 'later'],
    ]);
    expect(rows(project.db, "SELECT name FROM sqlite_schema WHERE tbl_name = 'cache' AND sql IS NOT NULL")).toEqual([
      ['cache'],
      ['by_v'],
      ['cached'],
    ]);
    expect(rows(project.db, 'SELECT * FROM cache')).toEqual([['kept', 1]]);
    expect((await save(project)).status).toBe('unchanged');
  });

  test('a condition that only a backup says is not run', async () => {
    const project = made(USERS, { include: { users: 'active = 1' } });
    await save(project);
    run(project, 'UPDATE users SET active = 0');
    await restore({ ...project, privacy: {} }, { name: 'latest' });
    expect(rows(project.db, 'SELECT id, active FROM users')).toEqual([
      [1, 1],
      [3, 1],
    ]);
  });

  test('a table that has another key by now, or is gone, is left as the backup has it', async () => {
    const project = made(USERS);
    await save(project);
    run(
      project,
      'DROP TABLE users; CREATE TABLE users(email TEXT PRIMARY KEY, password_hash TEXT); INSERT INTO users VALUES (1, 2)',
    );
    await restore(project, { name: 'latest' });
    expect(rows(project.db, 'SELECT count(password_hash) FROM users')).toEqual([[0]]);
  });
});

describe('the look at values', () => {
  const table = `CREATE TABLE c(id INTEGER PRIMARY KEY, contact TEXT, n INTEGER); INSERT INTO c VALUES (1, 'a@example.org', 5)`;

  test('warns of a table once, before its first commit', async () => {
    const project = made(table);
    const suspects = [{ table: 'c', column: 'contact', kind: 'e-mail addresses' }];
    expect((await findSecrets(project)).columns).toEqual(suspects);
    expect(await save(project)).toMatchObject({ suspects });
    run(project, "INSERT INTO c VALUES (2, 'b@example.org', 6)");
    expect((await save(project)).suspects).toBeUndefined();
    expect((await findSecrets(project)).columns).toEqual(suspects);
  });

  test.each<Privacy>([{ keep: { C: ['Contact'] } }, { redact: { c: ['contact'] } }, { exclude: { c: 'rows' } }])(
    'is settled by %o',
    async (privacy) => {
      const project = made(table, privacy);
      expect((await save(project)).suspects).toBeUndefined();
      expect(await findSecrets(project)).toEqual({ columns: [], definitions: [] });
    },
  );
});
