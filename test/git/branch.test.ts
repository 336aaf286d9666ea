import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  type BranchFile,
  type BranchWorld,
  type BranchWrite,
  headBranch,
  writeToBranch,
} from '../../src/git/branch.ts';
import { isSlow } from '../support/chance.ts';
import { newRepository, repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const world: BranchWorld = { sleep, random: Math.random };

/** A bare remote, and clones of it. */
function remoteWith(clones: number): { remote: TestRepository; clones: TestRepository[] } {
  const origin = newRepository({ hooks: false });
  const bare = join(scratch(), 'remote.git');
  origin.git(['clone', '-q', '--bare', origin.top, bare]);
  const made = Array.from({ length: clones }, () => {
    const top = join(scratch(), 'clone');
    origin.git(['clone', '-q', bare, top]);
    return repositoryIn(top);
  });
  return { remote: repositoryIn(bare), clones: made };
}

function writing(files: readonly BranchFile[], more: Partial<BranchWrite> = {}): BranchWrite {
  const identity = { name: 'overwinter', email: 'overwinter@example.org' };
  return { remote: 'origin', branch: 'backups', message: 'Back up', files: async () => files, identity, ...more };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('writing to a branch', () => {
  test('makes an orphan branch, and adds to it, without a trace in the clone', async () => {
    const { remote, clones } = remoteWith(1);
    const [clone] = clones;
    if (clone === undefined) throw new Error('no clone');
    clone.write('code.txt', 'staged\n');
    clone.git(['add', '.']);
    clone.write('code.txt', 'not staged\n');
    const before = clone.status();
    const repository = await clone.open();
    const onDisk = join(scratch(), 'on disk.txt');
    writeFileSync(onDisk, 'crlf\r\n');
    const first = await writeToBranch(
      repository,
      writing([
        { path: 'backups/a.json', bytes: bytes('a\n') },
        { path: 'backups/on disk.txt', file: onDisk },
      ]),
      world,
    );
    expect(first).toMatchObject({ status: 'pushed', tries: 1 });
    const second = await writeToBranch(
      repository,
      writing([
        { path: 'backups/b.json', bytes: bytes('b\n') },
        { path: 'backups/a.json', remove: true },
        { path: 'backups/never there', remove: true },
      ]),
      world,
    );
    expect(remote.git(['ls-tree', '-r', '--name-only', 'backups'])).toBe('backups/b.json\nbackups/on disk.txt\n');
    expect(remote.git(['show', 'backups:backups/on disk.txt'])).toBe('crlf\r\n');
    expect(remote.git(['rev-list', '--count', 'backups'])).toBe('2\n');
    expect(remote.git(['rev-parse', 'backups']).trim()).toBe(second.commit);
    expect(clone.status()).toBe(before);
    expect(clone.git(['for-each-ref', 'refs/overwinter'])).toBe('');
    expect(readdirSync(join(clone.top, '.git')).filter((file) => file.startsWith('overwinter'))).toEqual([]);
    expect(existsSync(join(clone.top, 'backups'))).toBe(false);
  });

  test('does nothing where nothing would change', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    const write = writing([{ path: 'a', bytes: bytes('a\n') }]);
    await writeToBranch(repository, write, world);
    expect(await writeToBranch(repository, write, world)).toMatchObject({ status: 'unchanged', tries: 1 });
    expect(remote.git(['rev-list', '--count', 'backups'])).toBe('1\n');
  });

  test('makes no branch where there is nothing to write, and no commit where there is one', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    expect(await writeToBranch(repository, writing([]), world)).toEqual({
      status: 'unchanged',
      commit: undefined,
      tries: 1,
    });
    expect(remote.tryGit(['rev-parse', '-q', '--verify', 'backups']).status).not.toBe(0);
    const { commit } = await writeToBranch(repository, writing([{ path: 'a', bytes: bytes('a\n') }]), world);
    expect(await writeToBranch(repository, writing([]), world)).toEqual({ status: 'unchanged', commit, tries: 1 });
    const seen: unknown[] = [];
    const files = async (parent: string | undefined) => {
      seen.push(parent);
      return [];
    };
    await writeToBranch(repository, writing([], { files }), world);
    expect(seen).toEqual([commit]);
  });

  test('is by whom and says what it was told to', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    const files = [{ path: 'a', bytes: bytes('a\n') }];
    await writeToBranch(repository, writing(files, { message: 'Back up: 3 rows' }), world);
    const format = '--format=%an <%ae> %cn <%ce> %s';
    expect(remote.git(['log', '-1', format, 'backups'])).toBe(
      'overwinter <overwinter@example.org> overwinter <overwinter@example.org> Back up: 3 rows\n',
    );
  });

  test('the branch that a remote shows first is known, where it has one', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    expect(await headBranch(repository, 'origin')).toBe('main');
    remote.git(['branch', 'main-2']);
    remote.git(['symbolic-ref', 'HEAD', 'refs/heads/main-2']);
    expect(await headBranch(repository, 'origin')).toBe('main-2');
    const empty = join(scratch(), 'empty.git');
    remote.git(['init', '-q', '--bare', empty]);
    expect(await headBranch(repository, empty)).toBeUndefined();
  });

  test('adds to the branch that is checked out, beside the code', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    await writeToBranch(repository, writing([{ path: 'backups/a', bytes: bytes('a\n') }], { branch: 'main' }), world);
    expect(remote.git(['ls-tree', '-r', '--name-only', 'main']).split('\n')).toEqual(
      expect.arrayContaining(['backups/a', 'code.txt']),
    );
    expect(clones[0]?.status()).toBe('');
  });

  test('works in a shallow clone, and leaves it as shallow as it was', async () => {
    const { remote } = remoteWith(0);
    const top = join(scratch(), 'shallow');
    remote.git(['clone', '-q', '--depth=1', `file://${remote.top}`, top]);
    const repository = await repositoryIn(top).open();
    for (const name of ['a', 'b', 'c'])
      await writeToBranch(repository, writing([{ path: name, bytes: bytes(name) }]), world);
    expect(remote.git(['rev-list', '--count', 'backups'])).toBe('3\n');
  });

  test('a branch whose name ends in the same words is another one', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    await writeToBranch(repository, writing([{ path: 'a', bytes: bytes('a') }], { branch: 'old/backups' }), world);
    await writeToBranch(repository, writing([{ path: 'b', bytes: bytes('b') }]), world);
    expect(remote.git(['ls-tree', '-r', '--name-only', 'backups'])).toBe('b\n');
  });

  test('says at once that a hook of the remote declined, and that a remote is not there', async () => {
    const { remote, clones } = remoteWith(1);
    const repository = await clones[0]?.open();
    if (repository === undefined) throw new Error('no clone');
    const hook = '#!/bin/sh\necho "Only on Mondays." >&2\nexit 1\n';
    writeFileSync(join(remote.top, 'hooks/pre-receive'), hook, { mode: 0o755 });
    const write = writing([{ path: 'a', bytes: bytes('a\n') }]);
    const impatient = { ...world, sleep: () => Promise.reject(new Error('nobody waits')) };
    await expect(writeToBranch(repository, write, impatient)).rejects.toMatchObject({
      code: 'PUSH_REFUSED',
      message: expect.stringMatching(/Only on Mondays(?!\.\.)/),
    });
    const lost = { ...write, remote: join(scratch(), 'nowhere') };
    await expect(writeToBranch(repository, lost, world)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});

describe('writers at the same time', () => {
  test('whoever always comes too late waits longer each time, says so, and gives up after so many tries', async () => {
    const { remote, clones } = remoteWith(2);
    const [one, two] = await Promise.all(clones.map((clone) => clone.open()));
    if (one === undefined || two === undefined) throw new Error('no clones');
    let turn = 0;
    const files = async () => {
      await writeToBranch(two, writing([{ path: `theirs ${turn++}`, bytes: bytes('x') }]), world);
      return [{ path: 'ours', bytes: bytes('ours') }];
    };
    const slept: number[] = [];
    const said: string[] = [];
    const late: BranchWorld = {
      sleep: async (ms) => void slept.push(ms),
      random: () => 0.5,
      log: (text) => said.push(text),
    };
    const write = writing([], { files, tries: 4 });
    await expect(writeToBranch(one, write, late)).rejects.toMatchObject({ code: 'PUSH_REFUSED' });
    expect([turn, slept, said.length]).toEqual([4, [50, 100, 200], 3]);
    expect(remote.git(['ls-tree', '-r', '--name-only', 'backups'])).not.toContain('ours');
  });

  const race = async (writers: number, rounds: number) => {
    const { remote, clones } = remoteWith(writers);
    // Whoever would rewrite what is there is turned away: a lost commit could not go unnoticed.
    remote.git(['config', 'receive.denyNonFastForwards', 'true']);
    let tries = 0;
    for (let round = 0; round < rounds; round++) {
      const results = await Promise.all(
        clones.map(async (clone, writer) =>
          writeToBranch(
            await clone.open(),
            writing([{ path: `${writer}/${round}`, bytes: bytes(`${writer} ${round}`) }]),
            world,
          ),
        ),
      );
      tries += results.reduce((sum, result) => sum + result.tries, 0);
    }
    const files = remote.git(['ls-tree', '-r', '--name-only', 'backups']).trim().split('\n');
    expect(files).toHaveLength(writers * rounds);
    expect(remote.git(['rev-list', '--count', 'backups'])).toBe(`${writers * rounds}\n`);
    expect(spawnSync('git', ['fsck', '--strict'], { cwd: remote.top }).status).toBe(0);
    return tries / (writers * rounds);
  };

  test('two: nothing is lost', { timeout: 300_000 }, async () => {
    expect(await race(2, isSlow ? 100 : 6)).toBeLessThan(5);
  });

  test.runIf(isSlow)('eight: nothing is lost', { timeout: 600_000 }, async () => {
    expect(await race(8, 10)).toBeLessThan(12);
  });
});
