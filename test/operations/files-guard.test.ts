import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/keys.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** An app with thirty uploads and two icons beside its rows. */
function app(seals: boolean) {
  const root = scratch();
  const put = (path: string, text = path) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (let n = 0; n < 30; n++) put(`uploads/${n}.txt`);
  for (const name of ['a', 'b']) put(`icons/${name}.svg`);
  const folders = ['icons', 'uploads'].map((name) => ({ name, path: join(root, name) }));
  const files = { folders, top: root, never: [], largest: 1e6, largestSum: 1e7 };
  const plain = projectIn(root, { files });
  // Public keys alone: what was saved cannot be opened here again.
  const project = seals ? { ...plain, encryption: encryptionFor({ to: [ageKey()] }) } : plain;
  const db = new Database(project.db);
  db.exec("CREATE TABLE t(x); INSERT INTO t VALUES ('a')");
  db.close();
  const remove = (...paths: readonly string[]) => {
    for (const path of paths) rmSync(join(root, path), { recursive: true });
  };
  const save = (allowShrink?: true | readonly string[]) =>
    backup(project, { trigger: 'test', ...(allowShrink && { allowShrink }) });
  return { put, remove, save };
}

const uploads = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `uploads/${from + n}.txt`);

describe('files that are gone', () => {
  test('are refused where most of a folder went, and not where a few did', async () => {
    const { remove, save } = app(false);
    await save();
    remove(...uploads(0, 2));
    expect(await save()).toMatchObject({ status: 'created' });
    remove(...uploads(3, 29));
    await expect(save()).rejects.toMatchObject({ code: 'BACKUP_SHRUNK', message: expect.stringContaining('uploads') });
    await expect(save(['icons'])).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
    expect(await save(['uploads'])).toMatchObject({ status: 'created' });
  });

  test('are refused where the folder itself went', async () => {
    const { remove, save } = app(false);
    await save();
    remove('uploads');
    await expect(save()).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
    expect(await save(true)).toMatchObject({ status: 'created' });
  });

  test('are refused by their number alone where nobody here can open what was saved', async () => {
    const { put, remove, save } = app(true);
    await save();
    put('icons/c.svg');
    remove(...uploads(0, 1));
    expect(await save()).toMatchObject({ status: 'created' });
    remove(...uploads(2, 29));
    await expect(save()).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
    expect(await save(true)).toMatchObject({ status: 'created' });
  });
});
