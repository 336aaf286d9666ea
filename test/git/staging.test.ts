import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRepository } from '../../src/git/repository.ts';
import { leftStaged, RESYNC_MARKER, rememberStaged, resync, stage } from '../../src/git/staging.ts';
import { newRepository, plainEnvironment, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** Writes a file and tells what git would call its bytes. */
function written(repository: TestRepository, path: string, text: string) {
  repository.write(path, text);
  return { path, id: repository.git(['hash-object', '--no-filters', '--', path]).trim() };
}

const staged = (repository: TestRepository) => repository.git(['diff', '--cached', '--name-status']);

describe('what is staged', () => {
  test('is exactly these files, to the byte, ignored or not, and what is to go goes', async () => {
    const repository = newRepository({ hooks: false });
    repository.write('.gitattributes', '*.json text eol=lf filter=shout\n');
    repository.git(['config', 'filter.shout.clean', 'tr a-z A-Z']);
    repository.write('.gitignore', 'backups\napp.db*\n');
    repository.write('code.txt', 'not meant\n');
    const odd = 'backups/a "b" \\ c\nd.json';
    const add = [written(repository, 'backups/a.json', 'a\r\nb\r\n'), written(repository, odd, 'odd')];
    const opened = await repository.open();
    await stage(opened, { add, remove: ['other.txt', 'backups/never.json'] });
    expect(repository.git(['diff', '--cached', '--name-only', '-z']).split('\0').filter(Boolean).sort()).toEqual(
      ['backups/a.json', odd, 'other.txt'].sort(),
    );
    expect(repository.git(['show', ':backups/a.json'])).toBe('a\r\nb\r\n');
    expect(repository.tryGit(['show', ':other.txt']).status).not.toBe(0);
    expect(existsSync(join(repository.top, 'other.txt'))).toBe(true);
  });

  test.each(['shout', 'x', 'odd=name'])(
    'runs no program that an attribute names, then or afterwards: %s',
    async (filter) => {
      const repository = newRepository({ hooks: false });
      const trace = join(scratch(), 'trace');
      for (const kind of ['clean', 'smudge'])
        repository.git(['config', `filter.${filter}.${kind}`, `touch '${trace}'; cat`]);
      repository.git(['config', `filter.${filter}.required`, 'true']);
      repository.write('.gitattributes', `*.json filter=${filter}\n`);
      const add = [written(repository, 'a.json', 'a\n'), written(repository, 'b.json', 'b\n')];
      // What was written in this very moment git reads again in any case.
      for (const { path } of add) utimesSync(join(repository.top, path), 1_700_000_000, 1_700_000_000);
      await stage(await repository.open(), { add, remove: [] });
      expect(existsSync(trace)).toBe(false);
      if (filter !== 'odd=name') {
        repository.git(['diff-files']);
        expect(existsSync(trace)).toBe(false);
      }
      expect(repository.git(['show', ':b.json'])).toBe('b\n');
    },
  );

  test('a file that is not what was meant any more stops it, and nothing is staged', async () => {
    const repository = newRepository({ hooks: false });
    const add = [written(repository, 'a.json', 'a'), written(repository, 'b.json', 'b')];
    repository.write('b.json', 'something else');
    await expect(stage(await repository.open(), { add, remove: [] })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(staged(repository)).toBe('');
  });

  test('nothing to stage is nothing done, also while the index is locked', async () => {
    const repository = newRepository({ hooks: false });
    writeFileSync(join(repository.top, '.git/index.lock'), '');
    await stage(await repository.open(), { add: [], remove: [] });
  });

  test('an index that somebody holds for a moment is waited for', async () => {
    const repository = newRepository({ hooks: false });
    const add = [written(repository, 'a.json', 'a')];
    const lock = join(repository.top, '.git/index.lock');
    writeFileSync(lock, '');
    setTimeout(() => rmSync(lock), 150);
    await stage(await repository.open(), { add, remove: [] });
    expect(staged(repository)).toBe('A\ta.json\n');
  });
});

describe('a commit of some paths alone', () => {
  /** As inside `git commit -- path`, which has made an index of its own. */
  async function partial(repository: TestRepository) {
    const index = join(repository.top, '.git/next-index-1.lock');
    repository.git(['read-tree', 'HEAD'], { env: { GIT_INDEX_FILE: index } });
    const opened = await openRepository(repository.top, { ...plainEnvironment, GIT_INDEX_FILE: index });
    if (opened === undefined) throw new Error('no repository');
    const inIndex = (path: string) =>
      repository.tryGit(['show', `:${path}`], { env: { GIT_INDEX_FILE: index } }).stdout;
    return { opened, inIndex };
  }

  test('gets the files, and so does the index that is waiting under its lock', async () => {
    const repository = newRepository({ hooks: false });
    const add = [written(repository, 'a.json', 'a')];
    const { opened, inIndex } = await partial(repository);
    const real = join(repository.top, '.git/index.lock');
    writeFileSync(real, readFileSync(join(repository.top, '.git/index')));
    await stage(opened, { add, remove: ['other.txt'] });
    expect(inIndex('a.json')).toBe('a');
    expect(repository.git(['show', ':a.json'], { env: { GIT_INDEX_FILE: real } })).toBe('a');
    expect(existsSync(join(repository.top, '.git', RESYNC_MARKER))).toBe(false);
  });

  test('without one, the real index hears of it after the commit', async () => {
    const repository = newRepository({ hooks: false });
    const add = [written(repository, 'a.json', 'a')];
    const { opened, inIndex } = await partial(repository);
    await stage(opened, { add, remove: ['other.txt'] });
    expect(inIndex('a.json')).toBe('a');
    expect(staged(repository)).toBe('');
    // The commit happens from the index of its own.
    const tree = repository.git(['write-tree'], { env: { GIT_INDEX_FILE: opened.index } }).trim();
    const commit = repository.git(['commit-tree', tree, '-p', 'HEAD', '-m', 'some']).trim();
    repository.git(['update-ref', 'HEAD', commit]);
    await resync(await repository.open());
    expect(staged(repository)).toBe('');
    expect(existsSync(join(repository.top, '.git', RESYNC_MARKER))).toBe(false);
  });

  test('a whole commit leaves nothing to tell afterwards', async () => {
    const repository = newRepository({ hooks: false });
    const add = [written(repository, 'a.json', 'a')];
    await stage(await repository.open(), { add, remove: [] });
    expect(existsSync(join(repository.top, '.git', RESYNC_MARKER))).toBe(false);
    await resync(await repository.open());
    expect(staged(repository)).toBe('A\ta.json\n');
  });
});

describe('what a commit that never happened left staged', () => {
  test('is known as ours until a commit is made', async () => {
    const repository = newRepository({ hooks: false });
    const opened = await repository.open();
    const head = repository.git(['rev-parse', 'HEAD']).trim();
    expect(await leftStaged(opened, head)).toEqual([]);
    await rememberStaged(opened, head, ['a.json', 'b.json']);
    expect(await leftStaged(opened, head)).toEqual(['a.json', 'b.json']);
    expect(await leftStaged(opened, 'another')).toEqual([]);
    expect(await leftStaged(opened, undefined)).toEqual([]);
    await resync(opened);
    expect(await leftStaged(opened, head)).toEqual([]);
  });

  test('is known before the first commit too', async () => {
    const repository = newRepository({ hooks: false });
    const opened = await repository.open();
    await rememberStaged(opened, undefined, ['a.json']);
    expect(await leftStaged(opened, undefined)).toEqual(['a.json']);
  });

  test.each(['', '{', 'null', '7', '{"head":""}', '{"paths":["a"]}', '{"head":"","paths":"a"}'])(
    'is nothing where the note is damaged: %s',
    async (note) => {
      const repository = newRepository({ hooks: false });
      const opened = await repository.open();
      await rememberStaged(opened, undefined, ['a.json']);
      writeFileSync(join(opened.gitDir, 'overwinter-staged'), note);
      expect(await leftStaged(opened, undefined)).toEqual([]);
    },
  );

  test('a partial commit that was aborted leaves nothing to tell the next one', async () => {
    const repository = newRepository({ hooks: false });
    const opened = await repository.open();
    writeFileSync(join(opened.gitDir, RESYNC_MARKER), 'a.json');
    await leftStaged(opened, undefined);
    expect(existsSync(join(opened.gitDir, RESYNC_MARKER))).toBe(false);
  });
});
