import { expect, test } from 'vitest';
import { remotesAt } from '../../src/stores/index.ts';
import type { Around } from '../../src/stores/kind.ts';
import { labelOfRclone, readRcloneAddress } from '../../src/stores/rclone/address.ts';
import { cut, isLocalFolder, keepsPointer } from '../../src/stores/store.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const AROUND: Around = {
  env: {},
  base: '/srv',
  environment: 'test',
  local: '/srv/.overwinter',
  backups: '/srv/backups',
  folder: '/srv/backups',
};

test('places are known by the beginning of their address, however it is written, in the order that they are named', async () => {
  const addresses = ['FOLDER:/mnt/usb', 'branch:backups', 'S3://bucket', 'rclone:there:app', 'mailto:me@example.org'];
  expect((await remotesAt(addresses, AROUND)).map(({ address, label }) => [address, label])).toEqual([
    ['FOLDER:/mnt/usb', '/mnt/usb'],
    ['branch:backups', 'the branch backups of origin'],
    ['S3://bucket', 's3://bucket'],
    ['rclone:there:app', 'rclone:there:app'],
    ['mailto:me@example.org', 'mailto:me@example.org'],
  ]);
  // A folder's name may be anything.
  expect((await remotesAt(['folder:/mnt/a\nb'], AROUND))[0]?.label).toBe('/mnt/a\nb');
});

test.each(['nonsense', 'see folder:/x', 'constructor:x', 'toString:x', '', ':x', '3s:x', 'fs://x'])(
  '%j is none, and each kind is shown as it is written',
  async (address) => {
    const error = await remotesAt([address], AROUND).catch((thrown: Error & { hint?: string }) => thrown);
    if (!(error instanceof Error)) throw new Error('it was taken');
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    for (const example of ['branch:', 'folder:', 'gist:', 'mailto:', 'rclone:', 's3:', 'sheets:'])
      expect(`${error.message} ${error.hint}`).toContain(`'${example}`);
  },
);

test('a name that is nearly one is asked about', async () => {
  const error = await remotesAt(['foldr:/x'], AROUND).catch((thrown: Error & { hint?: string }) => thrown);
  if (!(error instanceof Error)) throw new Error('it was taken');
  expect(`${error.message} ${error.hint}`).toContain("did you mean 'folder:'?");
});

test('a folder in a remote of rclone, with or without a slash, as files or as packs', () => {
  const app = { remote: 'my-box', path: 'backups/app', asPacks: false };
  expect(readRcloneAddress('my-box:backups/app')).toEqual(app);
  expect(readRcloneAddress('my-box:backups/app//')).toEqual(app);
  expect(readRcloneAddress('my-box:backups/app?as=packs')).toEqual({ ...app, asPacks: true });
  expect(readRcloneAddress('my-box:a..b/..c').path).toBe('a..b/..c');
  expect(labelOfRclone(app)).toBe('rclone:my-box:backups/app');
  for (const none of ['my box:a', `${'x'.repeat(101)}:a`, '.box:a', 'box!:a', 'box'])
    expect(() => readRcloneAddress(none), none).toThrow('names no remote');
  for (const none of ['box:/', 'box:?as=packs', 'box:///'])
    expect(() => readRcloneAddress(none), none).toThrow('names no folder in the remote');
  for (const none of ['box:a/../b', 'box:..', 'box:a\u007fb', 'box:a\tb'])
    expect(() => readRcloneAddress(none), none).toThrow('that can be');
  for (const none of ['box:a?as=files', 'box:a?', 'box:a?as=packs2'])
    expect(() => readRcloneAddress(none), none).toThrow("'as=packs'");
});

test('whether a file says which backup is the newest depends on whether it could be replaced', () => {
  const { store } = projectIn(scratch());
  const { limits: _, ...readOnly } = store;
  expect([store, readOnly, memoryStore(memoryPlace(true)), memoryStore(memoryPlace(false))].map(keepsPointer)).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([isLocalFolder(store), isLocalFolder(memoryStore(memoryPlace()))]).toEqual([true, false]);
});

test('the beginning of a file is cut where it is wanted alone', () => {
  const bytes = Buffer.from('hello');
  expect([undefined, { most: 9 }, { first: 2 }, { first: 9 }].map((range) => String(cut(bytes, range)))).toEqual([
    'hello',
    'hello',
    'he',
    'hello',
  ]);
});
