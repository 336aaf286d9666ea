import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/app/boot.ts';
import { overwinterHere } from '../../support/here.ts';
import { scratch } from '../../support/scratch.ts';
import { on } from './support.ts';

/** A project with rows that point to one another. */
async function shop() {
  const folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  const file = join(folder, 'data', 'app.duckdb');
  await on(
    file,
    `CREATE SCHEMA books; CREATE SEQUENCE ids;
    CREATE TABLE users(id INTEGER PRIMARY KEY, name VARCHAR, password VARCHAR, tags VARCHAR[]);
    CREATE TABLE books.orders(id INTEGER DEFAULT nextval('ids') PRIMARY KEY, price DECIMAL(18,2), placed TIMESTAMPTZ);
    CREATE TABLE visits(who INTEGER REFERENCES users(id), n INTEGER);
    INSERT INTO users SELECT i, 'user ' || i, 'secret', ['a', NULL] FROM range(2000) t(i);
    INSERT INTO books.orders(price, placed) SELECT i / 7, make_timestamptz(i::BIGINT * 1000000) FROM range(3000) t(i);
    INSERT INTO visits SELECT i % 2000, i FROM range(2500) t(i)`,
  );
  const run = async (...argv: readonly string[]) => {
    const ran = await overwinterHere({ cwd: folder, argv });
    expect(ran.code, `${argv.join(' ')}: ${ran.err}`).toBe(0);
    return ran.out;
  };
  return { folder, file, run };
}

test('a DuckDB file in one of the usual places is found, saved, compared, drilled and brought back', async () => {
  const { folder, file, run } = await shop();
  const saved = JSON.parse(await run('backup', '--json'));
  expect(saved).toMatchObject({ status: 'created', tables: 3, rows: 7500 });
  expect(JSON.parse(await run('backup', '--json')).status).toBe('unchanged');
  const manifest = readFileSync(join(folder, 'backups', `${saved.name}.json`), 'utf8');
  expect(JSON.parse(manifest).metadata).toMatchObject({
    database_type: 'duckdb',
    database: 'data/app.duckdb',
    redacted: { users: ['password'] },
  });
  expect(await run('verify', '--json')).toContain('"ok": true');

  await on(file, 'UPDATE books.orders SET price = 9.99 WHERE id = 7; DELETE FROM visits WHERE n = 0');
  const { tables } = JSON.parse(await run('diff', '--json'));
  expect(tables).toMatchObject([
    { table: 'books.orders', changed: 1 },
    { table: 'visits', removed: 1 },
  ]);
  await run('restore', 'latest', '--yes');
  expect(
    await on(file, 'SELECT count(*)::INTEGER AS n, min(password) AS p FROM visits JOIN users ON id = who'),
  ).toEqual([{ n: 2500, p: 'secret' }]);
  await run('undo', '--yes');
  expect(await on(file, 'SELECT price::VARCHAR AS p FROM books.orders WHERE id = 7')).toEqual([{ p: '9.99' }]);

  rmSync(file);
  await run('auto-restore');
  expect(await on(file, "SELECT count(*)::INTEGER AS n, nextval('ids')::INTEGER AS next FROM users")).toEqual([
    { n: 2000, next: 3001 },
  ]);
});

test('tables are cleared with those that point to them, or not at all, and come back', async () => {
  const { folder, file, run } = await shop();
  const alone = await overwinterHere({ cwd: folder, argv: ['clear', 'users', '--yes'] });
  expect(alone.err).toContain("Empty those tables with it: 'overwinter clear users visits'");
  await run('clear', 'users', 'visits', '--yes');
  expect(
    await on(
      file,
      'SELECT (SELECT count(*) FROM users)::INTEGER AS u, (SELECT count(*) FROM books.orders)::INTEGER AS o',
    ),
  ).toEqual([{ u: 0, o: 3000 }]);
  await run('undo', '--yes');
  expect(await on(file, 'SELECT count(*)::INTEGER AS n FROM visits')).toEqual([{ n: 2500 }]);
});

test('rows that others point to are not left out without them', async () => {
  const { folder, run } = await shop();
  const settings = (exclude: object) =>
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { exclude } }));
  settings({ users: 'rows' });
  const ran = await overwinterHere({ cwd: folder, argv: ['backup'] });
  expect(ran.err).toContain('2500 rows of visits will point to rows of users that are left out');
  settings({ users: 'rows', visits: 'rows' });
  await run('backup');
  expect(await run('verify', '--json')).toContain('"ok": true');
});

test('openDatabase says that it opens SQLite alone', async () => {
  const { file } = await shop();
  await expect(openDatabase(file, { logger: { info() {}, warn() {}, error() {} } })).rejects.toThrow(
    'openDatabase() opens SQLite databases, and this is one of DuckDB.',
  );
});
