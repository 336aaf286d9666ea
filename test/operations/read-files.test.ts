import { expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import { type FileLine, writeFileLine } from '../../src/core/file-line.ts';
import type { Part } from '../../src/core/manifest.ts';
import { partFile, pieceFile } from '../../src/core/names.ts';
import type { SavedFolder } from '../../src/core/saved-files.ts';
import { bytesOf, savedFilesIn } from '../../src/operations/read-files.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';

/** A list of files that somebody made up: what is not as its manifest says must not be put on anybody's disk. */

const small = (path: string, text = path): FileLine => ({
  path,
  mode: 0o644,
  mtime: 0,
  bytes: Buffer.byteLength(text),
  content: { bytes: Buffer.from(text) },
});

function backupOf(
  slices: readonly (readonly FileLine[])[],
  folders: readonly SavedFolder[],
  pieces: readonly string[] = [],
) {
  const place = memoryPlace();
  const put = (file: string, bytes: Buffer, rows: number): Part => {
    place.files.set(file, bytes);
    return { file, bytes: bytes.length, rows };
  };
  const saved = pieces.map((text) => put(pieceFile(blobId(Buffer.from(text))), Buffer.from(text), 0));
  const list = slices.map((lines) => {
    const bytes = Buffer.from(lines.map((line) => `${writeFileLine(line)}\n`).join(''));
    return { part: put(partFile('files', blobId(bytes), '00f31c9e'), bytes, lines.length), pieces: saved };
  });
  return { store: memoryStore(place), files: { folders, list } };
}

async function read({ store, files }: ReturnType<typeof backupOf>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const saved of savedFilesIn(store, files)) {
    const bytes: Uint8Array[] = [];
    for await (const each of bytesOf(store, saved)) bytes.push(each);
    found[saved.line.path] = Buffer.concat(bytes).toString();
  }
  return found;
}

const A: SavedFolder = { name: 'a', files: 2, bytes: 6 };

test('files of several slices and folders are read in order', async () => {
  const b: SavedFolder = { name: 'b', files: 1, bytes: 5 };
  const backup = backupOf([[small('a/x')], [small('a/y'), small('b/c/d')]], [A, b]);
  expect(await read(backup)).toEqual({ 'a/x': 'a/x', 'a/y': 'a/y', 'b/c/d': 'b/c/d' });
});

const large = (bytes: number, ...pieces: readonly string[]): FileLine => ({
  ...small('a/large'),
  bytes,
  content: { pieces: pieces.map((text) => blobId(Buffer.from(text))) },
});

test('a file in pieces is whole, and a piece may be in it twice', async () => {
  const backup = backupOf([[large(9, 'one', 'two', 'one')]], [{ name: 'a', files: 1, bytes: 9 }], ['one', 'two']);
  expect(await read(backup)).toEqual({ 'a/large': 'onetwoone' });
});

const DAMAGED = { code: 'BACKUP_DAMAGED' };

test.each([
  ['a file twice', [[small('a/x'), small('a/x')]], [A]],
  ['files in another order', [[small('a/y'), small('a/x')]], [A]],
  ['files in another order from slice to slice', [[small('a/y')], [small('a/x')]], [A]],
  ['a file inside of a file', [[small('a/x'), small('a/x/y')]], [{ ...A, bytes: 8 }]],
  [
    'a file inside of a file, with another between',
    [[small('a/x'), small('a/x-y'), small('a/x/y')]],
    [{ ...A, files: 3, bytes: 13 }],
  ],
  ['a file of no folder', [[small('a/x'), small('ab/y')]], [A]],
  ['fewer files than were counted', [[small('a/x')]], [{ ...A, bytes: 3 }]],
  ['other bytes than were counted', [[small('a/x'), small('a/y')]], [{ ...A, bytes: 7 }]],
  ['none of the files of a folder', [[small('a/x'), small('a/y')]], [A, { name: 'b', files: 1, bytes: 0 }]],
] as const)('a list with %s is damaged', async (_, slices, folders) => {
  await expect(read(backupOf(slices, folders))).rejects.toMatchObject(DAMAGED);
});

test('a file of which a piece is not listed is damaged, also where the bytes of the others are as many', async () => {
  const folders = [{ name: 'a', files: 1, bytes: 3 }];
  await expect(read(backupOf([[large(3, 'one', 'two')]], folders, ['one']))).rejects.toMatchObject(DAMAGED);
  await expect(read(backupOf([[large(3, 'one', 'two')]], folders, ['one', 'two']))).rejects.toMatchObject(DAMAGED);
});

test('a part of the list that holds fewer lines than it should, an open end, or no file is damaged', async () => {
  for (const [text, rows] of [
    [`${writeFileLine(small('a/x'))}\n`, 2],
    [writeFileLine(small('a/x')), 1],
    [`${writeFileLine(small('a/x'))}\n`, 0],
    ['{"path":"a/x"}\n', 1],
    [`${writeFileLine(small('a/../x'))}\n`, 1],
  ] as const) {
    const place = memoryPlace();
    const bytes = Buffer.from(text);
    const part = { file: partFile('files', blobId(bytes), '00f31c9e'), bytes: bytes.length, rows };
    place.files.set(part.file, bytes);
    const files = { folders: [{ name: 'a', files: rows, bytes: 3 * rows }], list: [{ part, pieces: [] }] };
    await expect(read({ store: memoryStore(place), files })).rejects.toMatchObject(DAMAGED);
  }
});
