import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Slice } from '../../src/core/slices.ts';
import { ahead } from '../../src/engines/sqlite/read-ahead.ts';
import { registerRowFunctions } from '../../src/engines/sqlite/rows.ts';
import { readTables } from '../../src/engines/sqlite/schema.ts';
import { cutsOfTable, piecesIn, sizeOf, sliceReader } from '../../src/engines/sqlite/table-rows.ts';

function* slicesOf(bytes: readonly number[], begun: number[] = []): Generator<Slice> {
  for (const [at, each] of bytes.entries()) {
    begun.push(at);
    yield { rows: 1, bytes: each, chunks: [], mark: String(at) };
  }
}

test('slices that are read ahead come in their order, with those after them', () => {
  for (const count of [0, 1, 2, 5, 9]) {
    const some = ahead(slicesOf([1, 2, 3, 4, 5]));
    const read = Array.from({ length: count }, () => some.more());
    expect(read.filter(Boolean)).toHaveLength(Math.min(count, 5));
    expect([...some.all()].map(({ mark }) => mark)).toEqual(['0', '1', '2', '3', '4']);
    expect(some.more()).toBe(false);
  }
});

test('no more is read ahead than may be held', () => {
  const begun: number[] = [];
  const some = ahead(slicesOf(Array(20).fill(3 * 1024 * 1024), begun));
  while (some.more());
  expect(begun).toEqual([0, 1, 2]);
  expect([...some.all()]).toHaveLength(20);
});

/** A table of one kind, and where several could divide it. */
function divided(sql: string) {
  const db = new Database(':memory:');
  db.exec(sql);
  registerRowFunctions(db, 'UTF-8');
  const [table] = readTables(db);
  if (table === undefined) throw new Error('there is a table');
  const size = sizeOf(db, table);
  const cuts = cutsOfTable(db, table, size);
  const slices = [...sliceReader(db, table, 'UTF-8', size)()].map(({ keys }) => keys);
  return { pieces: piecesIn(size), cuts, slices };
}

const filled = (columns: string, rows: number, values: string) =>
  `CREATE TABLE t(${columns}); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO t SELECT ${values} FROM n`;

test('a table of few long rows is divided, and nowhere inside of a slice', () => {
  const { pieces, cuts, slices } = divided(
    filled('id INTEGER PRIMARY KEY, body BLOB', 400, 'i, randomblob(iif(i > 350, 2000, 20000))'),
  );
  expect(pieces).toBeGreaterThan(2);
  expect(cuts.length).toBeGreaterThan(1);
  for (const cut of cuts) {
    const around = slices.filter((keys) => keys !== undefined && keys.from < cut && keys.to >= cut);
    expect(around).toEqual([]);
  }
});

test('what is small is not divided, nor what is nothing', () => {
  expect(divided(filled('id INTEGER PRIMARY KEY, a', 5000, 'i, i')).pieces).toBe(1);
  expect(divided('CREATE TABLE t(id INTEGER PRIMARY KEY, a)')).toEqual({ pieces: 0, cuts: [], slices: [] });
  // Long rows at one end only: elsewhere there is nothing to divide.
  const { cuts, slices } = divided(
    filled('id INTEGER PRIMARY KEY, body', 300, 'iif(i = 1, -1000000000, i), zeroblob(iif(i > 297, 900000, 1))'),
  );
  for (const cut of cuts)
    expect(slices.filter((keys) => keys !== undefined && keys.from < cut && keys.to >= cut)).toEqual([]);
});
