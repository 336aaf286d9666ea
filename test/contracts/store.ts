import { expect, test } from 'vitest';
import type { WritableStore } from '../../src/stores/store.ts';

const PART = 'parts/orders/5d/5d41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';
const OTHER = 'parts/orders/5e/5e41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';

/** What every place for backups must do. `make` gives a store that is empty, and `again` another view of the same place. */
export function storeContract(kind: string, make: () => { store: WritableStore; again: () => WritableStore }): void {
  const name = (what: string) => `${kind}: ${what}`;

  test(name('a place that is not there yet is empty'), async () => {
    const { store } = make();
    expect(await store.files()).toEqual([]);
    expect(await store.parts()).toEqual(new Map());
    expect(await store.read('a.json')).toBeUndefined();
    expect(await store.readHead('a.json', 10)).toBeUndefined();
    expect(await store.read(PART)).toBeUndefined();
  });

  test(name('what was written and settled is read back to the byte, by others too'), async () => {
    const { store, again } = make();
    const bytes = Buffer.from([0, 255, 13, 10, 10, 239, 187, 191, 60]);
    await store.prepare();
    await store.write('a.json', bytes);
    await store.write(PART, bytes);
    await store.settle();
    for (const view of [store, again()]) {
      expect(await view.read('a.json')).toEqual(bytes);
      expect(await view.read(PART)).toEqual(bytes);
      expect(await view.readHead('a.json', 3)).toEqual(bytes.subarray(0, 3));
      expect(await view.readHead('a.json', 99)).toEqual(bytes);
      expect(await view.files()).toContain('a.json');
      expect(await view.parts()).toEqual(new Map([[PART, bytes.length]]));
    }
  });

  test(name('a second write replaces the first whole'), async () => {
    const { store } = make();
    await store.prepare();
    await store.write('a.json', Buffer.from('long and old'));
    await store.write('a.json', Buffer.from('new'));
    expect(String(await store.read('a.json'))).toBe('new');
  });

  test(name('many writes at once keep apart, from two views too'), async () => {
    const { store, again } = make();
    await store.prepare();
    const other = again();
    const names = Array.from({ length: 40 }, (_, i) => `n${i}.json`);
    await Promise.all(names.map((each, i) => (i % 2 ? store : other).write(each, Buffer.from(each))));
    for (const each of names) expect(String(await store.read(each))).toBe(each);
  });

  test(name('what was removed is gone, and the rest stays'), async () => {
    const { store } = make();
    await store.prepare();
    await store.write(PART, Buffer.from('one'));
    await store.write(OTHER, Buffer.from('two'));
    await store.remove(PART);
    await store.remove('never-there.json');
    expect([...(await store.parts()).keys()]).toEqual([OTHER]);
    await store.remove(OTHER);
    expect(await store.parts()).toEqual(new Map());
    await store.write(PART, Buffer.from('again'));
    expect(String(await store.read(PART))).toBe('again');
  });

  test(name('readying it again loses nothing'), async () => {
    const { store, again } = make();
    await store.prepare();
    await store.write('a.json', Buffer.from('a'));
    await store.write(PART, Buffer.from('p'));
    await again().prepare();
    expect(String(await store.read('a.json'))).toBe('a');
    expect((await store.parts()).size).toBe(1);
  });
}
