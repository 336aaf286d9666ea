import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDatabase } from '../../../bench/database.ts';
import { seedBudget } from '../../../examples/budget/seed.ts';
import type { Database as Ours } from '../../../src/engines/engine.ts';
import { inFolder } from '../../../src/engines/postgres/folder.ts';
import { sqliteDatabase } from '../../../src/engines/sqlite/database.ts';
import { holdOf, writeHold } from '../../../src/local/hold.ts';
import { copy, madeIn, pgliteIn, typesIn, valuesIn } from '../../support/across.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { lasting, scratch } from '../../support/scratch.ts';

const sqliteAt = (file: string) => sqliteDatabase(file, { busyTimeout: 2000 });

/** PGlite takes a moment to open, so tests share one, each with an empty `public`. */
const folder = join(lasting(), 'pg');
let pg: Ours;
const opened: Ours[] = [];

async function run(sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const session = await inFolder(folder, 1000).connect();
  try {
    return await session.query(sql);
  } finally {
    await session.close();
  }
}

async function emptied(): Promise<Ours> {
  await run('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return pg;
}

beforeAll(async () => {
  await emptyPglite(folder);
  pg = pgliteIn(folder);
  opened.push(pg);
});
afterAll(async () => {
  for (const each of opened) await each.close();
});

/** From an SQLite file to PostgreSQL and back into another file. */
async function bothWays(file: string) {
  const work = scratch();
  const there = await copy(work, sqliteAt(file), await emptied());
  const back = join(work, 'back.db');
  const here = await copy(work, pg, sqliteAt(back));
  return { there, here, back };
}

describe('an SQLite database comes to PostgreSQL and back with every value', () => {
  test('the shop that the measurements are made with', { timeout: 120_000 }, async () => {
    const file = join(scratch(), 'shop.db');
    makeDatabase(file, 6000);
    const { there, here, back } = await bothWays(file);
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect([there.rows, here.rows, there.lost, here.lost]).toEqual([6000, 6000, [], []]);
    expect(typesIn(there)).toMatchObject({
      'users.id': 'bigint',
      'users.email': 'text',
      'orders.amount': 'double precision',
      'events.value': 'double precision',
    });
  });

  test('the example', { timeout: 60_000 }, async () => {
    const file = join(scratch(), 'budget.db');
    seedBudget(file);
    const { there, back } = await bothWays(file);
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect(there.lost.map(({ what, name }) => `${what} ${name}`)).toEqual(['view balance', 'setting user_version = 2']);
    await expect(
      run("INSERT INTO expenses(user_id, category, amount_cents, spent_on) VALUES (1, 'x', -1, 'y')"),
    ).rejects.toThrow(/amount_cents_check/);
  });

  test('values of every kind', { timeout: 60_000 }, async () => {
    const file = madeIn(
      scratch(),
      `CREATE TABLE kinds(id INTEGER PRIMARY KEY, i INT, r REAL, n NUMERIC, d DECIMAL(10, 2), t TEXT, v VARCHAR(5), b BLOB, yes BOOLEAN,
         day DATE, at DATETIME, clock TIME, doc JSON, u UUID, moment TIMESTAMPTZ, loose);
       INSERT INTO kinds VALUES (1, 9223372036854775807, 1e300, 1.5, 19.99, 'ü 🎉 "\\' || char(9, 10, 13, 8, 12, 127, 1), 'longer than five', x'0001ff', 1,
         '2024-02-29', '2024-02-29 23:59:59.123456', '00:00:00', '{"a": [1, 2]}', '0f8fad5b-d9cb-469f-a165-70867728950e', '2026-01-01 00:00:00+00', 'x');
       INSERT INTO kinds VALUES (2, -9223372036854775808, 5e-324, -3, 100000000000000000000, '', '', x'', 0,
         '0001-01-01', '9999-12-31 00:00:00', '23:59:59.5', '5', '12345678-1234-1234-1234-123456789012', '2026-01-01 00:00:00.5+00', '');
       INSERT INTO kinds VALUES (3, 0, 9e999, 0.1, 0, 'null', NULL, NULL, NULL, NULL, NULL, NULL, '"text"', NULL, NULL, NULL);
       INSERT INTO kinds VALUES (-4, NULL, -9e999, 1e16, 12345678.9, '\\N', NULL, NULL, NULL, NULL, NULL, NULL, 'null', NULL, NULL, NULL);
       INSERT INTO kinds(id, r) VALUES (5, 123456789012345680000.0), (6, 0.0001), (7, 0.00001), (8, 1e15), (9, 999999999999999.0), (10, 0.1 + 0.2);`,
    );
    const { there, back } = await bothWays(file);
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect(typesIn(there)).toEqual({
      'kinds.id': 'bigint',
      'kinds.i': 'bigint',
      'kinds.r': 'double precision',
      'kinds.n': 'numeric',
      'kinds.d': 'numeric',
      'kinds.t': 'text',
      'kinds.v': 'text',
      'kinds.b': 'bytea',
      'kinds.yes': 'boolean',
      'kinds.day': 'date',
      'kinds.at': 'timestamp without time zone',
      'kinds.clock': 'time without time zone',
      'kinds.doc': 'json',
      'kinds.u': 'uuid',
      'kinds.moment': 'timestamp with time zone',
      'kinds.loose': 'text',
    });
  });

  test('real numbers beside whole ones, where SQLite keeps them apart', { timeout: 60_000 }, async () => {
    const file = madeIn(
      scratch(),
      `CREATE TABLE apart(id INTEGER PRIMARY KEY, b BLOB, loose);
       INSERT INTO apart VALUES (1, 0.0, 5), (2, 0, 5.0), (3, -7.0, 2.5), (4, 1e15, 9007199254740993), (5, 9.2e18, -9.3e18);`,
    );
    const { there, here, back } = await bothWays(file);
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect(typesIn(there)).toMatchObject({ 'apart.b': 'numeric', 'apart.loose': 'numeric' });
    expect(typesIn(here)).toMatchObject({ 'apart.b': '', 'apart.loose': '' });
  });

  test('tables of every form, and what their definitions say', { timeout: 60_000 }, async () => {
    const file = madeIn(
      scratch(),
      `CREATE TABLE "Odd ""name"""("a b" INTEGER PRIMARY KEY, "select" TEXT NOT NULL DEFAULT 'it''s');
       CREATE TABLE pairs(a TEXT, b INT, at TEXT DEFAULT CURRENT_TIMESTAMP, made INTEGER DEFAULT (unixepoch()), PRIMARY KEY (a, b)) WITHOUT ROWID;
       CREATE TABLE names(name TEXT PRIMARY KEY, other TEXT UNIQUE);
       CREATE TABLE tree(id INTEGER PRIMARY KEY AUTOINCREMENT, parent INT REFERENCES tree(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, flag INT DEFAULT -1);
       CREATE TABLE blank(x TEXT, y REAL DEFAULT 1.5, z BLOB DEFAULT x'00ff');
       CREATE TABLE strict_one(id INTEGER PRIMARY KEY, any ANY, t TEXT CHECK (length(t) > 1)) STRICT;
       CREATE UNIQUE INDEX few ON tree(parent, id DESC) WHERE flag >= 0 AND parent IS NOT NULL;
       INSERT INTO "Odd ""name""" VALUES (3, 'x');
       INSERT INTO pairs(a, b) VALUES ('y', 2), ('x', 1), ('x', 2);
       INSERT INTO names VALUES ('b', NULL), ('a', NULL), (NULL, 'o'), (NULL, 'p');
       INSERT INTO tree VALUES (10, NULL, 0), (4, 10, 1);
       DELETE FROM tree WHERE id > 100; INSERT INTO tree VALUES (200, 4, 2); DELETE FROM tree WHERE id = 200;
       INSERT INTO strict_one VALUES (1, 1, 'ab'), (2, 2, 'cd');`,
    );
    const { there, here, back } = await bothWays(file);
    expect(valuesIn(back)).toEqual(valuesIn(file));
    expect(there.lost).toEqual([{ what: 'primary key', name: 'names', why: expect.any(String) }]);
    expect(here.lost).toEqual([]);
    const sql = new Database(back, { readonly: true })
      .prepare('SELECT group_concat(sql, char(10)) FROM sqlite_schema')
      .pluck()
      .get();
    for (const said of [
      `"select" TEXT NOT NULL DEFAULT 'it''s'`,
      '"at" TEXT DEFAULT CURRENT_TIMESTAMP',
      '"made" INTEGER DEFAULT (unixepoch())',
      'PRIMARY KEY ("a", "b")',
      'FOREIGN KEY ("parent") REFERENCES "tree"("id") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED',
      '"flag" INTEGER DEFAULT -1',
      '"y" REAL DEFAULT 1.5',
      `"z" BLOB DEFAULT x'00ff'`,
      'CHECK (length("t") > 1)',
      'CREATE UNIQUE INDEX "few" ON "tree"("parent", "id" DESC) WHERE (("flag" >= 0) AND (NOT ("parent" IS NULL)))',
    ])
      expect(sql).toContain(said);
    await run('INSERT INTO tree(flag) VALUES (7); INSERT INTO "Odd ""name"""("select") VALUES (\'next\')');
    expect(await run('SELECT max(id) FROM tree')).toEqual([['201']]);
    expect(await run('SELECT max("a b") FROM "Odd ""name"""')).toEqual([['4']]);
  });
});

/** One that writes another value in one place than it was given. */
const lying = (database: Ours, from: string, to: string): Ours => ({
  ...database,
  id: database.id,
  async stage(how, folder) {
    const staged = await database.stage(how, folder);
    return {
      ...staged,
      load: (content, slices, onRows) =>
        staged.load(
          content,
          async function* (table, share) {
            for await (const slice of slices(table, share))
              yield slice instanceof Uint8Array ? Buffer.from(Buffer.from(slice).toString().replace(from, to)) : slice;
          },
          onRows,
        ),
    };
  },
});

describe('every value is read again', () => {
  const SQL =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, n REAL); INSERT INTO t VALUES (1, 'a', 0.5), (2, 'b', 1.5)";

  test.each([
    ['a text', '"b"', '"c"'],
    ['a number', '1.5', '1.25'],
    ['a value that is there no more', '0.5', 'null'],
  ])('and %s that came out otherwise is noticed on both sides', async (_, from, to) => {
    const work = scratch();
    const file = madeIn(work, SQL);
    const wrong = lying(await emptied(), from, to);
    await expect(copy(work, sqliteAt(file), wrong)).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
    expect(await pg.standing([])).toBe('nothing');
    await copy(work, sqliteAt(file), pg);
    const back = join(work, 'back.db');
    const other = lying(sqliteAt(back), from, to);
    await expect(copy(work, pg, other)).rejects.toThrow(/a value of it came out otherwise/);
    expect(existsSync(back)).toBe(false);
  });
});

describe('loose values', () => {
  test('are listed row by row, and nothing is written', async () => {
    const work = scratch();
    const rows = Array.from({ length: 7 }, (_, at) => `(${at + 10}, 'not ${at}')`).join(', ');
    const file = madeIn(
      work,
      `CREATE TABLE people(id INTEGER PRIMARY KEY, age INTEGER, name TEXT, password TEXT);
       INSERT INTO people(id, age) VALUES (1, 30), ${rows};
       INSERT INTO people VALUES (2, 31, 'a' || char(0) || 'b', x'00'), (3, 31, x'ff', 'p');`,
    );
    const to = await emptied();
    const tried = await copy(work, sqliteAt(file), to, true);
    expect(tried.refused).toBe(7 + 2 + 1);
    expect(tried.tables[0]?.columns.slice(1)).toEqual([
      {
        name: 'age',
        declared: 'INTEGER',
        because: {
          type: 'bigint',
          count: 7,
          first: [0, 1, 2, 3, 4].map((at) => ({ row: `id = ${at + 10}`, value: `the text 'not ${at}'` })),
        },
      },
      {
        name: 'name',
        declared: 'TEXT',
        because: {
          type: 'text',
          count: 2,
          first: [
            { row: 'id = 2', value: "the text 'a<U+0000>b'" },
            { row: 'id = 3', value: '1 bytes' },
          ],
        },
      },
      {
        name: 'password',
        declared: 'TEXT',
        because: { type: 'text', count: 1, first: [{ row: 'id = 2', value: '1 bytes' }] },
      },
    ]);
    await expect(copy(work, sqliteAt(file), to)).rejects.toMatchObject({ code: 'COPY_REFUSED' });
    expect(await to.standing([])).toBe('nothing');
  });

  test('make their column another, where that holds them all', { timeout: 60_000 }, async () => {
    const file = madeIn(
      scratch(),
      `CREATE TABLE wide(id INTEGER PRIMARY KEY, mixed INTEGER, texts INTEGER, yes BOOLEAN, at DATETIME, seconds DATETIME, doc JSON, u UUID);
       INSERT INTO wide VALUES (1, 5, 'a', 2, '2024-01-01T00:00:00Z', 1700000000, 'no document', 'NO-UUID'),
         (2, 1.5, 'b', 0, '2024-01-01 00:00:00', 1700000001, '{}', NULL);`,
    );
    const { there, back } = await bothWays(file);
    expect(typesIn(there)).toMatchObject({
      'wide.mixed': 'numeric',
      'wide.texts': 'text',
      'wide.yes': 'bigint',
      'wide.at': 'text',
      'wide.seconds': 'bigint',
      'wide.doc': 'text',
      'wide.u': 'text',
    });
    expect(valuesIn(back)).toEqual(valuesIn(file));
  });
});

describe('what cannot be kept', () => {
  test('is said by name, and the rest is copied', { timeout: 60_000 }, async () => {
    const work = scratch();
    const file = madeIn(
      work,
      `CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, b TEXT DEFAULT (lower('X')), c INT CHECK (c % 2 = 0), g INT AS (c + 1),
         up INT REFERENCES gone(id), other INT REFERENCES t(id));
       CREATE INDEX by_expression ON t(lower(a));
       CREATE INDEX part ON t(c) WHERE a LIKE 'x%';
       CREATE VIEW v AS SELECT 1;
       CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;
       CREATE VIRTUAL TABLE words USING fts5(body);
       INSERT INTO words VALUES ('hello');
       INSERT INTO t(id, a, c, other) VALUES (1, 'A', 2, 99), (2, 'b', 4, 1);
       PRAGMA user_version = 7;`,
    );
    const { lost } = await copy(work, sqliteAt(file), await emptied());
    expect(lost.map(({ what, name }) => `${what} ${name}`).sort()).toEqual([
      'check t: c % 2 = 0',
      'collation t.a',
      'default t.b',
      'foreign key t (other) to t',
      'foreign key t (up)',
      'generated column t.g',
      'index by_expression',
      'index part',
      'setting user_version = 7',
      'trigger tr',
      'view v',
      'virtual table words',
    ]);
    await expect(run("INSERT INTO t(a) VALUES ('a')")).rejects.toThrow(/t_a_unique/);
    await expect(run('INSERT INTO t(other) VALUES (98)')).rejects.toThrow(/t_other_fkey/);
    await run('INSERT INTO t(other) VALUES (1)');
  });

  test('of PostgreSQL’s own', { timeout: 60_000 }, async () => {
    const work = scratch();
    await emptied();
    await run(`CREATE SCHEMA shop;
      CREATE TYPE mood AS ENUM ('sad', 'glad');
      CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
      CREATE TABLE shop.items(id serial PRIMARY KEY, m mood DEFAULT 'glad', p positive, tags text[], net inet, price numeric(10, 2) DEFAULT 1.50, tenths numeric(10, 1) DEFAULT 5.0,
        huge numeric, f real, nan double precision, at timestamptz DEFAULT now(), span interval, doc jsonb, c char(4), v varchar(5) UNIQUE, twice int GENERATED ALWAYS AS (p * 2) STORED,
        EXCLUDE USING btree (m WITH =));
      CREATE TABLE parts(id int, day date) PARTITION BY RANGE (day);
      CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE steps(id int GENERATED ALWAYS AS IDENTITY (INCREMENT BY 10) PRIMARY KEY);
      CREATE TABLE base(a int); CREATE TABLE derived(b text) INHERITS (base);
      CREATE VIEW seen AS SELECT 1 AS one; CREATE MATERIALIZED VIEW kept AS SELECT 2 AS two;
      CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
      CREATE INDEX ON shop.items USING hash (v); CREATE INDEX tags_in ON shop.items USING gin (tags);
      COMMENT ON TABLE base IS 'what others come from';
      INSERT INTO shop.items VALUES (7, 'sad', 3, '{a,"b c"}', '10.0.0.1', 19.90, 5.0, 123456789012345678901234567890.5, 0.1, 'NaN', '2026-01-01 12:00:00+00', '1 day', '{"b": 1}', 'ab', 'v');
      INSERT INTO parts VALUES (1, '2024-05-05'); INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2, 'two');`);
    const file = join(work, 'taken.db');
    const { lost, tables, rows } = await copy(work, pg, sqliteAt(file));
    await run('DROP SCHEMA shop CASCADE');
    expect(rows).toBe(4);
    expect(typesIn({ from: '', to: '', rows, tables, lost, refused: 0 })).toMatchObject({
      'shop.items.id': 'INTEGER',
      'shop.items.m': 'TEXT',
      'shop.items.price': 'NUMERIC',
      'shop.items.tenths': 'NUMERIC',
      'shop.items.huge': 'TEXT',
      'shop.items.nan': 'TEXT',
      'shop.items.f': 'REAL',
      'shop.items.at': 'TIMESTAMPTZ',
      'shop.items.doc': 'JSON',
      'parts_2024.day': 'DATE',
      'derived.a': 'INTEGER',
    });
    expect(lost.map(({ what }) => what).sort()).toEqual(
      [
        'comment',
        'constraint',
        'default',
        'default',
        'function',
        'generated column',
        'index',
        'index',
        'inheritance',
        'materialized view',
        'numbering',
        'partition',
        'partitioned table',
        'view',
      ].sort(),
    );
    expect(valuesIn(file)['shop.items']).toEqual([
      `integer 7, text 'sad', integer 3, text '{a,"b c"}', text '10.0.0.1', real 19.9, integer 5, text '123456789012345678901234567890.5', real 0.1, text 'NaN', text '2026-01-01 12:00:00+00', text '1 day', text '{"b": 1}', text 'ab  ', text 'v'`,
    ]);
  });
});

describe('a copy is refused', () => {
  test('into a database that has tables, and nothing in it changes', async () => {
    const work = scratch();
    const file = madeIn(work, 'CREATE TABLE t(a); INSERT INTO t VALUES (1)');
    const to = await emptied();
    await run('CREATE TABLE mine(a int)');
    await expect(copy(work, sqliteAt(file), to)).rejects.toMatchObject({ code: 'DATABASE_EXISTS' });
    expect(await run("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([['mine']]);
    const other = madeIn(work, 'CREATE TABLE mine(a)', 'other.db');
    const before = readFileSync(other);
    await expect(copy(work, pg, sqliteAt(other))).rejects.toMatchObject({ code: 'DATABASE_EXISTS' });
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  test('into a file that is no database, into itself, and into its own kind', async () => {
    const work = scratch();
    const file = madeIn(work, 'CREATE TABLE t(a)');
    writeFileSync(
      join(work, 'text.db'),
      'this is a text, and longer than a hundred bytes, so that nobody takes it for an empty file '.repeat(3),
    );
    await emptied();
    await expect(copy(work, pg, sqliteAt(join(work, 'text.db')))).rejects.toMatchObject({ code: 'DATABASE_EXISTS' });
    await expect(copy(work, sqliteAt(file), sqliteAt(file))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(copy(work, sqliteAt(file), sqliteAt(join(work, 'b.db')))).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining("'overwinter restore --to TARGET'"),
    });
  });

  test('where two names would be one', async () => {
    const work = scratch();
    await emptied();
    await run('CREATE TABLE "Users"(a int); CREATE TABLE users(a int)');
    await expect(copy(work, pg, sqliteAt(join(work, 'a.db')))).rejects.toMatchObject({ code: 'USAGE' });
    const long = 'x'.repeat(64);
    const file = madeIn(work, `CREATE TABLE ${long}(a)`, 'long.db');
    await expect(copy(work, sqliteAt(file), await emptied())).rejects.toMatchObject({ code: 'USAGE' });
    expect(existsSync(join(work, 'a.db'))).toBe(false);
  });

  test('where a rule that came along does not hold for rows', async () => {
    const work = scratch();
    const file = madeIn(
      work,
      'CREATE TABLE t(n INT CHECK (n > 0)); PRAGMA ignore_check_constraints = on; INSERT INTO t VALUES (-1)',
    );
    const to = await emptied();
    await expect(copy(work, sqliteAt(file), to)).rejects.toThrow(/violates check constraint/);
    expect(await to.standing([])).toBe('nothing');
  });
});

test('what was made for development is that in its copy, too, and says so itself until the data comes', async () => {
  const localOf = (work: string) => join(work, '.overwinter');
  const madeFor = { environment: 'development', backup: 'backup_1' };
  const work = scratch();
  const file = madeIn(work, 'CREATE TABLE t(a); INSERT INTO t VALUES (1)');
  const made = sqliteAt(file);
  const time = '2026-11-20T23:15:00.000Z';
  writeHold(localOf(work), { db: made.id, reason: 'made', time, madeFor });
  const there = await emptied();
  await copy(work, made, there);
  expect(holdOf(localOf(work), there.id)).toMatchObject({ madeFor });
  expect((await there.ownMark?.())?.text).toContain(JSON.stringify(madeFor).slice(1, -1));
  // Elsewhere nobody knows more of it than it says.
  const other = scratch();
  const back = sqliteAt(join(other, 'back.db'));
  await copy(other, pg, back);
  expect(holdOf(localOf(other), back.id)).toMatchObject({ madeFor });
  const data = scratch();
  await copy(data, sqliteAt(madeIn(data, 'CREATE TABLE t(a); INSERT INTO t VALUES (2)')), await emptied());
  expect([holdOf(localOf(data), there.id), (await there.ownMark?.())?.text]).toEqual([undefined, undefined]);
});
