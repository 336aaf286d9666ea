import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { KeyedRows, Slice } from '../../src/core/slices.ts';
import { firstKey, lastKey } from '../../src/engines/sqlite/changes/key-ends.ts';
import { changesBetween, slicesSince } from '../../src/engines/sqlite/changes/known-slices.ts';
import { type Leaves, leavesOf } from '../../src/engines/sqlite/changes/leaves.ts';
import { readNotes, writeNotes } from '../../src/engines/sqlite/changes/notes.ts';
import { type Pages, scanPages } from '../../src/engines/sqlite/changes/scan-pages.ts';

/** Leaves with these first and last keys, and what they hold as a number. */
function leavesWith(...all: readonly (readonly [first: bigint, last: bigint, holds: number])[]): Leaves {
  const halves = (key: bigint) => [Number(BigInt.asIntN(32, key)), Number(BigInt.asIntN(32, key >> 32n))];
  return {
    count: all.length,
    ends: Int32Array.from(all.flatMap(([first, last]) => [...halves(first), ...halves(last)])),
    hashes: Int32Array.from(all.flatMap(([, , holds]) => [1, 2, 3, holds])),
  };
}

test('rows may have changed where a leaf changed, came or went', () => {
  const [a, b, c, d] = [[-5n, 9n, 1] as const, [10n, 19n, 2] as const, [20n, 29n, 3] as const, [30n, 39n, 4] as const];
  const before = leavesWith(a, b, c, d);
  expect(changesBetween(before, before)).toEqual([]);
  expect(changesBetween(before, leavesWith(a, [10n, 19n, 7], c, d))).toEqual([{ from: 10n, to: 19n }]);
  // What was there and is nowhere now.
  expect(changesBetween(before, leavesWith(a, d))).toEqual([
    { from: 10n, to: 19n },
    { from: 20n, to: 29n },
  ]);
  expect(changesBetween(before, leavesWith())).toEqual([a, b, c, d].map(([from, to]) => ({ from, to })));
  // What is new, before, between and behind.
  const e = [2n ** 40n, 2n ** 62n, 5] as const;
  expect(changesBetween(leavesWith(b, d), leavesWith(a, b, c, d, e))).toEqual(
    [a, c, e].map(([from, to]) => ({ from, to })),
  );
  // A leaf that grew reaches over what is new and what was there.
  expect(changesBetween(before, leavesWith([-5n, 15n, 6], c, d))).toEqual([{ from: -5n, to: 19n }]);
  // The same first key, another last one.
  expect(changesBetween(before, leavesWith(a, b, c, [30n, 33n, 4]))).toEqual([{ from: 30n, to: 39n }]);
  const far = leavesWith([-(2n ** 63n), 2n ** 63n - 1n, 1]);
  expect(changesBetween(far, leavesWith())).toEqual([{ from: -(2n ** 63n), to: 2n ** 63n - 1n }]);
});

/** Rows of ten bytes each, of which it is known how many were read. */
function counted(keys: readonly bigint[]) {
  const read: bigint[] = [];
  const rows: KeyedRows = {
    next: (from) => keys.find((key) => key >= from),
    fetch(from, to) {
      const found = keys.filter((key) => key >= from && key <= to);
      read.push(...found);
      return {
        rows: found.length,
        bytes: found.length * 10,
        chunks: found.map((key) => Buffer.alloc(10, Number(key))),
      };
    },
  };
  return { rows, read };
}

const knownOf = (slices: readonly Slice[]) =>
  slices.map(({ keys = { from: 0n, to: 0n }, rows, bytes }) => ({ keys, rows, bytes }));

test('only slices in which something changed are read, and slices that the rule joins anew', () => {
  const keys = Array.from({ length: 64 }, (_, n) => BigInt(n));
  const first = [...slicesSince(counted(keys).rows, 80, [], [{ from: 0n, to: 63n }])];
  expect(first.map(({ rows }) => rows)).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
  const { rows, read } = counted(keys);
  const second = [...slicesSince(rows, 80, knownOf(first), [{ from: 17n, to: 18n }])];
  expect(second.map(({ same }) => same?.index)).toEqual([0, 1, undefined, 3, 4, 5, 6, 7]);
  expect(new Set(read.map((key) => key / 8n))).toEqual(new Set([2n]));
  // Half of the third and of the fourth went: they become one.
  const fewer = keys.filter((key) => key < 20n || key >= 28n);
  const third = [...slicesSince(counted(fewer).rows, 80, knownOf(first), [{ from: 20n, to: 27n }])];
  expect(third.map(({ rows: count, same }) => [count, same?.index])).toEqual([
    [8, 0],
    [8, 1],
    [8, undefined],
    [8, 4],
    [8, 5],
    [8, 6],
    [8, 7],
  ]);
  expect(Buffer.concat([...(third[2]?.chunks ?? [])])).toEqual(
    Buffer.concat([16, 17, 18, 19, 28, 29, 30, 31].map((key) => Buffer.alloc(10, key))),
  );
});

test('where nothing changed, nothing is asked for, and what is wanted all the same is read', () => {
  const keys = Array.from({ length: 64 }, (_, n) => BigInt(n));
  const first = [...slicesSince(counted(keys).rows, 80, [], [{ from: 0n, to: 63n }])];
  const { rows, read } = counted(keys);
  const unasked = { ...rows, next: () => expect.unreachable('a key was asked for') };
  const again = [...slicesSince(unasked, 80, knownOf(first), [])];
  expect(again.map(({ mark, keys: range, same }) => [mark, range, same?.index])).toEqual(
    first.map(({ mark, keys: range }, at) => [mark, range, at]),
  );
  expect(read).toEqual([]);
  expect(Buffer.concat([...(again[3]?.chunks ?? [])])).toEqual(Buffer.concat([...(first[3]?.chunks ?? [])]));
});

test('a slice that the rule calls otherwise now is not the same, though its rows are', () => {
  // The only row of one half went, and what is left stands for the whole.
  const before = [
    { keys: { from: 0n, to: 7n }, rows: 8, bytes: 80 },
    { keys: { from: 8n, to: 15n }, rows: 8, bytes: 80 },
  ];
  const keys = Array.from({ length: 8 }, (_, n) => BigInt(n + 8));
  const [only] = slicesSince(counted(keys).rows, 80, before, [{ from: 0n, to: 7n }]);
  expect(only?.rows).toBe(8);
  expect(only?.keys?.from).toBe(0n);
  expect(only?.same).toBeUndefined();
});

function pagesOf(sql: string, widest: number): { pages: Pages | undefined; root: number; further: number } {
  const db = new Database(':memory:');
  db.exec(sql);
  const root = db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 't'").pluck().get() ?? 0;
  const further = db.prepare<[], number>("SELECT count(*) FROM dbstat WHERE pagetype = 'overflow'").pluck().get() ?? 0;
  const all = db.serialize();
  return {
    pages: scanPages({ length: all.length, read: (into, at) => all.copy(into, 0, at, at + into.length) }, widest),
    root,
    further,
  };
}

test.each([512, 4096, 65_536])(
  'leaves have the keys and the further pages that SQLite gave them, in pages of %d',
  (size) => {
    const {
      pages,
      root,
      further: overflowing,
    } = pagesOf(
      `PRAGMA page_size = ${size}; CREATE TABLE t(id INTEGER PRIMARY KEY, a);
     INSERT INTO t VALUES (-9223372036854775808, 'first'), (-1, zeroblob(${3 * size})), (0, 1), (9223372036854775807, 'last');
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO t SELECT i * 1000003, printf('%.*c', i % 90, 'x') FROM n;`,
      4 * size,
    );
    const leaves = pages === undefined ? undefined : leavesOf(pages, root);
    if (leaves === undefined) throw new Error('it is a table');
    const { count, ends } = leaves;
    expect(count).toBeGreaterThan(1);
    expect(leaves.rows).toBe(5004);
    expect(firstKey(ends, 0)).toBe(-(2n ** 63n));
    expect(lastKey(ends, count - 1)).toBe(2n ** 63n - 1n);
    expect(leaves.further).toBe(overflowing);
    for (let at = 0; at < count; at++) {
      expect(firstKey(ends, at) <= lastKey(ends, at)).toBe(true);
      expect(at === 0 || firstKey(ends, at) > lastKey(ends, at - 1)).toBe(true);
    }
  },
);

test('a leaf is another where one byte of it is, or of a page on which a row of it goes on', () => {
  const leavesAfter = (sql: string) => {
    const { pages, root } = pagesOf(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, a, b);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO t SELECT i, printf('%.*c', 100, 'x'), iif(i = 150, zeroblob(20000), 1) FROM n; ${sql}`,
      30_000,
    );
    const leaves = pages && leavesOf(pages, root);
    if (leaves === undefined) throw new Error('it is a table');
    return leaves;
  };
  const before = leavesAfter('');
  expect(changesBetween(before, leavesAfter('CREATE TABLE other(a)'))).toEqual([]);
  for (const [sql, key] of [
    ['UPDATE t SET b = 2 WHERE id = 250', 250n],
    [`UPDATE t SET b = CAST(zeroblob(19999) || 'x' AS BLOB) WHERE id = 150`, 150n],
  ] as const) {
    const [only, ...others] = changesBetween(before, leavesAfter(sql));
    expect(others).toEqual([]);
    expect(only && only.from <= key && key <= only.to).toBe(true);
  }
});

test('what is no tree of a table has no leaves, and what is no database no pages', () => {
  const { pages, root } = pagesOf('CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE INDEX i ON t(a)', 100);
  if (pages === undefined) throw new Error('it is a database');
  expect(leavesOf(pages, root)?.count).toBe(1);
  for (const wrong of [0, 1, root + 1, 99]) expect(leavesOf(pages, wrong)).toBeUndefined();
  const circle: Pages = { ...pages, isLeaf: () => false, children: () => [root] };
  expect(leavesOf(circle, root)).toBeUndefined();
  const endless: Pages = { ...pages, overflows: () => [root + 1], following: () => root + 1 };
  expect(leavesOf(endless, root)).toBeUndefined();
  const text = Buffer.from('no database'.repeat(500));
  expect(scanPages({ length: text.length, read: (into, at) => text.copy(into, 0, at) }, 0)).toBeUndefined();
});

test('notes come back as they were written, and not where they are cut or are something else', () => {
  const notes = {
    size: 4096,
    usable: 4090,
    tables: [
      {
        name: 'a\n"b"',
        shape: 'x',
        slices: [{ keys: { from: -(2n ** 63n), to: 2n ** 63n - 1n }, rows: 3, bytes: 2 ** 40 }],
        leaves: leavesWith([-1n, 5n, 7]),
      },
    ],
  };
  const bytes = writeNotes(notes);
  expect(readNotes(bytes)).toEqual(notes);
  expect(readNotes(bytes.subarray(0, -1))).toBeUndefined();
  for (const text of ['', '{}\n', '[]\n', 'null\n', '{"size":1,"usable":1,"order":"LE","tables":[{}]}\n'])
    expect(readNotes(Buffer.from(text))).toBeUndefined();
});
