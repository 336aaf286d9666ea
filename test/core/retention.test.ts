import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptBackups } from '../../src/core/retention.ts';

const backups = (...dates: string[]) => dates.map((date) => ({ name: date, date: new Date(date) }));
const NONE = { last: 0, daily: 0, weekly: 0, monthly: 0 };

test('the newest stays, whatever the numbers say', () => {
  expect([...keptBackups(backups('2026-01-02', '2026-01-03', '2026-01-01'), NONE)]).toEqual(['2026-01-03']);
  expect(keptBackups([], NONE).size).toBe(0);
});

test('a date says more than a name, and of one moment the later name is the newer', () => {
  const made = (name: string, date: string) => ({ name, date: new Date(date) });
  expect([...keptBackups([made('z', '2026-01-01'), made('a', '2026-01-02')], NONE)]).toEqual(['a']);
  const together = ['b', 'c', 'a'].map((name) => made(name, '2026-01-01'));
  expect([...keptBackups(together, { ...NONE, last: 2 })]).toEqual(['c', 'b']);
  expect([...keptBackups(together, { ...NONE, daily: 3 })]).toEqual(['c']);
});

test('the newest of each day, week and month stay, in UTC', () => {
  const all = backups(
    '2026-03-02T10:00:00Z', // a Monday
    '2026-03-02T09:00:00Z',
    '2026-03-01T23:59:59Z', // a Sunday: another week
    '2026-02-28T10:00:00Z', // the same week, another month
    '2026-01-31T10:00:00Z',
  );
  expect([...keptBackups(all, { ...NONE, daily: 2 })]).toEqual(['2026-03-02T10:00:00Z', '2026-03-01T23:59:59Z']);
  expect([...keptBackups(all, { ...NONE, weekly: 3 })]).toEqual([
    '2026-03-02T10:00:00Z',
    '2026-03-01T23:59:59Z',
    '2026-01-31T10:00:00Z',
  ]);
  expect([...keptBackups(all, { ...NONE, monthly: 9 })]).toEqual([
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
      const kept = keptBackups(given, some);
      const more = keptBackups([...given].reverse(), { ...some, daily: some.daily + 1, last: some.last + 1 });
      for (const name of kept) expect(more.has(name)).toBe(true);
      expect(kept.size).toBeGreaterThanOrEqual(Math.min(given.length, Math.max(1, some.last)));
      expect(kept.size).toBeLessThanOrEqual(Math.max(1, some.last) + some.daily + some.weekly + some.monthly);
    }),
  );
});
