import { expect, test } from 'vitest';
import type { Reference, TableShape } from '../../../src/core/privacy/shape.ts';
import { sampleOf } from '../../../src/operations/development/sample.ts';
import { heldOf } from '../../support/held.ts';

const column = (name: string) => ({
  name,
  type: 'TEXT',
  notNull: false,
  hasDefault: false,
  isKey: name === 'id',
  isGenerated: false,
});

const table = (name: string, columns: readonly string[], ...references: readonly Reference[]): TableShape => ({
  name,
  kind: 'table',
  columns: columns.map(column),
  uniques: [],
  references,
  computedFrom: () => new Set(),
});

const COUNT = 300;
const rows = <T>(make: (n: number) => T, count = COUNT) => Array.from({ length: count }, (_, n) => make(n));

const TABLES = [
  table('people', ['id', 'boss'], { table: 'PEOPLE', from: ['boss'], to: [] }),
  table('orders', ['id', 'person'], { table: 'people', from: ['Person'], to: ['ID'] }),
  table('plans', ['id', 'first'], { table: 'people', from: ['first'], to: ['id'] }),
];

/** People who have bosses, orders that point to people as other types, and a small table that comes whole. */
const held = heldOf({
  people: rows((n) => ({ id: n, boss: n < 10 ? null : n - 10 })),
  orders: rows((n) => ({ id: n, person: n % 2 === 0 ? `${n}` : n })),
  plans: rows((n) => ({ id: n, first: n }), 3),
});

const schema = {
  tables: TABLES,
  keys: new Map(TABLES.map(({ name }) => [name, ['id']])),
  fold: (name: string) => name.toLowerCase(),
};

async function sampled(share: number, secret = 'secret', tables = TABLES) {
  let seen = 0;
  const sample = await sampleOf(held, tables, schema, share, Buffer.from(secret), (more) => {
    seen += more;
  });
  const chosen = (name: string) =>
    [...(sample.get(name) ?? []).entries()].flatMap(([at, is]) => (is === 1 ? [at] : []));
  return { sample, seen, chosen };
}

test('whatever a row that comes along points to comes along, on and on', async () => {
  const { sample, seen, chosen } = await sampled(0.05);
  const [people, orders] = [chosen('people'), chosen('orders')];
  expect(orders.length).toBeGreaterThan(3);
  expect(orders.length).toBeLessThan(60);
  for (const order of orders) expect(people).toContain(order);
  for (const person of people) if (person >= 10) expect(people).toContain(person - 10);
  // A table that comes whole brings what it points to, too.
  for (const plan of [0, 1, 2]) expect(people).toContain(plan);
  expect(sample.has('plans')).toBe(false);
  expect(people.length).toBeLessThan(COUNT);
  expect(seen).toBe(2 * COUNT + 3);
});

test('the same secret chooses the same rows, and another one others', async () => {
  const [one, same, other] = [await sampled(0.1), await sampled(0.1), await sampled(0.1, 'other')];
  expect(one.chosen('orders')).toEqual(same.chosen('orders'));
  expect(one.chosen('orders')).not.toEqual(other.chosen('orders'));
});

test('nothing is chosen of nothing, and all of all', async () => {
  expect((await sampled(1)).chosen('people')).toHaveLength(COUNT);
  const none = await sampled(0);
  expect(none.chosen('orders')).toEqual([]);
  expect(none.chosen('people')).toEqual([0, 1, 2]);
});

test('as large a share comes as was asked for', async () => {
  const { chosen } = await sampled(0.3, 'secret', [table('orders', ['id'])]);
  expect(chosen('orders').length).toBeGreaterThan(60);
  expect(chosen('orders').length).toBeLessThan(120);
});

test('a table without a key is chosen from by its whole rows', async () => {
  const schemaWithout = { ...schema, keys: new Map<string, readonly string[]>() };
  const sample = await sampleOf(held, [table('orders', ['id'])], schemaWithout, 0.5, Buffer.from('s'), () => {});
  const count = (sample.get('orders') ?? new Uint8Array()).reduce((sum, each) => sum + each, 0);
  expect(count).toBeGreaterThan(100);
  expect(count).toBeLessThan(200);
});
