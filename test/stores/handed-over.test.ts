import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dueFor } from '../../src/stores/due.ts';
import { type Noted, noteHandedOver, recallHandedOver } from '../../src/stores/handed-over.ts';
import { scratch } from '../support/scratch.ts';

/* What is remembered of a mailbox. Remembered wrongly, a copy is sent at every start, or never again. */

const DAY = 24 * 3_600_000;
const NOW = Date.parse('2026-12-01T10:00:00Z');
const RHYTHM = { every: DAY, forgets: false, now: NOW };

const mailbox = (): Noted => ({ local: join(scratch(), '.overwinter'), kind: 'mailed', id: 'mailto:me@example.org:' });

test('all that was noted is known again, of this mailbox and this kind', () => {
  const it = mailbox();
  expect(recallHandedOver(it, RHYTHM)).toBeUndefined();
  for (const remembered of [
    { time: NOW },
    { time: NOW, content: 'a' },
    { time: 0, tooLarge: { time: NOW, bytes: 9 } },
    { time: NOW, content: 'a', tooLarge: { time: NOW, bytes: 9 } },
  ]) {
    noteHandedOver(it, remembered);
    expect(recallHandedOver(it, RHYTHM)).toEqual(remembered);
  }
  expect(recallHandedOver({ ...it, id: 'mailto:you@example.org:' }, RHYTHM)).toBeUndefined();
  expect(recallHandedOver({ ...it, kind: 'shown' }, RHYTHM)).toBeUndefined();
});

test.each([
  ['a time that is none', { time: 'now', content: 'a' }, undefined],
  ['a content that is none', { time: NOW, content: 7 }, { time: NOW }],
  ['a size without a time', { time: NOW, tooLarge: { bytes: 9 } }, { time: NOW }],
  ['a time without a size', { time: NOW, tooLarge: { time: NOW } }, { time: NOW }],
  ['nothing that was too large', { time: NOW, tooLarge: null }, { time: NOW }],
])('a note that is damaged tells what is left of it: %s', (_, note, known) => {
  const it = mailbox();
  noteHandedOver(it, { time: 1 });
  const [name = ''] = readdirSync(it.local).filter((each) => each.startsWith('mailed-'));
  writeFileSync(join(it.local, name), JSON.stringify(note));
  expect(recallHandedOver(it, RHYTHM)).toEqual(known);
});

test('a host that forgets at each start sends when it is time by the clock, and not later at every look', () => {
  const it = mailbox();
  const first = recallHandedOver(it, { ...RHYTHM, forgets: true });
  expect(first).toEqual({ time: Date.parse('2026-12-01T00:00:00Z') });
  // The day after, the same process looks again: by now it is due.
  const tomorrow = NOW + DAY;
  const again = recallHandedOver(it, { ...RHYTHM, forgets: true, now: tomorrow });
  expect(again).toEqual(first);
  expect(dueFor('a', DAY, again, tomorrow)).toEqual({ is: 'now' });
  // What was handed over is what counts.
  noteHandedOver(it, { time: NOW, content: 'a' });
  expect(recallHandedOver(it, { ...RHYTHM, forgets: true })).toEqual({ time: NOW, content: 'a' });
});
