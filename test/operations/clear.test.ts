import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { listSnapshots } from '../../src/local/snapshots.ts';
import { clear } from '../../src/operations/clear.ts';
import { projectIn, scratch } from '../support/scratch.ts';

function shop() {
  const project = projectIn(scratch());
  const db = new Database(project.db);
  db.exec(`CREATE TABLE a(x); CREATE TABLE b(x); CREATE TABLE c(x); CREATE TABLE kept(x);
    INSERT INTO a VALUES (1), (2), (3); INSERT INTO b VALUES (1), (2); INSERT INTO kept VALUES (1)`);
  db.close();
  const count = (table: string, file = project.db) => {
    const opened = new Database(file, { readonly: true });
    try {
      return opened.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    } finally {
      opened.close();
    }
  };
  return { project, count };
}

test('tables that are emptied are told with what they held, and a snapshot holds it still', async () => {
  const { project, count } = shop();
  const { removed, rows, snapshot } = await clear(project, ['a', 'b', 'c']);
  expect({ removed, rows }).toEqual({ removed: { a: 3, b: 2 }, rows: 5 });
  expect([count('a'), count('b'), count('kept')]).toEqual([0, 0, 1]);
  expect([count('a', snapshot.file), count('b', snapshot.file)]).toEqual([3, 2]);
  expect(listSnapshots(project.local, project.database.id)).toEqual([snapshot]);
});

test('with one that is not there none is emptied', async () => {
  const { project, count } = shop();
  await expect(clear(project, ['a', 'nothing'])).rejects.toMatchObject({ code: 'USAGE' });
  expect(count('a')).toBe(3);
});
