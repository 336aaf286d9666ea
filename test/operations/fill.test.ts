import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import type { TestProject as Project } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** A project that was backed up with one schema, and whose empty tables now have another. */
async function migrated(before: string, after: string): Promise<Project> {
  const folder = scratch();
  const saved = projectIn(folder, { db: join(folder, 'saved.db') });
  const project = projectIn(folder);
  for (const [path, sql] of [
    [saved.db, before],
    [project.db, after],
  ] as const) {
    const db = new Database(path);
    db.pragma('journal_mode = wal');
    db.exec(sql);
    db.close();
  }
  await backup(saved, { trigger: 'test' });
  return project;
}

function all(project: Project, sql: string): unknown[] {
  const db = new Database(project.db);
  try {
    return db.prepare(sql).raw().all();
  } finally {
    db.close();
  }
}

test('a full-text index about a table is made again from the rows that came back', async () => {
  const FTS = "CREATE VIRTUAL TABLE found USING fts5(text, content='notes', content_rowid='id')";
  const project = await migrated(
    `CREATE TABLE notes(id INTEGER PRIMARY KEY, text); ${FTS};
     INSERT INTO notes(text) VALUES ('ada'), ('bob'); INSERT INTO found(found) VALUES ('rebuild')`,
    `CREATE TABLE notes(id INTEGER PRIMARY KEY, text, more DEFAULT 7); ${FTS};`,
  );
  await expect(autoRestore(project)).resolves.toMatchObject({ restored: true, rows: 2, warnings: [] });
  expect(all(project, 'SELECT * FROM notes')).toEqual([
    [1, 'ada', 7],
    [2, 'bob', 7],
  ]);
  expect(all(project, "SELECT rowid FROM found WHERE found MATCH 'bob'")).toEqual([[2]]);
});

test('one about a view is left to the app, and said to be', async () => {
  const FTS =
    "CREATE VIEW shown AS SELECT id, text FROM notes; CREATE VIRTUAL TABLE found USING fts5(text, content='shown', content_rowid='id')";
  const project = await migrated(
    `CREATE TABLE notes(id INTEGER PRIMARY KEY, text); ${FTS}; INSERT INTO notes(text) VALUES ('ada')`,
    `CREATE TABLE notes(id INTEGER PRIMARY KEY, text, more DEFAULT 7); ${FTS};`,
  );
  const result = await autoRestore(project);
  expect(result.restored && result.warnings).toContainEqual(
    'found is an index over the view shown, which is yours to rebuild',
  );
});

const COUNTED =
  'CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, n); CREATE TABLE u(id INTEGER PRIMARY KEY AUTOINCREMENT)';

test('the numbers of deleted rows are not given out again', async () => {
  const project = await migrated(
    `${COUNTED}; INSERT INTO t(n) VALUES (1), (2), (3); DELETE FROM t WHERE id = 3; INSERT INTO u VALUES (40); DELETE FROM u`,
    `${COUNTED.replace(', n)', ', n, more)')}; INSERT INTO t(id) VALUES (90); DELETE FROM t`,
  );
  expect(await autoRestore(project)).toMatchObject({ restored: true, rows: 2 });
  // One went on further in the app's own tables, the other in the backup: the greater counts.
  expect(all(project, 'SELECT name, seq FROM sqlite_sequence ORDER BY name')).toEqual([
    ['t', 90],
    ['u', 40],
  ]);
  expect(all(project, 'INSERT INTO u DEFAULT VALUES RETURNING id')).toEqual([[41]]);
});

test('a sequence of a table that counts no more is dropped', async () => {
  const project = await migrated(
    `${COUNTED}; INSERT INTO t(n) VALUES (1)`,
    'CREATE TABLE t(id INTEGER PRIMARY KEY, n); CREATE TABLE u(id INTEGER PRIMARY KEY AUTOINCREMENT)',
  );
  expect(await autoRestore(project)).toMatchObject({ restored: true, rows: 1 });
  expect(all(project, 'SELECT name FROM sqlite_sequence')).toEqual([]);
});

test('triggers are silent while rows come in, and at work again afterwards', async () => {
  const TABLES = 'CREATE TABLE t(n); CREATE TABLE log(n)';
  const TRIGGER = 'CREATE TRIGGER logs AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.n); END';
  const project = await migrated(
    `${TABLES}; INSERT INTO t VALUES (1)`,
    `${TABLES.replace('t(n)', 't(n, more)')}; ${TRIGGER}`,
  );
  expect(await autoRestore(project)).toMatchObject({ restored: true, rows: 1 });
  expect(all(project, 'SELECT * FROM log')).toEqual([]);
  all(project, 'INSERT INTO t(n) VALUES (2) RETURNING n');
  expect(all(project, 'SELECT * FROM log')).toEqual([[2]]);
});
