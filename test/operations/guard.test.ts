import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { restore } from '../../src/operations/restore.ts';
import type { Changes } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** What the guard of the rows lets through, asked of whole backups: a loss is refused until somebody says that it is meant, once. */

const REFUSED = { code: 'BACKUP_SHRUNK' };

/** A project with 100 notes, 40 people and a few words. */
function people(changes: Changes = {}) {
  const project = projectIn(scratch(), changes);
  const run = (sql: string) => {
    const db = new Database(project.db);
    db.exec(sql);
    db.close();
  };
  run(`CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT);
    CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO notes SELECT i, 'note ' || i FROM n;
    CREATE TABLE words(word TEXT); INSERT INTO words VALUES ('one'), ('two'), ('three');
    INSERT INTO people SELECT id, 'name ' || id FROM notes WHERE id <= 40;`);
  const save = (allowShrink?: true | readonly string[]) =>
    backup(project, { trigger: 'test', ...(allowShrink && { allowShrink }) });
  const names = async () => (await readCatalog(project.store)).entries.map(({ name }) => name);
  return { project, run, save, names };
}

test.each([
  ['emptied', 'DELETE FROM notes'],
  ['dropped', 'DROP TABLE notes'],
  ['more than halved', 'DELETE FROM notes WHERE id > 40'],
  ['left without the values of a column', 'UPDATE notes SET text = NULL'],
  ['emptied while another grew', 'DELETE FROM people; INSERT INTO notes(text) SELECT text FROM notes'],
])('a table that is %s is refused, and nothing is written', async (_, loss) => {
  const { run, save, names } = people();
  await save();
  const before = await names();
  run(loss);
  await expect(save()).rejects.toMatchObject(REFUSED);
  await expect(save()).rejects.toMatchObject(REFUSED);
  expect(await names()).toEqual(before);
});

test('what is meant is saved, and not asked about again', async () => {
  const { run, save } = people();
  await save();
  run('DELETE FROM notes');
  expect(await save(true)).toMatchObject({ status: 'created' });
  run("INSERT INTO people(name) VALUES ('new')");
  expect(await save()).toMatchObject({ status: 'created' });
  run('DELETE FROM people');
  await expect(save()).rejects.toMatchObject(REFUSED);
});

test('what is meant of one table is not meant of another', async () => {
  const { run, save } = people();
  await save();
  run('DELETE FROM notes; DELETE FROM people');
  await expect(save(['notes'])).rejects.toMatchObject(REFUSED);
  expect(await save(['notes', 'people'])).toMatchObject({ status: 'created' });
  run("INSERT INTO people(name) VALUES ('new')");
  expect(await save()).toMatchObject({ status: 'created' });
});

test('a table that is not known cannot be meant', async () => {
  const { run, save } = people();
  await save();
  run('DELETE FROM notes');
  await expect(save(['note'])).rejects.toMatchObject({ code: 'USAGE' });
});

test('a loss that comes little by little is one', async () => {
  const { run, save } = people();
  await save();
  run('DELETE FROM notes WHERE id > 60');
  expect(await save()).toMatchObject({ status: 'created' });
  run('DELETE FROM notes WHERE id > 36');
  await expect(save()).rejects.toMatchObject(REFUSED);
  expect(await save(['notes'])).toMatchObject({ status: 'created' });
  run('DELETE FROM notes WHERE id > 20');
  expect(await save()).toMatchObject({ status: 'created' });
});

test('how much may go is a setting', async () => {
  for (const [maxShrink, isRefused] of [
    [0.1, true],
    [0.3, false],
  ] as const) {
    const { run, save } = people({ maxShrink });
    await save();
    run('DELETE FROM notes WHERE id > 80');
    if (isRefused) await expect(save()).rejects.toMatchObject(REFUSED);
    else expect(await save()).toMatchObject({ status: 'created' });
  }
});

test('a table whose rows come and go may lose them', async () => {
  const { run, save } = people({ mayShrink: (table) => table === 'notes' });
  await save();
  run('DELETE FROM notes WHERE id > 3');
  expect(await save()).toMatchObject({ status: 'created' });
  run('DELETE FROM people');
  await expect(save()).rejects.toMatchObject(REFUSED);
});

test('what is kept aside of a conflict is not judged, is no newest backup, and lifts nothing', async () => {
  const { project, run, save } = people();
  const first = await save();
  run('DELETE FROM notes');
  const aside = await backup(project, { trigger: 'test', kind: 'conflict', leavePointer: true });
  expect(aside).toMatchObject({ status: 'created', rows: 43 });
  const restored = await restore(project, { name: 'latest', to: `${project.db}-to` });
  expect(restored).toMatchObject({ name: first.name, rows: 143 });
  await expect(save()).rejects.toMatchObject(REFUSED);
});

test('where all rows may come and go, that all went is a loss still', async () => {
  const { run, save } = people({ mayShrink: () => true });
  await save();
  run('DELETE FROM notes');
  expect(await save()).toMatchObject({ status: 'created' });
  run('DELETE FROM people; DELETE FROM words');
  await expect(save()).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
});

test('where only bookkeeping is left, nothing is', async () => {
  const { run, save } = people({ ignoreTables: ['migrations'] });
  run("CREATE TABLE migrations(name); INSERT INTO migrations VALUES ('first')");
  await save();
  run('DELETE FROM notes; DELETE FROM people; DELETE FROM words');
  await expect(save()).rejects.toMatchObject({ code: expect.stringMatching('BACKUP_(EMPTY|SHRUNK)') });
});

test('a column that hardly anybody filled may be emptied', async () => {
  const { run, save } = people();
  run("ALTER TABLE notes ADD COLUMN aside; UPDATE notes SET aside = 'x' WHERE id IN (40, 41, 60, 70)");
  await save();
  run('UPDATE notes SET aside = NULL');
  expect(await save()).toMatchObject({ status: 'created' });
  run("UPDATE notes SET aside = 'x' WHERE id BETWEEN 40 AND 44");
  await save();
  run('UPDATE notes SET aside = NULL');
  await expect(save()).rejects.toMatchObject(REFUSED);
});
