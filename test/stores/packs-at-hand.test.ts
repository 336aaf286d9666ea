import { beforeEach, expect, test } from 'vitest';
import { nameOfManifest } from '../../src/core/names.ts';
import type { Objects } from '../../src/stores/objects/objects.ts';
import { packFile } from '../../src/stores/objects/pack.ts';
import { packedStore } from '../../src/stores/objects/packed-store.ts';
import { writeOnceStore } from '../../src/stores/objects/write-once-store.ts';
import type { WritableStore } from '../../src/stores/store.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { memoryObjects, type ObjectsPlace, objectsPlace } from '../support/memory-objects.ts';

/* What a place is asked for, where each question takes a second. */

const HOUR = 3_600_000;

let place: ObjectsPlace;
let asked: string[];
let name: string;
let manifest: Buffer;
let parts: readonly (readonly [string, Buffer])[];
beforeEach(async () => {
  place = objectsPlace();
  asked = [];
  const files = await filesOfBackup();
  parts = [...files].filter(([path]) => path.startsWith('parts/'));
  [name = '', manifest = Buffer.alloc(0)] = [...files].find(([path]) => nameOfManifest(path) !== undefined) ?? [];
});

function objects(): Objects {
  const own = memoryObjects(place);
  return {
    ...own,
    list(folder, depth) {
      asked.push(`list ${folder}`);
      return own.list(folder, depth);
    },
    read(path, range) {
      asked.push(`read ${path.replace(/~\d+/, '')}`);
      return own.read(path, range);
    },
    remove(paths) {
      asked.push(`remove ${paths.join(' ')}`);
      return own.remove(paths);
    },
  };
}

const kept = (environment: string, database: string) => ({
  label: 'it',
  id: 'it',
  environment,
  database,
  lists: new Map(),
});
const packs = (environment = 'live', database = '') => packedStore(objects(), kept(environment, database));
const files = (environment = 'live', database = '') => writeOnceStore(objects(), kept(environment, database));

const publish = (store: WritableStore, as: string, bytes = manifest) =>
  store.batch(async (batch) => {
    for (const [part, each] of parts) await batch.put(part, each);
    await batch.publish(as, bytes);
  });

async function askedFor(work: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await work();
  return [...asked];
}

test('the pack of the backup that is read is fetched, once for all its parts, though a newer one has them too', async () => {
  for (const given of ['a.json', 'b.json', 'c.json']) await publish(packs(), given);
  const store = packs();
  await store.read('a.json');
  const fetched = await askedFor(async () => {
    for (const [part, bytes] of parts) expect((await store.read(part))?.equals(bytes)).toBe(true);
  });
  expect(fetched.filter((each) => each.endsWith('.pack'))).toEqual(['read live/a.pack']);
  // What is at hand is not fetched for another backup, either.
  await store.read('never.json');
  const again = await askedFor(() => Promise.all(parts.map(([part]) => store.read(part))));
  expect(again.filter((each) => each.endsWith('.pack'))).toEqual([]);
});

test('no more packs are kept in memory than two', async () => {
  for (const given of ['a.json', 'b.json', 'c.json']) await publish(packs(), given);
  const store = packs();
  const [[part = ''] = []] = parts;
  const readFrom = async (given: string) => {
    await store.read(given);
    return (await askedFor(() => store.read(part))).filter((each) => each.endsWith('.pack'));
  };
  expect(await readFrom('a.json')).toEqual(['read live/a.pack']);
  expect(await readFrom('b.json')).toEqual(['read live/b.pack']);
  expect(await readFrom('a.json')).toEqual([]);
  expect(await readFrom('c.json')).toEqual(['read live/c.pack']);
  expect(await readFrom('b.json')).toEqual([]);
  expect(await readFrom('a.json')).toEqual(['read live/a.pack']);
});

test('a pack that is damaged is gone around where another has the part, and said where none has', async () => {
  for (const given of ['a.json', 'b.json']) await publish(packs(), given);
  const spoil = (which: RegExp) => {
    for (const [path, file] of place.files) if (which.test(path)) file.bytes = Buffer.alloc(file.bytes.length, 7);
  };
  const [[part = '', bytes] = []] = parts;
  spoil(/a~.*pack/);
  const store = packs();
  await store.read('a.json');
  expect(await store.read(part)).toEqual(bytes);
  spoil(/b~.*pack/);
  await expect(packs().read(part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  // One that is gone by now has no part.
  for (const path of place.files.keys()) if (path.endsWith('.pack')) place.files.delete(path);
  expect(await packs().read(part)).toBeUndefined();
});

test('a backup that only begins to be there is none, and what is no backup is seen', async () => {
  await publish(packs(), 'given.json');
  const put = (path: string, bytes: Buffer) => place.files.set(path, { bytes, written: place.now });
  put(`live/${name}`, manifest);
  put('live/notes.txt', Buffer.from('mine'));
  put(`live/${packFile('other', Buffer.alloc(9))}`, Buffer.alloc(9));
  expect([...(await packs().list('top'))].sort()).toEqual([
    ['given.json', manifest.length],
    ['notes.txt', 4],
  ]);
  expect(await packs().read(name)).toBeUndefined();
  put(`live/${packFile(name.replace('.json', ''), Buffer.alloc(9))}`, Buffer.alloc(8));
  expect((await packs().list('top')).has(name)).toBe(false);
});

for (const [kind, open] of [
  ['packs', packs],
  ['files', files],
] as const) {
  test(`${kind}: of several environments one's own has the last word, and each database is by itself`, async () => {
    const other = Buffer.concat([manifest, Buffer.from('\n')]);
    await publish(open('live'), 'given.json');
    await publish(open('stage'), 'given.json', other);
    await publish(open('stage', 'jobs'), 'jobs.json');
    for (const [environment, bytes] of [
      ['live', manifest],
      ['stage', other],
    ] as const) {
      const store = open(environment);
      expect([...(await store.list('top'))]).toEqual([['given.json', bytes.length]]);
      expect(await store.read('given.json')).toEqual(bytes);
      expect(await open(environment).read('given.json')).toEqual(bytes);
    }
    expect([...(await open('live', 'jobs').list('top')).keys()]).toEqual(['jobs.json']);
    expect((await open('live', 'jobs').list('parts')).size).toBe(parts.length);
    expect([...((await open('live').only?.('stage').list('top')) ?? [])]).toEqual([['given.json', other.length]]);
    expect(await open('live').only?.('none').read('given.json')).toBeUndefined();
    // A batch sees its own alone.
    await open('new').batch(async (batch) => {
      expect([...(await batch.list('top'))]).toEqual([]);
      expect(await batch.read('given.json')).toBeUndefined();
    });
  });
}

test('files: who knows where a file lies asks for it there, and for all folders once', async () => {
  await publish(files('live'), 'given.json');
  await publish(files('stage'), 'other.json');
  const store = files('new');
  const first = await askedFor(() => store.list('top'));
  expect(first).toEqual(['list ', 'list new/', 'list live/', 'list stage/']);
  expect(await askedFor(() => store.read('other.json'))).toEqual(['read stage/other.json']);
  expect(await askedFor(() => store.read('never.json'))).toEqual([
    'read new/never.json',
    'read live/never.json',
    'read stage/never.json',
  ]);
});

test('packs: a half that nobody finished stays as long as somebody may be at it, and others are left alone', async () => {
  await publish(packs(), 'given.json');
  const half = `live/${packFile('half', Buffer.alloc(9))}`;
  place.files.set(half, { bytes: Buffer.alloc(4), written: place.now });
  await publish(packs(), 'other.json');
  const remove = (...paths: string[]) => askedFor(() => packs().batch((batch) => batch.remove(paths)));
  place.now += 72 * HOUR;
  await remove('never.json');
  expect(place.files.has(half)).toBe(true);
  place.now += 1;
  await remove('other.json');
  expect([...place.files.keys()].map((path) => path.replace(/~\d+/, ''))).toEqual([
    'live/given.pack',
    'live/given.json',
  ]);
  // Parts are in packs: to remove some is to ask for nothing.
  expect((await remove(...parts.map(([part]) => part))).filter((each) => each.startsWith('remove'))).toEqual([]);
});

test('files: what is there and the same is not written again, and what is torn is', async () => {
  const written: string[] = [];
  place.meddle = (request) => void written.push(request) as undefined;
  const own = memoryObjects(place);
  const create: Objects['create'] = async (path, bytes) => !place.files.has(path) && own.create(path, bytes);
  const store = () => writeOnceStore({ ...own, create }, kept('live', ''));
  await publish(store(), name);
  written.length = 0;
  await publish(store(), name);
  expect(written).toEqual([]);
  const [[part = ''] = []] = parts;
  for (const path of [part, name]) place.files.set(`live/${path}`, { bytes: Buffer.from('torn'), written: place.now });
  await publish(store(), name);
  expect(written).toEqual([`write live/${part}`, `write live/${name}`]);
  expect(await store().read(name)).toEqual(manifest);
});
