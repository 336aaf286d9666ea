import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALL_KEYS,
  cutsOf,
  fnv1a,
  type KeyedRows,
  type Slice,
  sliceByContent,
  sliceByKey,
  targetSize,
} from '../../src/core/slices.ts';
import { isHasty, tries } from '../support/chance.ts';

const FIRST = -(2n ** 63n);
const LAST = 2n ** 63n - 1n;

interface Row {
  readonly key: bigint;
  readonly bytes: number;
}

const lineOf = ({ key, bytes }: Row) =>
  Buffer.from(
    `${String(key)
      .slice(-bytes + 1)
      .padStart(bytes - 1, '.')}\n`,
  );

/** Rows in order, reached as a database reaches them. `hasty` gives up early, where it may, as an engine does. */
function keyed(rows: readonly Row[], hasty: boolean): KeyedRows {
  return {
    next: (from) => rows.find(({ key }) => key >= from)?.key,
    fetch(from, to, limit) {
      const found = rows.filter(({ key }) => key >= from && key <= to);
      const bytes = found.reduce((sum, row) => sum + row.bytes, 0);
      if (hasty && found.length > 1 && bytes > limit) return undefined;
      return { rows: found.length, bytes, chunks: found.map(lineOf) };
    },
  };
}

/** The rule itself, from the top down: a range that fits is a slice, any other is two halves. */
function reference(rows: readonly Row[], target: number, from = FIRST, bits = 64): Row[][] {
  if (rows.length === 0) return [];
  // Zero is always a boundary: aligned ranges do not reach over it.
  const fits = bits < 64 && (rows.length === 1 || rows.reduce((sum, row) => sum + row.bytes, 0) <= target);
  if (fits) return [[...rows]];
  const middle = from + (1n << BigInt(bits - 1));
  const [low, high] = [rows.filter(({ key }) => key < middle), rows.filter(({ key }) => key >= middle)];
  return [...reference(low, target, from, bits - 1), ...reference(high, target, middle, bits - 1)];
}

const textOf = (slice: Slice) => Buffer.concat([...slice.chunks]).toString();
const cut = (rows: readonly Row[], target: number, hasty = false) => [...sliceByKey(keyed(rows, hasty), target)];

const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 200n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: -100n, max: 100n }) },
  { weight: 2, arbitrary: fc.bigInt({ min: FIRST, max: LAST }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 40n, max: 2n ** 40n + 300n }) },
  { weight: 1, arbitrary: fc.constantFrom(FIRST, FIRST + 1n, -1n, 0n, 1n, LAST - 1n, LAST) },
);

const anyRows = fc
  .uniqueArray(
    fc.record({ key: anyKey, bytes: fc.oneof(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 600 })) }),
    {
      selector: (row) => row.key,
      maxLength: 120,
    },
  )
  .map((rows) => rows.sort((a, b) => (a.key < b.key ? -1 : 1)));

describe('slices of a table with 64-bit keys', () => {
  test('are those of the rule, whatever the walk guesses and however early an engine gives up', () => {
    const property = fc.property(anyRows, fc.integer({ min: 1, max: 1500 }), fc.boolean(), (rows, target, hasty) => {
      const expected = reference(rows, target).map((slice) => slice.map((row) => lineOf(row).toString()).join(''));
      expect(cut(rows, target, hasty).map(textOf)).toEqual(expected);
    });
    fc.assert(property, { numRuns: tries(2000, 100_000) });
  });

  test('count what they hold, and hold every row once, in order', () => {
    const property = fc.property(anyRows, fc.integer({ min: 1, max: 1500 }), (rows, target) => {
      const slices = cut(rows, target);
      expect(slices.map(textOf).join('')).toBe(rows.map((row) => lineOf(row).toString()).join(''));
      for (const slice of slices) {
        expect(slice.bytes).toBe(textOf(slice).length);
        expect(slice.rows).toBe(textOf(slice).split('\n').length - 1);
        expect(slice.mark).toMatch(/^[0-9a-f]{8}$/);
        expect(slice.bytes <= target || slice.rows === 1).toBe(true);
      }
    });
    fc.assert(property, { numRuns: tries(500, 20_000) });
  });

  test('change by few where one row is added, changed or removed', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ key: BigInt(i * 4), bytes: 20 + (i % 13) }));
    const before = new Set(cut(rows, 1000).map(textOf));
    const changes: [string, Row[]][] = [
      ['added', [...rows.slice(0, 500), { key: 1998n, bytes: 30 }, ...rows.slice(500)]],
      ['removed', [...rows.slice(0, 500), ...rows.slice(501)]],
      ['grown', rows.map((row, i) => (i === 500 ? { ...row, bytes: row.bytes + 5 } : row))],
    ];
    for (const [what, changed] of changes) {
      const fresh = cut(changed, 1000).filter((slice) => !before.has(textOf(slice)));
      expect(fresh.length, what).toBeGreaterThan(0);
      expect(fresh.length, what).toBeLessThanOrEqual(2);
    }
  });

  test('keep their mark when a row inside them changes', () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ key: BigInt(i), bytes: 20 }));
    const marks = (of: Row[]) => cut(of, 1000).map((slice) => slice.mark);
    expect(marks(rows.map((row, i) => (i === 150 ? { ...row, bytes: 21 } : row)))).toEqual(marks(rows));
    expect(new Set(marks(rows)).size).toBe(marks(rows).length);
  });

  test('of an empty table are none', () => {
    expect(cut([], 1000)).toEqual([]);
  });
});

describe('slices of rows in order', () => {
  const anyLines = fc.array(
    fc.string({ minLength: 1, maxLength: 80 }).map((text) => Buffer.from(`${text}\n`)),
    { maxLength: 200 },
  );

  test('hold every line once, and are cut where the rule says', () => {
    const property = fc.property(anyLines, fc.integer({ min: 50, max: 2000 }), (lines, target) => {
      const slices = [...sliceByContent(lines, target)];
      expect(Buffer.concat(slices.flatMap((slice) => [...slice.chunks]))).toEqual(Buffer.concat(lines));
      const ends = slices.slice(0, -1).map((slice) => [...slice.chunks].at(-1) ?? Buffer.from(''));
      for (const end of ends) expect(fnv1a(end) / 2 ** 32).toBeLessThan(end.length / target);
      for (const slice of slices) {
        expect(slice.bytes).toBe(textOf(slice).length);
        for (const line of [...slice.chunks].slice(0, -1))
          expect(fnv1a(line) / 2 ** 32).toBeGreaterThanOrEqual(line.length / target);
      }
    });
    fc.assert(property, { numRuns: tries(500, 20_000) });
  });

  test('are the same again after an insert, save the one it fell into', () => {
    const lines = Array.from({ length: 2000 }, (_, i) => Buffer.from(`{"k":"key ${i}","v":${i * i}}\n`));
    const before = new Set([...sliceByContent(lines, 2000)].map(textOf));
    const more = [...lines.slice(0, 1000), Buffer.from('{"k":"new"}\n'), ...lines.slice(1000)];
    const fresh = [...sliceByContent(more, 2000)].filter((slice) => !before.has(textOf(slice)));
    expect(before.size).toBeGreaterThan(10);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(2);
  });
});

describe('the size that slices aim at', () => {
  test('grows by powers of two with the square root of the table, and stops', () => {
    expect([0, 1, 2 ** 16, 2 ** 16 + 1, 2 ** 18, 2 ** 18 + 1, 2 ** 20, 2 ** 20 + 1, 2 ** 40].map(targetSize)).toEqual(
      [128, 128, 128, 256, 256, 512, 512, 1024, 1024].map((kib) => kib * 1024),
    );
  });
});

test('the hash is FNV-1a', () => {
  expect(fnv1a(Buffer.from(''))).toBe(0x811c9dc5);
  expect(fnv1a(Buffer.from('a'))).toBe(0xe40c292c);
  expect(fnv1a(Buffer.from('foobar'))).toBe(0xbf9cf968);
});

describe('cuts', () => {
  test('are aligned, no more than asked for, and where enough meets', () => {
    const asked: unknown[] = [];
    const all = (heavy: boolean) => (range: unknown) => {
      asked.push(range);
      return heavy;
    };
    expect(cutsOf(0n, 1023n, 4, all(true))).toEqual([256n, 512n, 768n]);
    expect(asked).toEqual([
      { from: 0n, to: 511n },
      { from: 256n, to: 767n },
      { from: 512n, to: 1023n },
    ]);
    expect(cutsOf(0n, 1024n, 4, all(true))).toEqual([512n, 1024n]);
    expect(cutsOf(-1024n, 1023n, 4, all(true))).toEqual([-512n, 0n, 512n]);
    expect(cutsOf(0n, 1023n, 4, all(false))).toEqual([]);
    expect(cutsOf(7n, 7n, 4, all(true))).toEqual([]);
  });

  test('change no slice, wherever they are and however many', () => {
    let divided = 0;
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 20, max: 800 }), fc.integer({ min: 2, max: 40 }), (rows, target, most) => {
        const [first, last] = [rows[0], rows.at(-1)];
        if (first === undefined || last === undefined) return;
        const cuts = cutsOf(first.key, last.key, most, ({ from, to }) => {
          const found = rows.filter(({ key }) => key >= from && key <= to);
          return found.length > 1 && found.reduce((sum, row) => sum + row.bytes, 0) > target;
        });
        divided += cuts.length > 1 ? 1 : 0;
        expect(cuts.length).toBeLessThanOrEqual(most);
        const starts = [ALL_KEYS.from, ...cuts];
        const slices = starts.flatMap((from, at) => [
          ...sliceByKey(keyed(rows, false), target, { from, to: (cuts[at] ?? ALL_KEYS.to + 1n) - 1n }),
        ]);
        const told = (all: readonly Slice[]) => all.map((slice) => [slice.mark, slice.rows, textOf(slice)]);
        expect(told(slices)).toEqual(told(cut(rows, target)));
      }),
      { numRuns: tries(1000, 20_000) },
    );
    if (!isHasty) expect(divided).toBeGreaterThan(100);
  });
});
