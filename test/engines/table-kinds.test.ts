import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readTableKinds } from '../../src/engines/sqlite/table-kinds.ts';

test('the kinds of tables are those that SQLite itself says', () => {
  const db = new Database(':memory:');
  for (const sql of [
    'CREATE TABLE plain(a)',
    'CREATE TABLE "a ) b"(x)',
    'CREATE TABLE k1(a PRIMARY KEY) WITHOUT ROWID',
    'CREATE TABLE k2(a INTEGER PRIMARY KEY)/* ) */without/* ( */rowid',
    'CREATE TABLE k3(a INT PRIMARY KEY) STRICT, WITHOUT ROWID',
    "CREATE TABLE k4(a TEXT PRIMARY KEY, b TEXT CHECK (b <> ')')) WITHOUT -- )\n ROWID , strict",
    'CREATE TABLE s1(a INT) STRICT',
    'CREATE TABLE s3(a INT DEFAULT (1 + (2))) -- WITHOUT ROWID\n',
    'CREATE TABLE s4(a, "WITHOUT ROWID") /* STRICT */',
    'CREATE TABLE s5(a INT AS (1), b INT) /* x */ STRICT',
    'CREATE TABLE q1(a INTEGER PRIMARY KEY AUTOINCREMENT)',
    'CREATE TABLE copied AS SELECT 1 AS a',
    'CREATE VIRTUAL TABLE Docs USING fts5(body)',
    'CREATE VIRTUAL TABLE "my docs" USING "FTS4"(body)',
    'CREATE VIRTUAL TABLE old USING fts3(body)',
    'CREATE VIRTUAL TABLE places USING rtree(id, x0, x1, y0, y1)',
    'CREATE VIRTUAL TABLE a_b USING rtree_i32(id, x0, x1)',
    'CREATE VIRTUAL TABLE words USING fts5vocab(Docs, row)',
    'CREATE TABLE docs_extra(a)',
    'CREATE TABLE docs_extra_data(a)',
    'CREATE TABLE plain_data(a)',
    'CREATE TABLE words_data(a)',
    'CREATE TABLE _data(a)',
    'CREATE TABLE places_nodes(a)',
    'CREATE VIEW v AS SELECT * FROM plain',
    'CREATE TABLE stats(a)',
    'CREATE INDEX stats_a ON stats(a)',
    'ANALYZE',
  ])
    db.exec(sql);
  const said = db
    .prepare("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type <> 'view'")
    .raw()
    .all();
  const ours = [...readTableKinds(db)].map(([name, { type, hasRowid, isStrict }]) => [
    name,
    type,
    hasRowid ? 0 : 1,
    isStrict ? 1 : 0,
  ]);
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  expect(sorted(ours)).toEqual(sorted(said).filter((row) => !row.includes('sqlite_schema')));
  expect(readTableKinds(db).get('Docs_data')?.of).toBe('Docs');
});
