import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

/** A few backups of a small database, and what became of one row in them. */
async function history(...steps: readonly string[]) {
  const project = projectIn(scratch());
  const db = new Database(project.db);
  for (const sql of steps) {
    db.exec(sql);
    await backup(project, { trigger: 'test', allowShrink: true });
  }
  db.close();
  return async (table: string, words: readonly string[], most = 10) => {
    const log = await rowLog(project, undefined, table, words, most);
    return { ...log, told: log.events.map(({ change, before, after }) => [change, before, after]) };
  };
}

test('a row of a table with a key that is not its number is found by that key, and told without the number', async () => {
  const log = await history(
    "CREATE TABLE people(email TEXT PRIMARY KEY, name TEXT); INSERT INTO people VALUES ('a', 'Ada'), ('b', 'Bob')",
    "UPDATE people SET name = 'Eve' WHERE email = 'a'",
    "DELETE FROM people WHERE email = 'a'",
  );
  expect((await log('people', ['a'])).told).toEqual([
    ['removed', '{"email":"a","name":"Eve"}', undefined],
    ['changed', '{"email":"a","name":"Ada"}', '{"email":"a","name":"Eve"}'],
    ['added', undefined, '{"email":"a","name":"Ada"}'],
  ]);
  const last = await log('people', ['a'], 1);
  expect(last.told).toHaveLength(1);
  expect(last.backups).toBeLessThan(3);
  expect((await log('people', ['c'])).told).toEqual([]);
});

test('one of a table without a key is found by its number', async () => {
  const log = await history(
    "CREATE TABLE words(word TEXT); INSERT INTO words VALUES ('x'), ('y')",
    "UPDATE words SET word = 'z'",
  );
  const { told } = await log('words', ['2']);
  expect(told.map(([change]) => change)).toEqual(['changed', 'added']);
  expect(told[0]?.[2]).toContain('"z"');
});

test('one of a table with a key of two columns takes both, and a key of another length is refused with their names', async () => {
  const log = await history(
    'CREATE TABLE members(team INTEGER, "the person" TEXT, PRIMARY KEY(team, "the person")) WITHOUT ROWID; INSERT INTO members VALUES (1, \'a\')',
    "INSERT INTO members VALUES (1, 'b'), (2, 'a')",
  );
  expect((await log('members', ['1', 'b'])).told).toEqual([['added', undefined, '{"team":1,"the person":"b"}']]);
  await expect(log('members', ['1'])).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/team and the person.*1 word was/s),
  });
  await expect(log('members', ['1', '2', '3'])).rejects.toMatchObject({
    message: expect.stringContaining('3 words were'),
  });
  await expect(log('nobody', ['1'])).rejects.toMatchObject({ code: 'USAGE' });
});

test('a key that became another says nothing of what was before, and is no mistake', async () => {
  const log = await history(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 'a')",
    "DROP TABLE t; CREATE TABLE t(id INTEGER, x, PRIMARY KEY(id, x)) WITHOUT ROWID; INSERT INTO t VALUES (1, 'a')",
  );
  expect((await log('t', ['1', 'a'])).told).toEqual([['added', undefined, '{"id":1,"x":"a"}']]);
  expect((await log('t', ['1'])).told.map(([change]) => change)).toEqual(['removed', 'added']);
});
