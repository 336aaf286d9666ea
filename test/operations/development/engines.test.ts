import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { on } from '../../engines/duckdb/support.ts';
import { overwinterHere } from '../../support/here.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const PEOPLE = 300;
const KEY = 'a key that the whole team has';

const POSTGRES = `CREATE TYPE plan AS ENUM ('free', 'paid');
  CREATE TABLE people (id uuid PRIMARY KEY, email varchar(40) NOT NULL UNIQUE CHECK (email LIKE '%@%'), name text, ip inet, born date, seen timestamptz,
    income numeric(10,2), age smallint CHECK (age BETWEEN 10 AND 99), plan plan, settings jsonb, boss uuid REFERENCES people,
    host text GENERATED ALWAYS AS (split_part(email, '@', 2)) STORED, words tsvector);
  CREATE SCHEMA shop;
  CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person uuid REFERENCES people, contact varchar(30), total numeric(10,2));
  CREATE MATERIALIZED VIEW buyers AS SELECT email, count(*) AS orders FROM people JOIN shop.orders ON contact = email GROUP BY 1;
  CREATE INDEX ON people (lower(name));
  INSERT INTO people (id, email, name, ip, born, seen, income, age, plan, settings, boss, words) SELECT ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'priv' || i || '@corp.test', 'Privperson ' || i, '10.20.30.0'::inet + i,
    date '1980-01-01' + i, timestamptz '2026-01-01 10:00:00+00' + i * interval '1 hour', 1000 + i, 20 + i % 60, 'free', '{"a": 1}',
    CASE WHEN i > 1 THEN ('00000000-0000-4000-8000-' || lpad((i / 2)::text, 12, '0'))::uuid END, to_tsvector('simple', 'Privperson ' || i)
    FROM generate_series(1, ${PEOPLE}) i;
  INSERT INTO shop.orders (person, contact, total) SELECT ('00000000-0000-4000-8000-' || lpad((1 + i % ${PEOPLE})::text, 12, '0'))::uuid, 'priv' || (1 + i % ${PEOPLE}) || '@corp.test', i
    FROM generate_series(1, 2 * ${PEOPLE}) i;
  REFRESH MATERIALIZED VIEW buyers;`;

const DUCKDB = `CREATE TABLE people(id UUID PRIMARY KEY, email VARCHAR UNIQUE, name VARCHAR, born DATE, age UTINYINT, tags VARCHAR[], boss UUID);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, person UUID REFERENCES people(id), contact VARCHAR, total DECIMAL(18,2));
  INSERT INTO people SELECT ('00000000-0000-4000-8000-' || lpad(i::VARCHAR, 12, '0'))::UUID, 'priv' || i || '@corp.test', 'Privperson ' || i,
    DATE '1980-01-01' + i::INTEGER, 20 + i % 60, ['a'], ('00000000-0000-4000-8000-' || lpad((1 + i // 2)::VARCHAR, 12, '0'))::UUID FROM range(1, ${PEOPLE + 1}) t(i);
  INSERT INTO orders SELECT i, ('00000000-0000-4000-8000-' || lpad((1 + i % ${PEOPLE})::VARCHAR, 12, '0'))::UUID, 'priv' || (1 + i % ${PEOPLE}) || '@corp.test', i FROM range(${2 * PEOPLE}) t(i)`;

const FAKES = {
  people: {
    id: 'uuid',
    email: 'email',
    name: 'name',
    ip: 'ip',
    born: 'date',
    seen: 'date',
    income: 'number',
    age: 'number',
    words: null,
  },
  'shop.orders': { contact: 'email' },
};
const IN_DUCKDB = {
  people: { id: 'uuid', email: 'email', name: 'name', born: 'date', age: 'number', boss: 'uuid' },
  orders: { contact: 'email' },
};

interface Made {
  /** Where production's database is. */
  readonly production: string;
  readonly laptop: string;
  /** All that stands in the laptop's tables, as text. */
  texts(): Promise<string>;
  /** Where it is one file. */
  bytes?(): string;
  /** How many orders find their person by key, and by address; how many there are. */
  joined(): Promise<readonly number[]>;
}

const SECRETS = Array.from({ length: PEOPLE }, (_, at) => at + 1).flatMap((i) => [
  `priv${i}@corp.test`,
  `Privperson ${i}`,
  `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
]);

async function tryOut(
  folder: string,
  { production, laptop, texts, bytes, joined }: Made,
  fake: unknown,
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(
    join(folder, 'overwinter.config.json'),
    JSON.stringify({ databases: [{ name: 'app', db: 'env:WHERE', fake }] }),
  );
  const run = async (where: string, environment: string, ...argv: readonly string[]) => {
    const env = { WHERE: where, OVERWINTER_ENVIRONMENT: environment, OVERWINTER_FAKES_KEY: KEY };
    return overwinterHere({ cwd: folder, argv, env });
  };
  const done = async (...given: Parameters<typeof run>) => {
    const { code, err, out } = await run(...given);
    expect(code, err).toBe(0);
    return err + out;
  };
  await done(production, 'production', 'backup');
  const said = await done(laptop, 'development', 'restore', '--for', 'development', '--yes');
  const first = await texts();
  const all = first + said + (bytes?.() ?? '');
  expect(SECRETS.filter((each) => all.includes(each))).toEqual([]);
  expect(await joined()).toEqual([2 * PEOPLE, 2 * PEOPLE, 2 * PEOPLE, PEOPLE]);
  // Again, over what is there.
  await done(laptop, 'development', 'restore', '--for', 'development', '--yes');
  expect(await texts()).toBe(first);
  expect((await run(laptop, 'development', 'backup')).code).toBe(4);
  await done(laptop, 'development', 'restore', '--for', 'development', '--sample', '10%', '--yes');
  const [byKey = 0, byAddress, orders = 0, people = 0] = await joined();
  expect([byKey, byAddress]).toEqual([orders, orders]);
  expect(orders).toBeGreaterThan(20);
  expect(orders).toBeLessThan(140);
  expect(people).toBeLessThan(PEOPLE);
  await done(laptop, 'development', 'restore', '--yes');
  expect((await texts()).includes('priv7@corp.test')).toBe(true);
}

const JOINED = (orders: string) =>
  `SELECT (SELECT count(*) FROM people p JOIN ${orders} o ON o.person = p.id) AS by_key, (SELECT count(*) FROM people p JOIN ${orders} o ON o.contact = p.email) AS by_address,
    (SELECT count(*) FROM ${orders}) AS orders, (SELECT count(*) FROM people WHERE boss IS NULL OR boss IN (SELECT id FROM people)) AS people`;

test('PGlite', { timeout: 180_000 }, async () => {
  const folder = scratch();
  const at = (name: string) => join(folder, name);
  const asked = async (...questions: readonly string[]) => {
    const db = await PGlite.create(at('laptop'));
    try {
      const answers: Record<string, unknown>[][] = [];
      for (const sql of questions) answers.push((await db.query<Record<string, unknown>>(sql)).rows);
      return answers;
    } finally {
      await db.close();
    }
  };
  for (const name of ['production', 'laptop']) await emptyPglite(at(name));
  const db = await PGlite.create(at('production'));
  await db.exec(POSTGRES);
  await db.close();
  const made: Made = {
    production: `pglite:${at('production')}`,
    laptop: `pglite:${at('laptop')}`,
    texts: async () =>
      JSON.stringify(
        await asked(
          'SELECT * FROM people ORDER BY id',
          'SELECT * FROM shop.orders ORDER BY id',
          'SELECT * FROM buyers ORDER BY 1',
        ),
      ),
    joined: async () => Object.values((await asked(JOINED('shop.orders')))[0]?.[0] ?? {}).map(Number),
  };
  await tryOut(folder, made, FAKES);
});

test.skipIf(postgresPrograms() === undefined)('a PostgreSQL server', async () => {
  const folder = scratch();
  const [production, laptop] = [await freshDatabase(), await freshDatabase()];
  production.psql(POSTGRES);
  const made: Made = {
    production: production.url,
    laptop: laptop.url,
    texts: async () =>
      laptop.psql(
        'SELECT * FROM people ORDER BY id; SELECT * FROM shop.orders ORDER BY id; SELECT * FROM buyers ORDER BY 1',
      ),
    joined: async () => laptop.psql(JOINED('shop.orders')).match(/\d+/g)?.map(Number) ?? [],
  };
  await tryOut(folder, made, FAKES);
});

test('DuckDB', async () => {
  const folder = scratch();
  const file = (name: string) => join(folder, `${name}.duckdb`);
  await on(file('production'), DUCKDB);
  const asked = (sql: string) => on(file('laptop'), sql);
  const made: Made = {
    production: file('production'),
    laptop: file('laptop'),
    texts: async () =>
      JSON.stringify([
        await asked('SELECT * FROM people ORDER BY id'),
        await asked('SELECT * FROM orders ORDER BY id'),
      ]),
    bytes: () => readFileSync(file('laptop'), 'latin1'),
    joined: async () => Object.values((await asked(JOINED('orders')))[0] ?? {}).map(Number),
  };
  await tryOut(folder, made, IN_DUCKDB);
});
