import { expect, test } from 'vitest';
import type { FakePlan, TablePlan } from '../../../src/core/fakes/plan.ts';
import type { FakeRule } from '../../../src/core/fakes/texts.ts';
import type { FakeKind } from '../../../src/core/privacy/fake-kinds.ts';
import { gather } from '../../../src/operations/development/private-values.ts';
import { heldOf } from '../../support/held.ts';

/** What is to go is gathered first, to be looked for in all that stays: what is not gathered stays where it was copied to. */

const rule = (kind: FakeKind): FakeRule => ({ kind, isUnique: false, largest: 1_000_000n });
const LONG = 'a long text that is nobody else’s';

async function gathered(people: Partial<TablePlan>, ...rows: readonly Readonly<Record<string, unknown>>[]) {
  const plan: TablePlan = {
    columns: new Map(),
    kept: new Set(),
    unique: new Set(),
    pointing: new Set(),
    isEmpty: false,
    isVirtual: false,
    ...people,
  };
  const plans: FakePlan = { tables: new Map([['people', plan]]), carried: [], obstacles: [] };
  let seen = 0;
  const found = await gather(heldOf({ people: rows }), plans, Buffer.from('secret'), (more) => {
    seen += more;
  });
  const { texts, digits } = found.values;
  return { seen, texts: Object.fromEntries(texts), digits: [...digits], obstacles: found.obstacles, found };
}

test('values of columns that are faked are gathered by their kinds, telephone numbers as digits too, and short ones not', async () => {
  const columns = new Map([
    ['mail', rule('email')],
    ['call', rule('phone')],
    ['born', rule('date')],
    ['note', rule('text')],
  ]);
  const found = await gathered(
    { columns },
    { mail: 'ada@example.org', call: '+49 30 1234567', born: '1815-12-10', note: 'nineteen characters', kept: 'yes' },
    { mail: 'a@b', call: '12345', born: null, note: LONG, kept: 'no matter' },
    { mail: 'abcde', call: '123-4567', born: null, note: 'twenty characters ..', kept: '' },
  );
  expect(found.texts).toEqual({
    'ada@example.org': 'email',
    '+49 30 1234567': 'phone',
    '12345': 'phone',
    '123-4567': 'phone',
    abcde: 'email',
    [LONG]: 'text',
    'twenty characters ..': 'text',
  });
  expect(found.digits).toEqual(['49301234567', '1234567']);
  expect(found).toMatchObject({ seen: 3, obstacles: [] });
  expect(found.found.isPartial).toBe(false);
});

test('what is somebody’s alone is told by that kind, whichever column came first', async () => {
  const columns = new Map([
    ['one', rule('name')],
    ['two', rule('token')],
    ['three', rule('city')],
  ]);
  const same = { one: 'same words', two: 'same words', three: 'same words' };
  expect((await gathered({ columns }, same)).texts).toEqual({ 'same words': 'token' });
});

test('of a column that comes along empty, values are told by their look, and those that point to other rows are not', async () => {
  const columns = new Map([
    ['mail', undefined],
    ['plan', undefined],
    ['owner', undefined],
    ['size', undefined],
  ]);
  const row = { mail: 'ada@example.org', plan: 'gold', owner: 'k4eC39Hq1234', size: 12_345_678 };
  const found = await gathered({ columns, pointing: new Set(['owner']) }, row);
  expect(found.texts).toEqual({ 'ada@example.org': 'email' });
  expect(found.seen).toBe(1);
});

test('of a table that comes along empty, neither long texts nor ids are anybody’s: those rows are about others that stay', async () => {
  const rows = [{ mail: 'ada@example.org', id: '3f2504e0-4f89-11d3-9a0c-0305e82c3301', said: LONG }];
  expect((await gathered({ isEmpty: true }, ...rows)).texts).toEqual({ 'ada@example.org': 'email' });
  const columns = new Map(['mail', 'id', 'said'].map((name) => [name, undefined]));
  expect(Object.values((await gathered({ columns }, ...rows)).texts)).toEqual(['email', 'uuid', 'text']);
  // An index that is emptied holds what stays.
  expect(await gathered({ isEmpty: true, isVirtual: true }, ...rows)).toMatchObject({ seen: 0, texts: {} });
});

test('values that no fake can stand for are an obstacle, and so are fakes that are the same in a column where none may be', async () => {
  const columns = new Map([['mail', rule('email')]]);
  const odd = { mail: { $odd: 1 } };
  expect((await gathered({ columns }, odd, odd, { mail: null })).obstacles).toEqual([
    'people.mail has 2 values that no email can stand for',
  ]);
  const names = Array.from({ length: 400 }, (_, n) => ({ mail: `word${n}` }));
  const cities = new Map([['mail', rule('city')]]);
  expect((await gathered({ columns: cities, unique: new Set(['mail']) }, ...names)).obstacles).toEqual([
    'people.mail must be unique, and city fakes of its values are not',
  ]);
  expect((await gathered({ columns: cities }, ...names)).obstacles).toEqual([]);
  const alike = [{ mail: 'x' }, { mail: 'x' }];
  expect((await gathered({ columns: cities, unique: new Set(['mail']) }, ...alike)).obstacles).toEqual([]);
});

test('a table that nothing becomes of is not gone through', async () => {
  expect(await gathered({}, { mail: 'ada@example.org' })).toMatchObject({ seen: 0, texts: {}, digits: [] });
});
