import { copyFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { heldOpen } from '../../src/engines/sqlite/held-open.ts';
import { beginMoment, copyAside } from '../../src/engines/sqlite/moment.ts';
import { read } from '../../src/engines/sqlite/read.ts';
import { scratch } from '../support/scratch.ts';

/** Reads all rows, calls `meanwhile`, and returns what is noted then, and how many slices were not read. */
async function take(path: string, before?: Uint8Array, meanwhile = () => {}) {
  const reading = await read(path, dirname(path), undefined, { busyTimeout: 5000, wholeBelow: 0 }, before);
  let same = 0;
  try {
    for (const table of reading.tables) for await (const slice of table.slices()) if (slice.same !== undefined) same++;
    meanwhile();
    return { notes: await reading.notes?.(), same };
  } finally {
    await reading.close();
  }
}

test.each(['delete', 'wal'])(
  'what takes the place of a database while it is read is not taken for what was read: %s',
  async (mode) => {
    const path = join(scratch(), 'app.db');
    const db = new Database(path);
    db.pragma(`journal_mode = ${mode}`);
    db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i, hex(randomblob(20)) FROM n;`);
    db.close();
    const { notes } = await take(path);
    expect((await take(path, notes)).same).toBeGreaterThan(3);
    copyFileSync(path, `${path}.new`);
    const other = new Database(`${path}.new`);
    other.exec("UPDATE t SET a = 'changed' WHERE id = 777");
    other.close();
    const replaced = await take(path, undefined, () => renameSync(`${path}.new`, path));
    expect(replaced.notes).toBeUndefined();
  },
);

test('what is copied aside is the database that was opened, and not what has taken its place', async () => {
  const path = join(scratch(), 'app.db');
  const fill = (file: string, holds: string) => {
    const db = new Database(file);
    db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, '${holds}')`);
    db.close();
  };
  fill(path, 'before');
  fill(`${path}.new`, 'after');
  const options = { busyTimeout: 5000 };
  const here = beginMoment(path, options);
  renameSync(`${path}.new`, path);
  const { moment } = await copyAside(here, dirname(path), options, () => undefined);
  expect(moment.db.prepare('SELECT a FROM t').pluck().all()).toEqual(['before']);
  await moment.close();
});

test('a file that is held open and gone is not mistaken for the next that has its number', () => {
  const path = join(scratch(), 'app.db');
  new Database(path).exec('CREATE TABLE t(a)').close();
  const held = heldOpen(path);
  expect(heldOpen(path)).toBe(held);
  copyFileSync(path, `${path}.new`);
  renameSync(`${path}.new`, path);
  expect(heldOpen(path)).not.toBe(held);
  expect(held.file).toBe(-1);
});
