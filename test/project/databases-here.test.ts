import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { databasesHere, onlyOneByName } from '../../src/project/databases-here.ts';
import { mayBeDatabase } from '../../src/project/find-database.ts';
import { scratch } from '../support/scratch.ts';

const SQLITE = 'SQLite format 3\0and so on';
const DUCKDB = `${'\0'.repeat(8)}DUCK and so on`;

test('a database is told by how its kind begins, and by its name where it is empty', () => {
  const root = scratch();
  mkdirSync(join(root, 'data'));
  const files: Record<string, string> = {
    'app.db': SQLITE,
    'app.db-wal': SQLITE,
    'data/anything': SQLITE,
    'data/empty.sqlite3': '',
    'data/facts.duckdb': DUCKDB,
    'data/facts.duckdb.wal': DUCKDB,
    'data/new.duckdb': '',
    'data/not.duckdb': SQLITE,
    'data/not.db': 'a text, and a long one',
    'logs.db': SQLITE,
  };
  for (const [file, content] of Object.entries(files)) writeFileSync(join(root, file), content);
  expect(databasesHere(root).map((file) => relative(root, file))).toEqual([
    'app.db',
    'data/anything',
    'data/empty.sqlite3',
    'data/facts.duckdb',
    'data/new.duckdb',
  ]);
  expect(onlyOneByName(root)).toBeUndefined();
  const fits = Object.keys(files).filter((file) => mayBeDatabase(root, join(root, file)));
  expect(fits).not.toContain('data/not.db');
  expect(fits).toEqual(expect.arrayContaining(['app.db', 'data/facts.duckdb', 'data/new.duckdb']));
});
