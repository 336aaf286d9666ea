import Database, { type Database as Db } from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { KeyedRows, Slice } from '../../src/core/slices.ts';
import { firstKey, lastKey } from '../../src/engines/sqlite/changes/key-ends.ts';
import { changesBetween, slicesSince } from '../../src/engines/sqlite/changes/known-slices.ts';
import { type Leaves, leavesOf } from '../../src/engines/sqlite/changes/leaves.ts';
import { readNotes, writeNotes } from '../../src/engines/sqlite/changes/notes.ts';
import { type PageNotes, type Pages, scanPages } from '../../src/engines/sqlite/changes/scan-pages.ts';

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

interface Counted {
  readonly rows: number;
  readonly widest: number;
  readonly pages: number;
}

const scanned = (db: Db, before?: PageNotes) => {
  const all = db.serialize();
  return scanPages({ length: all.length, read: (into, at) => all.copy(into, 0, at, at + into.length) }, before);
};

/** The pages of a database, and what SQLite itself says of its table `t`. */
async function pagesOf(sql: string): Promise<{ pages: Pages | undefined; root: number; counted: Counted | undefined }> {
  const db = new Database(':memory:');
  db.exec(sql);
  const root = db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 't'").pluck().get() ?? 0;
  const counted = db
    .prepare<[], Counted>(
      `SELECT sum(ncell) FILTER (WHERE pagetype = 'leaf') AS rows, max(mx_payload) AS widest, count(*) AS pages
        FROM dbstat WHERE name = 't'`,
    )
    .get();
  return { pages: await scanned(db), root, counted };
}

test.each([512, 4096, 65_536])(
  'leaves have the keys and the further pages that SQLite gave them, in pages of %d',
  async (size) => {
    const { pages, root, counted } = await pagesOf(
      `PRAGMA page_size = ${size}; CREATE TABLE t(id INTEGER PRIMARY KEY, a);
     INSERT INTO t VALUES (-9223372036854775808, 'first'), (-1, zeroblob(${3 * size})), (0, 1), (9223372036854775807, 'last');
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO t SELECT i * 1000003, printf('%.*c', i % 90, 'x') FROM n;`,
    );
    const leaves = pages === undefined ? undefined : leavesOf(pages, root);
    if (leaves === undefined) throw new Error('it is a table');
    const { count, ends } = leaves;
    expect(count).toBeGreaterThan(1);
    expect(leaves.rows).toBe(5004);
    expect(firstKey(ends, 0)).toBe(-(2n ** 63n));
    expect(lastKey(ends, count - 1)).toBe(2n ** 63n - 1n);
    expect({ rows: leaves.rows, widest: leaves.widest, pages: leaves.pages }).toEqual(counted);
    for (let at = 0; at < count; at++) {
      expect(firstKey(ends, at) <= lastKey(ends, at)).toBe(true);
      expect(at === 0 || firstKey(ends, at) > lastKey(ends, at - 1)).toBe(true);
    }
  },
);

test('a leaf is another where one byte of it is, or of a page on which a row of it goes on', async () => {
  const leavesAfter = async (sql: string) => {
    const { pages, root } = await pagesOf(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, a, b);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO t SELECT i, printf('%.*c', 100, 'x'), iif(i = 150, zeroblob(20000), 1) FROM n; ${sql}`,
    );
    const leaves = pages && leavesOf(pages, root);
    if (leaves === undefined) throw new Error('it is a table');
    return leaves;
  };
  const before = await leavesAfter('');
  expect(changesBetween(before, await leavesAfter('CREATE TABLE other(a)'))).toEqual([]);
  for (const [sql, key] of [
    ['UPDATE t SET b = 2 WHERE id = 250', 250n],
    [`UPDATE t SET b = CAST(zeroblob(19999) || 'x' AS BLOB) WHERE id = 150`, 150n],
  ] as const) {
    const [only, ...others] = changesBetween(before, await leavesAfter(sql));
    expect(others).toEqual([]);
    expect(only && only.from <= key && key <= only.to).toBe(true);
  }
});

test('what is no tree of a table has no leaves, and what is no database no pages', async () => {
  const { pages, root } = await pagesOf('CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE INDEX i ON t(a)');
  if (pages === undefined) throw new Error('it is a database');
  expect(leavesOf(pages, root)?.count).toBe(1);
  for (const wrong of [0, 1, root + 1, 99]) expect(leavesOf(pages, wrong)).toBeUndefined();
  const circle: Pages = { ...pages, isLeaf: () => false, children: () => [root] };
  expect(leavesOf(circle, root)).toBeUndefined();
  const endless: Pages = { ...pages, overflows: () => [root + 1], following: () => root + 1 };
  expect(leavesOf(endless, root)).toBeUndefined();
  const text = Buffer.from('no database'.repeat(500));
  expect(await scanPages({ length: text.length, read: (into, at) => text.copy(into, 0, at) })).toBeUndefined();
});

/** Pages with rows, others on which long rows go on, and those of an index. */
const SEVERAL_RUNS = `CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t(a);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO t SELECT i, printf('%.*c', i % 200, 'x'), iif(i % 500 = 0, zeroblob(90000), i) FROM n;`;

test.each([512, 4096, 65_536])(
  'runs of pages of %d that are as they were keep what was known of them, and others get what they would have without',
  async (size) => {
    const db = new Database(':memory:');
    db.exec(`PRAGMA page_size = ${size}; ${SEVERAL_RUNS}`);
    const scan = async (before?: PageNotes) => {
      const pages = await scanned(db, before);
      if (pages === undefined) throw new Error('it is a database');
      return pages;
    };
    const knownOf = ({ hashes, widths, ends, followsRows }: Pages) => ({ hashes, widths, ends, followsRows });
    let before = await scan();
    for (const change of [
      '',
      'UPDATE t SET b = -b WHERE id = 1700',
      "UPDATE t SET b = CAST(zeroblob(99999) || 'x' AS BLOB) WHERE id = 1500",
      'DELETE FROM t WHERE id > 2000',
      'VACUUM',
      "INSERT INTO t SELECT id + 5000, 'again', b FROM t",
    ]) {
      db.exec(change);
      const now = await scan(before);
      expect(knownOf(now)).toEqual(knownOf(await scan()));
      expect(now.key).toBe(before.key);
      before = now;
    }
    // What was noted is believed, so a hash that nobody works out anew shows where.
    const noted = { ...before, hashes: before.hashes.map(() => 7) };
    expect((await scan(noted)).hashes.filter((n) => n === 7).length).toBeGreaterThan(before.hashes.length / 2);
    db.exec('UPDATE t SET b = 0 WHERE id = 900');
    const [changed, right] = [(await scan(noted)).hashes, (await scan()).hashes];
    expect(right.filter((n, at) => n !== changed[at] && changed[at] !== 7)).toEqual(new Int32Array());
    expect(changed.some((n) => n !== 7 && n !== 0)).toBe(true);
    db.close();
  },
);

test('where rows begin to go on on other pages, those get a hash, too, and what was noted without is forgotten', async () => {
  const db = new Database(':memory:');
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, 'short' FROM n;`);
  const before = await scanned(db);
  expect(before?.followsRows).toBe(false);
  db.exec('UPDATE t SET a = zeroblob(20000) WHERE id = 1500');
  const now = await scanned(db, before);
  expect(now?.followsRows).toBe(true);
  expect(now?.hashes).toEqual((await scanned(db))?.hashes);
  expect(now?.key).not.toEqual(before?.key);
  // Once they are followed they stay so, and what is noted stays good for the next.
  db.exec("UPDATE t SET a = 'short' WHERE id = 1500; VACUUM");
  const later = await scanned(db, now);
  expect([later?.followsRows, later?.key]).toEqual([true, now?.key]);
  db.close();
});

test('notes come back as they were written, and not where they are cut or are something else', () => {
  const notes = {
    pages: {
      size: 4096,
      usable: 4090,
      followsRows: true,
      key: new Uint8Array(16).fill(7),
      marks: new Uint8Array(32).fill(8),
      hashes: Int32Array.from({ length: 12 }, (_, n) => n - 6),
      widths: Uint32Array.from([0, 5, 2 ** 32 - 1]),
    },
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
