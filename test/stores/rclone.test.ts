import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { tryRemotes } from '../../src/operations/try-remotes.ts';
import { verify } from '../../src/operations/verify.ts';
import { readRcloneAddress } from '../../src/stores/rclone/address.ts';
import { runRclone } from '../../src/stores/rclone/run.ts';
import { aboutVersion } from '../../src/stores/rclone/try-out.ts';
import { storeContract } from '../contracts/store.ts';
import { isSlow } from '../support/chance.ts';
import {
  atRclone,
  cryptRemote,
  daysLater,
  hasRclone,
  localRemote,
  PASSWORD,
  type RcloneRemote,
  type RcloneServer,
  serve,
  storeAt,
  withoutRclone,
} from '../support/rclone.ts';
import { addRows } from '../support/repository.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const made = (remote: RcloneRemote) => ({
  store: storeAt(remote),
  again: () => storeAt(remote),
  later: () => daysLater(remote.folder),
});

describe.skipIf(!hasRclone)(`rclone${withoutRclone}`, () => {
  storeContract('a folder', () => made(localRemote()));
  if (isSlow) storeContract('an encrypted folder', () => made(cryptRemote()));

  for (const kind of ['webdav', 'sftp'] as const) {
    describe.skipIf(!isSlow)(`a server of ${kind}`, () => {
      let server: RcloneServer;
      let places = 0;
      beforeAll(async () => {
        server = await serve(kind, join(lasting(), kind));
      });
      afterAll(() => server.stop());
      const newPlace = () => server.at(`place ${++places}`);

      storeContract(kind, () => made(newPlace()));

      test('gets backups, is thinned out, drilled, and a new machine starts with it', async () => {
        const place = newPlace();
        const project = projectIn(scratch(), { environment: 'production' });
        addRows(project.db, 3000, 'x'.repeat(80));
        for (let n = 0; n < 2; n++) {
          addRows(project.db, 1, `row ${n}`);
          await backup(project, { trigger: 'test' });
          expect(await bringNewest(project, atRclone(place))).toMatchObject({ status: 'copied' });
        }
        expect(await bringNewest(project, atRclone(place))).toMatchObject({ status: 'there' });
        const there = { ...project, store: storeAt(place) };
        expect(await verify(there, 'all')).toMatchObject([{ ok: true }, { ok: true }]);
        const thinned = await prune(there, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
        expect(thinned).toMatchObject({ partsRemoved: 0, partsLater: 1 });
        const started = projectIn(scratch(), { environment: 'production', remotes: [atRclone(place)] });
        expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 3002 });
      });

      test('who may not come in is told so, and the password is not', async () => {
        const place = newPlace();
        const env = { ...place.env, RCLONE_CONFIG_THERE_USER: 'nobody' };
        const error = await problemOf(storeAt({ ...place, env }).list('top'));
        expect(`${error.message} ${error.hint}`).toMatch(/lets rclone not in.*rclone config reconnect there:/s);
      });
    });
  }

  test('a copy of one changed row starts the program a few times, however many parts there are', async () => {
    const place = localRemote();
    const project = projectIn(scratch(), { environment: 'production' });
    addRows(project.db, 20_000, 'x'.repeat(80));
    await backup(project, { trigger: 'test' });
    await bringNewest(project, counting(place).remote);
    addRows(project.db, 1, 'row');
    await backup(project, { trigger: 'test' });
    const { remote, asked } = counting(place);
    expect(await bringNewest(project, remote)).toMatchObject({ status: 'copied' });
    expect(asked.map(([verb]) => verb)).toEqual([
      ...['lsjson', 'lsjson'],
      ...['copy', 'move', 'lsjson'],
      ...['copy', 'move', 'lsjson'],
    ]);
    const started = counting(place);
    const elsewhere = projectIn(scratch(), { environment: 'production', remotes: [started.remote] });
    expect(await autoRestore(elsewhere)).toMatchObject({ restored: true, rows: 20_001 });
    expect(started.asked.length).toBeLessThan(14);
  });

  test('half a backup is seen as half, is written anew, and stops nothing', async () => {
    const place = localRemote();
    const project = projectIn(scratch(), { environment: 'production' });
    addRows(project.db, 3000, 'x'.repeat(80));
    await backup(project, { trigger: 'test' });
    const first = await bringNewest(project, atRclone(place));
    const file = join(place.folder, 'production', `${first?.name}.json`);
    const whole = readFileSync(file);
    truncateSync(file, whole.length >> 1);
    expect(await bringNewest(project, atRclone(place))).toMatchObject({ status: 'copied' });
    expect(readFileSync(file).equals(whole)).toBe(true);

    // One that nobody will ever finish: prune goes on, and takes it away once nobody can be at it.
    const torn = join(place.folder, 'production', 'backup_20200101_000000_0123abcd.json');
    const young = join(place.folder, 'production', 'backup_29990101_000000_0123abcd.json');
    writeFileSync(torn, whole.subarray(0, 200));
    writeFileSync(young, '');
    addRows(project.db, 1, 'row');
    await backup(project, { trigger: 'test' });
    await bringNewest(project, atRclone(place));
    const there = { ...project, store: storeAt(place) };
    const thinned = await prune(there, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
    expect(thinned).toMatchObject({ removed: [first?.name], unreadable: [] });
    expect([existsSync(torn), existsSync(young), existsSync(file)]).toEqual([false, true, false]);

    // What has its end was whole once: that is damage, and then nothing goes.
    writeFileSync(torn, Buffer.concat([whole.subarray(0, 200), whole.subarray(300)]));
    expect(await prune(there, there.retention, false)).toMatchObject({
      removed: [],
      unreadable: [{ name: 'backup_20200101_000000_0123abcd' }],
    });
    expect(existsSync(torn)).toBe(true);
  });

  test('what a user set for other work leaves nothing out, and what was not written is not said to be', async () => {
    const place = localRemote();
    const env = { ...place.env, RCLONE_DRY_RUN: 'true', RCLONE_EXCLUDE: '*.json', RCLONE_MAX_SIZE: '1' };
    await storeAt({ ...place, env }).batch((batch) => batch.publish('a.json', Buffer.from('hello')));
    expect([...(await storeAt({ ...place, env }).list('top')).keys()]).toEqual(['a.json']);
    // A program that says yes to everything.
    const lying = { ...place, folder: join(scratch(), 'there'), path: join(scratch(), 'there') };
    const run = () => async () => ({ code: 0, stdout: Buffer.from('[]'), log: '' });
    const error = await problemOf(
      storeAt(lying, {}, { run }).batch((batch) => batch.publish('a.json', Buffer.from('hello'))),
    );
    expect(error.message).toContain('what was written is not there');
  });

  test('a program that hangs is ended, when told to and by itself', async () => {
    const place = localRemote();
    const bin = scratch();
    const pids = join(bin, 'pids');
    writeFileSync(join(bin, 'rclone'), `#!/bin/sh\necho $$ >> ${pids}\nexec sleep 600\n`, { mode: 0o755 });
    const env = { ...place.env, PATH: `${bin}:${process.env.PATH}` };
    const error = await problemOf(storeAt({ ...place, env }, {}, { patience: 300 }).list('top'));
    expect(error.message).toContain('said nothing for');
    const end = new AbortController();
    const opened = atRclone({ ...place, env }).open(end.signal);
    if (!('batch' in opened)) throw new Error('it can be read');
    const listing = problemOf(opened.list('top'));
    setTimeout(() => end.abort(), 200);
    await listing;
    await expect
      .poll(() => readFileSync(pids, 'utf8').trim().split('\n').filter(isAlive), { timeout: 5000 })
      .toEqual([]);
    expect(readFileSync(pids, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('the doctor writes, reads and removes, and leaves nothing', async () => {
    const place = localRemote();
    const project = projectIn(scratch(), { remotes: [atRclone(place)] });
    const found = await tryRemotes(project);
    expect(found.filter(({ isFailure }) => isFailure)).toEqual([]);
    const left = readdirSync(place.folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    expect(left).toEqual([]);
  });

  test('a server has what was brought, and no password stands in an argument', async () => {
    const server = await serve('webdav', join(scratch(), 'served'));
    try {
      const { remote, asked } = counting(server.at('place'));
      const opened = remote.open();
      if (!('batch' in opened)) throw new Error('it can be read');
      await opened.batch((batch) => batch.publish('a.json', Buffer.from('hello')));
      expect(String(await storeAt(server.at('place')).read('a.json'))).toBe('hello');
      expect(asked.length).toBeGreaterThan(3);
      expect(asked.flat().join(' ')).not.toMatch(
        new RegExp(`${PASSWORD}|${server.at('place').env.RCLONE_CONFIG_THERE_PASS}`),
      );
    } finally {
      server.stop();
    }
  });
});

/** A remote, and what rclone was told for it. */
function counting(place: RcloneRemote) {
  const asked: string[][] = [];
  const run = runRclone;
  const remote = atRclone(
    place,
    {},
    {
      run: (...given) => {
        const ask = run(...given);
        return (args, signal) => {
          asked.push([...args]);
          return ask(args, signal);
        };
      },
    },
  );
  return { remote, asked };
}

async function problemOf(work: Promise<unknown>): Promise<OverwinterError> {
  const error: unknown = await work.then(
    () => 'nothing failed',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OverwinterError)) throw error;
  expect(`${error.message} ${error.hint} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('hunter2');
  return error;
}

function isAlive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

/** As rclone 1.60 prints them. */
const statsOf = (figure: number) =>
  JSON.stringify({
    level: 'warning',
    msg: `\nTransferred:   \t        ${figure} B / ${figure} B, 100%, 0 B/s, ETA -\nElapsed time:         2.0s\n\n`,
    source: `accounting/stats.go:${figure}`,
    stats: { bytes: figure, checks: 0, deletes: 0, errors: 0, renames: 0, totalBytes: figure, transfers: 1 },
    time: '2026-11-30T01:15:56.451182+00:00',
  });
const errorOf = (msg: string, object = '') =>
  JSON.stringify({ level: 'error', msg, object, source: 'operations/operations.go:507', time: '2026-11-30T01:15:56Z' });

describe('without rclone', () => {
  const fake = (log: string, code = 1) => ({ run: () => async () => ({ code, stdout: Buffer.alloc(0), log }) });
  const nowhere: RcloneRemote = { env: { PATH: '' }, folder: '/nowhere', path: 'app' };
  const asked = (log: string, code?: number) => problemOf(storeAt(nowhere, {}, fake(log, code)).list('top'));

  test('a program that is missing is named, with what installs it', async () => {
    mkdirSync(join(scratch(), '.overwinter'), { recursive: true });
    const error = await problemOf(storeAt({ ...nowhere, env: { PATH: scratch() } }).list('top'));
    expect(`${error.message} ${error.hint}`).toMatch(/rclone is not installed.*apt-get install rclone/s);
  });

  test.each([
    ["didn't find section in config file", /no such remote.*rclone config/s],
    ['401 Unauthorized: hunter2', /lets rclone not in/],
    ["couldn't fetch token - maybe it has expired? hunter2", /config reconnect there:/],
    ['unable to decrypt configuration and not allowed to ask for password', /RCLONE_CONFIG_PASS/],
    ['googleapi: Error 403: storageQuotaExceeded', /takes no more/],
    ['error 429: too_many_requests', /too much to do \(4 tries\)/],
    ['dial tcp 10.0.0.1:22: connect: connection refused', /out of reach.*\(4 tries\)/],
    ['Error: unknown flag: --files-from-raw', /too old/],
    [`${statsOf(507)}\n${statsOf(429)}\n${statsOf(403)}`, /rclone ended with 1/],
    [`${statsOf(507)}\n${errorOf('something', 'a 429 b.json')}`, /rclone ended with 1/],
    [`${statsOf(429)}\n${errorOf('Insufficient Storage: 507 hunter2')}\n${statsOf(403)}`, /takes no more/],
    [`${statsOf(507)}\n${errorOf('HTTP error 403')}`, /lets rclone not in/],
    [`${statsOf(507)}\n2026/11/30 01:15:56 Failed to copy: error 429: too_many_requests`, /too much to do/],
    ['something with hunter2', /rclone ended with 1.*rclone lsd there:app -vv/s],
  ])('%s', async (log, words) => {
    const error = await asked(log);
    expect(error.code).toBe('STORE_FAILED');
    expect(`${error.message} ${error.hint}`).toMatch(words);
  });

  test('a listing that is none is not an empty place', async () => {
    const run = () => async () => ({ code: 0, stdout: Buffer.from('<html>'), log: '' });
    const error = await problemOf(storeAt(nowhere, {}, { run }).list('top'));
    expect(error.message).toContain('no listing');
  });

  test('what is there and was not given is not taken for gone; what is gone is', async () => {
    for (const isThere of [true, false]) {
      let lists = 0;
      const listing = () => (++lists === 1 || isThere ? [{ Path: 'production/a.json', Size: 1 }] : []);
      const run = () => async (args: readonly string[]) => ({
        code: 0,
        stdout: Buffer.from(args[0] === 'lsjson' ? JSON.stringify(listing()) : ''),
        log: '',
      });
      const reading = storeAt(nowhere, {}, { run }).only?.('production').read('a.json') ?? Promise.resolve();
      if (!isThere) expect(await reading).toBeUndefined();
      else expect((await problemOf(reading)).message).toContain('it did not give what is there');
    }
  });

  test('a program that is there and cannot be started is not called missing', async () => {
    const bin = scratch();
    writeFileSync(join(bin, 'rclone'), '', { mode: 0o644 });
    const error = await problemOf(storeAt({ ...nowhere, env: { PATH: bin } }).list('top'));
    expect(error.message).toContain('rclone ended with -1');
  });

  test('what leads elsewhere is nobody’s', async () => {
    const entries = ['../x.json', 'a/../y.json', '', 'z.json'].map((Path) => ({ Path, Size: 1, ModTime: 'never' }));
    const sizes = ['1', 1.5, -1, undefined].map((Size, at) => ({ Path: `size-${at}.json`, Size }));
    const folder = { Path: 'folder.json', IsDir: true, Size: 1 };
    const listing = JSON.stringify([...entries, ...sizes, folder, { Path: 7, Size: 1 }, 7, null]);
    const run = () => async () => ({ code: 0, stdout: Buffer.from(listing), log: '' });
    expect([...((await storeAt(nowhere, {}, { run }).only?.('production').list('top')) ?? [])]).toEqual([
      ['z.json', 1],
    ]);
  });

  test('which versions will do', () => {
    expect(aboutVersion('there', [1, 54])).toMatchObject([{ isFailure: true }]);
    expect(aboutVersion('there', [1, 60])).toMatchObject([{ isFailure: false, text: expect.stringContaining('1.63') }]);
    for (const fine of [
      [1, 63],
      [1, 70],
      [2, 0],
    ] as const)
      expect(aboutVersion('there', fine)).toEqual([]);
  });

  test.each([
    'remote',
    'remote:',
    ':sftp,pass=hunter2:x',
    'remote,pass=hunter2:x',
    '-hunter2:x',
    'remote:../hunter2',
    'remote:a\nhunter2',
    'remote:a?pass=hunter2',
  ])('%s is refused, and not repeated', (rest) => {
    expect(() => readRcloneAddress(rest)).toThrow(OverwinterError);
    try {
      readRcloneAddress(rest);
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
  });
});
