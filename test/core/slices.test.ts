import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALL_KEYS,
  cutsOf,
  fnv1a,
  type KeyedRows,
  type Piece,
  type Range,
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
    next(from) {
      if (from < FIRST || from > LAST) throw new RangeError(`no 64-bit key: ${from}`);
      return rows.find(({ key }) => key >= from)?.key;
    },
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
const cut = (rows: readonly Row[], target: number, hasty = false, guess?: number) => [
  ...sliceByKey(keyed(rows, hasty), target, ALL_KEYS, guess),
];

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
    const anyTarget = fc.integer({ min: 1, max: 1500 });
    const anyGuess = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant(63));
    const property = fc.property(anyRows, anyTarget, fc.boolean(), anyGuess, (rows, target, hasty, guess) => {
      const expected = reference(rows, target).map((slice) => slice.map((row) => lineOf(row).toString()).join(''));
      expect(cut(rows, target, hasty, guess).map(textOf)).toEqual(expected);
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

  /** Rows of `bytes` bytes with these keys, the ranges they are cut into, and those that were read for it. */
  function walked(keys: readonly bigint[], bytes: number, target: number, within?: Range) {
    const rows = keyed(
      keys.map((key) => ({ key, bytes })),
      false,
    );
    const read: bigint[][] = [];
    const fetch: KeyedRows['fetch'] = (from, to, limit) => {
      read.push([from, to]);
      return rows.fetch(from, to, limit);
    };
    const slices = [...sliceByKey({ ...rows, fetch }, target, within)];
    return { ranges: slices.map(({ keys: range }) => [range?.from, range?.to]), read };
  }
  const upTo = (limit: number, from = 0) => Array.from({ length: limit - from }, (_, i) => BigInt(from + i));

  test('may weigh just as much as the target, and are read once', () => {
    const quarters = [0n, 64n, 128n, 192n].map((from) => [from, from + 63n]);
    expect(walked(upTo(256), 20, 64 * 20)).toEqual({ ranges: quarters, read: quarters });
    expect(walked(upTo(256), 20, 64 * 20 - 1).ranges).toHaveLength(8);
    expect(walked(upTo(256), 10, 128 * 10).ranges).toEqual([
      [0n, 127n],
      [128n, 255n],
    ]);
  });

  test('are read again where what comes next does not fit into one', () => {
    const keys = [0n, ...upTo(128, 64)];
    expect(walked(keys, 20, 32 * 20).ranges).toEqual([
      [0n, 63n],
      [64n, 95n],
      [96n, 127n],
    ]);
  });

  test('reach to the ends of all keys and to zero, where there is little', () => {
    expect(walked([5n], 20, 100)).toEqual({ ranges: [[0n, LAST]], read: [[0n, 63n]] });
    expect(walked([-5n], 20, 100)).toEqual({ ranges: [[FIRST, -1n]], read: [[-64n, -1n]] });
    expect(walked([FIRST, -1n, 0n, LAST], 20, 100).ranges).toEqual([
      [FIRST, -1n],
      [0n, LAST],
    ]);
    expect(walked([5n, 2n ** 40n], 20, 100)).toEqual({
      ranges: [[0n, LAST]],
      read: [
        [0n, 63n],
        [2n ** 40n, 2n ** 41n - 1n],
      ],
    });
  });

  test('hold one row where that is too much', () => {
    for (const [a, b] of [
      [4n, 5n],
      [-6n, -5n],
      [FIRST, FIRST + 1n],
      [LAST - 1n, LAST],
    ] as const)
      expect(walked([a, b], 600, 1000).ranges).toEqual([
        [a, a],
        [b, b],
      ]);
  });

  test.each<[bigint, bigint, [bigint, bigint][]]>([
    [
      3n,
      10n,
      [
        [3n, 3n],
        [4n, 7n],
        [8n, 9n],
        [10n, 10n],
      ],
    ],
    [0n, 15n, [[0n, 15n]]],
    [16n, LAST, []],
    [-8n, -1n, []],
    [-8n, 0n, [[0n, 0n]]],
  ])('stay within %d and %d', (from, to, ranges) => {
    expect(walked(upTo(16), 10, 1000, { from, to }).ranges).toEqual(ranges);
  });
});

describe('slices of rows in order', () => {
  const anyText = fc.array(fc.string({ minLength: 1, maxLength: 80 }), { maxLength: 200 });

  test('hold every line once, and are cut where the rule says, however many lines come at a time', () => {
    const property = fc.property(
      anyText,
      fc.integer({ min: 50, max: 2000 }),
      fc.integer({ min: 1, max: 50 }),
      (texts, target, atOnce) => {
        const lines = texts.map((text) => Buffer.from(`${text.replaceAll('\n', ' ')}\n`));
        const batches = lines.flatMap((_, at) =>
          at % atOnce === 0 ? [Buffer.concat(lines.slice(at, at + atOnce))] : [],
        );
        const slices = [...sliceByContent(batches, target)];
        expect(slices.map(textOf).join('')).toBe(Buffer.concat(lines).toString());
        for (const slice of slices) {
          const text = textOf(slice);
          const inside = text.split(/(?<=\n)/).map((line) => Buffer.from(line));
          expect([slice.bytes, slice.rows]).toEqual([Buffer.byteLength(text), inside.length]);
          expect(slice.mark).toBe(
            fnv1a(inside[0]?.subarray(0, 64) ?? Buffer.of())
              .toString(16)
              .padStart(8, '0'),
          );
          const isCut = (line: Buffer) => fnv1a(line) / 2 ** 32 < line.length / target;
          for (const line of inside.slice(0, -1)) expect(isCut(line)).toBe(false);
          const last = inside.at(-1) ?? Buffer.of();
          if (slice !== slices.at(-1)) expect(isCut(last)).toBe(true);
        }
      },
    );
    fc.assert(property, { numRuns: tries(300, 20_000) });
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

describe('rows in order', () => {
  const bytes = (text: string) => Buffer.from(text);
  const markOf = (text: string) => fnv1a(bytes(text)).toString(16).padStart(8, '0');
  const piece = (...texts: string[]): Piece => ({
    rows: 1,
    bytes: texts.join('').length,
    chunks: texts.map(bytes),
  });
  const told = (lines: Iterable<Uint8Array | Piece>, target: number) =>
    [...sliceByContent(lines, target)].map((slice) => [slice.rows, slice.bytes, textOf(slice), slice.mark]);

  test('of which there are none make no slice', () => {
    expect(told([], 1000)).toEqual([]);
  });

  test('are called after the first 64 bytes of the first', () => {
    const long = 'ab'.repeat(50);
    expect(told([bytes('a\n'), bytes('b\n')], 1e12)).toEqual([[2, 4, 'a\nb\n', markOf('a\n')]]);
    expect(told([bytes('a\nb\n')], 1e12)).toEqual([[2, 4, 'a\nb\n', markOf('a\n')]]);
    expect(told([bytes(`${long}\n`)], 1e12)).toEqual([[1, 101, `${long}\n`, markOf(long.slice(0, 64))]]);
    // A hash that begins with a zero.
    expect(told([bytes('b132\n')], 1e12)[0]?.[3]).toBe('0f2544d5');
  });

  test('are cut only where the hash is smaller', () => {
    const line = bytes('a line\n');
    const share = fnv1a(line) / 2 ** 32;
    expect(line.length / (line.length / share)).toBe(share);
    expect(told([line, line], line.length / share)).toHaveLength(1);
    expect(told([line, line], line.length / share - 1)).toHaveLength(2);
  });

  test('are cut after one that is too large to be held', () => {
    const head = 'x'.repeat(60);
    expect(told([bytes('a\nb\n'), piece('c', 'de\n'), bytes('f\n')], 1e12)).toEqual([
      [3, 8, 'a\nb\ncde\n', markOf('a\n')],
      [1, 2, 'f\n', markOf('f\n')],
    ]);
    expect(told([piece('c', 'de'), piece('f')], 1e12)).toEqual([
      [1, 3, 'cde', markOf('cde')],
      [1, 1, 'f', markOf('f')],
    ]);
    // Called after its first 64 bytes, in however many chunks they come; more are not asked for.
    function* endless() {
      yield bytes(head);
      yield bytes('1234567');
      throw new Error('nobody needs more to know what it is called');
    }
    const [slice] = sliceByContent([{ rows: 1, bytes: 1e9, chunks: { [Symbol.iterator]: endless } }], 1000);
    expect([slice?.bytes, slice?.mark]).toEqual([1e9, markOf(`${head}1234`)]);
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
