import { expect, test } from 'vitest';
import { blobId } from '../../../src/core/digest.ts';
import type { Part, TableData } from '../../../src/core/manifest.ts';
import { partFile } from '../../../src/core/names.ts';
import { rowFinder } from '../../../src/operations/log/find-row.ts';
import { memoryPlace, memoryStore } from '../../support/memory-store.ts';

/** A table in parts, each with its mark; a text without an end goes on in the next part. */
function tableOf(...texts: readonly (readonly [mark: string, text: string])[]) {
  const place = memoryPlace();
  const parts = texts.map(([mark, text]): Part => {
    const bytes = Buffer.from(text);
    const file = partFile('notes', blobId(bytes), mark);
    place.files.set(file, bytes);
    return { file, bytes: bytes.length, rows: text.split('\n').length - 1 };
  });
  const data: TableData = { count: parts.reduce((sum, { rows }) => sum + rows, 0), parts };
  return { data, store: memoryStore(place), reads: () => place.asked.filter((each) => each.startsWith('read')).length };
}

const seeking = (id: string, how: { marks?: ReadonlySet<string>; isOne?: boolean } = {}) => ({
  sought: new Map([['id', [id]]]),
  marks: how.marks,
  isOne: how.isOne ?? false,
});

const [A, B] = ['0000000a', '0000000b'];
const TWO = [
  [A, '{"id":1}\n{"id":2}\n'],
  [B, '{"id":3}\n{"id":1,"x":2}\n'],
] as const;

test('every row that can be meant is found, wherever it is', async () => {
  const { store, data } = tableOf(...TWO);
  const find = rowFinder();
  expect(await find(store, data, seeking('1'))).toEqual(['{"id":1}', '{"id":1,"x":2}']);
  expect(await find(store, data, seeking('3'))).toEqual(['{"id":3}']);
  expect(await find(store, data, seeking('4'))).toEqual([]);
  expect(await find(store, { rows: ['{"id":1}', '{"id":2}'] }, seeking('2'))).toEqual(['{"id":2}']);
});

test('where only one can be meant, nothing is read behind it', async () => {
  const { store, data, reads } = tableOf(...TWO);
  const find = rowFinder();
  expect(await find(store, data, seeking('1', { isOne: true }))).toEqual(['{"id":1}']);
  expect(reads()).toBe(1);
});

test('only slices that can hold the row are read, and none twice', async () => {
  const { store, data, reads } = tableOf(...TWO);
  const find = rowFinder();
  const there = seeking('3', { marks: new Set([B]), isOne: true });
  expect(await find(store, data, there)).toEqual(['{"id":3}']);
  expect(await find(store, data, there)).toEqual(['{"id":3}']);
  expect(reads()).toBe(1);
  expect(await find(store, data, seeking('3', { marks: new Set([A]) }))).toEqual([]);
  expect(reads()).toBe(2);
  // What was not there is not looked for again, and another row is.
  expect(await find(store, data, seeking('3', { marks: new Set([A]) }))).toEqual([]);
  expect(reads()).toBe(2);
  expect(await find(store, data, seeking('2', { marks: new Set([A]) }))).toEqual(['{"id":2}']);
  expect(reads()).toBe(3);
});

test('a row that goes on in the next part is found whole', async () => {
  const { store, data } = tableOf([A, '{"id":1}\n'], [A, '{"id":2,"text":"a lo'], [A, 'ng one"}\n'], [B, '{"id":3}\n']);
  expect(await rowFinder()(store, data, seeking('2'))).toEqual(['{"id":2,"text":"a long one"}']);
  expect(await rowFinder()(store, data, seeking('3'))).toEqual(['{"id":3}']);
});

test('a line that is no row is damage, and said so', async () => {
  const { store, data } = tableOf([A, '{"id":1\n']);
  await expect(rowFinder()(store, data, seeking('1'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  await expect(rowFinder()(store, { rows: ['{"id":1'] }, seeking('1'))).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
  });
});
