import { describe, expect, test } from 'vitest';
import type { SchemaObject } from '../../../src/core/manifest.ts';
import { KINDS } from '../../../src/engines/postgres/catalog/kinds.ts';
import { type ReadSchema, readSchema } from '../../../src/engines/postgres/catalog/read-schema.ts';
import type { Scope } from '../../../src/engines/postgres/catalog/scope.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { fixedSettings } from '../../../src/engines/postgres/session-settings.ts';
import { overwinter } from '../../support/command-line.ts';
import { catalogOf } from '../../support/pg-catalog.ts';
import { makeRole, pgDump } from '../../support/pg-dump.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { newRepository } from '../../support/repository.ts';
import { makeHostile, tortured } from './support.ts';

async function schemaOf(database: TestDatabase, scope?: Scope): Promise<ReadSchema> {
  const session = await connectToServer(database.url, {});
  try {
    await session.query(`BEGIN; ${fixedSettings(1000)}`);
    return await readSchema(session, database.name, scope);
  } finally {
    await session.close();
  }
}

async function make(database: TestDatabase, schema: readonly SchemaObject[]): Promise<void> {
  const session = await connectToServer(database.url, {});
  try {
    await session.query(`BEGIN; ${fixedSettings(1000)}; SET LOCAL check_function_bodies = off`);
    for (const { sql } of schema) await session.query(sql);
    await session.query('COMMIT');
  } finally {
    await session.close();
  }
}

const namesOf = ({ schema }: ReadSchema) => schema.map(({ type, name, table }) => `${type} ${name} ${table}`.trim());

describe.skipIf(postgresPrograms() === undefined)('the schema of a PostgreSQL database', () => {
  test('a database that is made of it is the same to pg_dump, whatever the databases say of themselves', async () => {
    const [from, to] = [await tortured(), await freshDatabase()];
    const wanted = pgDump(from, '--schema-only');
    const catalog = catalogOf(from);
    makeHostile(from);
    const read = await schemaOf(from);
    expect(read.leftAlone.filter((what) => !what.startsWith('setting of this database'))).toEqual([]);
    expect(read.leftAlone).toHaveLength(8);
    await make(to, read.schema);
    expect(pgDump(to, '--schema-only')).toBe(wanted);
    expect(catalogOf(to)).toBe(catalog);
    expect((await schemaOf(to)).schema).toEqual(read.schema);
    expect(read.schema.filter(({ type }) => !KINDS.includes(type))).toEqual([]);
  });

  test('it does not show what was made when', async () => {
    const [one, other] = [await freshDatabase(), await freshDatabase()];
    const [a, b, c] = [
      'CREATE TABLE a (id int PRIMARY KEY, x text); CREATE INDEX ax ON a (x);',
      'CREATE TABLE b (id int PRIMARY KEY, y int);',
      'ALTER TABLE b ADD FOREIGN KEY (y) REFERENCES a; CREATE VIEW v AS SELECT * FROM a; CREATE VIEW w AS SELECT * FROM b;',
    ];
    one.psql(`${a}${b}${c}`);
    other.psql(`CREATE TABLE gone (x int); DROP TABLE gone; ${b}${a}${c.split('; ').reverse().join('; ')}`);
    expect(namesOf(await schemaOf(other))).toEqual(namesOf(await schemaOf(one)));
    expect(await schemaOf(other)).toEqual(await schemaOf(one));
  });

  test('what it cannot make again is refused, all of it by name', async () => {
    const database = await freshDatabase();
    database.psql(`CREATE AGGREGATE mine (int) (sfunc = int4pl, stype = int);
      CREATE TYPE pair AS (a int, b int); CREATE FUNCTION first(pair) RETURNS int LANGUAGE sql AS 'SELECT ($1).a'; CREATE CAST (pair AS int) WITH FUNCTION first(pair);
      CREATE FUNCTION less(pair, pair) RETURNS boolean LANGUAGE sql AS 'SELECT ($1).a < ($2).a'; CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = pair, RIGHTARG = pair);`);
    const said = await schemaOf(database).then(String, String);
    for (const name of ['aggregate public.mine(integer)', 'cast of public.pair to integer', 'operator public."<<<"'])
      expect(said).toContain(name);
  });

  test('what no row needs is left where it is, and named', async () => {
    const database = await freshDatabase();
    database.psql(
      `CREATE TABLE t (id int); CREATE SCHEMA auth; CREATE TABLE auth.users (id int);
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER made AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION f(); CREATE PUBLICATION p FOR TABLE t;`,
    );
    const read = await schemaOf(database);
    expect(read.leftAlone).toEqual(['publication p', 'trigger made on auth.users']);
    expect(namesOf(read)).toEqual(['function f()', 'table t t']);
    expect(namesOf(await schemaOf(database, { besides: ['auth'] }))).toContain('table auth.users auth.users');
    const { stdout } = overwinter(newRepository().root, ['doctor', '--offline', '--json'], {
      DATABASE_URL: database.url,
    });
    expect(stdout).toContain(
      'No backup keeps these, and no row needs them: publication p, trigger made on auth.users.',
    );
  });

  test('who may do what can be left out', async () => {
    const database = await freshDatabase();
    makeRole(database, 'reader');
    database.psql('CREATE TABLE t (id int); GRANT SELECT ON t TO reader;');
    expect(namesOf(await schemaOf(database))).toEqual(['table t t', 'grant reader on TABLE public.t t']);
    expect(namesOf(await schemaOf(database, { grants: false }))).toEqual(['table t t']);
  });
});
