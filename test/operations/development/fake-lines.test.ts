import { expect, test } from 'vitest';
import type { TablePlan } from '../../../src/core/fakes/plan.ts';
import { remadeLines } from '../../../src/operations/development/fake-lines.ts';
import { heldOf } from '../../support/held.ts';

const held = heldOf({
  people: [
    { id: 1, mail: 'ada@example.org' },
    { id: 2, mail: null },
    { id: 3, mail: 'eve@x.org' },
  ],
});

const plan = (columns: TablePlan['columns']) => ({
  tables: new Map([
    [
      'people',
      { columns, kept: new Set(''), unique: new Set(''), pointing: new Set(''), isEmpty: false, isVirtual: false },
    ],
  ]),
  carried: [],
  obstacles: [],
});

const NONE = { plan: plan(new Map()), sample: new Map(), secret: Buffer.from('secret'), instead: new Map() };
const MAIL = plan(new Map([['mail', { kind: 'email' as const, isUnique: false, largest: 100n }]]));

async function lines(how: Partial<Parameters<typeof remadeLines>[3]>, index?: number) {
  const share = index === undefined ? undefined : { index, of: 2 };
  let text = '';
  for await (const slice of remadeLines(held, 'people', share, { ...NONE, ...how }))
    if (slice instanceof Uint8Array) text += Buffer.from(slice).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line): { id: number; mail: string | null } => JSON.parse(line));
}

test('what stays goes through as it comes', async () => {
  expect((await lines({})).map(({ mail }) => mail)).toEqual(['ada@example.org', null, 'eve@x.org']);
});

test('a value is faked, the same each time, and an empty one stays empty; everything else is as it was', async () => {
  const made = await lines({ plan: MAIL });
  expect(made.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(made[0]?.mail).toMatch(/^[^@]+@[^@]+$/);
  expect(made[0]?.mail).not.toBe('ada@example.org');
  expect(made[1]?.mail).toBeNull();
  expect(await lines({ plan: MAIL })).toEqual(made);
});

test('a column that is to be empty is so in every row', async () => {
  expect((await lines({ plan: plan(new Map([['mail', undefined]])) })).map(({ mail }) => mail)).toEqual([
    null,
    null,
    null,
  ]);
});

test('only rows that were chosen come along, each once however many share the work', async () => {
  const sample = new Map([['people', Uint8Array.of(0, 1, 1)]]);
  expect((await lines({ sample })).map(({ id }) => id)).toEqual([2, 3]);
  expect((await lines({ sample }, 0)).map(({ id }) => id)).toEqual([2, 3]);
  expect(await lines({ sample }, 1)).toEqual([]);
  expect(await lines({ sample: new Map([['people', Uint8Array.of(0, 0, 0)]]) })).toEqual([]);
});

test('rows that stand in for a table come once, and none where it is to be empty', async () => {
  const instead = new Map([['people', { rows: ['{"id":9,"mail":null}'] }]]);
  expect(await lines({ instead })).toEqual([{ id: 9, mail: null }]);
  expect(await lines({ instead }, 0)).toEqual([{ id: 9, mail: null }]);
  expect(await lines({ instead }, 1)).toEqual([]);
  expect(await lines({ instead: new Map([['people', { rows: [] }]]) })).toEqual([]);
  const own = held.content.data.get('people') ?? { rows: [] };
  expect(await lines({ instead: new Map([['people', own]]), plan: MAIL })).toHaveLength(3);
});
