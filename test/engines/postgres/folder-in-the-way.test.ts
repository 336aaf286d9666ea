import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { overwinter } from '../../support/command-line.ts';
import { scratch } from '../../support/scratch.ts';

test.each(['pglite:data', 'pglite:'])('no database is made among the files of %s', (target) => {
  const folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
  db.close();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/photo.jpg'), 'a photo');
  const { code, stderr } = overwinter(folder, ['copy', '--db', 'app.db', '--to', target]);
  expect(code, stderr).toBeGreaterThan(0);
  expect(stderr).not.toContain('INTERNAL');
  expect(readdirSync(join(folder, 'data'))).toEqual(['photo.jpg']);
  expect(readdirSync(folder)).not.toContain('PG_VERSION');
});
