import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection, Instance } from '../../../src/engines/duckdb/driver.ts';
import { hostOver } from '../../../src/engines/duckdb/hosted/host.ts';
import { hostedDatabase } from '../../../src/engines/duckdb/hosted/hosted-database.ts';
import { onMotherduck } from '../../../src/engines/duckdb/hosted/motherduck.ts';
import type { Database } from '../../../src/engines/engine.ts';
import { backup } from '../../../src/operations/backup.ts';
import { clear } from '../../../src/operations/clear.ts';
import type { LocalProject } from '../../../src/operations/project.ts';
import { restore } from '../../../src/operations/restore.ts';
import { restoreRows, tryRestoreRows } from '../../../src/operations/restore-rows.ts';
import { snapshot, undo } from '../../../src/operations/snapshot.ts';
import { verify } from '../../../src/operations/verify.ts';
import { engineContract, type Row, type Tables } from '../../contracts/engine.ts';
import { type AsBackup, save, slicesOf } from '../../support/as-backup.ts';
import { isSlow } from '../../support/chance.ts';
import { projectIn, scratch } from '../../support/scratch.ts';
import { startHost, type TestHost } from './host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host.close());

let made = 0;
const freshName = () => `shop_${made++}`;

engineContract('a hosted DuckDB', async () => {
  const name = freshName();
  const database = await host.database(name);
  return {
    database,
    again: () => host.database(name),
    another: () => host.database(freshName()),
    write: (tables, into = database) => write(into, tables),
    rowsOf: async (table) => {
      const [columns = [], ...rows] = await listOf(name, table);
      return rows.map((row): Row => Object.fromEntries(columns.map((column, at) => [String(column), cell(row[at])])));
    },
  };
});

const cell = (value: unknown) => (typeof value === 'number' || value === null ? value : String(value));

/** The names of the columns, and then the rows. */
async function listOf(name: string, table: string): Promise<(readonly unknown[])[]> {
  const names = await host.rows(
    name,
    `SELECT column_name FROM duckdb_columns() WHERE database_name = '${name}' AND table_name = '${table}' ORDER BY column_index`,
  );
  return [names.map(([column]) => column), ...(await host.rows(name, `FROM ${table} ORDER BY id`))];
}

async function write(into: Database, tables: Tables): Promise<void> {
  for (const [table, { columns, rows }] of Object.entries(tables)) {
    const [key = '', ...others] = columns;
    const typed = [`${key} INTEGER PRIMARY KEY`, ...others.map((column) => `${column} VARCHAR`)];
    const name = into.label.slice('md:'.length);
    await host.run(name, `CREATE TABLE IF NOT EXISTS ${table}(${typed.join(', ')})`);
    const values = rows.map((row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`);
    if (values.length > 0)
      await host.run(name, `INSERT INTO ${table}(${columns.join(', ')}) VALUES ${values.join(', ')}`);
  }
}

const literal = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

const EVERYTHING = `CREATE SCHEMA books; CREATE SEQUENCE ids START 7; CREATE TYPE mood AS ENUM ('ok', 'well');
  CREATE TABLE users(id INTEGER DEFAULT nextval('ids') PRIMARY KEY, name VARCHAR UNIQUE, feels mood, l INTEGER[], u UNION(n INTEGER, v VARCHAR), t TIMESTAMPTZ, double_id INTEGER GENERATED ALWAYS AS (id * 2));
  CREATE TABLE parts(id INTEGER PRIMARY KEY, within INTEGER REFERENCES parts(id));
  CREATE TABLE books.orders("from" INTEGER, price DECIMAL(38,9), raw BLOB);
  CREATE TABLE visits(who INTEGER REFERENCES users(id), n HUGEINT, PRIMARY KEY(who, n));
  CREATE MACRO twice(x) AS x * 2; CREATE MACRO few(n) AS TABLE SELECT * FROM range(n) t(i);
  CREATE VIEW feeling AS SELECT name, feels FROM users; CREATE VIEW also AS FROM feeling;
  CREATE INDEX by_price ON books.orders(price); COMMENT ON TABLE users IS 'people''s'; COMMENT ON COLUMN users.l IS 'list';
  INSERT INTO users(name, feels, l, u, t) VALUES ('Ada', 'well', [1, NULL], 5, '2026-11-29 20:15:16.123456+05:30'), ('Bob', 'ok', NULL, '5', 'infinity');
  INSERT INTO parts VALUES (1, NULL); INSERT INTO parts VALUES (2, 1); INSERT INTO parts VALUES (3, 2);
  INSERT INTO books.orders VALUES (1, -0.000000001, '\\x00\\xFF'), (NULL, NULL, NULL), (1, 12345678901234567890123456789.5, ''); INSERT INTO visits VALUES (7, 170141183460469231731687303715884105727), (8, 0);`;

async function filled(): Promise<{ name: string; database: Database }> {
  const name = freshName();
  const database = await host.database(name);
  await host.run(name, EVERYTHING);
  return { name, database };
}

const TABLES = ['users', 'parts', 'books.orders', 'visits'];
const projectOf = (database: Database): LocalProject => ({ ...projectIn(scratch()), database });

test('everything that is defined comes back in place, and sequences go on where they stood', async () => {
  const { name, database } = await filled();
  const saved = await save(database);
  const other = freshName();
  const there = await host.database(other);
  await host.run(
    other,
    'CREATE TABLE parts(old INTEGER); CREATE TABLE gone(x INTEGER); CREATE SEQUENCE ids; CREATE VIEW users AS SELECT 1 AS x',
  );
  await put(there, saved);
  expect((await save(there)).digest).toBe(saved.digest);
  for (const table of TABLES)
    for (const [a, b] of [
      [name, other],
      [other, name],
    ])
      expect(
        await host.rows(
          name,
          `SELECT t::VARCHAR FROM ${a}.${table.includes('.') ? table : `main.${table}`} AS t EXCEPT ALL SELECT t::VARCHAR FROM ${b}.${table.includes('.') ? table : `main.${table}`} AS t`,
        ),
      ).toEqual([]);
  expect(
    await host.rows(other, "SELECT nextval('ids'), twice(4), (SELECT count(*) FROM also), (SELECT sum(i) FROM few(3))"),
  ).toEqual([['9', 8, '2', '3']]);
});

async function put(database: Database, saved: AsBackup, keep: () => Promise<void> = async () => {}): Promise<void> {
  const staged = await database.stage('replace');
  try {
    await staged.load(saved.content, slicesOf(saved), () => {});
    await staged.commit({
      ignore: [],
      patience: 0,
      keep,
      replaced: () => {},
      asideFolder: scratch,
      stamp: 'before',
    });
  } finally {
    await staged.discard();
  }
}

/** Calls back before each statement of everybody who comes through it, and passes over those that it answers so. */
function hearing(instance: Instance, onStatement: (sql: string) => Promise<undefined | 'ignore'>): Instance {
  return {
    closeSync: () => instance.closeSync(),
    async connect(): Promise<Connection> {
      const connection = await instance.connect();
      return {
        async run(sql) {
          return (await onStatement(sql)) === 'ignore' ? undefined : connection.run(sql);
        },
        async runAndReadAll(sql) {
          await onStatement(sql);
          return connection.runAndReadAll(sql);
        },
        extractStatements: (sql) => connection.extractStatements(sql),
        closeSync: () => connection.closeSync(),
      };
    },
  };
}

test('a restore that fails at any statement changes nothing', async () => {
  const { name, database } = await filled();
  const saved = await save(database);
  await host.run(
    name,
    "DELETE FROM visits; INSERT INTO users(name) VALUES ('Eve'); DROP VIEW also; CREATE TABLE more(x INTEGER)",
  );
  const before = (await save(database)).digest;
  let statements = 0;
  let failAt = Number.POSITIVE_INFINITY;
  const faulty = await host.database(name, (instance) =>
    hearing(instance, async (sql) => {
      if (++statements === failAt) throw new Error(`the line is dead at ${sql}`);
      return undefined;
    }),
  );
  const staged = await faulty.stage('replace');
  await staged.load(saved.content, slicesOf(saved), () => {});
  const commit = () =>
    staged.commit({
      ignore: [],
      patience: 0,
      keep: async () => {},
      replaced: () => {},
      asideFolder: scratch,
      stamp: 'x',
    });
  let tried = 0;
  for (failAt = 1; ; failAt += isSlow ? 1 : 9) {
    statements = 0;
    const failed = await commit().then(
      () => false,
      () => true,
    );
    if (!failed) break;
    tried++;
    expect((await save(database)).digest, `at statement ${failAt}`).toBe(before);
  }
  expect(tried).toBeGreaterThan(5);
  expect((await save(database)).digest).toBe(saved.digest);
});

const MOMENTS = [
  ['while it is made anew', /^CREATE TABLE users/],
  ['just before the end', /^SELECT \(SELECT count/],
  ['while the last sum is made', /^SELECT count\(\*\), CAST\(sum/],
] as const;
const WRITES = [
  "INSERT INTO books.orders VALUES (9, 9, '')",
  'DELETE FROM books.orders',
  'UPDATE visits SET n = 3 WHERE who = 8',
];

/** Calls back once, at the first statement of this kind after most of it is made. */
const lateIn = (instance: Instance, when: RegExp, callBack: () => Promise<void>) => {
  let isMade = false;
  let isDone = false;
  return hearing(instance, async (sql) => {
    isMade ||= sql.startsWith('CREATE INDEX by_price');
    if (isDone || !when.test(sql) || !(isMade || when.source.includes('CREATE'))) return undefined;
    isDone = true;
    await callBack();
    return undefined;
  });
};

test('rows that somebody writes while what is there is kept are not lost: it stops', async () => {
  const { name, database } = await filled();
  const saved = await save(database);
  const keep = () => host.run(name, WRITES[0] ?? '');
  await expect(put(database, saved, keep)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  expect(await host.rows(name, 'SELECT count(*) FROM books.orders')).toEqual([['4']]);
});

test.each([...MOMENTS, ['in the last moment', /^COMMIT/] as const])(
  'who writes %s is refused, and nobody thinks that it is saved',
  async (_, when) => {
    for (const sql of WRITES) {
      const { name, database } = await filled();
      const saved = await save(database);
      let refused: unknown;
      const heard = await host.database(name, (instance) =>
        lateIn(instance, when, async () => {
          refused = await host.run(name, sql).then(
            () => 'written',
            (error: unknown) => error,
          );
        }),
      );
      await put(heard, saved);
      expect(String(refused), sql).toMatch(/conflict|another transaction has altered/);
      expect((await save(database)).digest).toBe(saved.digest);
      await host.run(name, sql);
    }
  },
);

test.each(WRITES)('who began before, and commits behind it, is refused: %s', async (sql) => {
  for (const isBehind of [false, true]) {
    const { name, database } = await filled();
    const saved = await save(database);
    const end = await host.begin(name, sql);
    let ended: unknown;
    const atOnce = async () => {
      ended = await end().then(
        () => 'written',
        (error: unknown) => error,
      );
    };
    const heard = await host.database(name, (instance) =>
      lateIn(instance, /^COMMIT/, async () => {
        if (!isBehind) await atOnce();
      }),
    );
    await put(heard, saved);
    if (isBehind) await atOnce();
    expect(String(ended)).toMatch(/Failed to commit/);
    expect((await save(database)).digest).toBe(saved.digest);
  }
});

test('nothing is put in place while somebody else changes a table', async () => {
  const { name, database } = await filled();
  const saved = await save(database);
  const end = await host.begin(name, 'ALTER TABLE visits ADD COLUMN more INTEGER');
  await expect(put(database, saved)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  await end();
});

test.each(MOMENTS)(
  'where a host keeps nobody out, rows that are written %s are not lost: it stops',
  async (_, when) => {
    const { name, database } = await filled();
    const saved = await save(database);
    let isWritten = false;
    const heard = await host.database(name, (instance) => {
      const late = lateIn(instance, when, async () => {
        await host.run(name, WRITES[0] ?? '');
        isWritten = true;
      });
      return hearing(late, async (sql) => (sql.startsWith('ALTER TABLE') ? 'ignore' : undefined));
    });
    await expect(put(heard, saved)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    expect(isWritten).toBe(true);
    expect(await host.rows(name, 'SELECT count(*) FROM books.orders')).toEqual([['4']]);
  },
);

test.each([
  ['COMMENT ON COLUMN', /^COMMENT ON COLUMN/],
  ['any COMMENT', /^COMMENT/],
  ['INDEX', /^CREATE INDEX/],
  ['VIEW', /^CREATE VIEW/],
  ['INDEX and COMMENT', /^(COMMENT|CREATE INDEX)/],
  ['what is no table', /^(COMMENT|CREATE (INDEX|VIEW|MACRO))/],
])('a host that ignores %s is told, and nothing is replaced', async (_, ignored) => {
  const { database } = await filled();
  const saved = await save(database);
  const name = freshName();
  const deaf = await host.database(name, (instance) =>
    hearing(instance, async (sql) => (ignored.test(sql) ? 'ignore' : undefined)),
  );
  await host.run(name, 'CREATE TABLE precious(id INTEGER); INSERT INTO precious VALUES (1)');
  await expect(put(deaf, saved)).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
  expect(await host.rows(name, 'FROM precious')).toEqual([[1]]);
});

test('rows that are written after those that the backup omits were taken are not lost: it stops', async () => {
  const { name, database } = await filled();
  const saved = await save(database);
  const staged = await database.stage('replace');
  await staged.load(saved.content, slicesOf(saved), () => {});
  await staged.complete({ excluded: { 'books.orders': 'rows' } });
  await host.run(name, "INSERT INTO books.orders VALUES (9, 9, '')");
  const committed = staged.commit({
    ignore: [],
    patience: 0,
    keep: async () => {},
    replaced: () => {},
    asideFolder: scratch,
    stamp: 'x',
  });
  await expect(committed).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  await staged.discard();
  expect(await host.rows(name, 'SELECT count(*) FROM books.orders')).toEqual([['4']]);
});

test('a sequence that gave its last number is put in place as well', async () => {
  const name = freshName();
  const database = await host.database(name);
  await host.run(name, 'CREATE SEQUENCE few MAXVALUE 2; CREATE TABLE t(id INTEGER)');
  await host.run(name, "SELECT nextval('few')");
  await host.run(name, "SELECT nextval('few')");
  const saved = await save(database);
  const there = await host.database(freshName());
  await put(there, saved);
  expect((await save(there)).digest).toBe(saved.digest);
});

test.each([
  ['INTEGER[]', '[]', 'NULL'],
  ['INTEGER[]', '[NULL]', 'NULL'],
  ['INTEGER[]', '[]', '[NULL]'],
  ['STRUCT(a INTEGER)', "{'a': NULL}", 'NULL'],
  ['STRUCT(a DOUBLE)[]', "[{'a': 0.0}]", "[{'a': '-0.0'}]"],
  ['INTERVAL', 'INTERVAL 30 DAY', 'INTERVAL 1 MONTH'],
  ['INTERVAL', 'INTERVAL 24 HOUR', 'INTERVAL 1 DAY'],
  ['DOUBLE', '0.0', "'-0.0'"],
  ['FLOAT', '0.0', "'-0.0'"],
  ['UNION(n INTEGER, v VARCHAR)', 'union_value(n := 5)', "union_value(v := '5')"],
  ['VARCHAR', "'NULL'", 'NULL'],
  ['VARCHAR[]', "['NULL']", '[NULL]'],
  ['BLOB', "'\\x00'", "''"],
])('of %s it is seen that %s becomes %s', async (type, from, to) => {
  const name = freshName();
  const database = await host.database(name);
  await host.run(name, `CREATE TABLE t(x ${type}); INSERT INTO t VALUES (${from})`);
  const watch = database.watch();
  const changes = [await watch.changed(), await watch.changed()];
  // An UPDATE to what DuckDB takes for equal changes nothing.
  await host.run(name, `DELETE FROM t; INSERT INTO t VALUES (${to})`);
  changes.push(await watch.changed(), await watch.changed());
  expect(changes).toEqual([true, false, true, false]);
  await watch.close();
});

test('it is saved, drilled, restored, cleared and taken back, without a file of its own', async () => {
  const { name, database } = await filled();
  const project = projectOf(database);
  const saved = await backup(project, { trigger: 'test', name: 'then' });
  expect(saved).toMatchObject({ status: 'created', tables: 4, rows: 10 });
  expect((await backup(project, { trigger: 'test' })).status).toBe('unchanged');
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true }]);
  const digest = (await save(database)).digest;

  await expect(clear(project, ['users'])).rejects.toMatchObject({ code: 'ROWS_REFERENCED' });
  const told = [expect.stringContaining(`no lock keeps the app out of ${database.label}: it must not write`)];
  expect((await clear(project, ['users', 'visits'])).warnings).toEqual(told);
  expect([...(await database.counts()).values()]).toEqual([3, 3, 0, 0]);
  expect((await undo(project)).warnings).toEqual(told);
  expect((await save(database)).digest).toBe(digest);

  await host.run(
    name,
    "DELETE FROM visits WHERE who = 8; UPDATE users SET feels = 'ok' WHERE id = 7; INSERT INTO users(name) VALUES ('Eve')",
  );
  const rows = { tables: ['users', 'visits'], exact: false, withParents: false };
  const tried = await tryRestoreRows(project, { name: 'then', rows });
  expect([...tried.added, ...tried.changed]).toEqual([
    ['visits', 1],
    ['users', 1],
  ]);
  expect(tried.warnings).toEqual([]);
  expect((await database.counts()).get('visits')).toBe(1);
  const brought = await restoreRows(project, { name: 'then', rows });
  expect(brought.snapshot?.label).toContain('before restoring rows');
  expect(await host.rows(name, 'SELECT name, feels FROM users ORDER BY id')).toEqual([
    ['Ada', 'well'],
    ['Bob', 'ok'],
    ['Eve', null],
  ]);

  expect(brought.warnings).toEqual(told);
  expect((await restore(project, { name: 'then' })).warnings).toEqual(told);
  expect((await database.counts()).get('users')).toBe(2);
  await undo(project);
  expect((await database.counts()).get('users')).toBe(3);
  await snapshot(project, 'by hand');
  await project.database.close();
});

test('it is asked for a sum over all rows before they are fetched', async () => {
  const { name, database } = await filled();
  expect(await database.fingerprint()).toBeUndefined();
  const watch = database.watch();
  const changes = [await watch.changed(), await watch.changed()];
  await host.run(name, 'UPDATE visits SET n = 1 WHERE who = 8');
  changes.push(await watch.changed(), await watch.changed());
  await host.run(name, "SELECT nextval('ids')");
  changes.push(await watch.changed(), await watch.changed());
  expect(changes).toEqual([true, false, true, false, true, false]);
  await watch.close();
});

test('a backup of a file goes to a host, and back', async () => {
  const { database } = await filled();
  const saved = await save(database);
  const { open } = await import('./support.ts');
  const file = open(`${scratch()}/app.duckdb`);
  await put(file, saved);
  expect((await save(file)).digest).toBe(saved.digest);
});

test('without a token nothing is opened, and the sentence says what is missing', async () => {
  const database = hostedDatabase(onMotherduck('facts', { motherduck_token: '' }));
  for (const ask of [() => database.state([]), () => database.counts(), () => save(database)])
    await expect(ask()).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: 'The database md:facts is opened with a token, and MOTHERDUCK_TOKEN is not set.',
    });
  expect(JSON.stringify(database)).not.toContain('token');
});

test('a token is in nothing that is thrown, whoever says it', async () => {
  const secret = 'eyJ-s3cret';
  const says = (words: string) => async (): Promise<never> => {
    throw new Error(words);
  };
  const refusing: Instance = { connect: says(`Invalid token '${secret}' for user`), closeSync() {} };
  const failing: Instance = {
    closeSync() {},
    connect: async () => ({
      run: async (sql) => (sql.startsWith('USE') || sql.startsWith('SET') ? undefined : says(`no ${secret}`)()),
      runAndReadAll: says(`motherduck_token=${secret} is worn out`),
      extractStatements: says(secret),
      closeSync() {},
    }),
  };
  for (const instance of [refusing, failing]) {
    const reached = { label: 'md:facts', id: 'md:facts', catalog: 'facts', secret, open: async () => instance };
    const database = hostedDatabase(hostOver(reached));
    for (const ask of [() => database.counts(), () => save(database), () => database.clear(['t'], async () => {})]) {
      const error: unknown = await ask().then(String, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'DATABASE_FAILED' });
      for (let each = error; each instanceof Error; each = each.cause)
        expect(each.message + each.stack).not.toContain(secret);
    }
  }
});
