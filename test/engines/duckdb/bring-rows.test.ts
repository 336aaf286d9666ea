import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bringRows } from '../../../src/engines/duckdb/bring/bring-rows.ts';
import type { RowsWanted } from '../../../src/engines/engine.ts';
import { backup } from '../../../src/operations/backup.ts';
import type { LocalProject } from '../../../src/operations/project.ts';
import { restoreRows } from '../../../src/operations/restore-rows.ts';
import { undo } from '../../../src/operations/snapshot.ts';
import { type Chance, tries } from '../../support/chance.ts';
import { expectAsModelled, modelOf } from '../../support/model-of-rows.ts';
import { bring as bringAsTried, rowsWanted } from '../../support/rows-back.ts';
import { projectIn, scratch } from '../../support/scratch.ts';
import { fileOf, on, open } from './support.ts';

/** A database with a backup of what `saved` makes, in which `later` happened since. */
async function after(saved: string, later: string, changes = {}): Promise<{ project: LocalProject; file: string }> {
  const file = await fileOf(saved);
  const project = { ...projectIn(scratch(), changes), database: open(file) };
  await backup(project, { trigger: 'test', name: 'then' });
  if (later !== '') await on(file, later);
  return { project, file };
}

const bring = async (project: LocalProject, tables: readonly string[], more: Partial<RowsWanted> = {}) => {
  const bytes = () => readFileSync(project.database.label);
  const before = bytes();
  const brought = await bringAsTried(project, tables, more, () => expect(bytes().equals(before)).toBe(true));
  expect(project.database.isTidy()).toBe(true);
  return brought;
};

const all = async (file: string, sql: string) => (await on(file, sql)).map((row) => Object.values(row));

describe('rows of one table', () => {
  const USERS =
    'CREATE TABLE users(id INTEGER PRIMARY KEY, email VARCHAR UNIQUE, age DOUBLE); CREATE TABLE other(id INTEGER); INSERT INTO other VALUES (1);';
  const THREE = "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 0.0);";

  test('come back where they are missing or changed, and all others stay', async () => {
    const { project, file } = await after(
      USERS + THREE,
      "DELETE FROM users WHERE id = 1; DELETE FROM users WHERE id = 3; INSERT INTO users VALUES (3, 'c', '-0.0'); INSERT INTO users VALUES (9, 'new', 9); DELETE FROM other",
    );
    expect(await bring(project, ['USERS'])).toEqual({
      added: { users: 1 },
      changed: { users: 1 },
      removed: {},
      warnings: [],
    });
    expect(await all(file, 'SELECT id, email, age::VARCHAR FROM users ORDER BY id')).toEqual([
      [1, 'a', '1.0'],
      [2, 'b', '2.0'],
      [3, 'c', '0.0'],
      [9, 'new', '9.0'],
    ]);
    expect(await all(file, 'FROM other')).toEqual([]);
    await undo(project);
    expect(await all(file, 'SELECT id FROM users ORDER BY id')).toEqual([[2], [3], [9]]);
  });

  test('that meet a condition, and no others; exactly is among those alone', async () => {
    const later = "DELETE FROM users; INSERT INTO users VALUES (8, 'x', 8), (9, 'y', 9)";
    const { project, file } = await after(USERS + THREE, later);
    expect(await bring(project, ['users'], { where: 'id > 1 AND id < 9 -- mine', exact: true })).toMatchObject({
      added: { users: 2 },
      removed: { users: 1 },
    });
    expect(await all(file, 'SELECT id FROM users ORDER BY id')).toEqual([[2], [3], [9]]);
  });

  test('a condition sees the backup, and can do nothing but be asked', async () => {
    const { project, file } = await after(USERS + THREE, 'UPDATE users SET age = 50; DELETE FROM users WHERE id = 2');
    expect(await bring(project, ['users'], { where: 'age = (SELECT max(age) FROM users)' })).toMatchObject({
      added: { users: 1 },
      changed: {},
    });
    for (const where of [
      'nme = 1',
      '1); DROP TABLE users; --',
      'id = ',
      "ATTACH 'x' AS y",
      '',
      "EXISTS (FROM read_csv('/etc/passwd'))",
    ])
      await expect(
        restoreRows(project, { name: 'then', rows: rowsWanted(['users'], { where }) }),
        where,
      ).rejects.toMatchObject({ code: 'USAGE' });
    expect(await all(file, 'SELECT count(*)::INTEGER FROM users')).toEqual([[3]]);
  });

  test('may exchange a value that is one alone', async () => {
    const { project, file } = await after(
      USERS + THREE,
      "UPDATE users SET email = 'z' WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2; UPDATE users SET email = 'b' WHERE id = 1",
    );
    expect(await bring(project, ['users'])).toMatchObject({ changed: { users: 2 } });
    expect(await all(file, 'SELECT email FROM users ORDER BY id')).toEqual([['a'], ['b'], ['c']]);
  });

  test('that cannot be beside one that is here are named with it, and nothing changes', async () => {
    const { project, file } = await after(
      USERS + THREE,
      "DELETE FROM users WHERE id < 3; INSERT INTO users VALUES (7, 'b', 7)",
    );
    await expect(bring(project, ['users'])).rejects.toMatchObject({
      code: 'ROWS_IN_CONFLICT',
      message:
        'users: the row id=2 of the backup and the row id=7 that is here have the same email. Nothing was changed.',
    });
    expect(await bring(project, ['users'], { exact: true })).toMatchObject({
      added: { users: 2 },
      removed: { users: 1 },
    });
    expect(await all(file, 'SELECT id FROM users ORDER BY id')).toEqual([[1], [2], [3]]);
  });

  test('that are as they were need no snapshot', async () => {
    const { project } = await after(USERS + THREE, '');
    const restored = await restoreRows(project, { name: 'then', rows: rowsWanted(['users']) });
    expect([restored.snapshot, restored.added.size]).toEqual([undefined, 0]);
  });

  test.each([
    ['nothere', 'USAGE'],
    ['gone', 'TABLE_GONE'],
    ['rekeyed', 'TABLE_GONE'],
    ['narrower', 'COLUMN_GONE'],
  ])('%s cannot come back: %s', async (table, code) => {
    const { project } = await after(
      'CREATE TABLE gone(id INTEGER); CREATE TABLE rekeyed(a INTEGER PRIMARY KEY, b INTEGER); CREATE TABLE narrower(id INTEGER PRIMARY KEY, old INTEGER); INSERT INTO narrower VALUES (1, 2)',
      'DROP TABLE gone; DROP TABLE rekeyed; CREATE TABLE rekeyed(a INTEGER, b INTEGER PRIMARY KEY); ALTER TABLE narrower DROP COLUMN old',
    );
    await expect(restoreRows(project, { name: 'then', rows: rowsWanted([table]) })).rejects.toMatchObject({ code });
  });

  test('whatever the table and its columns are called', async () => {
    const columns = ['j', 'i', 's', 'm', 'k', 'v', 'n', 'c', 'id', "it's", 'a"b', 'held'];
    const named = columns.map((name) => `"${name.replaceAll('"', '""')}" VARCHAR`);
    const values = (n: number) => columns.map((_, at) => `'${n} ${at}'`).join(', ');
    for (const key of ['', ', PRIMARY KEY("a""b", j)']) {
      const { project, file } = await after(
        `CREATE SCHEMA "my shop"; CREATE TABLE "my shop"."t ""s'"(${named.join(', ')}, UNIQUE("it's")${key}); INSERT INTO "my shop"."t ""s'" VALUES (${values(1)}), (${values(2)}), (${values(3)})`,
        `DELETE FROM "my shop"."t ""s'" WHERE s = '1 2'; UPDATE "my shop"."t ""s'" SET v = 'other', c = 'other' WHERE s = '2 2'`,
      );
      const table = `my shop."t ""s'"`;
      const counts = key === '' ? { added: { [table]: 2 } } : { added: { [table]: 1 }, changed: { [table]: 1 } };
      expect(await bring(project, [table], { exact: true })).toMatchObject(counts);
      const expected = [1, 2, 3].map((n) => columns.map((_, at) => `${n} ${at}`));
      expect(await all(file, `SELECT * FROM "my shop"."t ""s'" ORDER BY s`)).toEqual(expected);
    }
  });

  test('with values of types within types, which DuckDB changes by taking them out', async () => {
    const { project, file } = await after(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, l INTEGER[], s STRUCT(a DATE, "b'" BLOB), m MAP(VARCHAR, DOUBLE[]), u UNION(n INTEGER, v VARCHAR), g INTEGER GENERATED ALWAYS AS (id + 1));
       CREATE TABLE c(id INTEGER REFERENCES t(id));
       INSERT INTO t VALUES (1, [1, NULL], {a: '2026-01-01', "b'": '\\x00'}, MAP {'k': [0.5]}, 5), (2, NULL, NULL, NULL, '5'); INSERT INTO c VALUES (1), (2)`,
      "DELETE FROM c; UPDATE t SET u = 5 WHERE id = 2; UPDATE t SET u = 'five' WHERE id = 1; INSERT INTO c VALUES (1), (2)",
    );
    expect(await bring(project, ['t'])).toMatchObject({ changed: { t: 2 } });
    expect(await all(file, 'SELECT id, l::VARCHAR, u::VARCHAR, union_tag(u)::VARCHAR, g FROM t ORDER BY id')).toEqual([
      [1, '[1, NULL]', '5', 'n', 2],
      [2, null, '5', 'v', 3],
    ]);
    expect(await all(file, 'SELECT id FROM c ORDER BY id')).toEqual([[1], [2]]);
  });
});

test('rows without a key are told by all their values, as many as there are', async () => {
  const { project, file } = await after(
    "CREATE TABLE log(what VARCHAR, n INTEGER); INSERT INTO log VALUES ('a', 1), ('a', 1), ('a', 1), ('b', 2), (NULL, NULL)",
    "DELETE FROM log WHERE rowid IN (0, 1); UPDATE log SET n = 3 WHERE what = 'b'; DELETE FROM log WHERE what IS NULL; INSERT INTO log VALUES ('x', 1)",
  );
  expect(await bring(project, ['log'])).toMatchObject({ added: { log: 4 }, changed: {}, removed: {} });
  const rows = () => all(file, 'SELECT what, n FROM log ORDER BY what NULLS FIRST, n');
  const asSaved = [[null, null], ...['a', 'a', 'a'].map((what) => [what, 1]), ['b', 2]];
  expect(await rows()).toEqual([...asSaved, ['b', 3], ['x', 1]]);
  expect(await bring(project, ['log'], { exact: true })).toMatchObject({ added: {}, removed: { log: 2 } });
  expect(await rows()).toEqual(asSaved);
});

describe('rows that point to others', () => {
  const SHOP = `CREATE TABLE customers(id INTEGER PRIMARY KEY, name VARCHAR);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id));
    CREATE TABLE items(order_id INTEGER REFERENCES orders(id), line INTEGER, PRIMARY KEY(order_id, line));
    INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders VALUES (10, 1), (20, 2); INSERT INTO items VALUES (10, 1), (10, 2), (20, 1);`;

  test('are offered those that they need', async () => {
    const { project, file } = await after(
      SHOP,
      'DELETE FROM items; DELETE FROM orders; DELETE FROM customers WHERE id = 1',
    );
    await expect(bring(project, ['items'])).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: 'The rows point to rows that are not here: 2 rows of orders, 1 row of customers. Nothing was changed.',
      hint: expect.stringContaining('--with-parents'),
    });
    expect(await bring(project, ['items'], { withParents: true })).toMatchObject({
      added: { items: 3, orders: 2, customers: 1 },
    });
    expect(await all(file, 'SELECT count(*)::INTEGER FROM items JOIN orders o ON o.id = order_id')).toEqual([[3]]);
  });

  test('need those that their own need, however far', async () => {
    const { project, file } = await after(
      'CREATE TABLE parts(id INTEGER PRIMARY KEY, within INTEGER REFERENCES parts(id)); INSERT INTO parts VALUES (1, NULL); INSERT INTO parts VALUES (2, 1); INSERT INTO parts VALUES (3, 2); INSERT INTO parts VALUES (4, 3)',
      'DELETE FROM parts WHERE id = 4; DELETE FROM parts WHERE id = 3; DELETE FROM parts WHERE id = 2; DELETE FROM parts',
    );
    await expect(bring(project, ['parts'], { where: 'id = 4' })).rejects.toMatchObject({
      message: 'The rows point to rows that are not here: 3 rows of parts. Nothing was changed.',
    });
    expect(await bring(project, ['parts'], { where: 'id = 4', withParents: true })).toMatchObject({
      added: { parts: 4 },
    });
    expect(await all(file, 'SELECT id FROM parts ORDER BY id')).toEqual([[1], [2], [3], [4]]);
  });

  test('stay where those that they point to change and come again', async () => {
    const { project, file } = await after(
      `CREATE TABLE parts(id INTEGER PRIMARY KEY, within INTEGER REFERENCES parts(id), tags VARCHAR[], name VARCHAR);
       CREATE TABLE uses(part INTEGER REFERENCES parts(id)); CREATE INDEX of_part ON uses(part);
       INSERT INTO parts VALUES (1, NULL, ['a'], 'one'); INSERT INTO parts VALUES (2, 1, ['b'], 'two'); INSERT INTO uses VALUES (1), (2), (2);`,
      "INSERT INTO parts VALUES (5, NULL, [], 'five'); DELETE FROM uses WHERE part = 1; UPDATE parts SET name = 'won' WHERE id = 1; INSERT INTO parts VALUES (6, 2, ['six'], 'six'); INSERT INTO uses VALUES (1), (6)",
    );
    expect(await bring(project, ['parts'])).toEqual({ added: {}, changed: { parts: 1 }, removed: {}, warnings: [] });
    expect(await all(file, 'SELECT id, within, tags::VARCHAR, name FROM parts ORDER BY id')).toEqual([
      [1, null, '[a]', 'one'],
      [2, 1, '[b]', 'two'],
      [5, null, '[]', 'five'],
      [6, 2, '[six]', 'six'],
    ]);
    expect(await all(file, 'SELECT part FROM uses ORDER BY part')).toEqual([[1], [2], [2], [6]]);
    expect(await all(file, 'SELECT index_name FROM duckdb_indexes()')).toEqual([['of_part']]);
  });

  test('are not left behind by those that go, nor taken along', async () => {
    const { project } = await after(SHOP, "INSERT INTO customers VALUES (3, 'Eve'); INSERT INTO orders VALUES (30, 3)");
    await expect(bring(project, ['customers'], { exact: true })).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: '1 row of orders would point to rows of customers that are not there any more. Nothing was changed.',
    });
    expect(await bring(project, ['customers', 'orders'], { exact: true })).toMatchObject({
      removed: { customers: 1, orders: 1 },
    });
  });
});

describe('what is beside the rows', () => {
  test('what backups leave out stays as it is', async () => {
    const { project, file } = await after(
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name VARCHAR, password_hash VARCHAR); INSERT INTO users VALUES (1, 'a', 'h1'), (2, 'b', 'h2'), (3, 'c', 'h3')",
      "UPDATE users SET name = 'x' WHERE id = 1; UPDATE users SET password_hash = 'new' WHERE id = 2; DELETE FROM users WHERE id = 3",
    );
    expect(await bring(project, ['users'])).toMatchObject({ changed: { users: 1 }, added: { users: 1 } });
    expect(await all(file, 'FROM users ORDER BY id')).toEqual([
      [1, 'a', 'h1'],
      [2, 'b', 'new'],
      [3, 'c', null],
    ]);
  });

  test('rows that backups leave out do not go for not being in one', async () => {
    const privacy = { include: { users: 'id < 3' }, exclude: { sessions: 'rows' } };
    const { project, file } = await after(
      'CREATE TABLE users(id INTEGER PRIMARY KEY); CREATE TABLE sessions(id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (2), (3); INSERT INTO sessions VALUES (1)',
      'DELETE FROM users WHERE id = 1',
      { privacy },
    );
    await expect(bring(project, ['users'], { exact: true })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(bring(project, ['sessions'], { exact: true })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await bring(project, ['users'])).toMatchObject({ added: { users: 1 } });
    expect(await all(file, 'SELECT count(*)::INTEGER FROM users')).toEqual([[3]]);
  });

  test('columns that came since keep their values, and types that changed since are met', async () => {
    const { project, file } = await after(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v VARCHAR, p DECIMAL(10,2)); INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', 2.5), (3, 'c', 3.5)",
      "ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 7; ALTER TABLE t ALTER p TYPE DOUBLE; UPDATE t SET w = 8; UPDATE t SET v = 'x' WHERE id = 1; DELETE FROM t WHERE id = 2",
    );
    expect(await bring(project, ['t'])).toMatchObject({ changed: { t: 1 }, added: { t: 1 } });
    expect(await all(file, 'FROM t ORDER BY id')).toEqual([
      [1, 'a', 1.5, 8],
      [2, 'b', 2.5, 7],
      [3, 'c', 3.5, 8],
    ]);
  });

  test('numbers that were given out are not given out again', async () => {
    const { project, file } = await after(
      "CREATE SEQUENCE ids; CREATE TABLE t(id INTEGER DEFAULT nextval('ids') PRIMARY KEY, v VARCHAR); INSERT INTO t(v) VALUES ('a'), ('b')",
      "DROP TABLE t; DROP SEQUENCE ids; CREATE SEQUENCE ids; CREATE TABLE t(id INTEGER DEFAULT nextval('ids') PRIMARY KEY, v VARCHAR)",
    );
    await bring(project, ['t']);
    await on(file, "INSERT INTO t(v) VALUES ('c')");
    expect(await all(file, 'SELECT id FROM t ORDER BY id')).toEqual([[1], [2], [3]]);
  });

  test('rows that somebody writes meanwhile are not lost: it stops', async () => {
    const { project, file } = await after(
      'CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)',
      'DELETE FROM t WHERE id = 1',
    );
    const { database } = project;
    const bringWhile: typeof database.bringRows = (content, slices, wanted, bringing) => {
      const whileWriting: typeof slices = async function* (table, share) {
        await on(file, 'INSERT INTO t VALUES (99)');
        yield* slices(table, share);
      };
      return bringRows({ path: file, label: file, wait: 0 }, content, whileWriting, wanted, bringing);
    };
    const slow = { ...database, id: database.id, bringRows: bringWhile };
    await expect(
      restoreRows({ ...project, database: slow }, { name: 'then', rows: rowsWanted(['t']) }),
    ).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    expect(await all(file, 'FROM t ORDER BY id')).toEqual([[2], [99]]);
  });
});

/** `b` points to `a`, `c` has a key of two columns and points to itself. */
const MODEL_TABLES = `CREATE TABLE a(k VARCHAR PRIMARY KEY, n INTEGER, v VARCHAR[]);
  CREATE TABLE b(k INTEGER PRIMARY KEY, n INTEGER, v VARCHAR[], a VARCHAR REFERENCES a(k));
  CREATE TABLE c(k INTEGER, l INTEGER, n INTEGER, v VARCHAR[], pk INTEGER, pl INTEGER, PRIMARY KEY(k, l), FOREIGN KEY(pk, pl) REFERENCES c(k, l))`;

/** Each is a statement; what DuckDB refuses is left. */
function edits(dice: Chance, times: number): string {
  const one = (): string => {
    const value = () => dice.pick(["['two']", 'NULL', '[]', '[NULL]', "['three', 'x']"]);
    const key = () => dice.below(8);
    const n = () => dice.below(6);
    return dice.pick([
      () => `INSERT OR REPLACE INTO a VALUES ('k${key()}', ${n()}, ${value()})`,
      () => `INSERT OR REPLACE INTO b VALUES (${key()}, ${n()}, ${value()}, ${dice.pick(['NULL', `'k${key()}'`])})`,
      () =>
        `INSERT OR REPLACE INTO c VALUES (${key() % 3}, ${key()}, ${n()}, ${value()}, ${dice.pick(['NULL', String(key() % 3)])}, ${key()})`,
      () => `DELETE FROM ${dice.pick(['a', 'b', 'c'])} WHERE n = ${n()}`,
    ])();
  };
  return Array.from({ length: times }, one).join(';\n');
}

/** Statements one by one: those that a foreign key forbids are as if they were not there. */
async function edit(file: string, sql: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(file);
  const db = await instance.connect();
  for (const statement of sql.split(';\n')) await db.run(statement).catch(() => {});
  db.closeSync();
  instance.closeSync();
}

test('a plain model says the same, whatever is asked', { timeout: 600_000 }, async () => {
  for (let run = 0; run < tries(4, 300); run++) {
    const file = await fileOf(MODEL_TABLES);
    await expectAsModelled({
      project: { ...projectIn(scratch()), database: open(file) },
      model: () => modelOf((table) => all(file, `SELECT * REPLACE (v::VARCHAR AS v) FROM ${table}`)),
      edit: (dice, times) => edit(file, edits(dice, times)),
      conditions: ['n < 3'],
    });
  }
});
