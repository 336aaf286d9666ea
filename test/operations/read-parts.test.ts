import { expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import type { Part } from '../../src/core/manifest.ts';
import { partFile } from '../../src/core/names.ts';
import { readSlices, slicesIn } from '../../src/operations/read-parts.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';

/** A store with a table whose parts hold these texts: a part that ends no line has none of its rows. */
function tableOf(...texts: readonly string[]) {
  const place = memoryPlace();
  const parts = texts.map((text): Part => {
    const bytes = Buffer.from(text);
    const file = partFile('notes', blobId(bytes), '00f31c9e');
    place.files.set(file, bytes);
    return { file, bytes: bytes.length, rows: text.split('\n').length - 1 };
  });
  const count = parts.reduce((sum, { rows }) => sum + rows, 0);
  return { place, store: memoryStore(place), data: { count, parts } };
}

async function all(slices: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const slice of slices) texts.push(Buffer.from(slice).toString());
  return texts;
}

test('a row that is longer than a part comes as one, between those that are not', async () => {
  const { store, data } = tableOf('1\n2\n', 'a long', ' row of', ' four\n', '5\n');
  expect(await all(readSlices(store, data))).toEqual(['1\n2\n', 'a long row of four\n', '5\n']);
});

test('two who share a table are given each row once, and a long one to one of them', async () => {
  for (const texts of [
    ['1\n', '2\n', '3\n', '4\n'],
    ['1\n', 'a long', ' row\n', '4\n'],
    ['a', ' very', ' long', ' row\n'],
  ]) {
    const { store, data } = tableOf(...texts);
    const shares = [0, 1].map((index) => all(readSlices(store, data, { index, of: 2 })));
    expect((await Promise.all(shares)).flat().join('')).toBe(texts.join(''));
  }
});

test('whoever does not want all of a long row is given the next one all the same', async () => {
  const { store, data } = tableOf('a', ' long', ' row\n', '2\n');
  const given: string[] = [];
  for await (const slice of slicesIn(store, new Map([['notes', data]]))('notes'))
    given.push(slice instanceof Uint8Array ? Buffer.from(slice).toString() : `${slice.bytes} bytes`);
  expect(given).toEqual(['11 bytes', '2\n']);
});

test('a row without its end is given to nobody', async () => {
  const { store, data } = tableOf('1\n', 'half a');
  expect(await all(readSlices(store, data))).toEqual(['1\n']);
});

test('a part that is gone, or is another, ends it', async () => {
  for (const [bytes, words] of [
    [undefined, 'is missing'],
    ['1', 'has 1 bytes instead of 2'],
    ['3\n', 'not hold what its name promises'],
  ] as const) {
    const { place, store, data } = tableOf('0\n', '1\n');
    const file = data.parts[1]?.file ?? '';
    if (bytes === undefined) place.files.delete(file);
    else place.files.set(file, Buffer.from(bytes));
    await expect(all(readSlices(store, data))).rejects.toThrow(words);
  }
});

test('what is in the manifest itself is given to one of those who share it', async () => {
  const { store } = tableOf();
  const rows = Array.from({ length: 2500 }, (_, n) => `${n}`);
  expect((await all(readSlices(store, { rows }))).join('')).toBe(`${rows.join('\n')}\n`);
  expect(await all(readSlices(store, { rows }, { index: 1, of: 2 }))).toEqual([]);
});
