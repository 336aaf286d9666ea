import { describe, expect, test } from 'vitest';
import { ALARM_EXAMPLES, alarmLabel, readAlarmAddress } from '../../src/core/alarms/address.ts';
import { isAnythingDue, withDelivered, withDue, withUndelivered } from '../../src/core/alarms/due.ts';
import { alarmMemoryText, NOTHING_KNOWN, readAlarmMemory } from '../../src/core/alarms/read-memory.ts';
import { staleAfter } from '../../src/core/alarms/stale.ts';
import { type Happening, happened, lookAround, type Standing } from '../../src/core/alarms/standing.ts';
import { textOf, titleOf } from '../../src/core/alarms/words.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000);
const APP = { project: 'budget', database: 'app', environment: 'production' };

/** What is said in the course of things: `seconds: event subject`, by what happened when. */
function course(...steps: readonly (readonly [seconds: number, what: Partial<Happening> | 'look'])[]): string[] {
  let standings: readonly Standing[] = [];
  return steps.flatMap(([seconds, what]) => {
    const { standings: after, alarms } =
      what === 'look'
        ? lookAround(standings, at(seconds))
        : happened(standings, { ...APP, subject: 'backup', ...what }, at(seconds));
    standings = after;
    return alarms.map(({ event, subject, store }) => `${seconds}: ${event} ${store ?? subject}`);
  });
}

const bad = { code: 'BACKUP_EMPTY' };
const changes = (said: readonly string[]) => said.filter((each) => !each.includes('success'));

describe('a change of state is said once', () => {
  test('one alarm for five failures in a row, and one recovery', () => {
    expect(course([0, {}], [1, bad], [2, bad], [3, bad], [4, bad], [5, bad], [6, {}], [7, {}])).toEqual([
      '0: success backup',
      '1: failure backup',
      '6: recovery backup',
      '7: success backup',
    ]);
  });

  test('also where nothing was known before', () => {
    expect(course([0, bad], [1, bad], [2, {}])).toEqual(['0: failure backup', '2: recovery backup']);
  });

  test('what passes by itself is said the third time, and its end only where it was said', () => {
    const locked = { code: 'DATABASE_LOCKED' };
    expect(changes(course([0, locked], [1, locked], [2, {}]))).toEqual([]);
    expect(changes(course([0, locked], [1, locked], [2, locked], [3, locked], [4, {}]))).toEqual([
      '2: failure backup',
      '4: recovery backup',
    ]);
    expect(changes(course([0, locked], [1, bad], [2, {}]))).toEqual(['1: failure backup', '2: recovery backup']);
  });

  test('each database, store and subject by itself', () => {
    const s3 = { subject: 'copy', store: 's3' } as const;
    const usb = { subject: 'copy', store: 'usb' } as const;
    const jobs = { database: 'jobs' };
    expect(
      changes(
        course(
          [0, { ...s3, ...bad }],
          [1, usb],
          [2, { ...jobs, ...bad }],
          [3, { subject: 'verify', ...bad }],
          [4, s3],
          [5, { ...jobs }],
        ),
      ),
    ).toEqual(['0: failure s3', '2: failure backup', '3: failure verify', '4: recovery s3', '5: recovery backup']);
  });

  test('what fails in a store that is configured no more is nobody’s concern', () => {
    const gone = { subject: 'copy', store: 'usb', ...bad } as const;
    expect(course([0, gone], [1, { stores: ['usb'] }], [2, { stores: ['s3'] }], [3, { stores: ['s3'] }])).toEqual([
      '0: failure usb',
      '2: success backup',
      '3: success backup',
    ]);
  });

  test('a monitor hears of no success as long as anything else fails', () => {
    const said = course([0, { subject: 'verify', ...bad }], [1, {}], [2, { subject: 'verify' }], [3, {}]);
    expect(said).toEqual(['0: failure verify', '2: recovery verify', '3: success backup']);
  });
});

describe('out of date', () => {
  test.each([
    ['nothing is known of how often', [], 7 * DAY],
    ['every minute, and daily where nothing changes', [60, 60, 60], 2 * DAY],
    ['weekly', [7 * DAY, 7 * DAY, 8 * DAY], 16 * DAY],
    ['once in a blue moon', [400 * DAY], 60 * DAY],
  ])('where backups come: %s', (_often, gaps, limit) => {
    expect(staleAfter('backup', gaps)).toBe(limit);
  });

  test('is said once, by whatever happens next, and its end too', () => {
    const drill = { subject: 'verify' } as const;
    expect(
      changes(course([0, {}], [DAY, {}], [2 * DAY, {}], [4 * DAY + 1, drill], [5 * DAY, 'look'], [6 * DAY, {}])),
    ).toEqual([`${4 * DAY + 1}: stale backup`, `${6 * DAY}: recovery backup`]);
    expect(changes(course([0, {}], [DAY, {}], [3 * DAY, 'look']))).toEqual([]);
    expect(changes(course([0, {}], [DAY, {}], [3 * DAY + 1, 'look'], [9 * DAY, bad]))).toEqual([
      `${3 * DAY + 1}: stale backup`,
    ]);
  });

  test('a copy is, where there is a backup that did not get there for a day', () => {
    const s3 = { subject: 'copy', store: 's3' } as const;
    const fresh = { isNew: true };
    // Nothing new: nothing is missing there, however long ago it was.
    expect(changes(course([0, fresh], [1, s3], [DAY, {}], [2 * DAY, {}], [3 * DAY, {}]))).toEqual([]);
    expect(changes(course([0, fresh], [1, s3], [2, fresh], [DAY, {}], [DAY + 3, {}], [2 * DAY, s3]))).toEqual([
      `${DAY + 3}: stale s3`,
      `${2 * DAY}: recovery s3`,
    ]);
  });
});

describe('what is due', () => {
  const people = { id: 'people', isMonitor: false };
  const monitor = { id: 'monitor', isMonitor: true };
  const alarm = (event: 'failure' | 'recovery' | 'success', seconds: number, calm = true) => ({
    ...APP,
    id: `${event}-${seconds}`,
    event,
    subject: 'backup' as const,
    time: at(seconds).toISOString(),
    calm,
  });
  const dueTo = (id: string, memory: typeof NOTHING_KNOWN) =>
    (memory.receivers.get(id)?.due ?? []).map((each) => each.id);

  test('people hear of changes in their order, a monitor the last word', () => {
    const alarms = [alarm('success', 0), alarm('failure', 1, false), alarm('recovery', 2)];
    const memory = withDue(NOTHING_KNOWN, alarms, [people, monitor]);
    expect(dueTo('people', memory)).toEqual(['failure-1', 'recovery-2']);
    expect(dueTo('monitor', memory)).toEqual(['recovery-2']);
    const amiss = withDue(memory, [alarm('failure', 3, false), alarm('recovery', 4, false)], [monitor]);
    expect(dueTo('monitor', amiss)).toEqual(['failure-3']);
    expect(dueTo('people', withDelivered(memory, 'people', alarm('failure', 1), at(5)))).toEqual(['recovery-2']);
  });

  test('nobody gets what would need a variable that is not here', () => {
    expect(dueTo('people', withDue(NOTHING_KNOWN, [alarm('failure', 1)], [{ ...people, missing: 'SLACK' }]))).toEqual(
      [],
    );
  });

  test('who cannot be reached is tried more and more seldom, but for something new', () => {
    const due = withDue(NOTHING_KNOWN, [alarm('failure', 0)], [people]);
    expect(isAnythingDue(due, [people], at(1))).toBe(true);
    const once = withUndelivered(due, 'people', 'it answered 500', at(10));
    expect(isAnythingDue(once, [people], at(50))).toBe(false);
    expect(isAnythingDue(once, [people], at(71))).toBe(true);
    const twice = withUndelivered(once, 'people', 'it answered 500', at(80));
    expect(isAnythingDue(twice, [people], at(150))).toBe(false);
    expect(isAnythingDue(withDue(twice, [alarm('recovery', 100)], [people]), [people], at(101))).toBe(true);
    expect(isAnythingDue(withDelivered(twice, 'people', alarm('failure', 0), at(200)), [people], at(10_000))).toBe(
      false,
    );
  });
});

describe('what is remembered', () => {
  const { standings } = happened([], { ...APP, subject: 'copy', store: 'the branch backups', ...bad }, at(0));
  const { alarms } = happened([], { ...APP, subject: 'backup', ...bad }, at(0));
  const memory = withUndelivered(
    withDue({ ...NOTHING_KNOWN, standings }, alarms, [{ id: 'a', isMonitor: false }]),
    'a',
    'it answered 500',
    at(1),
  );

  test('is read as it was written', () => {
    expect(memory.receivers.get('a')?.due).toHaveLength(1);
    expect(readAlarmMemory(alarmMemoryText(memory))).toEqual(memory);
  });

  test.each([
    ['nothing', undefined],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another event', alarmMemoryText(memory).replace('"failure",', '"exec",')],
    ['no date', alarmMemoryText(memory).replace(/"since":"[^"]+"/, '"since":"soon"')],
    ['a command to a terminal', alarmMemoryText(memory).replace('budget', '\\u001b[2J')],
    ['more than is ever there', JSON.stringify({ standings: Array(501).fill(standings[0]), receivers: {} })],
  ])('is not believed where it is %s', (_what, text) => {
    expect(readAlarmMemory(text)).toEqual(NOTHING_KNOWN);
  });
});

describe('words', () => {
  const [failure] = happened([], { ...APP, subject: 'backup', ...bad }, at(0)).alarms;

  test('say what it is about, why, and where to look', () => {
    if (failure === undefined) throw new Error('no alarm');
    expect(titleOf(failure)).toBe('budget/app: backup failed');
    expect(textOf(failure)).toBe(
      "The backup of app (budget, production) failed: the database holds no rows any more, so the backups there are were left alone (BACKUP_EMPTY). 'overwinter status' there says what helps.",
    );
    const { code: _, ...plain } = failure;
    const stale = { ...plain, event: 'stale' as const, since: at(-9 * DAY).toISOString() };
    expect(textOf(stale)).toContain('is out of date: the last that is known of was 1 week ago');
    expect(textOf({ ...stale, code: 'BACKUP_STALE' })).toContain('is out of date: the newest backup is too old');
    expect(textOf({ ...failure, code: 'SOMETHING_NEW' })).toContain('failed (SOMETHING_NEW).');
    expect(textOf({ ...failure, event: 'recovery' })).toBe(
      'The backup of app (budget, production) works again; it did not since 2026-01-01 00:00 UTC.',
    );
  });
});

test('every example is an address, and no label lets anybody write there', () => {
  for (const example of Object.values(ALARM_EXAMPLES)) expect(readAlarmAddress(example)).not.toHaveProperty('fault');
  const label = (text: string) => {
    const address = readAlarmAddress(text);
    if ('fault' in address) throw new Error(address.fault);
    return alarmLabel(address);
  };
  expect(label('https://hc-ping.com/2f1c-secret')).toBe('https://hc-ping.com/2f1c…');
  expect(label('ntfy://ntfy.sh/my-topic')).toBe('ntfy://ntfy.sh/my-t…');
  expect(label('webhook:https://example.org/a/b')).toBe('webhook:https://example.org/a/b');
  expect(label('slack:env:SLACK')).toBe('slack:env:SLACK');
});
