import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { verify } from '../../src/operations/verify.ts';
import type { Objects } from '../../src/stores/objects/objects.ts';
import { packedStore } from '../../src/stores/objects/packed-store.ts';
import type { Batch, Remote, WritableStore } from '../../src/stores/store.ts';
import { filesOfBackup, readableContract } from '../contracts/store.ts';
import { Died, memoryObjects, type ObjectsPlace, objectsPlace } from '../support/memory-objects.ts';
import { outOfReach } from '../support/memory-store.ts';
import { atRclone, hasRclone, localRemote, withoutRclone } from '../support/rclone.ts';
import { addRows } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const DAY = 24 * 3_600_000;
const KEEP_ONE = { last: 1, daily: 0, weekly: 0, monthly: 0 };

const open = (place: ObjectsPlace, environment = 'production'): WritableStore =>
  packedStore(memoryObjects(place), { label: 'packs', id: 'packs', environment, database: '', lists: new Map() });
const remoteAt = (place: ObjectsPlace): Remote => ({
  address: 'packs',
  label: 'packs',
  id: 'packs',
  open: () => open(place),
});

readableContract('packs', filesOfBackup, async (files) => {
  const place = objectsPlace();
  await open(place).batch(async (batch) => {
    for (const [path, bytes] of files) if (path.startsWith('parts/')) await batch.put(path, bytes);
    for (const [path, bytes] of files) if (!path.startsWith('parts/')) await batch.publish(path, bytes);
  });
  return open(place);
});

async function saved(rows: number) {
  const project = projectIn(scratch(), { environment: 'production' });
  const save = async (more: number) => {
    addRows(project.db, more, 'x'.repeat(80));
    return backup(project, { trigger: 'test' });
  };
  await save(rows);
  return { project, save };
}

describe('a backup as two files', () => {
  test('is brought, seen, drilled, started from by other environments too, and removed with all it has', async () => {
    const place = objectsPlace();
    const { project, save } = await saved(3000);
    expect(await bringNewest(project, remoteAt(place))).toMatchObject({ status: 'copied' });
    expect(await bringNewest(project, remoteAt(place))).toMatchObject({ status: 'there' });
    const newest = await save(1);
    expect(await bringNewest(project, remoteAt(place))).toMatchObject({ status: 'copied' });
    expect([...place.files.keys()].map((path) => path.replace(/[~.].*/, '')).length).toBe(4);
    const there = { ...project, store: open(place) };
    expect(await verify(there, 'all')).toMatchObject([{ ok: true }, { ok: true }]);
    const started = projectIn(scratch(), {
      environment: 'staging',
      remotes: [{ ...remoteAt(place), open: () => open(place, 'staging') }],
    });
    expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 3001 });
    const thinned = await prune(there, KEEP_ONE, false);
    expect(thinned).toMatchObject({ removed: [expect.any(String)], partsLater: 0, unreadable: [] });
    expect([...place.files.keys()].every((path) => path.includes(newest.name))).toBe(true);
    expect(place.files.size).toBe(2);
  });

  test('stands whole or not at all, wherever its writer dies and whatever lies half', async () => {
    const { project, save } = await saved(2000);
    const place = objectsPlace();
    await bringNewest(project, remoteAt(place));
    const first = new Map(place.files);
    await save(1);
    for (let dies = 1; dies <= 2; dies++)
      for (const how of ['before', 'half'] as const) {
        place.files.clear();
        for (const [path, file] of first) place.files.set(path, file);
        let count = 0;
        place.meddle = () => {
          if (++count < dies) return undefined;
          if (how === 'half') return 'half';
          throw new Died();
        };
        await expect(bringNewest(project, remoteAt(place))).rejects.toThrow(Died);
        place.meddle = () => undefined;
        // A torn manifest may stand beside a whole pack: then it is seen to be torn.
        const seen = await verify({ ...project, store: open(place) }, 'all');
        expect(seen.filter(({ ok }) => ok)).toHaveLength(1);
        const started = projectIn(scratch(), { environment: 'production', remotes: [remoteAt(place)] });
        expect(await autoRestore(started), `${how} ${dies}`).toMatchObject({ restored: true, rows: 2000 });
        expect(await bringNewest(project, remoteAt(place))).toMatchObject({ status: 'copied' });
        const again = projectIn(scratch(), { environment: 'production', remotes: [remoteAt(place)] });
        expect(await autoRestore(again)).toMatchObject({ restored: true, rows: 2001 });
      }
  });

  test('is not put in the place of the own one that somebody gave the same name, and that lies half', async () => {
    const place = objectsPlace();
    const publish = async (environment: string, kind: string) => {
      const files = [...(await filesOfBackup())];
      await open(place, environment).batch(async (batch) => {
        for (const [path, bytes] of files) if (path.startsWith('parts/')) await batch.put(path, bytes);
        for (const [path, bytes] of files)
          if (!path.startsWith('parts/'))
            await batch.publish('given.json', Buffer.from(`${bytes}`.replace('"test"', kind)));
      });
    };
    await publish('staging', '"ours"');
    await publish('production', '"theirs"');
    const given = async (environment: string) => `${await open(place, environment).read('given.json')}`;
    expect([await given('staging'), await given('production')]).toEqual([
      expect.stringContaining('"ours"'),
      expect.stringContaining('"theirs"'),
    ]);
    for (const path of place.files.keys()) if (/^staging.*\.pack$/.test(path)) place.files.delete(path);
    expect(await given('staging')).toContain('"ours"');
    const bytes = place.files.get('staging/given.json')?.bytes.length;
    expect((await open(place, 'staging').list('top')).get('given.json')).toBe(bytes);
    expect(await given('production')).toContain('"theirs"');
  });

  test('leaves nothing for good that nobody finished', async () => {
    const { project, save } = await saved(100);
    const place = objectsPlace();
    await bringNewest(project, remoteAt(place));
    place.files.set('production/backup_20260101_000000_01234567~9.pack', {
      bytes: Buffer.from('half'),
      written: place.now,
    });
    await save(1);
    await bringNewest(project, remoteAt(place));
    const store = { ...project, store: open(place) };
    place.now += 4 * DAY;
    await prune(store, KEEP_ONE, false);
    expect(place.files.size).toBe(2);
  });

  test('stands for what it was first: the same is not written twice, and another not in its place', async () => {
    const place = objectsPlace();
    const files = await filesOfBackup();
    const isPart = (path: string) => path.startsWith('parts/');
    const [[path = '', manifest = Buffer.alloc(0)] = []] = [...files].filter(([each]) => !isPart(each));
    const publish = (name: string, bytes: Buffer) =>
      open(place).batch(async (batch) => {
        for (const [part, each] of files) if (isPart(part)) await batch.put(part, each);
        await batch.publish(name, bytes);
      });
    await publish('given.json', manifest);
    await publish(path, manifest);
    const requests: string[] = [];
    place.meddle = (request) => void requests.push(request) as undefined;
    await publish('given.json', manifest);
    await publish(path, manifest);
    expect(requests).toEqual([]);
    const other = Buffer.from(manifest.toString().replace('"test"', '"tests"'));
    await expect(publish('given.json', other)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await open(place).read('given.json')).toEqual(manifest);
    // What a digest names is torn where it is something else.
    const [file] = [...place.files.values()].filter(({ bytes }) => bytes.equals(manifest));
    for (const each of place.files.values()) if (each.bytes.equals(manifest)) each.bytes = other;
    await publish(path, manifest);
    expect(await open(place).read(path)).toEqual(manifest);
    expect(file).toBeDefined();
  });

  test('needs all its parts: without one it is not written, and what was put and named by none is gone', async () => {
    const place = objectsPlace();
    const files = await filesOfBackup();
    const [first = '', ...rest] = [...files.keys()].filter((path) => path.startsWith('parts/'));
    const [[path = '', manifest = Buffer.alloc(0)] = []] = [...files].filter(([each]) => !each.startsWith('parts/'));
    const put = (batch: Batch, part: string) => batch.put(part, files.get(part) ?? Buffer.alloc(0));
    const lacking = open(place).batch(async (batch) => {
      for (const part of rest) await put(batch, part);
      expect([...(await batch.list('parts')).keys()].sort()).toEqual([...rest].sort());
      expect(await batch.read(rest[0] ?? '', { first: 3 })).toEqual(files.get(rest[0] ?? '')?.subarray(0, 3));
      await expect(batch.read(rest[0] ?? '', { most: 1 })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      await batch.publish(path, manifest);
    });
    await expect(lacking).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', message: expect.stringContaining(first) });
    expect(place.files.size).toBe(0);
    await open(place).batch(async (batch) => {
      for (const part of [first, ...rest]) await put(batch, part);
      await batch.remove([first]);
      expect([...(await batch.list('parts')).keys()]).not.toContain(first);
      await put(batch, first);
      await batch.publish(path, manifest);
    });
    // Another backup may take them from there.
    const given = Buffer.from(manifest.toString());
    await open(place).batch((batch) => batch.publish('given.json', given));
    await open(place).batch((batch) => batch.remove([path]));
    expect([...(await open(place).list('top')).keys()]).toEqual(['given.json']);
    expect((await open(place).read(first))?.length).toBe(files.get(first)?.length);
    await expect(open(place).read(first, { most: 1 })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  test('is asked for again where it gave no answer, or came to be there since', async () => {
    const place = objectsPlace();
    const files = await filesOfBackup();
    const [[path = ''] = []] = [...files].filter(([each]) => !each.startsWith('parts/'));
    const [part = ''] = [...files.keys()].filter((each) => each.startsWith('parts/'));
    const objects = memoryObjects(place);
    let fails: 'list' | 'read' | undefined;
    const shaky: Objects = {
      ...objects,
      async list(folder, depth) {
        if (fails === 'list') throw outOfReach();
        return objects.list(folder, depth);
      },
      async read(each, range) {
        if (fails === 'read') throw outOfReach();
        return objects.read(each, range);
      },
    };
    const kept = { label: 'packs', id: 'packs', environment: 'production', database: '', lists: new Map() };
    const early = packedStore(shaky, kept);
    for (const each of [part, path]) expect(await early.read(each)).toBeUndefined();
    await open(place).batch(async (batch) => {
      for (const [each, bytes] of files) if (each !== path) await batch.put(each, bytes);
      await batch.publish(path, files.get(path) ?? Buffer.alloc(0));
    });
    for (const each of [part, path]) expect(await early.read(each)).toEqual(files.get(each));
    for (const request of ['list', 'read'] as const)
      for (const each of [part, path]) {
        const store = packedStore(shaky, kept);
        fails = request;
        await expect(store.read(each)).rejects.toMatchObject({ code: 'GIT_FAILED' });
        fails = undefined;
        expect(await store.read(each)).toEqual(files.get(each));
      }
  });

  test('that is not what was packed is damaged, and gone around', async () => {
    const { project, save } = await saved(2000);
    const place = objectsPlace();
    await bringNewest(project, remoteAt(place));
    await save(1);
    const newest = await bringNewest(project, remoteAt(place));
    for (const [path, file] of place.files)
      if (path.includes(`${newest?.name}~`)) file.bytes = Buffer.alloc(file.bytes.length, 7);
    const started = projectIn(scratch(), { environment: 'production', remotes: [remoteAt(place)] });
    expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 2000 });
  });

  test.skipIf(!hasRclone)(`is what rclone brings where its address says so${withoutRclone}`, async () => {
    const place = localRemote();
    const asPacks = { ...place, path: `${place.path}?as=packs` };
    const { project } = await saved(20_000);
    expect(await bringNewest(project, atRclone(asPacks))).toMatchObject({ status: 'copied' });
    const files = readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(place.folder, path)).isFile(),
    );
    expect(files.map((path) => path.replace(/.*\.|~.*\./, '')).sort()).toEqual(['json', 'pack']);
    const started = projectIn(scratch(), { environment: 'production', remotes: [atRclone(asPacks)] });
    expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 20_000 });
  });
});
