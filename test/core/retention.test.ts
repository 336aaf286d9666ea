import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Dated, keptBackups, keptConflicts, type Retention } from '../../src/core/retention.ts';

const backups = (...dates: string[]) => dates.map((date) => ({ name: date, date: new Date(date) }));
const AROUND = { now: new Date('2027-01-01'), maxShrink: 0.5 };
const NONE = { last: 0, daily: 0, weekly: 0, monthly: 0 };
const keptOf = (all: readonly Dated[], retention: Retention) => keptBackups(all, retention, AROUND);

test('the newest stays, whatever the numbers say', () => {
  expect([...keptOf(backups('2026-01-02', '2026-01-03', '2026-01-01'), NONE)]).toEqual(['2026-01-03']);
  expect(keptOf([], NONE).size).toBe(0);
});

test('a date says more than a name, and of one moment the later name is the newer', () => {
  const made = (name: string, date: string) => ({ name, date: new Date(date) });
  expect([...keptOf([made('z', '2026-01-01'), made('a', '2026-01-02')], NONE)]).toEqual(['a']);
  const together = ['b', 'c', 'a'].map((name) => made(name, '2026-01-01'));
  expect([...keptOf(together, { ...NONE, last: 2 })]).toEqual(['c', 'b']);
  expect([...keptOf(together, { ...NONE, daily: 3 })]).toEqual(['c']);
});

test('the newest of each day, week and month stay, in UTC', () => {
  const all = backups(
    '2026-03-02T10:00:00Z', // a Monday
    '2026-03-02T09:00:00Z',
    '2026-03-01T23:59:59Z', // a Sunday: another week
    '2026-02-28T10:00:00Z', // the same week, another month
    '2026-01-31T10:00:00Z',
  );
  expect([...keptOf(all, { ...NONE, daily: 2 })]).toEqual(['2026-03-02T10:00:00Z', '2026-03-01T23:59:59Z']);
  expect([...keptOf(all, { ...NONE, weekly: 3 })]).toEqual([
    '2026-03-02T10:00:00Z',
    '2026-03-01T23:59:59Z',
    '2026-01-31T10:00:00Z',
  ]);
  expect([...keptOf(all, { ...NONE, monthly: 9 })]).toEqual([
    '2026-03-02T10:00:00Z',
    '2026-02-28T10:00:00Z',
    '2026-01-31T10:00:00Z',
  ]);
});

test('more is kept for larger numbers, never less, and order does not matter', () => {
  const number = fc.nat({ max: 5 });
  const retention = fc.record({ last: number, daily: number, weekly: number, monthly: number });
  const dates = fc.uniqueArray(
    fc.date({ min: new Date('2025-01-01'), max: new Date('2026-01-01'), noInvalidDate: true }),
    {
      maxLength: 40,
      selector: (date) => date.getTime(),
    },
  );
  fc.assert(
    fc.property(dates, retention, (all, some) => {
      const given = all.map((date) => ({ name: date.toISOString(), date }));
      const kept = keptOf(given, some);
      const more = keptOf([...given].reverse(), { ...some, daily: some.daily + 1, last: some.last + 1 });
      for (const name of kept) expect(more.has(name)).toBe(true);
      expect(kept.size).toBeGreaterThanOrEqual(Math.min(given.length, Math.max(1, some.last)));
      expect(kept.size).toBeLessThanOrEqual(Math.max(1, some.last) + some.daily + some.weekly + some.monthly);
    }),
  );
});

const hour = (number: number) => new Date(Date.UTC(2026, 0, 1, number));
const withRows = (...each: (Record<string, number> | undefined)[]): Dated[] =>
  each.map((rows, at) => ({
    name: String(at),
    date: hour(at),
    ...(rows === undefined ? {} : { rows: new Map(Object.entries(rows)) }),
  }));
const kept = (all: readonly Dated[], last = 1) => [...keptOf(all, { ...NONE, last })].sort();

test('the newest backup from before a table lost its rows stays, for each table', () => {
  const all = withRows(
    { users: 10, orders: 5 },
    { users: 12, orders: 5 },
    { users: 12, orders: 0 },
    { users: 0, orders: 0 },
    { users: 0, orders: 0 },
  );
  expect(kept(all)).toEqual(['1', '2', '4']);
});

test('so it does after fifty more, while rows go in small steps', () => {
  const steps = Array.from({ length: 50 }, (_, step) => ({ users: Math.floor(1000 * 0.9 ** step), events: 10 * step }));
  let left: Dated[] = [];
  for (const backup of withRows(...steps)) {
    const names = new Set(kept([...left, backup], 8));
    left = [...left, backup].filter(({ name }) => names.has(name));
    expect(left.map(({ name }) => name)).toContain('0');
    expect(left.length).toBeLessThanOrEqual(10);
  }
});

test('once the rows are back, and for tables that empty by themselves, nothing stays for it', () => {
  expect(kept(withRows({ users: 10 }, { users: 0 }, { users: 9 }))).toEqual(['2']);
  expect(kept(withRows({ sessions: 10 }, { sessions: 0 }))).toEqual(['1']);
  expect(kept(withRows(undefined, undefined))).toEqual(['1']);
});

test('a backup that a wrong clock dated ahead takes no place from those made after it', () => {
  const ahead = { name: 'ahead', date: new Date('2031-05-05') };
  const all = [...backups('2026-01-03', '2026-01-02', '2026-01-01'), ahead];
  expect(kept(all, 2)).toEqual(['2026-01-02', '2026-01-03', 'ahead']);
});

test('of what is kept aside all of a day stay, and five of each environment until a month has gone and a newer one has as much', () => {
  const made = (date: string, notes: number, environment = 'production') => ({
    name: `${environment} ${date}`,
    date: new Date(date),
    environment,
    rows: new Map([['notes', notes]]),
  });
  const NOW = new Date('2026-06-30');
  const kept = (conflicts: ReturnType<typeof made>[], ordinary: ReturnType<typeof made>[]) =>
    [...keptConflicts(conflicts, ordinary, NOW)].sort();
  const days = ['01', '02', '03', '04', '05', '06'].map((day) => made(`2026-06-${day}`, 1));
  const other = made('2026-05-01', 9, 'staging');
  expect(kept([...days, other], [])).toEqual([...days.slice(1), other].map(({ name }) => name));
  const old = made('2026-05-01', 9);
  expect(kept([old], [made('2026-06-01', 8), made('2026-04-01', 9), made('2026-06-01', 9, 'staging')])).toHaveLength(1);
  expect(kept([old], [made('2026-06-01', 9)])).toEqual([]);
  expect(kept([made('2026-06-20', 9)], [made('2026-06-21', 9)])).toHaveLength(1);
  // A loop that conflicts pushes nothing out that nobody had a day to look at.
  const minutes = Array.from({ length: 30 }, (_, at) => made(`2026-06-29T12:${10 + at}:00Z`, at));
  expect(kept([...minutes, ...days], [])).toEqual(minutes.map(({ name }) => name));
});
