import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runRclone } from '../../src/stores/rclone/run.ts';
import { aboutVersion, tryRclone } from '../../src/stores/rclone/try-out.ts';
import { memoryPlace, memoryStore, outOfReach } from '../support/memory-store.ts';
import { scratch } from '../support/scratch.ts';

/* How a program called rclone is run, whatever it does. */

function program(script: string, env: Record<string, string> = {}) {
  const bin = join(scratch(), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'rclone'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const cwd = scratch();
  const given = { PATH: `${bin}:${process.env.PATH}`, ...env };
  return { cwd, run: (patience = 20_000) => runRclone(cwd, given, patience) };
}

/** Says every other moment how much was moved. */
const moving = (figure: string) =>
  `for n in 1 2 3 4 5 6; do echo '{"level":"notice","stats":{"bytes":'${figure}',"transfers":1}}' >&2; sleep 0.25; done; echo done`;

test('what it prints comes whole, with how it ended, in the folder that it is to work in', async () => {
  const { run, cwd } = program('pwd; echo "$1-$2"; echo said >&2; exit 7');
  const ran = await run()(['a b', 'c']);
  expect(ran).toMatchObject({ code: 7, log: 'said\n' });
  expect('stdout' in ran && String(ran.stdout)).toBe(`${cwd}\na b-c\n`);
  expect(await program('kill -9 $$').run()([])).toMatchObject({ code: -1 });
});

test('what a user set for other work is kept from it, and how a remote is reached is not', async () => {
  const { run } = program('env', {
    RCLONE_DRY_RUN: 'true',
    RCLONE_FILTER_FROM: 'x',
    RCLONE_IGNORE_EXISTING: 'true',
    RCLONE_CONFIG_THERE_TYPE: 'local',
    RCLONE_BWLIMIT: '1M',
  });
  const ran = await run()([]);
  const said = 'stdout' in ran ? String(ran.stdout) : '';
  expect(said.match(/^RCLONE_\w+/gm)?.sort()).toEqual(['RCLONE_BWLIMIT', 'RCLONE_CONFIG_THERE_TYPE']);
});

test('one that goes on is waited for however long it takes, and one that only talks is not', async () => {
  expect(await program(moving('$n')).run(1000)([])).toMatchObject({ code: 0, stdout: Buffer.from('done\n') });
  expect(await program(moving('1')).run(1000)([])).toEqual({ failed: 'silent' });
  // What it answers with is going on, too.
  expect(await program('for n in 1 2 3 4 5 6; do echo $n; sleep 0.25; done').run(1000)([])).toMatchObject({ code: 0 });
});

test('of a long log its end is kept, in whole lines', async () => {
  const line = 'x'.repeat(99);
  const ran = await program(`i=0; while [ $i -lt 4000 ]; do echo ${line}; i=$((i+1)); done >&2; echo end >&2`).run()(
    [],
  );
  const log = 'log' in ran ? ran.log : '';
  expect(log.length).toBeLessThanOrEqual(256 * 1024);
  expect(log.length).toBeGreaterThan(250 * 1024);
  expect(log.endsWith('end\n')).toBe(true);
  expect(log.split('\n')[0]).toBe(line);
});

test('whoever was told to stop starts none, and one that was started is ended', async () => {
  const { run, cwd } = program('echo $$ > started; exec sleep 60');
  expect(await run()([], AbortSignal.abort())).toEqual({ failed: 'aborted' });
  expect(existsSync(join(cwd, 'started'))).toBe(false);
  const stop = new AbortController();
  const running = run()([], stop.signal);
  await expect.poll(() => existsSync(join(cwd, 'started')), { timeout: 10_000 }).toBe(true);
  stop.abort();
  expect(await running).toEqual({ failed: 'aborted' });
  const pid = Number(readFileSync(join(cwd, 'started'), 'utf8'));
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test('one that does not end when it is told to is ended', async () => {
  const { run, cwd } = program("trap '' TERM; echo $$ > started; while :; do sleep 0.1; done");
  const stop = new AbortController();
  const running = run()([], stop.signal);
  await expect.poll(() => existsSync(join(cwd, 'started')), { timeout: 10_000 }).toBe(true);
  await sleep(50);
  stop.abort();
  expect(await running).toEqual({ failed: 'aborted' });
  const pid = Number(readFileSync(join(cwd, 'started'), 'utf8'));
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const trial = (version: string) => {
  const place = memoryPlace();
  const asked: (readonly string[])[] = [];
  const run = async (args: readonly string[]) => {
    asked.push(args);
    return version === '' ? { failed: 'missing' as const } : { code: 0, stdout: Buffer.from(version), log: '' };
  };
  return {
    place,
    asked,
    tryIt: () => tryRclone({ label: 'there', run, store: memoryStore(place), signal: undefined }),
  };
};

test('a place is tried by what is written, read and removed there, unless the program is too old for it', async () => {
  const fine = trial('rclone v1.65.2\n- os/version: debian');
  expect(await fine.tryIt()).toEqual([]);
  expect(fine.asked).toEqual([['version']]);
  expect(fine.place.asked.map((each) => each.split(' ')[0])).toEqual(['publish', 'read', 'remove']);
  expect(fine.place.files.size).toBe(0);
  const old = trial('rclone v1.54.0');
  expect(await old.tryIt()).toMatchObject([{ isFailure: true, text: expect.stringContaining('1.54 is too old') }]);
  expect(old.place.asked).toEqual([]);
  const halves = trial('rclone v1.60.1-DEV');
  expect(await halves.tryIt()).toMatchObject([{ isFailure: false, text: expect.stringContaining('1.60 leaves half') }]);
  expect(halves.place.asked).toHaveLength(3);
  // One that says no version is tried all the same.
  expect(await trial('something').tryIt()).toEqual([]);
});

test('one that is missing, out of reach, or gives something else says so', async () => {
  await expect(trial('').tryIt()).rejects.toThrow('not installed');
  const lost = trial('rclone v1.65');
  lost.place.meddle = () => {
    throw outOfReach();
  };
  await expect(lost.tryIt()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  const other = trial('rclone v1.65');
  other.place.meddle = (request) => {
    if (request === 'read') for (const path of other.place.files.keys()) other.place.files.set(path, Buffer.from('it'));
  };
  await expect(other.tryIt()).rejects.toThrow('something else than was written');
  const gone = trial('rclone v1.65');
  gone.place.meddle = (request) => {
    if (request === 'read') gone.place.files.clear();
  };
  await expect(gone.tryIt()).rejects.toThrow('something else than was written');
});

test('a version is older by its first number before all others', () => {
  const failures = (version: readonly [number, number]) => aboutVersion('there', version).map((each) => each.isFailure);
  expect(failures([0, 99])).toEqual([true]);
  expect(failures([1, 54])).toEqual([true]);
  expect(failures([1, 55])).toEqual([false]);
  expect(failures([1, 62])).toEqual([false]);
  expect(failures([1, 63])).toEqual([]);
  expect(failures([2, 1])).toEqual([]);
  expect(aboutVersion('there', undefined)).toEqual([]);
});
