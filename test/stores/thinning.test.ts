import { expect, test } from 'vitest';
import type { Objects } from '../../src/stores/objects/objects.ts';
import { claimParts, removeParts, type Shared } from '../../src/stores/objects/thinning.ts';
import { writeOnceStore } from '../../src/stores/objects/write-once-store.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { memoryObjects, type ObjectsPlace, objectsPlace } from '../support/memory-objects.ts';

const HOUR = 3_600_000;
const [A, B, C] = ['a', 'b', 'c'].map(
  (table) => `parts/${table}-5d41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl`,
) as [string, string, string];

/** A folder with parts that were written an hour ago. */
function folderWith(...parts: readonly string[]) {
  const place = objectsPlace();
  const put = (path: string, text = 'x') =>
    place.files.set(`it/${path}`, { bytes: Buffer.from(text), written: place.now });
  for (const part of parts) put(part);
  pass(place, 1);
  const slept: number[] = [];
  const at: Shared = {
    objects: memoryObjects(place),
    folder: 'it/',
    label: 'the bucket',
    lists: new Map(),
    sleep: async (milliseconds) => void slept.push(milliseconds),
    patience: { marked: 24 * HOUR, late: HOUR },
  };
  const seen = () => at.objects.list('it/', 'here');
  const remove = async (...gone: readonly string[]) => removeParts(at, await seen(), gone);
  const claim = async (...needed: readonly string[]) => claimParts(at, await seen(), needed);
  const there = () => [...place.files.keys()].flatMap((path) => (path.startsWith('it/parts/') ? [path.slice(3)] : []));
  const notes = () => [...place.files.keys()].flatMap((path) => /^it\/(\w+)_[\w-]+\.txt$/.exec(path)?.[1] ?? []);
  return { place, at, put, slept, remove, claim, there, notes };
}

const pass = (place: ObjectsPlace, hours: number) => {
  place.now += hours * HOUR;
};

test('a part goes a day after it was marked, and not before', async () => {
  const { place, remove, there, notes } = folderWith(A, B);
  expect(await remove(A)).toEqual([A]);
  expect(notes()).toEqual(['unneeded']);
  pass(place, 23);
  expect(await remove(A)).toEqual([A]);
  // While one mark is young, there is no other.
  expect([there(), notes()]).toEqual([[A, B], ['unneeded']]);
  pass(place, 1);
  expect(await remove(A)).toEqual([]);
  expect([there(), notes()]).toEqual([[B], []]);
});

test('what is marked goes, and what was not is marked now: both stay apart', async () => {
  const { place, remove, there, notes } = folderWith(A, B);
  await remove(A);
  pass(place, 25);
  expect(await remove(A, B)).toEqual([B]);
  expect([there(), notes()]).toEqual([[B], ['unneeded']]);
});

test('what was written since it was marked stays, and so does what is needed again', async () => {
  const { place, put, remove, there } = folderWith(A, B);
  await remove(A, B);
  pass(place, 1);
  put(A);
  pass(place, 25);
  expect(await remove(A)).toEqual([A]);
  expect(there()).toEqual([A, B]);
});

test('who needs a part that is marked claims it, and then it stays', async () => {
  const { place, remove, claim, there, notes } = folderWith(A, B, C);
  await claim(A);
  expect(notes()).toEqual([]);
  await remove(A, B);
  await claim(C);
  expect(notes()).toEqual(['unneeded']);
  await claim(A);
  expect(notes()).toEqual(['unneeded', 'needed']);
  pass(place, 25);
  // Claimed is another part than the one that goes.
  expect(await remove(A, B)).toEqual([A]);
  expect(there()).toEqual([A, C]);
});

test('a claim is no older than what it is about: it goes with time', async () => {
  const { place, remove, claim, notes } = folderWith(A, B);
  await remove(A, B);
  await claim(A);
  pass(place, 25);
  await remove(B);
  expect(notes()).not.toContain('needed');
});

test('what is published while parts are removed may need any of them, so none goes', async () => {
  for (const isPublished of [true, false]) {
    const { place, at, put, remove, there } = folderWith(A);
    await remove(A);
    pass(place, 25);
    const seen = await at.objects.list('it/', 'here');
    if (isPublished) put('backup.json');
    expect(await removeParts(at, seen, [A])).toEqual(isPublished ? [A] : []);
    expect(there()).toEqual(isPublished ? [A] : []);
  }
});

test('where what is written this moment is not of this moment, no time says anything and nothing goes', async () => {
  const { place, at, remove, there } = folderWith(A);
  await remove(A);
  pass(place, 25);
  const { objects } = at;
  const create: Objects['create'] = async (path, bytes) => {
    await objects.create(path, bytes);
    const file = place.files.get(path);
    if (file !== undefined) file.written -= 2 * HOUR;
    return true;
  };
  const seen = await objects.list('it/', 'here');
  expect(await removeParts({ ...at, objects: { ...objects, create } }, seen, [A])).toEqual([A]);
  expect(there()).toEqual([A]);
});

test('while a removal may still be on its way, it says so', async () => {
  const { place, at, remove, notes } = folderWith(A);
  await remove(A);
  pass(place, 25);
  const { objects } = at;
  const late: Objects['remove'] = async (paths) => {
    await objects.remove(paths);
    return false;
  };
  const seen = await objects.list('it/', 'here');
  await removeParts({ ...at, objects: { ...objects, remove: late } }, seen, [A]);
  expect(notes().sort()).toEqual(['thinning', 'unneeded']);
});

test('who claims waits until nobody removes, gives up in the end, and does not wait for one that has died', async () => {
  const { place, put, slept, remove, claim } = folderWith(A);
  await remove(A);
  const removing = 'thinning_01234567-89ab-cdef-0123-456789abcdef.txt';
  put(removing);
  await expect(claim(A)).rejects.toMatchObject({ code: 'BUSY' });
  expect(slept.length).toBeGreaterThan(10);
  slept.length = 0;
  place.files.delete(`it/${removing}`);
  put(removing);
  pass(place, 1);
  await claim(A);
  expect(slept).toEqual([]);
});

test('who comes too late to claim a part is told so, and publishes nothing without it', async () => {
  const { place, remove, claim } = folderWith(A, B);
  await remove(A, B);
  place.files.delete(`it/${A}`);
  await expect(claim(A, B)).rejects.toMatchObject({ code: 'BUSY' });
  await claim(B);
});

test('a mark that is gone when it is read may have named any part', async () => {
  const { at, put, notes } = folderWith(A);
  put('unneeded_01234567-89ab-cdef-0123-456789abcdef.txt', `${B}\n`);
  const seen = await at.objects.list('it/', 'here');
  const read: Objects['read'] = async () => undefined;
  await claimParts({ ...at, objects: { ...at.objects, read } }, seen, [A]);
  expect(notes()).toContain('needed');
});

test('a name that somebody gave stays what it is, and half of one is written anew', async () => {
  const place = objectsPlace();
  const objects = memoryObjects(place);
  const create: Objects['create'] = async (path, bytes) => !place.files.has(path) && objects.create(path, bytes);
  const kept = { label: 'it', id: 'it', environment: 'it', database: '', lists: new Map() };
  const store = writeOnceStore({ ...objects, create }, kept);
  const files = await filesOfBackup();
  const [manifest = Buffer.alloc(0)] = [...files].flatMap(([path, bytes]) => (/^parts/.test(path) ? [] : [bytes]));
  const other = Buffer.from(manifest.toString().replace('"test"', '"tests"'));
  const publish = (bytes: Buffer) => store.batch((batch) => batch.publish('given.json', bytes));
  await publish(manifest);
  await publish(manifest);
  await expect(publish(other)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  expect(await store.read('given.json')).toEqual(manifest);
  place.files.set('it/given.json', { bytes: manifest.subarray(0, 100), written: place.now });
  await publish(other);
  expect(await store.read('given.json')).toEqual(other);
});

test('what is there by its name when it is written, and gone when it is looked at, is written', async () => {
  const place = objectsPlace();
  const objects = memoryObjects(place);
  const create: Objects['create'] = async () => false;
  const kept = { label: 'it', id: 'it', environment: 'it', database: '', lists: new Map() };
  const store = writeOnceStore({ ...objects, create }, kept);
  await store.batch(async (batch) => {
    await batch.put(A, Buffer.from('one'));
    await batch.publish('a.json', Buffer.from('two'));
  });
  expect([...place.files].map(([path, { bytes }]) => [path, String(bytes)])).toEqual([
    [`it/${A}`, 'one'],
    ['it/a.json', 'two'],
  ]);
});
