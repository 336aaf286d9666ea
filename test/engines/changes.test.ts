import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { KeyedRows, Slice } from '../../src/core/slices.ts';
import { changesBetween, slicesSince } from '../../src/engines/sqlite/changes/known-slices.ts';
import { type FoundLeaf, leavesOf } from '../../src/engines/sqlite/changes/leaves.ts';
import { readNotes, writeNotes } from '../../src/engines/sqlite/changes/notes.ts';
import { type Pages, runOf, scanPages } from '../../src/engines/sqlite/changes/scan-pages.ts';

const leaf = (page: number, first: bigint, last: bigint, further: number[] = []): FoundLeaf => ({
  page,
  first,
  last,
  further,
});

test('rows may have changed where a page changed, came, went, or one that its rows go on on changed', () => {
  const before = [leaf(2, 1n, 9n), leaf(3, 10n, 19n), leaf(4, 20n, 29n, [9]), leaf(5, 30n, 39n)];
  const all = () => true;
  const but =
    (...pages: number[]) =>
    (page: number) =>
      !pages.includes(page);
  expect(changesBetween(before, before, all)).toEqual([]);
  expect(changesBetween(before, before, but(3))).toEqual([{ from: 10n, to: 19n }]);
  expect(changesBetween(before, before, but(9))).toEqual([{ from: 20n, to: 29n }]);
  // What was there and is nowhere now.
  expect(changesBetween(before, [leaf(2, 1n, 9n), leaf(5, 30n, 39n)], all)).toEqual([
    { from: 10n, to: 19n },
    { from: 20n, to: 29n },
  ]);
  // A page that was another's before, with the same bytes.
  expect(changesBetween(before, [...before, leaf(7, 40n, 49n)], all)).toEqual([{ from: 40n, to: 49n }]);
  // A page that grew reaches over what is new and what was there.
  expect(changesBetween(before, [leaf(2, 1n, 15n), ...before.slice(2)], but(2))).toEqual([{ from: 1n, to: 19n }]);
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
    expect(leaves?.length).toBeGreaterThan(1);
    expect(leaves?.[0]?.first).toBe(-(2n ** 63n));
    expect(leaves?.at(-1)?.last).toBe(2n ** 63n - 1n);
    expect(leaves?.flatMap(({ further }) => further).length).toBe(overflowing);
    for (const [at, { first, last }] of (leaves ?? []).entries()) {
      expect(first <= last).toBe(true);
      expect(at === 0 || first > (leaves?.[at - 1]?.last ?? 0n)).toBe(true);
    }
  },
);

test('what is no tree of a table has no leaves, and what is no database no pages', () => {
  const { pages, root } = pagesOf('CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE INDEX i ON t(a)', 100);
  if (pages === undefined) throw new Error('it is a database');
  expect(leavesOf(pages, root)).toHaveLength(1);
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
    hashes: Buffer.alloc(64, 7),
    tables: [
      {
        name: 'a\n"b"',
        shape: 'x',
        slices: [{ keys: { from: -(2n ** 63n), to: 2n ** 63n - 1n }, rows: 3, bytes: 2 ** 40 }],
        leaves: [{ page: 2 ** 24 - 1, first: -1n, last: 5n }],
      },
    ],
  };
  const bytes = writeNotes(notes);
  expect(readNotes(bytes)).toEqual(notes);
  expect(readNotes(bytes.subarray(0, -1))).toBeUndefined();
  for (const text of ['', '{}\n', '[]\n', 'null\n', '{"size":1,"hashes":0,"tables":[{}]}\n'])
    expect(readNotes(Buffer.from(text))).toBeUndefined();
});

test('pages of every size belong to a run', () => {
  expect([1, 16, 17].map((page) => runOf(page, 4096))).toEqual([0, 0, 1]);
  // The largest is one by itself: half of one would say nothing of the other half.
  expect([1, 2].map((page) => runOf(page, 65_536))).toEqual([0, 1]);
});
