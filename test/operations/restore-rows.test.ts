import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restoreRows, tryRestoreRows } from '../../src/operations/restore-rows.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { type Chance, tries } from '../support/chance.ts';
import { type Cells, expectAsModelled, modelOf } from '../support/model-of-rows.ts';
import type { TestProject } from '../support/project.ts';
import { bring, rowsWanted } from '../support/rows-back.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** A database with a backup of what `saved` makes, in which `later` happened since. */
async function after(
  saved: string,
  later: string,
  changes = {},
): Promise<{ project: TestProject; db: Database.Database }> {
  const project = projectIn(scratch(), changes);
  const db = new Database(project.db);
  db.pragma('foreign_keys = off');
  db.exec(saved);
  await backup(project, { trigger: 'test', name: 'then' });
  db.exec(later);
  return { project, db };
}

const all = (db: Database.Database, sql: string) => db.prepare(sql).raw().all();

describe('rows of one table', () => {
  const USERS =
    'CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, age); CREATE TABLE other(id INTEGER PRIMARY KEY); INSERT INTO other VALUES (1);';
  const THREE = "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3);";

  test('come back where they are missing or changed, and all others stay', async () => {
    const { project, db } = await after(
      USERS + THREE,
      "DELETE FROM users WHERE id = 1; UPDATE users SET age = 'old' WHERE id = 2; INSERT INTO users VALUES (9, 'new', 9); DELETE FROM other",
    );
    expect(await bring(project, ['USERS'])).toEqual({
      added: { users: 1 },
      changed: { users: 1 },
      removed: {},
      warnings: [],
    });
    expect(all(db, 'SELECT * FROM users')).toEqual([
      [1, 'a', 1],
      [2, 'b', 2],
      [3, 'c', 3],
      [9, 'new', 9],
    ]);
    expect(all(db, 'SELECT * FROM other')).toEqual([]);
  });

  test('exactly: those that the backup does not have go', async () => {
    const { project, db } = await after(USERS + THREE, "INSERT INTO users VALUES (9, 'new', 9)");
    expect(await bring(project, ['users'], { exact: true })).toMatchObject({ removed: { users: 1 }, added: {} });
    expect(all(db, 'SELECT id FROM users')).toEqual([[1], [2], [3]]);
  });

  test('that meet a condition, and no others; exactly is among those alone', async () => {
    const later = "DELETE FROM users; INSERT INTO users VALUES (8, 'x', 8), (9, 'y', 9)";
    const { project, db } = await after(USERS + THREE, later);
    expect(await bring(project, ['users'], { where: 'id > 1 AND id < 9 -- mine', exact: true })).toMatchObject({
      added: { users: 2 },
      removed: { users: 1 },
    });
    expect(all(db, 'SELECT id FROM users')).toEqual([[2], [3], [9]]);
  });

  test('a condition sees the backup, and can do nothing but be asked', async () => {
    const { project, db } = await after(USERS + THREE, 'UPDATE users SET age = 50; DELETE FROM users WHERE id = 3');
    expect(await bring(project, ['users'], { where: 'age = (SELECT max(age) FROM users)' })).toMatchObject({
      added: { users: 1 },
      changed: {},
    });
    for (const where of ['nme = 1', '1); DROP TABLE users; --', 'id = ', "ATTACH 'x' AS y"]) {
      const failed = restoreRows(project, { name: 'then', rows: rowsWanted(['users'], { where }) });
      await expect(failed, where).rejects.toMatchObject({ code: 'USAGE' });
    }
    expect(all(db, 'SELECT count(*) FROM users')).toEqual([[3]]);
  });

  test('may exchange a value that is one alone', async () => {
    const { project, db } = await after(
      USERS + THREE,
      "UPDATE users SET email = 'z' WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2; UPDATE users SET email = 'b' WHERE id = 1",
    );
    expect(await bring(project, ['users'])).toMatchObject({ changed: { users: 2 } });
    expect(all(db, 'SELECT email FROM users')).toEqual([['a'], ['b'], ['c']]);
  });

  test('that cannot be beside one that is here are named with it, and nothing changes', async () => {
    const { project, db } = await after(
      USERS + THREE,
      "DELETE FROM users WHERE id < 3; INSERT INTO users VALUES (7, 'b', 7)",
    );
    await expect(bring(project, ['users'])).rejects.toMatchObject({
      code: 'ROWS_IN_CONFLICT',
      message:
        'users: the row id=2 of the backup and the row id=7 that is here have the same email. Nothing was changed.',
    });
    expect(all(db, 'SELECT id FROM users ORDER BY 1')).toEqual([[3], [7]]);
    expect(await bring(project, ['users'], { exact: true })).toMatchObject({
      added: { users: 2 },
      removed: { users: 1 },
    });
  });

  test('drive none out, although the table itself would let them', async () => {
    const { project, db } = await after(
      "CREATE TABLE t(id INTEGER PRIMARY KEY ON CONFLICT REPLACE, name TEXT UNIQUE ON CONFLICT REPLACE, v NOT NULL ON CONFLICT IGNORE); INSERT INTO t VALUES (1, 'a', 1)",
      "DELETE FROM t; INSERT INTO t VALUES (2, 'a', 2)",
    );
    await expect(bring(project, ['t'])).rejects.toMatchObject({ code: 'ROWS_IN_CONFLICT' });
    expect(all(db, 'SELECT id FROM t')).toEqual([[2]]);
  });

  test('wait for somebody who writes, and leave all as it is where that goes on', async () => {
    const { project, db } = await after(USERS + THREE, 'DELETE FROM users', { options: { busyTimeout: 50 } });
    db.exec('BEGIN IMMEDIATE');
    const asked = { name: 'then', rows: rowsWanted(['users']) };
    await expect(restoreRows(project, asked)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    // To look disturbs nobody.
    expect((await tryRestoreRows(project, asked)).added.get('users')).toBe(3);
    db.exec('INSERT INTO other VALUES (2); COMMIT');
    await restoreRows(project, asked);
    expect(all(db, 'SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM other)')).toEqual([[3, 2]]);
  });

  test('that are as they were need no snapshot', async () => {
    const { project } = await after(USERS + THREE, '');
    const restored = await restoreRows(project, { name: 'then', rows: rowsWanted(['users']) });
    expect([restored.snapshot, restored.added.size]).toEqual([undefined, 0]);
  });

  test('can be taken back', async () => {
    const { project, db } = await after(USERS + THREE, 'DELETE FROM users WHERE id = 1');
    db.close();
    await bring(project, ['users']);
    await undo(project);
    const again = new Database(project.db);
    expect(all(again, 'SELECT id FROM users')).toEqual([[2], [3]]);
    again.close();
  });

  test.each([
    ['nothere', 'USAGE'],
    ['search', 'USAGE'],
    ['gone', 'TABLE_GONE'],
    ['rekeyed', 'TABLE_GONE'],
    ['narrower', 'COLUMN_GONE'],
  ])('%s cannot come back: %s', async (table, code) => {
    const { project } = await after(
      "CREATE VIRTUAL TABLE search USING fts5(text); INSERT INTO search VALUES ('x'); CREATE TABLE gone(id); CREATE TABLE rekeyed(a PRIMARY KEY, b); CREATE TABLE narrower(id INTEGER PRIMARY KEY, old); INSERT INTO narrower VALUES (1, 2)",
      'DROP TABLE gone; DROP TABLE rekeyed; CREATE TABLE rekeyed(a, b PRIMARY KEY); ALTER TABLE narrower DROP COLUMN old',
    );
    await expect(restoreRows(project, { name: 'then', rows: rowsWanted([table]) })).rejects.toMatchObject({ code });
  });

  test('whatever the table and its columns are called', async () => {
    const columns = ['j0', 'i0', 's', 'm', 'k', 'v', 'n', 'c', 'rowid', "it's", 'a"b', 'kept'];
    const quoted = columns.map((name) => `"${name.replaceAll('"', '""')}"`);
    const values = (n: number) => columns.map((_, at) => `'${n} ${at}'`).join(', ');
    for (const [key, end] of [
      ['', ''],
      [', PRIMARY KEY("a""b", j0)', ''],
      [', PRIMARY KEY(k, "rowid")', 'WITHOUT ROWID'],
    ]) {
      const { project, db } = await after(
        `CREATE TABLE "t ""s'"(${quoted.join(', ')}, UNIQUE("it's")${key}) ${end}; INSERT INTO "t ""s'" VALUES (${values(1)}), (${values(2)}), (${values(3)})`,
        `DELETE FROM "t ""s'" WHERE s = '1 2'; UPDATE "t ""s'" SET v = 'other', c = 'other' WHERE s = '2 2'`,
      );
      const of = (rows: number) => Object.fromEntries([[`t "s'`, rows]]);
      const counts = key === '' ? { added: of(2) } : { added: of(1), changed: of(1) };
      expect(await bring(project, [`t "s'`], { exact: true })).toMatchObject(counts);
      const expected = [1, 2, 3].map((n) => columns.map((_, at) => `${n} ${at}`));
      expect(all(db, `SELECT * FROM "t ""s'" ORDER BY s`)).toEqual(expected);
    }
  });

  test('compare to the letter: kinds of numbers, letters of a key that does not tell them apart, and what only one side has', async () => {
    const { project, db } = await after(
      "CREATE TABLE t(name TEXT COLLATE NOCASE PRIMARY KEY, v); INSERT INTO t VALUES ('Ada', 1), ('Bob', 'b'), ('Eve', NULL), ('Zoe', x'00')",
      "UPDATE t SET v = 1.0 WHERE name = 'ada'; UPDATE t SET name = 'BOB' WHERE name = 'bob'; UPDATE t SET v = 0 WHERE name = 'eve'",
    );
    expect(await bring(project, ['t'])).toMatchObject({ changed: { t: 3 }, added: {} });
    expect(all(db, 'SELECT name, quote(v) FROM t ORDER BY 1')).toEqual([
      ['Ada', '1'],
      ['Bob', "'b'"],
      ['Eve', 'NULL'],
      ['Zoe', "X'00'"],
    ]);
  });
});

describe('rows without a key', () => {
  test('are told by all their values, as many as there are', async () => {
    const { project, db } = await after(
      "CREATE TABLE log(what, n); INSERT INTO log VALUES ('a', 1), ('a', 1), ('a', 1), ('b', 2), (NULL, NULL)",
      "DELETE FROM log WHERE rowid IN (1, 2); UPDATE log SET n = 3 WHERE what = 'b'; DELETE FROM log WHERE what IS NULL; INSERT INTO log VALUES ('x', 1)",
    );
    expect(await bring(project, ['log'])).toMatchObject({ added: { log: 4 }, changed: {}, removed: {} });
    const rows = () => all(db, 'SELECT what, n FROM log ORDER BY what, n');
    expect(rows()).toEqual([
      [null, null],
      ['a', 1],
      ['a', 1],
      ['a', 1],
      ['b', 2],
      ['b', 3],
      ['x', 1],
    ]);
    expect(await bring(project, ['log'], { exact: true })).toMatchObject({ added: {}, removed: { log: 2 } });
    expect(rows()).toEqual([
      [null, null],
      ['a', 1],
      ['a', 1],
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('beside rows with one: a column of a key may be without a value', async () => {
    const { project, db } = await after(
      "CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t VALUES ('a', 1), (NULL, 1), (NULL, 1), (NULL, 2)",
      "UPDATE t SET v = 9 WHERE k = 'a'; DELETE FROM t WHERE rowid = 2",
    );
    expect(await bring(project, ['t'], { exact: true })).toMatchObject({
      added: { t: 1 },
      changed: { t: 1 },
      removed: {},
    });
    expect(all(db, 'SELECT k, v FROM t ORDER BY 1, 2')).toEqual([
      [null, 1],
      [null, 1],
      [null, 2],
      ['a', 1],
    ]);
  });
});

test('a row is without a key wherever in it the value is missing', async () => {
  const { project, db } = await after(
    "CREATE TABLE t(k, l, v, PRIMARY KEY(k, l)); INSERT INTO t VALUES (1, NULL, 'a'), (NULL, 1, 'b'), (NULL, NULL, 'c'), (1, 1, 'd')",
    'DELETE FROM t',
  );
  expect(await bring(project, ['t'], { exact: true })).toMatchObject({ added: { t: 4 } });
  expect(all(db, 'SELECT v FROM t ORDER BY v')).toEqual([['a'], ['b'], ['c'], ['d']]);
});

describe('rows that point to others', () => {
  const SHOP = `CREATE TABLE customers(id INTEGER PRIMARY KEY, name);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id) ON DELETE CASCADE);
    CREATE TABLE items(order_id INTEGER REFERENCES orders, line INTEGER, PRIMARY KEY(order_id, line)) WITHOUT ROWID;
    INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders VALUES (10, 1), (20, 2); INSERT INTO items VALUES (10, 1), (10, 2), (20, 1);`;

  test('are offered those that they need', async () => {
    const { project, db } = await after(
      SHOP,
      'DELETE FROM items; DELETE FROM orders; DELETE FROM customers WHERE id = 1',
    );
    await expect(bring(project, ['items'])).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: 'The rows point to rows that are not here: 2 rows of orders, 1 row of customers. Nothing was changed.',
      hint: expect.stringContaining('--with-parents'),
    });
    expect(all(db, 'SELECT count(*) FROM items')).toEqual([[0]]);
    expect(await bring(project, ['items'], { withParents: true })).toMatchObject({
      added: { items: 3, orders: 2, customers: 1 },
    });
    expect(all(db, 'PRAGMA foreign_key_check')).toEqual([]);
  });

  test('need those that their own need, however far', async () => {
    const { project, db } = await after(
      'CREATE TABLE parts(id INTEGER PRIMARY KEY, within INTEGER REFERENCES parts(id)); INSERT INTO parts VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 5)',
      'DELETE FROM parts',
    );
    const wanted = { where: 'id IN (4, 5)' };
    await expect(bring(project, ['parts'], wanted)).rejects.toMatchObject({
      message: 'The rows point to rows that are not here: 3 rows of parts. Nothing was changed.',
    });
    expect(await bring(project, ['parts'], { ...wanted, withParents: true })).toMatchObject({ added: { parts: 5 } });
    expect(all(db, 'PRAGMA foreign_key_check')).toEqual([]);
  });

  test('need none where those that they point to come back with them', async () => {
    const { project, db } = await after(SHOP, 'DELETE FROM items; DELETE FROM orders WHERE id = 10');
    expect(await bring(project, ['items', 'orders'])).toMatchObject({ added: { items: 3, orders: 1 } });
    expect(all(db, 'PRAGMA foreign_key_check')).toEqual([]);
  });

  test('are not left behind by those that go, nor taken along', async () => {
    const { project, db } = await after(
      SHOP,
      "INSERT INTO customers VALUES (3, 'Eve'); INSERT INTO orders VALUES (30, 3)",
    );
    await expect(bring(project, ['customers'], { exact: true })).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: '1 row of orders would point to rows of customers that are not there any more. Nothing was changed.',
    });
    expect(all(db, 'SELECT count(*) FROM orders')).toEqual([[3]]);
    expect(await bring(project, ['customers', 'orders'], { exact: true })).toMatchObject({
      removed: { customers: 1, orders: 1 },
    });
  });

  test('and pointed nowhere in the backup come back so, and it is said', async () => {
    const { project, db } = await after(
      `${SHOP} INSERT INTO orders VALUES (40, 99)`,
      'DELETE FROM orders WHERE id = 40',
    );
    expect(await bring(project, ['orders'])).toMatchObject({
      added: { orders: 1 },
      warnings: ['1 row of orders points to rows of customers that neither the backup nor the database has'],
    });
    expect(all(db, 'SELECT count(*) FROM orders')).toEqual([[3]]);
  });

  test('of a key that pointed nowhere before keep nothing from coming back', async () => {
    const { project } = await after(SHOP, 'INSERT INTO orders VALUES (50, 77); DELETE FROM customers WHERE id = 2');
    expect(await bring(project, ['customers'])).toMatchObject({ added: { customers: 1 }, warnings: [] });
  });
});

describe('what is beside the rows', () => {
  test('triggers do not fire, stay as they were, and it is said; full-text indexes know the rows', async () => {
    const { project, db } = await after(
      `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); CREATE TABLE audit(what);
       CREATE VIRTUAL TABLE search USING fts5(text, content='notes', content_rowid='id');
       CREATE TRIGGER a AFTER INSERT ON notes BEGIN INSERT INTO search(rowid, text) VALUES (new.id, new.text); END;
       CREATE TRIGGER b AFTER DELETE ON notes BEGIN INSERT INTO search(search, rowid, text) VALUES ('delete', old.id, old.text); INSERT INTO audit VALUES ('gone'); END;
       CREATE TRIGGER c AFTER INSERT ON audit BEGIN SELECT 1; END;
       INSERT INTO notes VALUES (1, 'apple'), (2, 'pear')`,
      'DELETE FROM notes WHERE id = 1; DELETE FROM audit',
    );
    const triggers = () => all(db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid");
    const before = triggers();
    expect(await bring(project, ['notes'])).toMatchObject({
      added: { notes: 1 },
      warnings: ['the triggers of notes did not fire: what they keep elsewhere is as it was'],
    });
    expect(triggers()).toEqual(before);
    expect(all(db, 'SELECT count(*) FROM audit')).toEqual([[0]]);
    expect(all(db, "SELECT rowid FROM search WHERE search MATCH 'apple'")).toEqual([[1]]);
    db.exec("INSERT INTO search(search) VALUES ('integrity-check')");
  });

  test('what backups leave out stays as it is', async () => {
    const { project, db } = await after(
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name, password_hash TEXT); INSERT INTO users VALUES (1, 'a', 'h1'), (2, 'b', 'h2'), (3, 'c', 'h3')",
      "UPDATE users SET name = 'x' WHERE id = 1; UPDATE users SET password_hash = 'new' WHERE id = 2; DELETE FROM users WHERE id = 3",
    );
    expect(await bring(project, ['users'])).toMatchObject({ changed: { users: 1 }, added: { users: 1 } });
    expect(all(db, 'SELECT * FROM users')).toEqual([
      [1, 'a', 'h1'],
      [2, 'b', 'new'],
      [3, 'c', null],
    ]);
  });

  test('rows that backups leave out do not go for not being in one', async () => {
    const privacy = { include: { users: 'id < 3' }, exclude: { sessions: 'rows' } };
    const { project, db } = await after(
      'CREATE TABLE users(id INTEGER PRIMARY KEY); CREATE TABLE sessions(id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (2), (3); INSERT INTO sessions VALUES (1)',
      'DELETE FROM users WHERE id = 1',
      { privacy },
    );
    await expect(bring(project, ['users'], { exact: true })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(bring(project, ['sessions'], { exact: true })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await bring(project, ['users'])).toMatchObject({ added: { users: 1 } });
    expect(all(db, 'SELECT count(*) FROM users')).toEqual([[3]]);
    expect(all(db, 'SELECT count(*) FROM sessions')).toEqual([[1]]);
  });

  test('columns that came since keep their values, and get their defaults in rows that come back', async () => {
    const { project, db } = await after(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      "ALTER TABLE t ADD COLUMN w INTEGER NOT NULL DEFAULT 7; UPDATE t SET w = 8; UPDATE t SET v = 'x' WHERE id = 1; DELETE FROM t WHERE id = 2",
    );
    expect(await bring(project, ['t'])).toMatchObject({ changed: { t: 1 }, added: { t: 1 } });
    expect(all(db, 'SELECT * FROM t')).toEqual([
      [1, 'a', 8],
      [2, 'b', 7],
      [3, 'c', 8],
    ]);
  });

  test('numbers that were given out are not given out again', async () => {
    const { project, db } = await after(
      "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO t VALUES (5, 'a')",
      'DELETE FROM t; DELETE FROM sqlite_sequence',
    );
    await bring(project, ['t']);
    db.exec("INSERT INTO t(v) VALUES ('b')");
    expect(all(db, 'SELECT id FROM t')).toEqual([[5], [6]]);
  });
});

test('a plain model says the same, whatever is asked', async () => {
  for (let run = 0; run < tries(25, 400); run++) {
    const project = projectIn(scratch());
    const db = new Database(project.db);
    db.exec(MODEL_TABLES);
    await expectAsModelled({
      project,
      model: () => modelOf((table) => db.prepare<[], Cells>(`SELECT * FROM ${table}`).raw().all()),
      edit: (dice, times) => edit(db, dice, times),
      conditions: ['n < 3', "v = 'two'"],
    });
    db.close();
  }
});

/** `b` points to `a`, `c` has a key of two columns and no rowid, and points to itself. */
const MODEL_TABLES = `CREATE TABLE a(k TEXT PRIMARY KEY, n, v);
  CREATE TABLE b(k INTEGER PRIMARY KEY, n, v, a TEXT REFERENCES a(k));
  CREATE TABLE c(k INTEGER, l INTEGER, n, v, pk INTEGER, pl INTEGER, PRIMARY KEY(k, l), FOREIGN KEY(pk, pl) REFERENCES c(k, l)) WITHOUT ROWID;`;

function edit(db: Database.Database, dice: Chance, times: number): void {
  db.pragma('foreign_keys = on');
  for (let n = 0; n < times; n++) {
    const value = () => dice.pick([1, 2, 3.5, 'two', null, Buffer.from([0])]);
    const key = () => dice.below(8);
    const [sql, ...values] = dice.pick<() => [string, ...unknown[]]>([
      () => ['INSERT OR REPLACE INTO a VALUES (?, ?, ?)', `k${key()}`, dice.below(6), value()],
      () => [
        'INSERT OR REPLACE INTO b VALUES (?, ?, ?, ?)',
        key(),
        dice.below(6),
        value(),
        dice.pick([null, `k${key()}`]),
      ],
      () => [
        'INSERT OR REPLACE INTO c VALUES (?, ?, ?, ?, ?, ?)',
        key() % 3,
        key(),
        dice.below(6),
        value(),
        dice.pick([null, key() % 3]),
        key(),
      ],
      () => [`DELETE FROM ${dice.pick(['a', 'b', 'c'])} WHERE n = ?`, dice.below(6)],
    ])();
    try {
      db.prepare(sql).run(...values);
    } catch {
      // A foreign key forbids it.
    }
  }
}
