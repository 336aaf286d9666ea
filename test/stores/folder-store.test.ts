import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import type { WritableStore } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { scratch } from '../support/scratch.ts';

storeContract('a folder', () => {
  const root = join(scratch(), 'backups');
  return { store: folderStore(root), again: () => folderStore(root) };
});

storeContract('a folder by a relative path', () => {
  const root = `./${relative(process.cwd(), join(scratch(), 'backups'))}/`;
  return { store: folderStore(root), again: () => folderStore(root) };
});

const write = (store: WritableStore, text: string) => store.batch((batch) => batch.put(PART, Buffer.from(text)));
const PART = 'parts/a-5d41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';

test('its own files are made once, and what the user made of them stays', async () => {
  const root = join(scratch(), 'backups');
  await write(folderStore(root), 'one');
  expect(readdirSync(root).sort()).toEqual(['.gitattributes', '.gitignore', '.overwinter-lock', 'parts']);
  writeFileSync(join(root, '.gitattributes'), 'mine\n');
  await write(folderStore(root), 'two');
  expect(readFileSync(join(root, '.gitattributes'), 'utf8')).toBe('mine\n');
});

test('what a writer that died left half-written goes when the next one begins', async () => {
  const root = join(scratch(), 'backups');
  await write(folderStore(root), 'one');
  writeFileSync(join(root, '.overwinter-12-3'), 'half');
  await write(folderStore(root), 'two');
  expect(readdirSync(root)).not.toContain('.overwinter-12-3');
});

test('a store that lives long notices that its folders went', async () => {
  const root = join(scratch(), 'backups');
  const store = folderStore(root);
  await write(store, 'one');
  rmSync(root, { recursive: true });
  await write(store, 'two');
  expect(String(await store.read(PART))).toBe('two');
});

test('a folder where a file belongs cannot be written, and leaves nothing half-done', async () => {
  const root = join(scratch(), 'backups');
  const store = folderStore(root);
  mkdirSync(join(root, 'a.json'), { recursive: true });
  const publishing = store.batch((batch) => batch.publish('a.json', Buffer.from('a')));
  await expect(publishing).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(readdirSync(root).filter((name) => name.startsWith('.overwinter-'))).toEqual(['.overwinter-lock']);
  expect((await store.list('top')).has('a.json')).toBe(false);
  expect(await store.read('a.json')).toBeUndefined();
});

test('a file where the folder belongs cannot be written', async () => {
  const root = join(scratch(), 'backups');
  writeFileSync(root, 'mine');
  await expect(write(folderStore(root), 'one')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(readFileSync(root, 'utf8')).toBe('mine');
});
