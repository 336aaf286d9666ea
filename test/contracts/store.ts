import { expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import { isPartFile, nameOfManifest, partFile } from '../../src/core/names.ts';
import { backup } from '../../src/operations/backup.ts';
import type { ReadableStore, WritableStore } from '../../src/stores/store.ts';
import { addRows } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const BYTES = Buffer.from([0, 255, 13, 10, 10, 239, 187, 191, 60]);

/** A part under the name that its bytes have. */
const partOf = (bytes: Buffer) => partFile('orders', blobId(bytes), '00f31c9e');
const [ONE, TWO] = [Buffer.from('one'), Buffer.from('the other')];
const [PART, OTHER] = [partOf(ONE), partOf(TWO)];

/** Files of a store that is to be read, by their path: manifests on top, and parts. */
export type Filling = ReadonlyMap<string, Buffer>;

let made: Promise<Filling> | undefined;

/** The files of a backup: its manifest, and a few parts. */
export function filesOfBackup(): Promise<Filling> {
  made ??= makeBackup();
  return made;
}

async function makeBackup(): Promise<Filling> {
  const project = projectIn(scratch(), { environment: 'test' });
  addRows(project.db, 3000, 'x'.repeat(120));
  await backup(project, { trigger: 'test' });
  const { store } = project;
  const files = new Map<string, Buffer>();
  for (const shelf of ['parts', 'top'] as const)
    for (const path of (await store.list(shelf)).keys())
      if (isPartFile(path) || nameOfManifest(path) !== undefined)
        files.set(path, (await store.read(path)) ?? Buffer.alloc(0));
  return files;
}

/** The means of a test compare bytes one by one, and take seconds for what is compared here. */
function mustBe(read: Buffer | undefined, bytes: Buffer, path: string): void {
  expect(read?.equals(bytes), path).toBe(true);
}

/** What every place that backups are read from must do. `holding` gives a store that holds these files, and may hold companions. */
export function readableContract(
  kind: string,
  filling: () => Filling | Promise<Filling>,
  holding: (files: Filling) => Promise<ReadableStore>,
): void {
  const name = (what: string) => `${kind}: ${what}`;
  const isPart = (path: string) => path.startsWith('parts/');

  test(name('what it holds is listed with its size, and read to the byte'), async () => {
    const files = await filling();
    const store = await holding(files);
    const [top, parts] = [await store.list('top'), await store.list('parts')];
    for (const [path, bytes] of files) {
      expect((isPart(path) ? parts : top).get(path)).toBe(bytes.length);
      mustBe(await store.read(path), bytes, path);
    }
    expect([...parts.keys()].sort()).toEqual([...files.keys()].filter(isPart).sort());
    expect([...top.keys()].filter(isPart)).toEqual([]);
  });

  test(name('a beginning is read alone, and what is too large is not'), async () => {
    const files = await filling();
    const store = await holding(files);
    for (const [path, bytes] of files) {
      mustBe(await store.read(path, { first: 3 }), bytes.subarray(0, 3), path);
      mustBe(await store.read(path, { first: bytes.length + 9 }), bytes, path);
      mustBe(await store.read(path, { most: bytes.length }), bytes, path);
    }
  });

  test(name('what it does not hold is undefined, however it is asked for'), async () => {
    const store = await holding(await filling());
    const absent = 'parts/never-0041402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';
    for (const path of ['never.json', absent]) {
      expect(await store.read(path)).toBeUndefined();
      expect(await store.read(path, { first: 1 })).toBeUndefined();
      expect(await store.read(path, { most: 1 })).toBeUndefined();
    }
  });

  test(name('many reads at once keep apart'), async () => {
    const files = await filling();
    const store = await holding(files);
    const twice = [...files, ...files, ...files, ...files];
    const read = await Promise.all(twice.map(([path]) => store.read(path)));
    for (const [at, [path, bytes]] of twice.entries()) mustBe(read[at], bytes, path);
  });
}

/** A store that is empty, and another view of the same place. */
export interface Made {
  readonly store: WritableStore;
  readonly again: () => WritableStore | Promise<WritableStore>;
  /** Lets a day go by in that place, where that can be done. */
  readonly later?: () => void;
}

/** What every place that backups are brought to must do, besides. */
export function storeContract(kind: string, make: () => Made | Promise<Made>): void {
  const name = (what: string) => `${kind}: ${what}`;

  readableContract(kind, filesOfBackup, async (files) => {
    const { store, again } = await make();
    await store.batch(async (batch) => {
      for (const [path, bytes] of files) if (path.startsWith('parts/')) await batch.put(path, bytes);
      for (const [path, bytes] of files) if (!path.startsWith('parts/')) await batch.publish(path, bytes);
    });
    return again();
  });

  test(name('a place that is not there yet is empty'), async () => {
    const { store } = await make();
    for (const shelf of ['top', 'parts'] as const) expect(await store.list(shelf)).toEqual(new Map());
    expect(await store.read('a.json')).toBeUndefined();
    expect(await store.read(PART, { first: 10 })).toBeUndefined();
  });

  test(name('a batch reads what it wrote, and a batch within it is part of it'), async () => {
    const { store, again } = await make();
    const answer = await store.batch(async (batch) => {
      await batch.put(PART, ONE);
      expect(await batch.read(PART)).toEqual(ONE);
      expect(await batch.list('parts')).toEqual(new Map([[PART, ONE.length]]));
      await batch.batch((inner) => inner.publish('a.json', BYTES));
      expect(await batch.read('a.json', { first: 2 })).toEqual(BYTES.subarray(0, 2));
      expect((await batch.list('top')).get('a.json')).toBe(BYTES.length);
      return 'answer';
    });
    expect(answer).toBe('answer');
    expect(await (await again()).read('a.json')).toEqual(BYTES);
  });

  test(name('a batch that fails says why, and publishes nothing that was not yet'), async () => {
    const { store, again } = await make();
    const failing = store.batch(async (batch) => {
      await batch.put(PART, ONE);
      throw new Error('told to stop');
    });
    await expect(failing).rejects.toThrow('told to stop');
    expect((await (await again()).list('top')).has('a.json')).toBe(false);
    await store.batch((batch) => batch.publish('a.json', BYTES));
    expect(await (await again()).read('a.json')).toEqual(BYTES);
  });

  test(name('many parts at once keep apart, and one that is put twice is one'), async () => {
    const { store, again } = await make();
    const parts = Array.from({ length: 40 }, (_, n) => Buffer.from(`part ${n}`));
    await store.batch(async (batch) => {
      await Promise.all([...parts, ...parts].map((bytes) => batch.put(partOf(bytes), bytes)));
    });
    const view = await again();
    for (const bytes of parts) expect(await view.read(partOf(bytes))).toEqual(bytes);
    expect((await view.list('parts')).size).toBe(parts.length);
  });

  test(name('a part that is there and wrong is put again'), async () => {
    const { store, again } = await make();
    await store.batch((batch) => batch.put(PART, Buffer.from('wrong and long')));
    await store.batch((batch) => batch.put(PART, ONE));
    expect(await (await again()).read(PART)).toEqual(ONE);
  });

  test(name('what was removed is gone, and the rest stays'), async () => {
    const { store, again, later } = await make();
    await store.batch(async (batch) => {
      await batch.put(PART, ONE);
      await batch.put(OTHER, TWO);
      await batch.publish('a.json', BYTES);
      await batch.publish('b.json', BYTES);
    });
    const remove = () =>
      store.batch(async (batch) => {
        const stay = await batch.remove([PART, 'a.json', 'never-there.json']);
        expect([...(await batch.list('parts')).keys()].sort()).toEqual([OTHER, ...stay].sort());
        return stay;
      });
    const stay = await remove();
    // What names parts never stays, and parts do only where others may be about to name them.
    expect(stay).toEqual(store.limits.replaces || stay.length === 0 ? [] : [PART]);
    expect(await (await again()).read('a.json')).toBeUndefined();
    later?.();
    if (later !== undefined) expect(await remove()).toEqual([]);
    const left = later === undefined ? [OTHER, ...stay] : [OTHER];
    const view = await again();
    expect([...(await view.list('parts')).keys()].sort()).toEqual(left.sort());
    expect(await view.read('a.json')).toBeUndefined();
    expect(await view.read('b.json')).toEqual(BYTES);
    await store.batch((batch) => batch.remove([OTHER]));
    await store.batch((batch) => batch.put(PART, ONE));
    expect(await (await again()).read(PART)).toEqual(ONE);
  });

  test(name('batches from two views lose nothing of each other'), async () => {
    const { store, again } = await make();
    const other = await again();
    const write = (to: WritableStore, n: number) =>
      to.batch(async (batch) => {
        await (n % 2 ? batch.put(PART, ONE) : batch.put(OTHER, TWO));
        await batch.publish(`n${n}.json`, Buffer.from(`${n}`));
      });
    await Promise.all([0, 1, 2, 3].map((n) => write(n % 2 ? store : other, n)));
    const view = await again();
    for (const n of [0, 1, 2, 3]) expect(String(await view.read(`n${n}.json`))).toBe(`${n}`);
    expect((await view.list('parts')).size).toBe(2);
  });

  test(name('what can be replaced is replaced whole'), async () => {
    const { store, again } = await make();
    if (!store.limits.replaces) return;
    await store.batch((batch) => batch.publish('a.json', Buffer.from('long and old')));
    await store.batch((batch) => batch.publish('a.json', Buffer.from('new')));
    expect(String(await (await again()).read('a.json'))).toBe('new');
  });
}
