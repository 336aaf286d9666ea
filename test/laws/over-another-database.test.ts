import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Sqlite from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

/** Laws 4 and 10, where a variable names another app's database: its rows are in no backup, and it is none of theirs. */

interface Place {
  readonly url: string;
  readonly sql: (text: string) => unknown;
  /** The first column of what a query finds, in words. */
  readonly ask: (query: string) => Promise<string>;
}

interface Kind {
  readonly name: string;
  readonly isHere: boolean;
  readonly fresh: () => Promise<Place>;
}

const sqlite: Kind = {
  name: 'SQLite',
  isHere: true,
  fresh: async () => {
    const file = join(scratch(), 'any.db');
    const on = <T>(work: (db: Sqlite.Database) => T): T => {
      const db = new Sqlite(file);
      try {
        return work(db);
      } finally {
        db.close();
      }
    };
    return {
      url: `file:${file}`,
      sql: (text) => on((db) => db.exec(text)),
      ask: async (query) => on((db) => String(db.prepare(query).pluck().get())),
    };
  },
};

const duckdb: Kind = {
  name: 'DuckDB',
  isHere: true,
  fresh: async () => {
    const file = join(scratch(), 'any.duckdb');
    const ask = async (text: string) => {
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      const rows = await (await connection.runAndReadAll(text)).getRows();
      connection.closeSync();
      instance.closeSync();
      return String(rows[0]?.[0]);
    };
    return { url: `duckdb:${file}`, sql: ask, ask };
  },
};

const postgres: Kind = {
  name: 'PostgreSQL',
  isHere: postgresPrograms() !== undefined,
  fresh: async () => {
    const { url, psql } = await freshDatabase();
    return { url, sql: (text) => psql(text), ask: async (query) => psql(query).trim() };
  },
};

const SHOP = `CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE orders(id INTEGER PRIMARY KEY, total INTEGER);
INSERT INTO customers VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO orders VALUES (1, 10), (2, 20);`;
const BLOG = `CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT); CREATE TABLE comments(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO posts VALUES (1, 'p'), (2, 'q'), (3, 'r'), (4, 's'), (5, 't'); INSERT INTO comments VALUES (1, 'x'), (2, 'y'), (3, 'z'), (4, 'w');`;

async function apps(kind: Kind) {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(
    join(folder, 'overwinter.config.json'),
    JSON.stringify({ databases: [{ name: 'shop', db: 'env:DATABASE_URL' }] }),
  );
  const shop = await kind.fresh();
  const blog = await kind.fresh();
  await shop.sql(SHOP);
  await blog.sql(BLOG);
  const at = (place: Place) => (args: readonly string[]) => run(folder, args, { DATABASE_URL: place.url });
  const ours = at(shop);
  const made = ours(['backup']);
  expect(made.code, made.stderr).toBe(0);
  const names = () =>
    readdirSync(join(folder, 'backups')).flatMap((file) => (/^backup_/.test(file) ? [file.replace('.json', '')] : []));
  return { folder, shop, blog, ours, theirs: at(blog), names, name: names()[0] ?? '' };
}

// PostgreSQL needs its programs: `apt-get install postgresql`.
describe.each([sqlite, duckdb, postgres].filter(({ isHere }) => isHere))('$name', (kind) => {
  test("another app's rows are not replaced, unless a backup is named and that is confirmed", async () => {
    const { blog, theirs, name } = await apps(kind);
    for (const args of [['restore'], ['restore', '--yes'], ['restore', name], ['restore', '--dry-run', '--yes']]) {
      const ran = theirs(args);
      expect(ran, args.join(' ')).toMatchObject({ code: 4 });
      expect(ran.stderr).toContain('looks like another database');
      expect(ran.stderr).toContain('2 of its tables');
      expect(ran.stderr).toContain(`restore ${name} --yes'`);
    }
    expect(await blog.ask('SELECT count(*) FROM posts')).toBe('5');
    expect(theirs(['restore', name, '--yes'])).toMatchObject({ code: 0 });
    expect(await blog.ask('SELECT count(*) FROM customers')).toBe('3');
    expect(theirs(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(await blog.ask('SELECT count(*) FROM comments')).toBe('4');
  });

  test('nor are they replaced by a document, unless that is confirmed', async () => {
    const { folder, blog, ours, theirs } = await apps(kind);
    expect(ours(['export', '-o', 'shop.json'])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'shop.json'))).toBe(true);
    const refused = theirs(['import', 'shop.json']);
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain("import shop.json --yes'");
    expect(await blog.ask('SELECT count(*) FROM posts')).toBe('5');
    expect(theirs(['import', 'shop.json', '--yes'])).toMatchObject({ code: 0 });
    expect(await blog.ask('SELECT count(*) FROM orders')).toBe('2');
  });

  test('they become no backup of this one, however many there are, unless that is said', async () => {
    const { theirs, names, name } = await apps(kind);
    const ran = theirs(['backup']);
    expect(ran).toMatchObject({ code: 4 });
    expect(ran.stderr).toContain('looks like another database');
    expect(ran.stderr).toContain("backup --allow-shrink'");
    expect(names()).toEqual([name]);
    expect(theirs(['backup', '--allow-shrink'])).toMatchObject({ code: 0 });
    expect(names()).toHaveLength(2);
  });

  test('one that was saved here is ours, whatever its tables are called now', async () => {
    const { shop, ours, name } = await apps(kind);
    await shop.sql('ALTER TABLE customers RENAME TO clients; ALTER TABLE orders RENAME TO sales;');
    expect(ours(['restore'])).toMatchObject({ code: 4 });
    expect(ours(['backup'])).toMatchObject({ code: 0 });
    // The newest backup knows these tables: an older one is a choice.
    expect(ours(['restore', name])).toMatchObject({ code: 0 });
    expect(await shop.ask('SELECT count(*) FROM customers')).toBe('3');
  });

  test('a table more or a table less is no other database', async () => {
    const { shop, ours } = await apps(kind);
    await shop.sql('CREATE TABLE notes(id INTEGER PRIMARY KEY); DROP TABLE orders;');
    expect(ours(['restore'])).toMatchObject({ code: 0 });
    expect(await shop.ask('SELECT count(*) FROM orders')).toBe('2');
  });
});

test('a file of the project in which another app made its tables is not replaced either', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  mkdirSync(join(folder, 'data'));
  const sql = (text: string) => {
    const db = new Sqlite(join(folder, 'data/app.db'));
    db.exec(text);
    db.close();
  };
  sql(SHOP);
  expect(run(folder, ['backup', '--db', 'data/app.db'])).toMatchObject({ code: 0 });
  sql(`DROP TABLE customers; DROP TABLE orders; ${BLOG}`);
  expect(run(folder, ['restore', '--yes', '--db', 'data/app.db'])).toMatchObject({ code: 4 });
});

vi.setConfig({ testTimeout: 60_000 });
