import { beforeEach, describe, expect, test } from 'vitest';
import { nameOfManifest } from '../../src/core/names.ts';
import { askedOnce, type Manifests } from '../../src/stores/asked-once.ts';
import type { ReadableStore, WritableStore } from '../../src/stores/store.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { type MemoryPlace, memoryPlace, memoryStore, outOfReach } from '../support/memory-store.ts';

let place: MemoryPlace;
let manifests: Manifests;
let name: string;
let manifest: Buffer;
beforeEach(async () => {
  place = memoryPlace();
  manifests = new Map();
  const files = await filesOfBackup();
  for (const [path, bytes] of files) place.files.set(path, bytes);
  name = [...files.keys()].find((path) => nameOfManifest(path) !== undefined) ?? '';
  manifest = files.get(name) ?? Buffer.alloc(0);
});

const open = (nearby?: ReadableStore): WritableStore => askedOnce(memoryStore(place), manifests, nearby);

/** What is asked of the place while that is done. */
async function asked(work: () => Promise<unknown>): Promise<string[]> {
  place.asked.length = 0;
  await work();
  return [...place.asked];
}

describe('a place that is asked once', () => {
  test('is asked for a manifest once, however much of it is wanted and by however many', async () => {
    const store = open();
    const requests = await asked(async () => {
      const [head, whole, again] = await Promise.all([
        store.read(name, { first: 3 }),
        store.read(name),
        store.read(name, { most: manifest.length }),
      ]);
      expect([head, whole, again]).toEqual([manifest.subarray(0, 3), manifest, manifest]);
    });
    expect(requests).toEqual(['list top', `read ${name}`]);
    // What its name promises holds for good: who looks the next time need not read it.
    expect(await asked(() => open().read(name))).toEqual(['list top']);
  });

  test('is asked again for what may have changed', async () => {
    place.files.set('latest_backup.json', Buffer.from('{}'));
    place.files.set('given.json', Buffer.from('{}'));
    for (const path of ['latest_backup.json', 'given.json']) expect(String(await open().read(path))).toBe('{}');
    place.files.set('given.json', Buffer.from('{"changed":true}'));
    expect(String(await open().read('given.json'))).toBe('{"changed":true}');
    // The listing says nothing about what is no manifest.
    const store = open();
    expect(await asked(() => store.read('latest_backup.json'))).toEqual(['read latest_backup.json']);
    expect(await asked(() => store.read('latest_backup.json'))).toEqual(['read latest_backup.json']);
  });

  test('gives what is there, and remembers nothing that is not what its name promises', async () => {
    const torn = manifest.subarray(0, 40);
    place.files.set(name, torn);
    expect(await open().read(name)).toEqual(torn);
    place.files.set(name, manifest);
    expect(await open().read(name)).toEqual(manifest);
    // Torn since: what is remembered has another length.
    place.files.set(name, torn);
    expect(await open().read(name)).toEqual(torn);
  });

  test('has none of what is listed and gone when it is read', async () => {
    const store = open();
    await store.list('top');
    place.files.delete(name);
    expect(await store.read(name)).toBeUndefined();
    expect(await open().read(name)).toBeUndefined();
  });

  test('is asked again where it gave no answer', async () => {
    const store = open();
    for (const request of ['list', 'read'] as const) {
      place.meddle = (each) => {
        if (each === request) throw outOfReach();
      };
      await expect(store.read(name)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      place.meddle = () => {};
    }
    expect(await store.read(name)).toEqual(manifest);
  });

  test('leaves it to the place to refuse what is too large', async () => {
    await expect(open().read(name, { most: manifest.length - 1 })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  test('is not asked for what lies nearby too, where that is what its name promises', async () => {
    const near = memoryPlace();
    near.files.set(name, manifest);
    expect(await asked(() => open(memoryStore(near)).read(name))).toEqual(['list top']);
    manifests.clear();
    for (const other of [Buffer.alloc(manifest.length, 32), manifest.subarray(1)]) {
      near.files.set(name, other);
      const requests = await asked(async () => expect(await open(memoryStore(near)).read(name)).toEqual(manifest));
      expect(requests).toEqual(['list top', `read ${name}`]);
      manifests.clear();
    }
    // One that somebody named may be another there.
    near.files.set('given.json', Buffer.from('{"here":1}'));
    place.files.set('given.json', Buffer.from('{"away":1}'));
    expect(String(await open(memoryStore(near)).read('given.json'))).toBe('{"away":1}');
  });

  test('knows in a batch what it wrote and removed, and asks for nothing of it', async () => {
    const [part = ''] = [...place.files.keys()].filter((path) => path.startsWith('parts/'));
    const bytes = place.files.get(part) ?? Buffer.alloc(0);
    place.files.clear();
    await open().batch(async (batch) => {
      await batch.list('top');
      await batch.list('parts');
      const requests = await asked(async () => {
        await batch.put(part, bytes);
        await batch.publish(name, manifest);
        expect([...(await batch.list('parts'))]).toEqual([[part, bytes.length]]);
        expect([...(await batch.list('top'))]).toEqual([[name, manifest.length]]);
        expect(await batch.read(name)).toEqual(manifest);
        await batch.remove([name, part]);
        expect([...(await batch.list('top')), ...(await batch.list('parts'))]).toEqual([]);
        expect(await batch.read(name)).toBeUndefined();
      });
      expect(requests).toEqual([`put ${part}`, `publish ${name}`, `remove ${name} ${part}`]);
    });
  });

  test('forgets the manifests that are gone there', async () => {
    await open().read(name);
    expect([...manifests.keys()]).toEqual([name]);
    place.files.delete(name);
    await open().list('top');
    expect(manifests.size).toBe(0);
  });
});
