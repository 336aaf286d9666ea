import { expect, test } from 'vitest';
import { gathered } from '../../src/stores/rclone/gathered.ts';

test('what is asked for within a moment is done at once, and each gets its own', async () => {
  const groups: (readonly number[])[] = [];
  const double = gathered<number, number>(async (items) => {
    groups.push(items);
    return items.map((item) => () => {
      if (item === 2) throw new Error('not two');
      return 2 * item;
    });
  });
  const all = await Promise.allSettled([1, 2, 3].map(double));
  expect(all.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message))).toEqual([
    2,
    'not two',
    6,
  ]);
  expect(await double(4)).toBe(8);
  expect(groups).toEqual([[1, 2, 3], [4]]);
});

test('a group that fails fails for all in it, and for nobody after', async () => {
  let fails = true;
  const work = gathered<number, number>(async (items) => {
    if (fails) throw new Error('out of reach');
    return items.map((item) => () => item);
  });
  const all = await Promise.allSettled([1, 2].map(work));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await work(3)).toBe(3);
});

test('one group goes after the other, and none is larger than a thousand', async () => {
  let working = 0;
  const sizes: number[] = [];
  const work = gathered<number, number>(async (items) => {
    working++;
    sizes.push(items.length);
    await new Promise(setImmediate);
    expect(working--).toBe(1);
    return items.map((item) => () => item);
  });
  const all = await Promise.all(Array.from({ length: 2500 }, (_, n) => work(n)));
  expect(all.at(-1)).toBe(2499);
  expect(sizes).toEqual([1000, 1000, 500]);
});

test('one that comes back short is nobody’s answer', async () => {
  const work = gathered<number, number>(async () => []);
  await expect(work(1)).rejects.toThrow('shorter');
});
