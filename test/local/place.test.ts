import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  emptyLocalFolder,
  insideOf,
  localBytes,
  localPath,
  makeLocalFolder,
  mustBeOurs,
  projectRoot,
  readLocal,
  removeLocal,
  writeLocal,
} from '../../src/local/place.ts';
import { newRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const here = () => join(scratch(), '.overwinter');
const mode = (path: string) => statSync(path).mode & 0o777;
const NOT_OURS = expect.objectContaining({ code: 'NOT_OURS' });

describe('what is kept on this machine', () => {
  test('is for this user alone, hidden from git, and whole', () => {
    const local = here();
    writeLocal(local, 'a/b/note.json', 'first');
    writeLocal(local, 'a/b/note.json', Buffer.from('second'));
    expect(readLocal(local, 'a/b/note.json')).toBe('second');
    expect(localBytes(local, 'a/b/note.json')).toEqual(Buffer.from('second'));
    expect(readFileSync(join(local, '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(join(local, 'a/b'))).toEqual(['note.json']);
    expect(mode(join(local, 'a/b/note.json'))).toBe(0o600);
    for (const folder of [local, join(local, 'a'), join(local, 'a/b')]) expect(mode(folder)).toBe(0o700);
  });

  test('what a process of the same number left half written is no hindrance, and not followed where it is a link', () => {
    const local = here();
    const outside = join(scratch(), 'outside');
    writeFileSync(outside, 'mine');
    makeLocalFolder(local);
    symlinkSync(outside, join(local, `note.json-${process.pid}`));
    writeLocal(local, 'note.json', 'new');
    expect(readFileSync(outside, 'utf8')).toBe('mine');
    expect(readLocal(local, 'note.json')).toBe('new');
  });

  test('what cannot be written says so and leaves nothing behind', () => {
    const local = here();
    mkdirSync(join(local, 'note.json'), { recursive: true });
    writeFileSync(join(local, 'note.json', 'in the way'), '');
    expect(() => writeLocal(local, 'note.json', 'new')).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE' }));
    expect(readdirSync(local).sort()).toEqual(['.gitignore', 'note.json']);
    writeFileSync(join(local, 'file'), '');
    expect(() => makeLocalFolder(local, 'file', 'in')).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE' }));
    expect(() => makeLocalFolder(local, 'file')).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE' }));
  });

  test('what is not there is undefined, and removing it is nothing', () => {
    const local = here();
    expect(readLocal(local, 'note.json')).toBeUndefined();
    removeLocal(local, 'note.json');
    expect(existsSync(local)).toBe(false);
    writeLocal(local, 'note.json', 'text');
    removeLocal(local, 'note.json');
    expect(readLocal(local, 'note.json')).toBeUndefined();
  });

  test('a link in place of a file is not read through', () => {
    const local = here();
    const outside = join(scratch(), 'outside');
    writeFileSync(outside, 'planted');
    makeLocalFolder(local);
    symlinkSync(outside, join(local, 'note.json'));
    expect(() => readLocal(local, 'note.json')).toThrow('is a link');
    writeLocal(local, 'note.json', 'ours');
    expect(readFileSync(outside, 'utf8')).toBe('planted');
    expect(readLocal(local, 'note.json')).toBe('ours');
  });

  test('a folder on the way that is a link is not followed, however deep', () => {
    for (const link of ['a', 'a/b', 'a/b/c']) {
      const local = here();
      const outside = scratch();
      mkdirSync(join(local, dirname(link)), { recursive: true });
      symlinkSync(outside, join(local, link));
      expect(() => localPath(local, 'a/b/c/note.json'), link).toThrow(NOT_OURS);
      expect(() => writeLocal(local, 'a/b/c/note.json', 'x'), link).toThrow(NOT_OURS);
      expect(() => makeLocalFolder(local, 'a', 'b', 'c'), link).toThrow(NOT_OURS);
      expect(() => emptyLocalFolder(local, 'a', 'b', 'c'), link).toThrow(NOT_OURS);
      expect(readdirSync(outside)).toEqual([]);
    }
  });

  test('what a user says of it to git stays', () => {
    const local = here();
    makeLocalFolder(local);
    writeFileSync(join(local, '.gitignore'), '*\n!kept\n');
    writeLocal(local, 'a/b.json', '{}');
    expect(readFileSync(join(local, '.gitignore'), 'utf8')).toBe('*\n!kept\n');
  });

  test('an emptied folder is there and has nothing in it', () => {
    const local = here();
    writeLocal(local, 'work/deep/note', 'x');
    const folder = emptyLocalFolder(local, 'work');
    expect(folder).toBe(join(local, 'work'));
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('whose folder it is', () => {
  test("none is nobody's, and one that we made is ours", () => {
    const local = here();
    mustBeOurs(local);
    makeLocalFolder(local);
    mustBeOurs(local);
  });

  test('a link or a file in its place is not ours', () => {
    const linked = here();
    symlinkSync(scratch(), linked);
    expect(() => mustBeOurs(linked)).toThrow('is a link');
    const file = here();
    writeFileSync(file, '');
    expect(() => mustBeOurs(file)).toThrow('is no folder');
  });

  test('one that everybody may write is not ours, unless everybody may write the project as well', () => {
    const local = here();
    makeLocalFolder(local);
    chmodSync(local, 0o777);
    expect(() => mustBeOurs(local)).toThrow('may be written by everybody');
    chmodSync(dirname(local), 0o777);
    mustBeOurs(local);
  });
});

test.skipIf(process.getuid?.() !== 0)('one of another user is not ours, unless the project is theirs, too', () => {
  const local = here();
  makeLocalFolder(local);
  chownSync(local, 12345, 12345);
  expect(() => mustBeOurs(local)).toThrow("is another user's");
  chownSync(dirname(local), 12345, 12345);
  mustBeOurs(local);
  chownSync(local, 0, 0);
  mustBeOurs(local);
});

test('one that git tracks is not ours: a branch would say what is in it', () => {
  const { top, git } = newRepository({ hooks: false });
  const local = join(top, '.overwinter');
  writeLocal(local, 'a.json', '{}');
  mustBeOurs(local);
  git(['add', '-f', '.overwinter']);
  expect(() => readLocal(local, 'a.json')).toThrow(NOT_OURS);
  expect(() => writeLocal(local, 'a.json', '{}')).toThrow(NOT_OURS);
});

describe('the project that a folder belongs to', () => {
  test.each(['package.json', 'overwinter.config.json', '.git'])('is the nearest one above with %s', (mark) => {
    const root = scratch();
    const inner = join(root, 'app/data/deep');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(root, mark), '');
    expect(projectRoot(inner)).toBe(root);
    writeFileSync(join(root, 'app', mark), '');
    expect(projectRoot(inner)).toBe(join(root, 'app'));
    expect(projectRoot(join(inner, 'not/there'))).toBe(join(root, 'app'));
  });

  test('without any it is the folder itself', () => {
    const folder = join(scratch(), 'a/b');
    expect(projectRoot(folder)).toBe(folder);
  });
});

test('a path inside is told from one beside and one above', () => {
  expect(insideOf('/app', '/app/data/x.db')).toBe('data/x.db');
  expect(insideOf('/app', '/app')).toBe('');
  expect(insideOf('/app', '/app/..x')).toBe('..x');
  expect(insideOf('/app', '/application/x')).toBeUndefined();
  expect(insideOf('/app', '/other')).toBeUndefined();
  expect(insideOf('/app/data', '/app')).toBeUndefined();
  expect(insideOf('/app/data/old', '/app')).toBeUndefined();
});
