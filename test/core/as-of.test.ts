import { expect, test } from 'vitest';
import { lastInstantOf } from '../../src/core/as-of.ts';

const NOW = new Date('2026-11-20T23:15:42.500Z');
const asOf = (text: string) => lastInstantOf(text, NOW).toISOString();

test.each([
  ['2026-11-20', '2026-11-20T23:59:59.999Z'],
  ['2026-11-20 23:15', '2026-11-20T23:15:59.999Z'],
  ['2026-11-20T23:15', '2026-11-20T23:15:59.999Z'],
  ['2026-11-20 23:15:07', '2026-11-20T23:15:07.999Z'],
  ['2026-11-20T23:15:07.123Z', '2026-11-20T23:15:07.123Z'],
  ['2026-11-20T23:15:07+01:00', '2026-11-20T22:15:07.999Z'],
  ['2026-11-20 23:15-0500', '2026-11-21T04:15:59.999Z'],
  ['2h', '2026-11-20T21:15:42.500Z'],
  ['3d', '2026-11-17T23:15:42.500Z'],
  ['0s', '2026-11-20T23:15:42.500Z'],
])('%s is until %s', (text, until) => {
  expect(asOf(text)).toBe(until);
});

test.each([
  '',
  'yesterday',
  '2026',
  '2026-13-01',
  '2026-06-31',
  '2026-11-20 25:00',
  '23:15',
  '2y',
  '-2h',
  '20.11.2026',
])("'%s' is no moment, and the hint says how one is written", (text) => {
  expect(() => asOf(text)).toThrow(expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('23:15') }));
});
