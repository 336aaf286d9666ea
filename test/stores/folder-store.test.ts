import { execFileSync } from 'node:child_process';
import { mkdirSync, type PathLike, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import type { WritableStore } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { scratch } from '../support/scratch.ts';

/** What was asked of the disk, in its order. */
const asked = vi.hoisted((): string[] => []);
/** What the disk does not take. */
const failing = vi.hoisted((): { path?: string } => ({}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const opened = new Map<number, PathLike>();
  const openSync: typeof fs.openSync = (path, ...how) => {
    const file = fs.openSync(path, ...how);
    opened.set(file, path);
    return file;
  };
  const fsync: (file: number, done: (error: Error | null) => void) => void = (file, done) => {
    fs.fsync(file, (error) => {
      asked.push(`flush ${opened.get(file)}`);
      const isFailing = failing.path !== undefined && opened.get(file) === failing.path;
      done(isFailing ? Object.assign(new Error('a disk that fails'), { code: 'EIO', syscall: 'fsync' }) : error);
    });
  };
  return { ...fs, openSync, fsync };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const writeFile: typeof fs.writeFile = async (path, text, how) => {
    await fs.writeFile(path, text, how);
    if (typeof how === 'object' && how !== null && how.flush) asked.push('flush new');
  };
  const rename: typeof fs.rename = async (from, to) => {
    await fs.rename(from, to);
    asked.push(`name ${to}`);
  };
  const rm: typeof fs.rm = async (path, how) => {
    await fs.rm(path, how);
    asked.push(`remove ${path}`);
  };
  return { ...fs, writeFile, rename, rm };
});

/** The same, with paths from a folder. */
async function askedOf(folder: string, work: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await work();
  return asked.map((each) => each.replace(`${folder}/`, '').replace(folder, '.'));
}

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

test('a store that lives long notices that somebody put a link in the place of its parts', async () => {
  const elsewhere = join(scratch(), 'backups');
  await write(folderStore(elsewhere), 'of somebody else');
  const root = join(scratch(), 'backups');
  const store = folderStore(root);
  await store.batch((batch) => batch.publish('a.json', Buffer.from('it')));
  expect(await store.read(PART)).toBeUndefined();
  symlinkSync(join(elsewhere, 'parts'), join(root, 'parts'));
  await expect(store.read(PART)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
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
  // It is the folder that cannot be made, whatever of it came first.
  const message = expect.stringMatching(/backups cannot be written/);
  await expect(write(folderStore(root), 'one')).rejects.toMatchObject({ code: 'NOT_WRITABLE', message });
  expect(readFileSync(root, 'utf8')).toBe('mine');
});

test('a backup has its name when all that it is made of is on the disk, and so are the names of that', async () => {
  const at = scratch();
  const store = folderStore(join(at, 'deep', 'backups'));
  const publish = (path: string) => () =>
    store.batch(async (batch) => {
      await batch.put(PART, Buffer.from('one'));
      await batch.publish(path, Buffer.from('it'));
    });
  const first = await askedOf(at, publish('a.json'));
  const named = first.indexOf('name deep/backups/a.json');
  // All folders that were made are entries in others.
  for (const path of [`deep/backups/${PART}`, 'deep/backups/parts', 'deep/backups', 'deep', '.'])
    expect(first.slice(0, named)).toContain(`flush ${path}`);
  expect(first.slice(named - 1)).toEqual(['flush new', 'name deep/backups/a.json', 'flush deep/backups']);
  // What is there and was not touched is not waited for.
  expect(await askedOf(at, publish('b.json'))).toEqual([
    ...['flush new', `name deep/backups/${PART}`, 'flush deep/backups/parts'],
    ...['flush new', 'name deep/backups/b.json', 'flush deep/backups'],
  ]);
});

test('what names parts is gone from the disk before they go', async () => {
  const root = scratch();
  const store = folderStore(root);
  await store.batch(async (batch) => {
    await batch.put(PART, Buffer.from('one'));
    await batch.publish('a.json', Buffer.from('it'));
  });
  const remove = () => store.batch((batch) => batch.remove([PART, 'a.json']));
  expect(await askedOf(root, remove)).toEqual([...['remove a.json', 'flush .'], ...[`remove ${PART}`, 'flush parts']]);
});

const DAMAGED = { code: 'BACKUP_DAMAGED' };

test('what is no plain file is never taken for one, and a link in a manifest’s place is seen', async () => {
  const root = scratch();
  const store = folderStore(root);
  await store.batch((batch) => batch.publish('a.json', Buffer.from('it')));
  mkdirSync(join(root, 'folder.json'));
  symlinkSync(join(root, 'a.json'), join(root, 'link.json'));
  symlinkSync(join(root, 'a.json'), join(root, 'link.txt'));
  execFileSync('mkfifo', [join(root, 'pipe.json')]);
  const json = [...(await store.list('top')).keys()].filter((path) => !path.startsWith('.'));
  expect(json.sort()).toEqual(['a.json', 'link.json']);
  await expect(store.read('link.json')).rejects.toMatchObject(DAMAGED);
  for (const range of [{ most: 10 }, { first: 10 }])
    await expect(store.read('pipe.json', range)).rejects.toMatchObject(DAMAGED);
  expect(await store.read('folder.json')).toBeUndefined();
  await expect(store.read('a.json', { most: 1 })).rejects.toMatchObject(DAMAGED);
  expect([...store.outsides(['a.json', 'link.json', 'pipe.json', 'folder.json', 'gone.json']).keys()]).toEqual([
    'a.json',
  ]);
});

test('a folder that is a link to nowhere, or a file, is not an empty one', async () => {
  const [link, file] = [join(scratch(), 'backups'), join(scratch(), 'backups')];
  symlinkSync(join(scratch(), 'a disk that is gone'), link);
  writeFileSync(file, 'mine');
  for (const root of [link, file])
    await expect(folderStore(root).list('top')).rejects.toMatchObject({ code: 'NOT_READABLE' });
});

test('what lies outside is known by its size and by a mark, without opening it, and not through a link', async () => {
  const root = scratch();
  const store = folderStore(root);
  await write(store, 'one');
  const before = store.outsides([PART]).get(PART);
  expect(before?.bytes).toBe(3);
  expect(store.outsides([PART]).get(PART)).toEqual(before);
  writeFileSync(join(root, PART), 'two');
  expect(store.outsides([PART]).get(PART)?.mark).not.toBe(before?.mark);
  const linked = folderStore(scratch());
  symlinkSync(join(root, 'parts'), join(linked.path, 'parts'));
  expect(linked.outsides([PART]).size).toBe(0);
  await expect(linked.list('parts')).rejects.toMatchObject(DAMAGED);
  await expect(write(linked, 'three')).rejects.toMatchObject(DAMAGED);
  expect(readFileSync(join(root, PART), 'utf8')).toBe('two');
});

test('a folder that a link inside the project leads to is used for nothing', async () => {
  const project = scratch();
  const elsewhere = scratch();
  await write(folderStore(elsewhere), 'of somebody else');
  symlinkSync(elsewhere, join(project, 'backups'));
  const NOT_OURS = { code: 'NOT_OURS' };
  const store = folderStore(join(project, 'backups'), project);
  for (const work of [() => store.list('top'), () => store.read(PART), () => write(store, 'mine')])
    await expect(work()).rejects.toMatchObject(NOT_OURS);
  expect(store.outsides([PART]).size).toBe(0);
  expect(readFileSync(join(elsewhere, PART), 'utf8')).toBe('of somebody else');
  // Without a project around it, somebody named it.
  expect(String(await folderStore(join(project, 'backups')).read(PART))).toBe('of somebody else');
});

test('a folder within that of the parts goes with the last of them, and comes again', async () => {
  const root = scratch();
  const store = folderStore(root);
  const [one, two, other] = ['parts/files/aa/1.bin', 'parts/files/aa/2.bin', 'parts/files/bb/3.bin'];
  await store.batch(async (batch) => {
    for (const path of [one, two, other]) await batch.put(path, Buffer.from(path));
    await batch.remove([one]);
    expect(readdirSync(join(root, 'parts/files'))).toEqual(['aa', 'bb']);
    await batch.remove([two, 'parts/files/aa/never.bin']);
    expect(readdirSync(join(root, 'parts/files'))).toEqual(['bb']);
    await batch.put(one, Buffer.from('again'));
  });
  expect(String(await store.read(one))).toBe('again');
  await store.batch((batch) => batch.remove([one, other]));
  expect(readdirSync(join(root, 'parts'))).toEqual([]);
});

test('what could not be brought to the disk is said, and tried again', async () => {
  const root = scratch();
  const store = folderStore(root);
  const fails = (path: string) => {
    failing.path = join(root, path);
    return write(store, 'one');
  };
  await expect(fails(PART)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  // Torn, it would stand there under the name of a whole one.
  expect(readdirSync(join(root, 'parts'))).toEqual([]);
  await expect(fails('parts')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  delete failing.path;
  expect(await askedOf(root, () => store.batch(async () => {}))).toContain('flush parts');
});
