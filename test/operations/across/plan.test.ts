import { expect, test } from 'vitest';
import type { Across, ToldTable } from '../../../src/engines/across.ts';
import { planFor } from '../../../src/operations/across/plan.ts';
import { columnsWithout, reportOf } from '../../../src/operations/across/report.ts';
import { rowsDigest } from '../../../src/operations/across/rows-digest.ts';
import type { Source } from '../../../src/operations/across/source.ts';
import { onlyTypes, WHOLE } from '../../support/across.ts';

const target: Across = {
  tell: async () => ({ tables: [], lost: [] }),
  types: onlyTypes({ integer: [WHOLE] }),
  make: async () => {
    throw new Error('nothing is made');
  },
};

const read = (member: string) => {
  const value: unknown = JSON.parse(member);
  return typeof value === 'number' ? BigInt(value) : typeof value === 'string' ? value : null;
};

const column = (name: string, counts = false) =>
  ({ name, kind: 'integer', declared: 'INTEGER', notNull: true, counts, read }) as const;

const table = (name: string, changes: Partial<ToldTable> = {}): ToldTable => ({
  name,
  stored: name,
  columns: [column('id', true), column('size')],
  primary: { columns: ['id'] },
  uniques: [],
  references: [],
  checks: [],
  indexes: [],
  rowNames: ['id'],
  ...changes,
});

const sourceOf = (tables: Readonly<Record<string, readonly unknown[]>>): Source => ({
  content: { schema: [], settings: {}, data: new Map(Object.keys(tables).map((name) => [name, { rows: [] }])) },
  rows: 0,
  slices: async function* (name) {
    yield Buffer.from((tables[name] ?? []).map((row) => `${JSON.stringify(row)}\n`).join(''));
  },
});

async function planned(rows: readonly unknown[], changes: Partial<ToldTable> = {}) {
  let seen = 0;
  const plan = await planFor(sourceOf({ t: rows }), { tables: [table('t', changes)], lost: [] }, target, (more) => {
    seen += more;
  });
  expect(seen).toBe(rows.length);
  return { plan, report: reportOf(plan, 'here', 'there'), wanted: plan.tables[0]?.wanted };
}

test('a table whose rows keep its rules has the same rules there', async () => {
  const { plan, report, wanted } = await planned([
    { id: 3, size: 1 },
    { id: 1, size: 2 },
  ]);
  expect(wanted).toMatchObject({ primary: { columns: ['id'] }, uniques: [] });
  expect(wanted?.columns.map(({ notNull, type }) => [notNull, type.name])).toEqual([
    [true, 'bigint'],
    [true, 'bigint'],
  ]);
  expect(plan).toMatchObject({ lost: [], last: new Map([['t', 3n]]) });
  expect(report).toMatchObject({ from: 'here', to: 'there', rows: 2, refused: 0 });
  expect(columnsWithout(report)).toBe(0);
});

test('one whose rows break them has fewer, and each is said', async () => {
  const { plan, wanted } = await planned([
    { id: null, size: 1 },
    { id: 2, size: null },
  ]);
  expect(wanted?.columns.map(({ notNull }) => notNull)).toEqual([false, false]);
  expect(wanted?.primary).toBeUndefined();
  expect(wanted?.uniques).toEqual([{ columns: ['id'] }]);
  expect(plan.lost.map(({ what, name }) => `${what} ${name}`)).toEqual([
    'NOT NULL t.id',
    'NOT NULL t.size',
    'primary key t',
  ]);
  const only = await planned([{ id: 1, size: null }]);
  expect(only.wanted?.primary).toEqual({ columns: ['id'] });
});

test('a column for whose values there is no place keeps the table from being copied, and they are counted', async () => {
  const { report, wanted } = await planned([
    { id: 1, size: 'x' },
    { id: 2, size: 'y' },
    { id: 3, size: 3 },
  ]);
  expect(wanted).toBeUndefined();
  expect(report.refused).toBe(2);
  expect(columnsWithout(report)).toBe(1);
  expect(report.tables[0]?.columns).toMatchObject([
    { name: 'id', declared: 'INTEGER', type: 'bigint' },
    { name: 'size', because: { type: 'bigint', count: 2 } },
  ]);
  expect(report.tables[0]?.columns[1]).not.toHaveProperty('type');
});

test('numbers go on behind the last that was given, also where that row is gone', async () => {
  const counters = {
    stored: 'counters',
    read: (line: string) => {
      const { name, seq }: { name?: string; seq: number } = JSON.parse(line);
      return name === undefined ? undefined : { table: name, last: BigInt(seq) };
    },
  };
  const last = async (seq: number) => {
    const rows = { t: [{ id: 5, size: 1 }], counters: [{ name: 't', seq }, { seq: 99 }] };
    return (await planFor(sourceOf(rows), { tables: [table('t')], lost: [], counters }, target, () => {})).last;
  };
  expect(await last(9)).toEqual(new Map([['t', 9n]]));
  expect(await last(2)).toEqual(new Map([['t', 5n]]));
  const none = await planFor(sourceOf({ t: [] }), { tables: [table('t')], lost: [], counters }, target, () => {});
  expect(none.last).toEqual(new Map());
});

test('rows are the same in any order, and not where one is missing, twice, or another', () => {
  const of = (...rows: readonly string[]) => {
    const digest = rowsDigest();
    for (const row of rows) digest.add(row);
    return digest;
  };
  expect(of('a', 'b', 'c').equals(of('c', 'a', 'b'))).toBe(true);
  for (const other of [of('a', 'b'), of('a', 'b', 'b'), of('a', 'b', 'd'), of('a', 'b', 'c', 'c')])
    expect(of('a', 'b', 'c').equals(other)).toBe(false);
  expect(of('a', 'b').rows).toBe(2);
});
