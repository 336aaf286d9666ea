import { afterEach, describe, expect, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import type { Session } from '../../../src/engines/postgres/driver.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { restoreRows } from '../../../src/operations/restore-rows.ts';
import { undo } from '../../../src/operations/snapshot.ts';
import { type Chance, tries } from '../../support/chance.ts';
import { expectAsModelled, type ModelTable, modelOf } from '../../support/model-of-rows.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import type { TestProject } from '../../support/project.ts';
import { bring, rowsWanted } from '../../support/rows-back.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

const WAIT = 500;

interface Shop {
  readonly project: Omit<TestProject, 'db'>;
  readonly database: TestDatabase;
  readonly session: Session;
  /** What a question says, a row a text. */
  rows(sql: string): Promise<string[]>;
}

const sessions: Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

/** A database with a backup of what `saved` makes, in which `later` happened since. */
async function after(saved: string, later = '', changes = {}): Promise<Shop> {
  const database = await freshDatabase();
  const project = { ...projectIn(scratch(), changes), database: postgresDatabase(onServer(database.url, {}, WAIT)) };
  database.psql(saved);
  await backup(project, { trigger: 'test', name: 'then' });
  if (later !== '') database.psql(later);
  const session = await connectToServer(database.url, {});
  sessions.push(session);
  const rows = async (sql: string) => (await session.query(sql)).map((row) => row.join(' '));
  return { project, database, session, rows };
}

const USERS = `CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, age numeric, shout text GENERATED ALWAYS AS (email || '!') STORED);
  CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1); INSERT INTO users (email, age) VALUES ('a', 1), ('b', 2), ('c', 3);`;
const ALL = 'SELECT id, email, age, shout FROM users ORDER BY id';

describe.skipIf(postgresPrograms() === undefined)('rows of one table', () => {
  test('come back where they are missing or changed, and all others stay; then it can be taken back', async () => {
    const shop = await after(
      USERS,
      "DELETE FROM users WHERE id = 1; UPDATE users SET age = 2.0 WHERE id = 2; INSERT INTO users (email, age) VALUES ('new', 9); DELETE FROM other",
    );
    expect(await bring(shop.project, ['users'])).toEqual({
      added: { users: 1 },
      changed: { users: 1 },
      removed: {},
      warnings: [],
    });
    expect(await shop.rows(ALL)).toEqual(['1 a 1 a!', '2 b 2 b!', '3 c 3 c!', '4 new 9 new!']);
    expect(await shop.rows('SELECT * FROM other')).toEqual([]);
    await undo(shop.project);
    expect(await shop.rows(ALL)).toEqual(['2 b 2.0 b!', '3 c 3 c!', '4 new 9 new!']);
  });

  test('exactly: those that the backup does not have go, and a condition is about those alone that meet it', async () => {
    const shop = await after(
      USERS,
      "DELETE FROM users WHERE id < 3; INSERT INTO users (email, age) VALUES ('x', 8), ('y', 9)",
    );
    expect(await bring(shop.project, ['users'], { where: 'id > 1 AND id < 5', exact: true })).toMatchObject({
      added: { users: 1 },
      removed: { users: 1 },
    });
    expect(await shop.rows('SELECT id FROM users ORDER BY 1')).toEqual(['2', '3', '5']);
    expect(await bring(shop.project, ['users'], { exact: true })).toMatchObject({
      added: { users: 1 },
      removed: { users: 1 },
    });
    expect(
      (await restoreRows(shop.project, { name: 'then', rows: rowsWanted(['users'], { exact: true }) })).snapshot,
    ).toBe(undefined);
  });

  test('a condition sees the backup, and can do nothing but be asked', async () => {
    const shop = await after(USERS, 'UPDATE users SET age = 50; DELETE FROM users WHERE id = 3');
    expect(await bring(shop.project, ['users'], { where: 'age = (SELECT max(age) FROM users)' })).toMatchObject({
      added: { users: 1 },
      changed: {},
    });
    for (const where of ['nme = 1', '1=1); DROP TABLE users; SELECT (1', 'id = ', 'true -- mine', "age = 'x'"]) {
      const failed = restoreRows(shop.project, { name: 'then', rows: rowsWanted(['users'], { where }) });
      await expect(failed, where).rejects.toMatchObject({ code: 'USAGE' });
    }
    expect(await shop.rows('SELECT count(*) FROM users')).toEqual(['3']);
  });

  test('may exchange a value that is one alone', async () => {
    const shop = await after(
      USERS,
      "UPDATE users SET email = 'z' WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2; UPDATE users SET email = 'b' WHERE id = 1",
    );
    expect(await bring(shop.project, ['users'])).toMatchObject({ changed: { users: 2 } });
    expect(await shop.rows('SELECT email FROM users ORDER BY id')).toEqual(['a', 'b', 'c']);
  });

  test('that cannot be beside one that is here are named with it, and nothing changes', async () => {
    const shop = await after(USERS, "DELETE FROM users WHERE id < 3; INSERT INTO users (email, age) VALUES ('b', 7)");
    await expect(bring(shop.project, ['users'])).rejects.toMatchObject({
      code: 'ROWS_IN_CONFLICT',
      message:
        'users: the row id=2 of the backup and the row id=4 that is here have the same email. Nothing was changed.',
    });
    expect(await shop.rows('SELECT id FROM users ORDER BY 1')).toEqual(['3', '4']);
    expect(await bring(shop.project, ['users'], { exact: true })).toMatchObject({
      added: { users: 2 },
      removed: { users: 1 },
    });
  });

  test('fire no trigger, meet no rule, and leave both as they were; numbers go on behind them', async () => {
    const shop = await after(
      `${USERS} CREATE TABLE log (what text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.log VALUES (TG_OP); RETURN NEW; END$$;
      CREATE TRIGGER noted BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION note(); CREATE TRIGGER off AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION note();
      ALTER TABLE users DISABLE TRIGGER off; CREATE RULE never AS ON DELETE TO users WHERE OLD.id = 1 DO INSTEAD NOTHING;`,
      'TRUNCATE users RESTART IDENTITY; TRUNCATE log',
    );
    const states = `SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT rulename, ev_enabled FROM pg_rewrite WHERE rulename = 'never' ORDER BY 1`;
    const before = await shop.rows(states);
    expect(await bring(shop.project, ['users'])).toEqual({
      added: { users: 3 },
      changed: {},
      removed: {},
      warnings: ['the triggers of users did not fire: what they keep elsewhere is as it was'],
    });
    expect([await shop.rows('SELECT * FROM log'), await shop.rows(states)]).toEqual([[], before]);
    expect(await shop.rows("INSERT INTO users (email) VALUES ('next') RETURNING id")).toEqual(['4']);
  });

  test('wait for somebody who writes, and leave all as it is where that goes on', async () => {
    const shop = await after(USERS, 'DELETE FROM users');
    await shop.session.query("BEGIN; INSERT INTO users (email) VALUES ('x')");
    const asked = { name: 'then', rows: rowsWanted(['users']) };
    await expect(restoreRows(shop.project, asked)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    await shop.session.query('ROLLBACK');
    await restoreRows(shop.project, asked);
    expect(await shop.rows('SELECT count(*) FROM users')).toEqual(['3']);
  });

  test.each([
    ['nothere', 'USAGE'],
    ['gone', 'TABLE_GONE'],
    ['rekeyed', 'TABLE_GONE'],
    ['narrower', 'COLUMN_GONE'],
  ])('%s cannot come back: %s', async (table, code) => {
    const shop = await after(
      'CREATE TABLE gone (id int); CREATE TABLE rekeyed (a int PRIMARY KEY, b int NOT NULL); CREATE TABLE narrower (id int PRIMARY KEY, old int); INSERT INTO narrower VALUES (1, 2)',
      'DROP TABLE gone; ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey; ALTER TABLE rekeyed ADD PRIMARY KEY (b); ALTER TABLE narrower DROP COLUMN old',
    );
    await expect(restoreRows(shop.project, { name: 'then', rows: rowsWanted([table]) })).rejects.toMatchObject({
      code,
    });
  });

  test('whatever the table and its columns are called, in a schema, in a part of a whole, and of any type', async () => {
    const shop = await after(
      `CREATE SCHEMA "S."; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE EXTENSION citext;
      CREATE TABLE "S."."t ""s'" (i mood, j public.citext, s jsonb, m int[], "a""b" bytea, v float8, PRIMARY KEY (i, j));
      INSERT INTO "S."."t ""s'" VALUES ('sad', 'Ada', '{"a": null}', '{1,NULL}', '\\x00ff', '-0'), ('ok', 'Bob', NULL, '[0:1]={1,2}', '', 'NaN'), ('ok', 'Eve', '1.0', '{}', NULL, 'Infinity');
      CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      INSERT INTO parts VALUES (1, '2024-02-03'), (2, '2024-02-03');`,
      `DELETE FROM "S."."t ""s'" WHERE j = 'Ada'; UPDATE "S."."t ""s'" SET v = 0, j = 'bob' WHERE j = 'Bob'; DELETE FROM parts WHERE id = 1`,
    );
    const table = `"S."."t ""s'"`;
    expect(await bring(shop.project, [table, 'part_1'], { exact: true })).toMatchObject({
      added: { [table]: 2, part_1: 1 },
      removed: { [table]: 1 },
    });
    expect(await shop.rows(`SELECT * FROM ${table} ORDER BY j COLLATE "C"`)).toEqual([
      'sad Ada {"a": null} {1,NULL} \\x00ff -0',
      'ok Bob  [0:1]={1,2} \\x NaN',
      'ok Eve 1.0 {}  Infinity',
    ]);
    expect(await shop.rows('SELECT id FROM parts ORDER BY 1')).toEqual(['1', '2']);
  });

  test('without a key they are told by all their values, as many as there are', async () => {
    const shop = await after(
      "CREATE TABLE log (what text, n numeric); INSERT INTO log VALUES ('a', 1), ('a', 1), ('a', 1), ('b', 2), (NULL, NULL), ('', NULL)",
      "DELETE FROM log WHERE ctid IN ('(0,1)', '(0,2)'); UPDATE log SET n = 2.0 WHERE what = 'b'; DELETE FROM log WHERE what IS NULL OR what = ''; INSERT INTO log VALUES ('x', 1)",
    );
    expect(await bring(shop.project, ['log'])).toMatchObject({ added: { log: 5 }, changed: {}, removed: {} });
    expect(await bring(shop.project, ['log'], { exact: true })).toMatchObject({ added: {}, removed: { log: 2 } });
    expect(await shop.rows('SELECT what, n FROM log ORDER BY what, n')).toEqual([' ', 'a 1', 'a 1', 'a 1', 'b 2', ' ']);
  });
});

const SHOP = `CREATE TABLE customers (id int PRIMARY KEY, name text); CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE);
  CREATE TABLE items (order_id int REFERENCES orders, line int, PRIMARY KEY (order_id, line));
  INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders VALUES (10, 1), (20, 2); INSERT INTO items VALUES (10, 1), (10, 2), (20, 1);`;

describe.skipIf(postgresPrograms() === undefined)('rows that point to others', () => {
  test('are offered those that they need', async () => {
    const shop = await after(SHOP, 'DELETE FROM items; DELETE FROM orders; DELETE FROM customers WHERE id = 1');
    await expect(bring(shop.project, ['items'])).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: 'The rows point to rows that are not here: 2 rows of orders, 1 row of customers. Nothing was changed.',
    });
    expect(await shop.rows('SELECT count(*) FROM items')).toEqual(['0']);
    expect(await bring(shop.project, ['items'], { withParents: true })).toMatchObject({
      added: { items: 3, orders: 2, customers: 1 },
    });
    const keys = await shop.rows("SELECT conname, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1");
    expect(keys).toEqual(['items_order_id_fkey t', 'orders_customer_fkey t']);
  });

  test('are not left behind by those that go, nor taken along', async () => {
    const shop = await after(SHOP, "INSERT INTO customers VALUES (3, 'Eve'); INSERT INTO orders VALUES (30, 3)");
    await expect(bring(shop.project, ['customers'], { exact: true })).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      message: '1 row of orders would point to rows of customers that are not there any more. Nothing was changed.',
    });
    expect(await shop.rows('SELECT count(*) FROM orders')).toEqual(['3']);
    expect(await bring(shop.project, ['customers', 'orders'], { exact: true })).toMatchObject({
      removed: { customers: 1, orders: 1 },
    });
  });
});

test.skipIf(postgresPrograms() === undefined)(
  'rows have a history, found by their number where they are cut by it',
  async () => {
    const shop = await after(
      `CREATE TABLE numbered (note text, id bigint PRIMARY KEY); CREATE TABLE named (id text PRIMARY KEY, n int); CREATE TABLE two (a int, b int, PRIMARY KEY (a, b));
    CREATE TABLE lists (id int[] PRIMARY KEY); CREATE DOMAIN nr AS int; CREATE TABLE domained (id nr PRIMARY KEY); CREATE TABLE loose (id int NOT NULL UNIQUE);
    INSERT INTO numbered SELECT repeat(md5(i::text), 5), i * 7 FROM generate_series(-3000, 6000) i`,
      "UPDATE numbered SET note = 'changed' WHERE id = 35000",
    );
    const { schema } = await shop.project.database.describe();
    expect(await shop.project.database.slicedBy?.(schema)).toEqual(new Map([['numbered', 'id']]));
    await backup(shop.project, { trigger: 'test', name: 'now' });
    for (const [id, versions] of [
      ['35000', ['now', 'then']],
      ['-21000', ['then']],
      ['35001', []],
    ] as const) {
      const { events } = await rowLog(shop.project, undefined, 'numbered', [id], Number.POSITIVE_INFINITY);
      expect(
        events.map(({ version }) => version.name),
        id,
      ).toEqual(versions);
    }
  },
);

describe.skipIf(postgresPrograms() === undefined)('a plain model', () => {
  test('says the same: any edits, tables, conditions, exactly or not', async () => {
    for (let run = 0; run < tries(6, 150); run++) {
      const { project, session } = await after(MODEL_TABLES);
      await expectAsModelled({
        project,
        model: () => modelOf((table) => session.query(`SELECT * FROM ${table}`)),
        edit: (dice, times) => edit(session, dice, times),
        conditions: ['n < 3', "v = 'two'"],
      });
    }
  });
});

/** `b` points to `a`, `c` has a key of two columns, and points to itself. */
const MODEL_TABLES = `CREATE TABLE a (k text PRIMARY KEY, n int, v text); CREATE TABLE b (k int PRIMARY KEY, n int, v text, a text REFERENCES a ON DELETE SET NULL);
  CREATE TABLE c (k int, l int, n int, v text, pk int, pl int, PRIMARY KEY (k, l), FOREIGN KEY (pk, pl) REFERENCES c (k, l))`;

async function edit(session: Session, dice: Chance, times: number): Promise<void> {
  const key = () => dice.below(8);
  const value = () => dice.pick(["'1'", "'two'", "''", 'NULL', "'a\\b'"]);
  const put = (table: ModelTable, values: readonly unknown[], conflict: string) =>
    `INSERT INTO ${table} VALUES (${values.join(', ')}) ON CONFLICT ${conflict}`;
  for (let turn = 0; turn < times; turn++) {
    const sql = dice.pick<() => string>([
      () => put('a', [`'k${key()}'`, dice.below(6), value()], '(k) DO UPDATE SET n = excluded.n, v = excluded.v'),
      () =>
        put(
          'b',
          [key(), dice.below(6), value(), dice.pick(['NULL', `'k${key()}'`])],
          '(k) DO UPDATE SET n = excluded.n, v = excluded.v, a = excluded.a',
        ),
      () =>
        put(
          'c',
          [key() % 3, key(), dice.below(6), value(), dice.pick(['NULL', key() % 3]), key()],
          '(k, l) DO UPDATE SET n = excluded.n, v = excluded.v, pk = excluded.pk, pl = excluded.pl',
        ),
      () => `DELETE FROM ${dice.pick(['a', 'b', 'c'])} WHERE n = ${dice.below(6)}`,
    ])();
    // A foreign key may forbid it.
    await session.query(sql).catch(() => {});
  }
}
