import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { inFolder } from '../../../src/engines/postgres/folder.ts';
import { openFolder } from '../../../src/engines/postgres/pglite-driver.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const withServer = describe.skipIf(postgresPrograms() === undefined);
const at = (url: string) => postgresDatabase(onServer(url, {}, 1000));

withServer('a database on a server', () => {
  test('tells what it holds, of tables of its own', async () => {
    const { url, psql } = await freshDatabase();
    const database = at(url);
    expect(await database.state([])).toEqual({ kind: 'no-tables' });
    psql('CREATE SCHEMA auth; CREATE TABLE auth.users (id int); INSERT INTO auth.users VALUES (1)');
    expect(await database.state([])).toEqual({ kind: 'no-tables' });
    psql('CREATE TABLE a (id int) PARTITION BY LIST (id); CREATE TABLE b PARTITION OF a DEFAULT; CREATE TABLE c ()');
    expect(await database.state([])).toEqual({ kind: 'no-rows', tables: 2 });
    psql('INSERT INTO a VALUES (1)');
    expect(await database.state([])).toEqual({ kind: 'rows', tables: 2 });
    expect(await database.state(['b'])).toEqual({ kind: 'no-rows', tables: 2 });
    expect([await database.standing([]), await database.standing(['b'])]).toEqual(['data', 'empty-tables']);
    expect([...(await database.counts())]).toEqual([
      ['b', 1],
      ['c', 0],
    ]);
    const { schema } = await database.describe();
    expect(database.codec.countedTables(schema).map(({ name }) => name)).toEqual(['b', 'c']);
  });

  test('says whether who asks may do anything on the server', async () => {
    const { url, as } = await freshDatabase();
    expect(await at(url).isSuperuser?.()).toBe(false);
    expect(await at(as('postgres')).isSuperuser?.()).toBe(true);
    // In a folder there is no server where anything could be done.
    expect(postgresDatabase(inFolder(scratch(), 1000)).isSuperuser).toBeUndefined();
  });

  test('has the same fingerprint until anybody writes anything', async () => {
    const { url, psql } = await freshDatabase();
    const database = at(url);
    const seen = new Set<string>();
    const isNew = async () => {
      const now = (await database.fingerprint()) ?? '';
      const isUnseen = !seen.has(now);
      seen.add(now);
      return isUnseen;
    };
    /** Others write to other databases of the server, which shows, but not all the time. */
    const isSameAfter = async (work: () => Promise<unknown>) => {
      for (let tries = 0; tries < 50; tries++) {
        await isNew();
        await work();
        if (!(await isNew())) return true;
      }
      return false;
    };
    expect(await isNew()).toBe(true);
    expect(await isSameAfter(async () => {})).toBe(true);
    for (const sql of [
      'CREATE TABLE t (id int PRIMARY KEY, n int)',
      'INSERT INTO t VALUES (1, 1)',
      'UPDATE t SET n = n',
      'DELETE FROM t',
      'TRUNCATE t',
      'ALTER TABLE t ADD COLUMN more text',
      'CREATE SEQUENCE s',
      "SELECT setval('s', 9)",
      "COMMENT ON TABLE t IS 'x'",
    ]) {
      psql(sql);
      expect([sql, await isNew(), await isSameAfter(async () => {})]).toEqual([sql, true, true]);
    }
    expect(await isSameAfter(async () => psql('SELECT count(*) FROM t'))).toBe(true);
    expect(await isSameAfter(() => database.counts())).toBe(true);
  });

  test('is taken for changed where it cannot be asked', async () => {
    const watch = at('postgres://app@127.0.0.1:1/shop').watch();
    expect([await watch.changed(), await watch.changed()]).toEqual([true, true]);
  });

  test('keeps a lock that goes with whoever holds it', async () => {
    const { url, psql } = await freshDatabase();
    const [one, other] = [at(url), at(url)];
    await one.lock?.(0, async () => {
      await expect(other.lock?.(50, async () => {})).rejects.toMatchObject({ code: 'BUSY' });
      psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()",
        'postgres',
      );
      expect(await other.lock?.(1000, async () => 'ours')).toBe('ours');
    });
  });

  test('says which columns tell its rows apart, from its definitions alone', async () => {
    const { url, psql } = await freshDatabase();
    psql(`CREATE TABLE a (x int, "Y" int, PRIMARY KEY ("Y", x)); CREATE TABLE b (x int UNIQUE);
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p DEFAULT`);
    const database = at(url);
    const { schema } = await database.describe();
    expect(Object.fromEntries(await database.keysOf(schema))).toEqual({ a: ['Y', 'x'], b: [], p: ['id'], p1: ['id'] });
  });

  test('knows tables of tools for migrations', async () => {
    const { url, psql } = await freshDatabase();
    psql(`CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text,
  rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz);
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE django_migrations (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL);
CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY); CREATE TABLE migrations (id int, mine text)`);
    const database = at(url);
    const { schema } = await database.describe();
    const known = schema.filter((object) => database.codec.bookkeepingOf(object) === 'ledger').map(({ name }) => name);
    expect(known.sort()).toEqual([
      '_prisma_migrations',
      'alembic_version',
      'django_migrations',
      'drizzle.__drizzle_migrations',
      'knex_migrations',
      'schema_migrations',
    ]);
  });
});

test('a database in a folder is not made by asking, and is one however it is reached', async () => {
  const folder = join(scratch(), 'data');
  const [one, other] = [postgresDatabase(inFolder(folder, 2000)), postgresDatabase(inFolder(`${folder}/.`, 2000))];
  expect(other.id).toBe(one.id);
  expect([await one.state([]), await one.fingerprint()]).toEqual([{ kind: 'missing' }, undefined]);
  await expect(one.counts()).rejects.toMatchObject({ code: 'DATABASE_MISSING' });
  mkdirSync(folder);
  expect(await one.state([])).toEqual({ kind: 'missing' });
  await emptyPglite(folder);
  const db = await openFolder(folder, folder);
  await db.exec('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
  // It has no lock of its own, and two at once would destroy it.
  await expect(one.counts()).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  await db.close();
  expect(await Promise.all([one.counts(), other.counts()])).toEqual([new Map([['t', 1]]), new Map([['t', 1]])]);
  const print = await one.fingerprint();
  await one.close();
  expect(await other.fingerprint()).toBe(print);
  await other.close();
});
