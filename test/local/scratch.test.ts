import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { withScratch } from '../../src/local/scratch.ts';
import { scratch } from '../support/scratch.ts';

const here = () => join(scratch(), '.overwinter');
/** No process has this number. */
const NOBODY = 2 ** 30;

test('every work has an empty folder of its own, which goes with it, also when it fails', async () => {
  const local = here();
  await withScratch(local, 'drill', async (one) => {
    writeFileSync(join(one, 'x'), '');
    await withScratch(local, 'drill', async (two) => {
      expect(two).not.toBe(one);
      expect(readdirSync(two)).toEqual([]);
    });
    expect(existsSync(join(one, 'x'))).toBe(true);
  });
  const failing = withScratch(local, 'drill', async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(join(local, 'scratch'))).toEqual([]);
});

test('what was left of a process that is gone goes after a day, and what may be in use stays', async () => {
  const local = here();
  const folder = (name: string, hours: number) => {
    const path = join(local, 'scratch', name);
    mkdirSync(path, { recursive: true });
    const then = Date.now() / 1000 - hours * 3600;
    utimesSync(path, then, then);
    return path;
  };
  const left = [folder(`drill-${NOBODY}-0`, 25), folder(`drill-${NOBODY}-17`, 25)];
  const stay = [
    folder(`drill-${NOBODY}-1`, 23),
    folder(`drill-${process.pid}-999`, 25),
    folder(`other-${NOBODY}-0`, 25),
    folder('drill-mine', 25),
    folder(`my-drill-${NOBODY}-0`, 25),
    folder(`drill-${NOBODY}-0-mine`, 25),
  ];
  await withScratch(local, 'drill', async () => undefined);
  expect(left.filter(existsSync)).toEqual([]);
  expect(stay.filter((path) => !existsSync(path))).toEqual([]);
});

test('what several works of one process left goes, all of it', async () => {
  const local = here();
  const names: string[] = [];
  await withScratch(local, 'drill', (one) =>
    withScratch(local, 'drill', async (two) => {
      names.push(...[one, two].map((each) => basename(each)));
    }),
  );
  const long = new Date(Date.now() - 25 * 3600_000);
  for (const name of names) {
    const path = join(local, 'scratch', name.replace(`-${process.pid}-`, `-${NOBODY}-`));
    mkdirSync(path);
    utimesSync(path, long, long);
  }
  await withScratch(local, 'drill', async () => undefined);
  expect(readdirSync(join(local, 'scratch'))).toEqual([]);
});

test('a work that takes its folder away itself is no failure', async () => {
  const local = here();
  const work = withScratch(local, 'drill', async (folder) => {
    rmSync(folder, { recursive: true });
    return 'done';
  });
  expect(await work).toBe('done');
});
