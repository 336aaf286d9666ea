import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { localPath } from '../../src/local/place.ts';
import { isTracked } from '../../src/local/tracked.ts';
import { newRepository, repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const ours = ({ top }: TestRepository) => join(top, '.overwinter');

function withTracked(path: string): TestRepository {
  const repository = newRepository({ hooks: false });
  repository.write(path, '{}\n');
  repository.git(['add', '-f', path]);
  return repository;
}

/** The index is written anew, and says the same. */
function forgotten(git: string): void {
  const index = join(git, 'index');
  const bytes = readFileSync(index);
  rmSync(index);
  writeFileSync(index, bytes);
}

describe('whether git tracks what is in a folder', () => {
  test('a file deep in it counts, and one whose name only begins alike does not', () => {
    expect(isTracked(ours(withTracked('.overwinter/a/b.json')))).toBe(true);
    expect(isTracked(ours(withTracked('.overwinterly/b.json')))).toBe(false);
    expect(isTracked(ours(withTracked('docs/.overwinter/b.json')))).toBe(false);
    expect(isTracked(ours(newRepository({ hooks: false })))).toBe(false);
  });

  test.each([
    ['paths that leave out what they share (version 4)', ['update-index', '--index-version', '4']],
    ['an index in two files', ['update-index', '--split-index']],
  ])('in every form of index: %s', (_, args) => {
    const planted = withTracked('.overwinter/b.json');
    planted.git(args);
    expect(isTracked(ours(planted))).toBe(true);
    const clean = newRepository({ hooks: false });
    clean.git(args);
    expect(isTracked(ours(clean))).toBe(false);
  });

  test('whatever the environment says of how paths are meant', () => {
    for (const name of ['LITERAL', 'GLOB', 'NOGLOB', 'ICASE']) {
      const repository = withTracked('.overwinter/b.json');
      process.env[`GIT_${name}_PATHSPECS`] = '1';
      try {
        expect(isTracked(ours(repository)), name).toBe(true);
      } finally {
        delete process.env[`GIT_${name}_PATHSPECS`];
      }
    }
  });

  test('another spelling, a submodule and a link count too', () => {
    const repository = newRepository({ hooks: false });
    const head = repository.git(['rev-parse', 'HEAD']).trim();
    repository.git(['update-index', '--add', '--cacheinfo', `160000,${head},.overwinter`]);
    expect(isTracked(ours(repository))).toBe(true);
    expect(isTracked(ours(withTracked('.OverWinter/b.json')))).toBe(true);
  });

  test('a merge that comes while a process runs is seen', () => {
    const repository = newRepository({ hooks: false });
    expect(isTracked(ours(repository))).toBe(false);
    repository.write('.overwinter/x.json', '{}\n');
    repository.git(['add', '-f', '.overwinter/x.json']);
    expect(isTracked(ours(repository))).toBe(true);
  });

  test('in a linked work tree its own index is asked', () => {
    const repository = newRepository({ hooks: false });
    const other = join(scratch(), 'other');
    repository.git(['worktree', 'add', '-q', other]);
    const there = repositoryIn(other);
    there.write('.overwinter/x.json', '{}\n');
    there.git(['add', '-f', '.overwinter/x.json']);
    expect(isTracked(ours(there))).toBe(true);
    expect(isTracked(ours(repository))).toBe(false);
  });

  test('without a repository nothing is, and neither in one without an index', () => {
    expect(isTracked(join(scratch(), '.overwinter'))).toBe(false);
    const fresh = scratch();
    mkdirSync(join(fresh, '.git'));
    expect(isTracked(join(fresh, '.overwinter'))).toBe(false);
  });

  test('a `.git` that is a file leads to its index, however its line ends, and one that says nothing leads to none', () => {
    const repository = withTracked('.overwinter/b.json');
    const git = join(repository.top, '.git');
    const elsewhere = join(scratch(), 'git');
    renameSync(git, elsewhere);
    for (const [text, tracked] of [
      [`gitdir: ${elsewhere}\n`, true],
      ['nothing', false],
      [`gitdir: ${elsewhere}`, true],
      [`# gitdir: ${elsewhere}\n`, false],
      [`gitdir: ${relative(repository.top, elsewhere)}\r\n`, true],
    ] as const) {
      writeFileSync(git, text);
      // What was once found out holds as long as the index is the same.
      forgotten(elsewhere);
      expect(isTracked(ours(repository)), JSON.stringify(text)).toBe(tracked);
    }
  });

  test('git is not started where the index tells, nor twice for the same index', () => {
    const plain = newRepository({ hooks: false });
    // Its last name is in the index, and git says that it lies elsewhere.
    const alike = withTracked('docs/.overwinter/b.json');
    expect(isTracked(ours(alike))).toBe(false);
    const path = process.env.PATH;
    try {
      process.env.PATH = '';
      expect([isTracked(ours(plain)), isTracked(ours(alike))]).toEqual([false, false]);
      // Where it would have to be asked and does not answer, what could be tracked is held to be.
      forgotten(join(alike.top, '.git'));
      expect(isTracked(ours(alike))).toBe(true);
    } finally {
      process.env.PATH = path;
    }
  });

  test('an index of no known form, which git cannot read either, may track anything', () => {
    const repository = newRepository({ hooks: false });
    const index = join(repository.top, '.git/index');
    writeFileSync(index, Buffer.concat([Buffer.from('XXXX'), readFileSync(index).subarray(4)]));
    expect(isTracked(ours(repository))).toBe(true);
  });

  test('an index that was written over in its place is another one', () => {
    const [clean, planted] = [withTracked('.overwintex/b.json'), withTracked('.overwinter/b.json')];
    const index = join(clean.top, '.git/index');
    const other = readFileSync(join(planted.top, '.git/index'));
    expect(isTracked(ours(clean))).toBe(false);
    expect(readFileSync(index)).toHaveLength(other.length);
    writeFileSync(index, other);
    expect(isTracked(ours(clean))).toBe(true);
  });
});

test('a folder that everybody may write in is not ours, unless the project is such a folder', () => {
  const folder = scratch();
  const local = join(folder, '.overwinter');
  mkdirSync(local);
  writeFileSync(join(local, 'x'), '');
  expect(localPath(local, 'x')).toBe(join(local, 'x'));
  chmodSync(local, 0o777);
  expect(() => localPath(local, 'x')).toThrow('may be written by everybody');
  chmodSync(folder, 0o777);
  expect(localPath(local, 'x')).toBe(join(local, 'x'));
});
