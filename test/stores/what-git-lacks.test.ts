import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import { partFile } from '../../src/core/names.ts';
import { openObjects } from '../../src/git/objects.ts';
import { rememberReaders } from '../../src/local/readers.ts';
import { branchStore } from '../../src/stores/git/branch-store.ts';
import { nameInTree, partsNamed } from '../../src/stores/git/commit-files.ts';
import { withDropped } from '../../src/stores/git/committed-store.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { gitRevisionStore, shelfOf } from '../../src/stores/git/revision.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { newRepository, plainEnvironment, type TestRepository } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** A repository with a backup in its last commit. */
async function committed() {
  const repository = newRepository({ hooks: false });
  const files = await filesOfBackup();
  for (const [path, bytes] of files) repository.write(`backups/${path}`, bytes.toString());
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'save']);
  const [part = ''] = [...files.keys()].filter((path) => path.startsWith('parts/'));
  return { repository, files, part };
}

const idIn = ({ git }: TestRepository, path: string) => git(['rev-parse', `HEAD:backups/${path}`]).trim();

test('an object that a clone has lost says nothing about the backup', async () => {
  const { repository, files, part } = await committed();
  const id = idIn(repository, part);
  const store = async () => gitRevisionStore(await repository.open(), 'HEAD', join(repository.top, 'backups'));
  const before = await store();
  expect((await before.read(part))?.length).toBe(files.get(part)?.length);
  const opened = await store();
  rmSync(join(repository.top, '.git/objects', id.slice(0, 2), id.slice(2)));
  await expect(opened.read(part)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  await expect(store()).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

test('what a merge dropped from the folder is read from git, and nothing else is', async () => {
  const { repository, files, part } = await committed();
  const { store } = projectIn(repository.top);
  const objects = openObjects(await repository.open());
  const whole = withDropped(store, objects);
  rmSync(join(repository.top, 'backups', part));
  expect(await store.read(part)).toBeUndefined();
  expect((await whole.read(part))?.equals(files.get(part) ?? Buffer.alloc(0))).toBe(true);
  expect((await whole.read(part, { first: 3 }))?.length).toBe(3);
  await expect(whole.read(part, { most: 3 })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(await whole.read('gone.json')).toBeUndefined();
  expect((await whole.list('parts')).has(part)).toBe(false);
  expect([whole.label, whole.id]).toEqual([store.label, store.id]);
  objects.close();
});

test('a branch gets the files that belong to a folder of backups, and keeps its own', async () => {
  const { repository } = await committed();
  const opened = await repository.open();
  const changes = async (commit: string | undefined, layout?: 'flat') => {
    const place = { label: 'it', id: 'it', commit, inside: 'backups', scratch: scratch(), ...(layout && { layout }) };
    const store = await branchStore(opened, place);
    await store.publish('a.json', Buffer.from('it'));
    await store.put('parts/b', Buffer.from('it'));
    store.close();
    return store.changes().map(({ path }) => path);
  };
  const own = ['backups/.gitattributes', 'backups/.gitignore'];
  expect((await changes(undefined)).sort()).toEqual([...own, 'backups/a.json', 'backups/parts/b']);
  expect(await changes(undefined, 'flat')).toEqual(['backups~a.json', 'backups~parts~b']);
  repository.write('backups/.gitattributes', 'mine\n');
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'mine']);
  const commit = repository.git(['rev-parse', 'HEAD']).trim();
  expect((await changes(commit)).sort()).toEqual(['backups/.gitignore', 'backups/a.json', 'backups/parts/b']);
});

test('a branch that is written to is seen with what was written and without what was removed', async () => {
  const { repository, files, part } = await committed();
  const commit = repository.git(['rev-parse', 'HEAD']).trim();
  const store = await branchStore(await repository.open(), {
    label: 'it',
    id: 'it',
    commit,
    inside: 'backups',
    scratch: scratch(),
  });
  const [manifest = ''] = [...files.keys()].filter((path) => !path.startsWith('parts/'));
  expect(await store.remove([part, manifest, 'never.json'])).toEqual([]);
  expect([await store.read(part), await store.read(manifest), await store.read('never.json')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([...(await store.list('top')).keys(), ...(await store.list('parts')).keys()]).not.toContain(part);
  expect(store.changes()).toEqual([
    { path: `backups/${part}`, remove: true },
    { path: `backups/${manifest}`, remove: true },
  ]);
  await store.publish(manifest, Buffer.from('other'));
  await store.publish('b.json', Buffer.from('longer'));
  await store.remove(['b.json']);
  expect(store.published()).toContain(manifest);
  expect(store.published()).not.toContain('b.json');
  expect(String(await store.read(manifest, { first: 2 }))).toBe('ot');
  expect((await store.list('top')).get(manifest)).toBe(5);
  expect((await store.list('top')).has('b.json')).toBe(false);
  expect(store.changes().filter(({ path }) => path.endsWith(manifest))).toHaveLength(1);
  store.close();
});

test('a branch in a repository that is known to be public says whose it is', async () => {
  const { repository } = await committed();
  const local = join(repository.top, '.overwinter');
  const folder = join(repository.top, 'backups');
  const remote = 'https://github.com/ada/app.git';
  const nameOf = (at: string | undefined, where = folder) =>
    liveBranch({ branch: 'saved', folder: where, backups: where, local, remote: at }, plainEnvironment).publicAs?.();
  expect(await nameOf(remote)).toBeUndefined();
  rememberReaders(local, remote, 'anyone');
  expect(await nameOf(remote)).toBe('ada/app');
  expect(await nameOf(undefined)).toBeUndefined();
  repository.git(['remote', 'add', 'origin', remote]);
  expect(await nameOf(undefined)).toBe('ada/app');
  expect(await nameOf(undefined, scratch())).toBeUndefined();
  rememberReaders(local, remote, 'not-anyone');
  expect(await nameOf(remote)).toBeUndefined();
});

test('a branch of a checkout that is none is out of reach, and says so', async () => {
  const folder = join(scratch(), 'backups');
  const place = { branch: 'saved', folder, backups: folder, local: join(scratch(), '.overwinter'), remote: undefined };
  const store = liveBranch(place, { ...plainEnvironment, GIT_CEILING_DIRECTORIES: '/' }).open();
  if (!('list' in store)) throw new Error('it can be read');
  await expect(store.list('top')).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: expect.stringContaining('saved'),
  });
  expect(existsSync(folder)).toBe(false);
});

test('a file lies on top, among the parts, or is nobody’s; and where there are no folders it has another name', () => {
  expect(['a.json', 'parts/b', 'parts/files/c', 'other/d', 'partsx/e'].map(shelfOf)).toEqual([
    'top',
    'parts',
    'parts',
    undefined,
    undefined,
  ]);
  expect(nameInTree('backups/parts/b', 'flat')).toBe('backups~parts~b');
  expect(nameInTree('backups/parts/b', 'folders')).toBe('backups/parts/b');
});

test('what is no manifest names no parts', async () => {
  const [[path = '', bytes = Buffer.alloc(0)] = []] = [...(await filesOfBackup())].filter(
    ([each]) => !/^parts/.test(each),
  );
  expect(partsNamed(path, bytes).length).toBeGreaterThan(2);
  for (const none of [undefined, { size: 9 }, Buffer.from('{'), Buffer.alloc(0)])
    expect(partsNamed(path, none)).toEqual([]);
  const part = partFile('a', blobId(Buffer.from('it')), '00f31c9e');
  expect(partsNamed(part, Buffer.from('it'))).toEqual([]);
});

test('what lies beside the backups on a branch is not among them', async () => {
  const { repository, files } = await committed();
  repository.write('backups/other/notes.txt', 'mine');
  repository.write('readme.txt', 'mine');
  writeFileSync(join(repository.top, 'backups/plain.txt'), 'seen');
  repository.git(['add', '-f', '.']);
  repository.git(['commit', '-qm', 'more']);
  const store = await gitRevisionStore(await repository.open(), 'HEAD', join(repository.top, 'backups'));
  const manifests = [...files.keys()].filter((path) => !path.startsWith('parts/'));
  expect([...(await store.list('top')).keys()].sort()).toEqual([...manifests, 'plain.txt'].sort());
  expect((await store.list('parts')).size).toBe(readdirSync(join(repository.top, 'backups/parts')).length);
  expect(String(await store.read('plain.txt'))).toBe('seen');
  expect(await store.read('readme.txt')).toBeUndefined();
});
