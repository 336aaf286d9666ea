import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { madeIn, valuesIn } from '../../support/across.ts';
import { overwinter } from '../../support/command-line.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { scratch } from '../../support/scratch.ts';

function project(sql: string): string {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  madeIn(folder, sql);
  return folder;
}

test('a dry run writes nothing, not even a folder, and says everything in one document', { timeout: 60_000 }, () => {
  const folder = project(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, token TEXT); INSERT INTO t VALUES (1, 'x', x'00'), (2, 'y', 'secret'); CREATE VIEW v AS SELECT 1",
  );
  const ran = overwinter(folder, ['copy', '--to', 'pglite:pg', '--dry-run', '--json']);
  expect(ran.code).toBe(4);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    rows: 2,
    refused: 1,
    tables: [
      {
        name: 't',
        rows: 2,
        columns: [
          { name: 'id', declared: 'INTEGER', type: 'bigint' },
          {
            name: 'n',
            type: 'text',
            because: { type: 'bigint', count: 2 },
          },
          { name: 'token', because: { type: 'text', count: 1 } },
        ],
      },
    ],
    lost: [{ what: 'view', name: 'v' }],
  });
  expect(existsSync(join(folder, 'pg'))).toBe(false);
  const real = overwinter(folder, ['copy', '--to', 'pglite:pg']);
  expect(real.code).toBe(4);
  expect(real.stderr).toContain('1 value in 1 column would not be the same');
  expect(real.stderr).toContain('COPY_REFUSED');
});

test('a kind that cannot be copied to yet says so, and a password is in no message', () => {
  const folder = project('CREATE TABLE t(a)');
  const duck = overwinter(folder, ['copy', '--to', 'duckdb:other.duckdb']);
  expect([duck.code, duck.stderr]).toEqual([1, expect.stringContaining('DuckDB databases cannot be copied')]);
  const server = overwinter(folder, ['copy', '--to', 'postgres://app:very-secret@127.0.0.1:1/shop']);
  expect(server.code).toBe(1);
  expect(server.stderr).toContain('127.0.0.1:1/shop');
  expect(server.stderr).not.toContain('very-secret');
  expect(overwinter(folder, ['copy']).code).toBe(2);
});

test('a backup is copied in the place of the database, and none that is without something', {
  timeout: 60_000,
}, async () => {
  const folder = project("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'before')");
  await emptyPglite(join(folder, 'pg'));
  const query = (sql: string) => {
    const db = new Database(join(folder, 'app.db'));
    db.exec(sql);
    db.close();
  };
  expect(overwinter(folder, ['backup', 'good']).code).toBe(0);
  query("UPDATE t SET a = 'after'; ALTER TABLE t ADD COLUMN password TEXT; UPDATE t SET password = 'secret'");
  expect(overwinter(folder, ['backup', 'partial']).code).toBe(0);
  const partial = overwinter(folder, ['copy', '--to', 'pglite:pg', '--backup', 'partial']);
  expect([partial.code, partial.stderr]).toEqual([4, expect.stringContaining('without t.password')]);
  expect(overwinter(folder, ['copy', '--to', 'pglite:pg', '--backup', 'good']).code).toBe(0);
  expect(overwinter(folder, ['copy', '--db', 'pglite:pg', '--dir', 'other', '--to', 'back.db']).code).toBe(0);
  expect(valuesIn(join(folder, 'back.db'))).toEqual({ t: ["integer 1, text 'before'"] });
});

test('a restore elsewhere says of a database that is no file that it is not empty, not that it exists', {
  timeout: 60_000,
}, async () => {
  const folder = project('CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
  for (const name of ['pg', 'other']) await emptyPglite(join(folder, name));
  overwinter(folder, ['copy', '--to', 'pglite:pg']);
  expect(overwinter(folder, ['backup', '--db', 'pglite:pg']).code).toBe(0);
  expect(overwinter(folder, ['restore', '--db', 'pglite:pg', '--to', 'pglite:other']).code).toBe(0);
  const again = overwinter(folder, ['restore', '--db', 'pglite:pg', '--to', 'pglite:other']);
  expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('is not empty')]);
});
