import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { type Opened, openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { lookInGit, placeInRepository } from '../../src/operations/in-git.ts';
import { repositoryIn } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** An app in a repository, with backups that are saved, committed and pushed when told to. */
function app(format = 'sha1', inside = '') {
  const top = scratch();
  const repository = repositoryIn(top, inside);
  mkdirSync(repository.root, { recursive: true });
  repository.git(['init', '-q', '-b', 'main', `--object-format=${format}`]);
  repository.write('.gitignore', 'app.db*\n.overwinter/\n');
  const project = projectIn(repository.root, { repository: () => repository.open() });
  let newest: Opened | undefined;
  return {
    ...repository,
    project,
    async save() {
      addNotes(project.db, 400);
      const { name } = await backup(project, { trigger: 'test' });
      newest = await openBackup(project.store, name);
      return name;
    },
    commit() {
      repository.git(['add', '.']);
      repository.git(['commit', '-q', '-m', 'save']);
    },
    remote(name: string) {
      const bare = scratch();
      repository.git(['init', '-q', '--bare', `--object-format=${format}`, bare]);
      repository.git(['remote', 'add', name, bare]);
    },
    async look() {
      const facts = await lookInGit(project, await readCatalog(project.store), newest);
      if (facts.kind !== 'repository') throw new Error(JSON.stringify(facts));
      return facts;
    },
  };
}

describe('how far a backup has come in git', () => {
  test('is told from the working tree to a commit and a remote', async () => {
    const { save, commit, remote, git, look } = app();
    const first = await save();
    expect(await look()).toMatchObject({
      folder: 'backups',
      branch: 'main',
      ignored: false,
      committed: false,
      lastCommitted: undefined,
      hasSome: false,
      remotes: [],
      upstream: undefined,
      pushedTo: undefined,
      lastPushed: undefined,
    });
    commit();
    expect(await look()).toMatchObject({ committed: true, lastCommitted: { name: first }, hasSome: true });
    remote('origin');
    expect(await look()).toMatchObject({ remotes: ['origin'], upstream: undefined, pushedTo: undefined });
    git(['push', '-q', 'origin', 'main']);
    expect(await look()).toMatchObject({
      upstream: 'origin/main',
      pushedTo: 'origin/main',
      lastPushed: { name: first },
    });
    const second = await save();
    const behind = {
      committed: false,
      lastCommitted: { name: first },
      pushedTo: undefined,
      lastPushed: { name: first },
    };
    expect(await look()).toMatchObject(behind);
    commit();
    expect(await look()).toMatchObject({ ...behind, committed: true, lastCommitted: { name: second } });
  });

  test('counts on every branch of a remote, for each is on another machine', async () => {
    const { save, commit, remote, git, look } = app();
    await save();
    commit();
    remote('origin');
    git(['push', '-q', 'origin', 'main:other']);
    expect(await look()).toMatchObject({ upstream: undefined, pushedTo: 'origin/other' });
    git(['push', '-q', 'origin', 'main']);
    expect(await look()).toMatchObject({ upstream: 'origin/main', pushedTo: 'origin/main' });
    await save();
    commit();
    git(['push', '-q', 'origin', 'main:other']);
    expect(await look()).toMatchObject({ upstream: 'origin/main', pushedTo: 'origin/other' });
  });

  test('goes by the branch that is configured, before the one that is called the same', async () => {
    const { save, commit, remote, git, look } = app();
    await save();
    commit();
    for (const name of ['origin', 'mirror']) remote(name);
    git(['push', '-q', 'origin', 'main']);
    git(['push', '-q', '-u', 'mirror', 'main']);
    expect(await look()).toMatchObject({ upstream: 'mirror/main', pushedTo: 'mirror/main' });
  });

  test('is not far where a part of it is missing in the commit', async () => {
    const { save, commit, git, look, project } = app();
    await save();
    commit();
    git(['rm', '-q', '-r', '--cached', join(project.store.path, 'parts')]);
    git(['commit', '-q', '-m', 'without the parts']);
    expect(await look()).toMatchObject({ committed: false, hasSome: true });
  });

  test('is told of a folder deeper in the repository, and of one that is ignored', async () => {
    const { save, commit, look, write } = app('sha1', 'apps/one');
    await save();
    commit();
    expect(await look()).toMatchObject({ folder: 'apps/one/backups', committed: true, ignored: false });
    write('.gitignore', 'app.db*\n.overwinter/\nbackups/\n');
    expect(await look()).toMatchObject({ ignored: true });
  });

  test('is told where a repository has longer ids than the parts are named by', async () => {
    const { save, commit, look } = app('sha256');
    await save();
    expect(await look()).toMatchObject({ committed: false });
    commit();
    expect(await look()).toMatchObject({ committed: true });
  });
});

test('without a backup nothing is committed, and nothing pushed', async () => {
  const { look, commit } = app();
  commit();
  expect(await look()).toMatchObject({ committed: false, pushedTo: undefined, lastCommitted: undefined });
});

test('what lies elsewhere, in no repository, or in one that cannot be asked is told apart', async () => {
  const { project } = app();
  const catalog = await readCatalog(project.store);
  const ask = (changes: Partial<typeof project>) => lookInGit({ ...project, ...changes }, catalog, undefined);
  expect(await ask({ elsewhere: 'the bucket' })).toEqual({ kind: 'elsewhere', label: 'the bucket' });
  expect(await ask({ repository: async () => undefined })).toEqual({ kind: 'none' });
  const failing = async () => {
    throw new Error('no git here');
  };
  expect(await ask({ repository: failing })).toEqual({ kind: 'unknown', trouble: { text: 'no git here' } });
  expect(await placeInRepository({ ...project, repository: async () => undefined })).toBeUndefined();
  mkdirSync(project.store.path, { recursive: true });
  expect(await placeInRepository(project)).toMatchObject({ folder: project.store.path, inside: 'backups' });
  rmSync(project.store.path, { recursive: true });
});
