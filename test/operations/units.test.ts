import { expect, test } from 'vitest';
import type { Missing } from '../../src/operations/place-files.ts';
import { unitsOf } from '../../src/operations/units.ts';

const folder = { name: 'uploads', path: '/app/uploads' };

function missing(path: string, firstMissing?: string, isThere = false): Missing {
  const line = { path, mode: 0o644, mtime: 0, bytes: 0, content: { bytes: Buffer.alloc(0) } };
  const inside = path.slice('uploads/'.length);
  const target = { folder, inside, file: `/app/${path}`, isThere };
  return {
    saved: { line, pieces: [] },
    target: firstMissing === undefined ? target : { ...target, firstMissing },
  };
}

const inWords = (all: readonly Missing[]) =>
  unitsOf(all).map(({ number, path, isThere, files }) => [
    number,
    path,
    isThere,
    files.map(({ saved, way }) => `${saved.line.path} at ${way.join('/')}`),
  ]);

test('what lies in a folder that is not there is put in place with it', () => {
  expect(
    inWords([
      missing('uploads/a/1', 'uploads/a'),
      missing('uploads/a/deep/2', 'uploads/a'),
      missing('uploads/b/3'),
      missing('uploads/b/4', undefined, true),
      missing('uploads/b/c/5', 'uploads/b/c'),
    ]),
  ).toEqual([
    [0, 'uploads/a', false, ['uploads/a/1 at 1', 'uploads/a/deep/2 at deep/2']],
    [1, 'uploads/b/3', false, ['uploads/b/3 at ']],
    [2, 'uploads/b/4', true, ['uploads/b/4 at ']],
    [3, 'uploads/b/c', false, ['uploads/b/c/5 at 5']],
  ]);
});

test('names that are one where case is ignored, and very long ones, are by themselves', () => {
  const long = `uploads/a/${'x'.repeat(1100)}`;
  expect(
    inWords([missing('uploads/a/X', 'uploads/a'), missing('uploads/a/x', 'uploads/a'), missing(long, 'uploads/a')]).map(
      ([number, path]) => [number, path],
    ),
  ).toEqual([
    [0, 'uploads/a'],
    [1, 'uploads/a/x'],
    [2, long],
  ]);
});
