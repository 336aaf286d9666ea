import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adoptBinaryCopy, binaryCopyFile, binaryCopyOf, isIntact } from '../../src/local/binary-copy.ts';
import { scratch } from '../support/scratch.ts';

const here = () => join(scratch(), '.overwinter');

const about = (db: string, of: string) => ({
  db,
  date: '2026-01-01T00:00:00.000Z',
  environment: 'test',
  of,
  known: [of],
});

/** Makes a copy of a database as keeping does. */
async function copied(local: string, db: string, of: string): Promise<string> {
  const file = binaryCopyFile(local, db);
  writeFileSync(file, `rows of ${of}`);
  await adoptBinaryCopy(local, file, about(db, of));
  return file;
}

test('the newest copy of a database takes the place of the one before, and no other database’s', async () => {
  const local = here();
  const other = await copied(local, '/other.db', 'theirs');
  const first = await copied(local, '/app.db', 'first');
  writeFileSync(binaryCopyFile(local, '/app.db'), 'half of one');
  const second = await copied(local, '/app.db', 'second');
  expect([existsSync(first), existsSync(second), existsSync(other)]).toEqual([false, true, true]);
  expect(readdirSync(join(local, 'binary'))).toHaveLength(4);
  expect(binaryCopyOf(local, '/app.db')).toMatchObject({ ...about('/app.db', 'second'), file: second });
  expect(binaryCopyOf(local, '/other.db')).toMatchObject({ of: 'theirs', file: other });
  expect(binaryCopyOf(local, '/third.db')).toBeUndefined();
});

test('what lies beside a copy that is kept goes with it, not before', async () => {
  const local = here();
  const file = binaryCopyFile(local, '/app.db');
  writeFileSync(file, 'rows');
  writeFileSync(`${file}-wal`, 'more rows');
  await adoptBinaryCopy(local, file, about('/app.db', 'first'));
  expect(existsSync(`${file}-wal`)).toBe(true);
  await copied(local, '/app.db', 'second');
  expect(existsSync(`${file}-wal`)).toBe(false);
});

test('one whose bytes are others, that is gone, or a link, is not intact', async () => {
  const local = here();
  const file = await copied(local, '/app.db', 'it');
  const copy = binaryCopyOf(local, '/app.db');
  if (copy === undefined) throw new Error('it is there');
  expect(await isIntact(copy)).toBe(true);
  writeFileSync(file, 'other rows');
  expect(await isIntact(copy)).toBe(false);
  writeFileSync(file, 'rows of it');
  const link = join(local, 'binary', 'link.db');
  symlinkSync(file, link);
  expect(await isIntact({ ...copy, file: link })).toBe(false);
  expect(await isIntact({ ...copy, file: join(local, 'binary', 'gone.db') })).toBe(false);
});

test('a description that is damaged, of another database, or that names a file elsewhere describes none', async () => {
  const local = here();
  await copied(local, '/app.db', 'it');
  const copy = binaryCopyOf(local, '/app.db');
  const [name = ''] = readdirSync(join(local, 'binary')).filter((each) => each.endsWith('.json'));
  const describe = (changes: object) =>
    writeFileSync(join(local, 'binary', name), JSON.stringify({ ...copy, ...changes }));
  for (const part of ['db', 'date', 'environment', 'of', 'sha256', 'file', 'known']) {
    describe({ [part]: 1 });
    expect(binaryCopyOf(local, '/app.db'), part).toBeUndefined();
  }
  mkdirSync(join(local, 'elsewhere'));
  for (const wrong of [{ db: '/other.db' }, { file: join(local, 'elsewhere/app.db') }, { file: '/etc/passwd' }]) {
    describe(wrong);
    expect(binaryCopyOf(local, '/app.db')).toBeUndefined();
  }
  writeFileSync(join(local, 'binary', name), '{');
  expect(binaryCopyOf(local, '/app.db')).toBeUndefined();
  describe({});
  expect(binaryCopyOf(local, '/app.db')).toEqual(copy);
});
