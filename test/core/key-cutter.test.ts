import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyCutter } from '../../src/core/key-cutter.ts';
import { contentCutter, type KeyedRows, type Slice, sliceByContent, sliceByKey } from '../../src/core/slices.ts';
import { tries } from '../support/chance.ts';

const FIRST = -(2n ** 63n);
const LAST = 2n ** 63n - 1n;

interface Row {
  readonly key: bigint;
  readonly line: Buffer;
}

const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 200n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: -100n, max: 100n }) },
  { weight: 2, arbitrary: fc.bigInt({ min: FIRST, max: LAST }) },
  { weight: 1, arbitrary: fc.constantFrom(FIRST, FIRST + 1n, -1n, 0n, 1n, LAST - 1n, LAST) },
);
const anyRows = fc
  .uniqueArray(fc.record({ key: anyKey, width: fc.oneof(fc.nat(60), fc.nat(600)) }), {
    selector: ({ key }) => key,
    maxLength: 120,
  })
  .map((rows) =>
    rows
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, width }): Row => ({ key, line: Buffer.from(`${key}${'.'.repeat(width)}\n`) })),
  );

/** Rows as a database with an index gives them. */
const reached = (rows: readonly Row[]): KeyedRows => ({
  next: (from) => rows.find(({ key }) => key >= from)?.key,
  fetch(from, to) {
    const chunks = rows.filter(({ key }) => key >= from && key <= to).map(({ line }) => line);
    return { rows: chunks.length, bytes: Buffer.concat(chunks).length, chunks };
  },
});

/** The same rows, so many at a time. */
function* streamed(rows: readonly Row[], sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < rows.length; turn++) {
    const some = rows.slice(at, at + (sizes[turn % sizes.length] ?? 1));
    at += some.length;
    let end = 0;
    const ends = some.map(({ line }) => {
      end += line.length;
      return end;
    });
    yield { bytes: Buffer.concat(some.map(({ line }) => line)), ends, keyAt: (line: number) => some[line]?.key ?? 0n };
  }
}

const shown = (slices: Iterable<Slice>) =>
  [...slices].map(({ chunks, ...rest }) => ({ ...rest, text: Buffer.concat([...chunks]).toString() }));

test('rows that come by themselves are cut as those that are fetched', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  const same = fc.property(anyRows, sizes, fc.integer({ min: 1, max: 3000 }), (rows, some, target) => {
    const cutter = keyCutter(target);
    const slices: Slice[] = [];
    for (const lines of streamed(rows, some)) slices.push(...cutter.add(lines));
    slices.push(...cutter.end());
    expect(shown(slices)).toEqual(shown(sliceByKey(reached(rows), target)));
  });
  fc.assert(same, { numRuns: tries(1000, 20_000) });
});

test('no more is kept than a slice and what came with its end', () => {
  const cutter = keyCutter(1000);
  let [came, gone] = [0, 0];
  const rows = Array.from({ length: 5000 }, (_, key) => ({ key: BigInt(key), line: Buffer.from(`${key}\n`) }));
  for (const lines of streamed(rows, [100])) {
    came += lines.bytes.length;
    for (const slice of cutter.add(lines)) gone += slice.bytes;
    expect(came - gone).toBeLessThanOrEqual(1000);
  }
});

test('lines without keys are cut alike, however many come at a time', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  const same = fc.property(anyRows, sizes, fc.integer({ min: 1, max: 3000 }), (rows, some, target) => {
    const cutter = contentCutter(target);
    const slices: Slice[] = [];
    for (const { bytes } of streamed(rows, some)) slices.push(...cutter.add(bytes));
    slices.push(...cutter.end());
    expect(shown(slices)).toEqual(
      shown(
        sliceByContent(
          rows.map(({ line }) => line),
          target,
        ),
      ),
    );
  });
  fc.assert(same, { numRuns: tries(300, 5000) });
});

test('rows that come in another order are not cut', () => {
  const rows = [1n, 2n, 900n, 3n].map((key): Row => ({ key, line: Buffer.from(`${key}${'.'.repeat(60)}\n`) }));
  const cut = () => {
    const cutter = keyCutter(100);
    return [...streamed(rows, [1])].flatMap((lines) => [...cutter.add(lines)]).concat([...cutter.end()]);
  };
  expect(cut).toThrow('another order');
});
