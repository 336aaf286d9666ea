import { expect, test } from 'vitest';
import { askRclone } from '../../src/stores/rclone/ask.ts';
import type { Ran } from '../../src/stores/rclone/run.ts';

const ADDRESS = { remote: 'there', path: 'app', asPacks: false };

/** What is asked, when the program ends so each time, with the pauses that are made. */
function asking(...ends: readonly Ran[]) {
  const given: string[] = [];
  const slept: number[] = [];
  const run = async (args: readonly string[]) => ends[given.push(args.join(' ')) - 1] ?? { failed: 'silent' as const };
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  const ask = askRclone(ADDRESS, run, { sleep, random: () => 0.5, patience: 90_000 });
  return { ask: () => ask(['lsjson', 'there:app']), given, slept };
}

const ended = (code: number, log = '', stdout = ''): Ran => ({ code, log, stdout: Buffer.from(stdout) });
const BUSY = ended(1, 'error 429: too_many_requests');

test('nobody is asked for a password, and a place that is busy is asked again after pauses that grow', async () => {
  const { ask, given, slept } = asking(BUSY, BUSY, BUSY, BUSY);
  await expect(ask()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('(4 tries)') });
  expect(slept).toEqual([1500, 3000, 6000]);
  expect(given).toHaveLength(4);
  for (const each of given) expect(each).toMatch(/^lsjson there:app .*--ask-password=false/);
});

test('one that is free again gives its answer, and what is no folder there gives none', async () => {
  expect(String(await asking(BUSY, ended(0, '', '[]')).ask())).toBe('[]');
  expect(await asking(ended(3, 'directory not found')).ask()).toBeUndefined();
});

test('one that says nothing is told with how long it was waited for', async () => {
  await expect(asking({ failed: 'silent' }).ask()).rejects.toThrow(/90 seconds/);
  await expect(asking({ failed: 'missing' }).ask()).rejects.toThrow(/not installed/);
});
