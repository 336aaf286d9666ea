import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Known, lossesOf, lossInWords, memoryAfter } from '../../src/core/losses.ts';
import { amongTables, isShortLived } from '../../src/core/short-lived.ts';
import { type Memory, NO_MEMORY } from '../../src/core/table-memory.ts';

const RULES = { maxShrink: 0.5 };
const day = (number: number) => new Date(Date.UTC(2026, 0, number)).toISOString();
const SINCE = day(-365);

const counts = (rows: Record<string, number>) => new Map(Object.entries(rows));
const known = (rows: Record<string, number>, memory: Memory = NO_MEMORY, date = day(1)): Known => ({
  date,
  rows: counts(rows),
  memory,
});

const words = (now: Record<string, number>, before: Known, rules = RULES) =>
  lossesOf({ rows: counts(now) }, before, rules).map(lossInWords);

test('a table that is emptied is seen, however much another grows', () => {
  expect(words({ users: 0, events: 9000 }, known({ users: 100, events: 1000 }))).toEqual([
    'users has no rows (100 on 2026-01-01)',
  ]);
});

test('so is one that is dropped, and one that lost most of its rows', () => {
  expect(words({ orders: 40, events: 9000 }, known({ users: 1000, orders: 100, events: 1000 }))).toEqual([
    'the table users is gone (1,000 on 2026-01-01)',
    'orders has 40 of its rows (100 on 2026-01-01)',
  ]);
});

test.each([
  ['grew', { users: 200 }, { users: 100 }],
  ['lost half', { users: 50 }, { users: 100 }],
  ['has a handful of rows, and none now', { notes: 0, users: 9 }, { notes: 4, users: 9 }],
  ['has a few rows, and fewer now', { notes: 3, users: 9 }, { notes: 19, users: 9 }],
  ['was empty already', { notes: 0 }, { notes: 0 }],
  ['is new', { notes: 1, users: 9 }, { users: 9 }],
  ['has another name now', { people: 101 }, { users: 100 }],
  ['is a queue', { jobs: 0, users: 9 }, { jobs: 10_000, users: 9 }],
])('a table that %s has lost nothing', (_what, now, before) => {
  expect(words(now, known(before))).toEqual([]);
});

test('of two tables that are gone one new table can be but one', () => {
  expect(words({ people: 100 }, known({ users: 100, orders: 90 }))).toEqual([
    'the table orders is gone (90 on 2026-01-01)',
  ]);
});

/** What thirty backups in a row say, each with a part of the rows of the one before; it ends where one is refused. */
function slowly(share: number, steps = 30): { refusedAt: number | undefined; rows: number } {
  let before = known({ users: 1000, events: 10 });
  let rows = 1000;
  for (let step = 1; step <= steps; step++) {
    const next = Math.floor(rows * share);
    const now = counts({ users: next, events: 10 ** 6 * step });
    if (lossesOf({ rows: now }, before, RULES).length > 0) return { refusedAt: step, rows: next };
    rows = next;
    const date = day(1 + step);
    const memory = memoryAfter({ rows: now, before, meant: new Set(), empty: new Map(), date, since: SINCE });
    before = { date, rows: now, memory };
  }
  return { refusedAt: undefined, rows };
}

test('a tenth at every backup is a loss once half are gone, and not before', () => {
  expect(slowly(0.9)).toEqual({ refusedAt: 7, rows: 477 });
  expect(slowly(0.97)).toEqual({ refusedAt: 23, rows: 487 });
  expect(slowly(0.999).refusedAt).toBeUndefined();
});

const after = (before: Known, rows: Record<string, number>, meant: string[] = [], date = day(2), since = SINCE) =>
  memoryAfter({ rows: counts(rows), before, meant: new Set(meant), empty: new Map(), date, since });

test('a loss that was meant is none the next time, and what it had before does not count any more', () => {
  const memory = after(known({ users: 1000, logs: 50 }), { users: 100, logs: 50 }, ['users']);
  expect([...memory]).toEqual([['users', { meant: day(2) }]]);
  const next = known({ users: 100, logs: 50 }, memory, day(2));
  expect(words({ users: 90, logs: 50 }, next)).toEqual([]);
  expect(words({ users: 40, logs: 50 }, next)).toEqual(['users has 40 of its rows (100 on 2026-01-02)']);
});

test('somewhere else, where nobody heard of it, a loss that was meant is none either', () => {
  const elsewhere = known({ users: 1000 });
  const memory = after(known({ users: 1000 }), { users: 10 }, ['users']);
  expect(lossesOf({ rows: counts({ users: 10 }), memory }, elsewhere, RULES)).toEqual([]);
  // What came there later than that was not meant.
  expect(lossesOf({ rows: counts({ users: 10 }), memory }, { ...elsewhere, date: day(3) }, RULES)).toHaveLength(1);
});

test('nothing is remembered of tables that never had more, and nothing for longer than backups are kept', () => {
  expect(after(known({ users: 100 }), { users: 100, events: 5 })).toEqual(new Map());
  const memory = after(known({ users: 100 }), { users: 90 });
  expect(memory.get('users')).toEqual({ most: { rows: 100, date: day(1) } });
  expect(after(known({ users: 90 }, memory, day(2)), { users: 80 }, [], day(400), day(35))).toEqual(new Map());
});

test('a table that stands still holds nothing up, whatever it had once', () => {
  const memory: Memory = new Map([['users', { most: { rows: 1000, date: day(1) } }]]);
  expect(words({ users: 10 }, known({ users: 10 }, memory, day(2)))).toEqual([]);
});

test('no order of small steps takes more than the allowed share unseen', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 40 }), (sizes) => {
      let before = known({ users: 100, events: 1 });
      let most = 100;
      for (const [step, size] of sizes.entries()) {
        const rows = counts({ users: size, events: 10 ** 6 });
        const losses = lossesOf({ rows }, before, RULES);
        const last = before.rows.get('users') ?? 0;
        expect(losses.length > 0).toBe(size < last && size < most / 2);
        if (losses.length > 0) continue;
        most = Math.max(most, size);
        const date = day(2 + step);
        before = {
          date,
          rows,
          memory: memoryAfter({ rows, before, meant: new Set(), empty: new Map(), date, since: SINCE }),
        };
      }
    }),
  );
});

test.each([
  'sessions',
  'user_sessions',
  'django_session',
  'Session',
  'cache',
  'cache_locks',
  'jobs',
  'failed_jobs',
  'job_batches',
  'password_reset_tokens',
  'VerificationToken',
  'telescope_entries',
  'tmp_import',
  'solid_queue_ready_executions',
  'rate_limits',
])('rows of %s go by themselves', (name) => {
  expect(isShortLived(name)).toBe(true);
});

test.each(['users', 'training_sessions', 'job_applications', 'tokens_sold', 'cachets', 'blocks', 'template', 'clocks'])(
  'rows of %s are data',
  (name) => {
    expect(isShortLived(name)).toBe(false);
  },
);

test('a list in the configuration is all that counts', () => {
  const exact = (name: string) => name;
  const small = (name: string) => name.toLowerCase();
  expect(amongTables([], exact)('jobs')).toBe(false);
  expect([small, exact].map((fold) => amongTables(['events'], fold)('Events'))).toEqual([true, false]);
});
