import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { permuted } from '../../../src/core/fakes/chance.ts';
import { fakesFor } from '../../../src/core/fakes/fake.ts';
import { lookMadeUp, looksFake } from '../../../src/core/fakes/looks-fake.ts';
import { LARGEST } from '../../../src/core/fakes/numbers.ts';
import { type FakeRule, shortest } from '../../../src/core/fakes/texts.ts';
import { FAKE_KINDS, type FakeKind } from '../../../src/core/privacy/fake-kinds.ts';

const SECRET = Buffer.from('a secret of this test');
const rule = (kind: FakeKind, more: Partial<FakeRule> = {}): FakeRule => ({
  kind,
  isUnique: false,
  largest: LARGEST,
  ...more,
});
const fake = (kind: FakeKind, value: string, more: Partial<FakeRule> = {}) =>
  JSON.parse(fakesFor(rule(kind, more), SECRET)(JSON.stringify(value)) ?? 'null');
const raw = (kind: FakeKind, member: string, more: Partial<FakeRule> = {}) =>
  fakesFor(rule(kind, more), SECRET)(member);

test('a fake is the same every time, and another under another secret', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FAKE_KINDS), fc.string({ minLength: 1, maxLength: 80 }), (kind, value) => {
      expect(fake(kind, value)).toBe(fake(kind, value));
    }),
  );
  const other = fakesFor(rule('email'), Buffer.from('another secret of this test'));
  expect(other('"ada@corp.test"')).not.toBe(fakesFor(rule('email'), SECRET)('"ada@corp.test"'));
});

test('what is empty stays empty', () => {
  for (const kind of FAKE_KINDS) expect([raw(kind, 'null'), raw(kind, '""')]).toEqual(['null', '""']);
});

test('every fake fits where it is to stand, in letters that every encoding has', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FAKE_KINDS),
      fc.boolean(),
      fc.nat(60),
      fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
      (kind, isUnique, more, value) => {
        const most = shortest(kind, isUnique) + more;
        const made: unknown = fake(kind, value.slice(0, most), { isUnique, most });
        expect(typeof made).toBe('string');
        expect([...String(made)].length).toBeLessThanOrEqual(most);
        expect(String(made)).not.toBe('');
      },
    ),
    {
      numRuns: 500,
      // What only looks like one that takes more room.
      examples: [
        ['uuid', false, 0, '-'],
        ['ip', false, 0, ':'],
      ],
    },
  );
});

describe('no two become the same', () => {
  const thousands = Array.from({ length: 4000 }, (_, at) => `somebody${at}@corp.test`);

  test.each<FakeKind>(['email', 'name', 'url', 'city', 'company', 'address', 'ip', 'uuid', 'phone', 'text'])(
    'of %s',
    (kind) => {
      const made = new Set(thousands.map((each) => fake(kind, each, { isUnique: true })));
      expect(made.size).toBe(thousands.length);
    },
  );

  test('of numbers, which keep their digits', () => {
    for (const [from, to] of [
      [0, 9],
      [10, 99],
      [1000, 2500],
    ]) {
      const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => String(Number(from) + at));
      const made = numbers.map((each) => raw('number', each, { largest: BigInt(to ?? 0) }) ?? '');
      expect(new Set(made).size).toBe(numbers.length);
      expect(made.every((each, at) => each.length === numbers[at]?.length && Number(each) <= Number(to))).toBe(true);
      expect(made).not.toEqual(numbers);
    }
  });

  test('whatever the bounds', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 62n), fc.bigInt(1n, 2n ** 62n), fc.bigInt(0n, 2n ** 62n), (from, size, at) => {
        const made = permuted(SECRET, from + (at % size), from, from + size - 1n);
        expect(made >= from && made < from + size).toBe(true);
      }),
    );
    const all = Array.from({ length: 37 }, (_, at) => permuted(SECRET, BigInt(at), 0n, 36n));
    expect([...all].sort((a, b) => Number(a - b))).toEqual(Array.from({ length: 37 }, (_, at) => BigInt(at)));
  });
});

test('numbers keep sign, point, zeros and exponent', () => {
  expect(raw('number', '-12.50')).toMatch(/^-[1-9]\d\.\d\d$/);
  expect(raw('number', '0.05')).toMatch(/^0\.0\d$/);
  expect(raw('number', '1.5e-07')).toMatch(/^[1-9]\.\de-07$/);
  expect(raw('number', '9223372036854775807')).toMatch(/^\d{19}$/);
  expect(BigInt(raw('number', '9223372036854775807') ?? 0) <= LARGEST).toBe(true);
  expect(fake('number', '0049')).toMatch(/^00\d\d$/);
  expect(raw('number', '{"$real":"Infinity"}')).toBe('0.0');
  expect(raw('number', 'true')).toBeUndefined();
  expect(raw('name', '[1,2]')).toBeUndefined();
});

test('dates stay dates, written the same way, and are never what they were', () => {
  for (const date of [
    '2024-02-29',
    '1999-12-31 23:59:59',
    '2026-11-20T23:15:00.123Z',
    '2026-11-20 23:15:00+00',
    '2000-01-01 00:00',
  ]) {
    const made = fake('date', date);
    expect(made.replace(/\d/g, '0')).toBe(date.replace(/\d/g, '0'));
    expect(made.slice(0, 10)).not.toBe(date.slice(0, 10));
    expect(Math.abs(Date.parse(made.slice(0, 10)) - Date.parse(date.slice(0, 10)))).toBeLessThanOrEqual(
      180 * 86_400_000,
    );
  }
  expect(fake('date', 'soon')).toBe('2000-01-01');
  for (const zone of ['Z', ' UTC', '+02', '-0330', ' +05:30', '+01:00:00', ' BC'])
    expect(fake('date', `1990-05-01 10:00:00${zone}`)).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d${zone.replace('+', '\\+')}$`),
    );
  // Whatever else is written beside a day goes with it.
  for (const text of [
    '1990-05-01 (mother: Maria Huber, ada@home.org)',
    '1990-05-01 Ada',
    '1990-05-01T10:00:00 Europe/Vienna',
    '1990-05-01 10:00 12345',
    '1990-05-01+4366012345',
  ])
    expect(fake('date', text)).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(raw('date', '1700000000')).toMatch(/^1[67]\d{8}$/);
  expect(raw('date', '1700000000000')).toMatch(/^1[67]\d{11}$/);
});

test('bytes become as many others', () => {
  const made = raw('token', '{"$blob":"c2VjcmV0"}') ?? '';
  expect(Buffer.from(JSON.parse(made).$blob, 'base64').length).toBe(6);
  expect(made).not.toContain('c2VjcmV0');
});

test('fakes are told by their looks, and what people have is not', () => {
  const looked: readonly FakeKind[] = ['name', 'email', 'phone', 'address', 'city', 'company', 'url', 'ip'];
  for (const kind of looked)
    for (const isUnique of [false, true]) {
      const made = Array.from({ length: 50 }, (_, at) => String(fake(kind, `Some Body ${at}`, { isUnique })));
      expect([kind, isUnique, made.filter((each) => looksFake(kind, each) !== true)]).toEqual([kind, isUnique, []]);
      expect(lookMadeUp(kind, made)).toBe(true);
    }
  const real = ['ada@example.org', 'somebody1@example.com', 'user.a1b2c3d4@example.com', 'bob@corp.test'];
  expect(real.filter((each) => looksFake('email', each))).toEqual([]);
  expect(lookMadeUp('name', ['Emma Stone', 'Nora Oak'])).toBe(false);
  expect(lookMadeUp('email', [])).toBe(false);
  expect(looksFake('number', '12')).toBeUndefined();
});

test('a row of one’s own among fakes, or an empty one, hides nothing; one fake among what people have is none', () => {
  const made = Array.from({ length: 29 }, (_, at) => String(fake('email', `somebody${at}@corp.test`)));
  expect(lookMadeUp('email', [...made, 'me@corp.test'])).toBe(true);
  expect(lookMadeUp('email', ['', ' ', ...made])).toBe(true);
  expect(lookMadeUp('email', [...made.slice(0, 5), ...real(5)])).toBe(true);
  expect(lookMadeUp('email', [...made.slice(0, 5), ...real(6)])).toBe(false);
  expect(lookMadeUp('email', ['', ''])).toBe(false);
  const names = Array.from({ length: 10 }, (_, at) => String(fake('name', `Some Body ${at}`)));
  expect(lookMadeUp('name', ['', ...names])).toBe(true);
  // Two of ours are words that people are called by, so one that is none of ours is enough.
  expect(lookMadeUp('name', [...names, 'Ada Privlace'])).toBe(false);
});

const real = (count: number) => Array.from({ length: count }, (_, at) => `real${at}@corp.test`);
