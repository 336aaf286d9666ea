import { describe, expect, test } from 'vitest';
import { readForeign } from '../../src/core/foreign.ts';
import { JsonSyntaxError } from '../../src/core/json.ts';
import { tries } from '../support/chance.ts';

const document = (tables: unknown) => JSON.stringify({ data: tables });
const read = (tables: unknown) => readForeign(document(tables), 'test');
const rowsOf = (length: number, row: (i: number) => unknown) => Array.from({ length }, (_, i) => row(i));

/** How long it takes, in milliseconds; a text of 10 MB must not hold anybody up. */
function timed(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

describe('a document of an older tool', () => {
  test('gets the columns that its rows have, some of them or all', () => {
    const { schema, data, metadata } = read({ events: [{ id: 1, title: 'x' }, { id: 2 }, { id: 3, at: 1.5 }] });
    expect(schema[0]?.sql).toBe('CREATE TABLE "events"("id" INTEGER PRIMARY KEY, "title" TEXT, "at" REAL)');
    expect(data.get('events')).toEqual({
      rows: ['{"id":1,"title":"x","at":null}', '{"id":2,"title":null,"at":null}', '{"id":3,"title":null,"at":1.5}'],
    });
    expect(metadata.rows).toBe(3);
  });

  test('may call tables and columns anything', () => {
    const { schema } = readForeign(
      '{"data":{"__proto__":[{"a\\"b":1,"constructor":"x"}],"toString":[{"id":1}]}}',
      'test',
    );
    expect(schema.map(({ sql }) => sql)).toEqual([
      'CREATE TABLE "__proto__"("a""b" INTEGER, "constructor" TEXT)',
      'CREATE TABLE "toString"("id" INTEGER PRIMARY KEY)',
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['rows that have no column in common', { t: rowsOf(20_000, (i) => ({ [`c${i}`]: 1 })) }],
    [
      'more columns than a table may have',
      { t: [Object.fromEntries(rowsOf(2001, (i) => [`c${i}`, 1]).map((e) => e as [string, number]))] },
    ],
    [
      'one wide row before many empty ones',
      {
        t: [Object.fromEntries(rowsOf(2000, (i) => i).map((i) => [`c${i}`, 1])), ...rowsOf(tries(200_000), () => ({}))],
      },
    ],
  ])('is refused at once for %s', (_, tables) => {
    const text = document(tables);
    const took = timed(() => expect(() => readForeign(text, 'test')).toThrow(JsonSyntaxError));
    expect(took, 'ms').toBeLessThan(5000);
  });

  test('with as many rows as it likes takes time by its length', () => {
    const text = document({ t: rowsOf(tries(200_000), (i) => ({ id: i, note: 'some words', more: i / 2 })) });
    expect(
      timed(() => readForeign(text, 'test')),
      'ms',
    ).toBeLessThan(10_000);
  });
});
