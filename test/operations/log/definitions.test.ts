import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { tableLog } from '../../../src/operations/log/table-log.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

const ALL = Number.POSITIVE_INFINITY;

function app(changes: Parameters<typeof projectIn>[1] = {}, folder = scratch()) {
  const project = projectIn(folder, changes);
  const step = async (name: string, sql: string) => {
    const db = new Database(project.db);
    db.exec(sql);
    db.close();
    return backup(project, { trigger: 'test', name, allowShrink: true });
  };
  return { folder, project, step };
}

test('a table that comes, changes and goes is told so, beside its rows', async () => {
  const { project, step } = app();
  await step('one', 'CREATE TABLE other(x); INSERT INTO other VALUES (1)');
  await step('two', "CREATE TABLE notes(id INTEGER PRIMARY KEY, text); INSERT INTO notes VALUES (1, 'a'), (2, 'b')");
  await step('three', "ALTER TABLE notes ADD COLUMN more DEFAULT 'new'");
  await step('four', "UPDATE notes SET text = 'c' WHERE id = 2");
  await step('five', 'DROP TABLE notes; INSERT INTO other VALUES (2)');
  const { events } = await tableLog(project, undefined, 'notes', ALL);
  expect(
    events.map(({ version, added, changed, removed, definition, columns }) => [
      version.name,
      [added, changed, removed],
      definition,
      columns,
    ]),
  ).toEqual([
    ['five', [0, 0, 2], 'removed', { added: [], removed: [] }],
    ['four', [0, 1, 0], undefined, { added: [], removed: [] }],
    ['three', [0, 2, 0], 'changed', { added: ['more'], removed: [] }],
    ['two', [2, 0, 0], 'added', { added: [], removed: [] }],
  ]);
  await expect(tableLog(project, undefined, 'nothing', ALL)).rejects.toMatchObject({ code: 'USAGE' });
});

test('rows are told apart by the key that the table had then', async () => {
  const { project, step } = app();
  await step(
    'one',
    "CREATE TABLE people(id INTEGER, email TEXT PRIMARY KEY); INSERT INTO people VALUES (1, 'a@x'), (2, 'b@x')",
  );
  await step('two', "UPDATE people SET email = 'new@x' WHERE id = 2");
  await step(
    'three',
    `CREATE TABLE fresh(id INTEGER PRIMARY KEY, email TEXT); INSERT INTO fresh SELECT * FROM people;
     DROP TABLE people; ALTER TABLE fresh RENAME TO people`,
  );
  await step('four', "UPDATE people SET email = 'newer@x' WHERE id = 2");
  const { events } = await tableLog(project, undefined, 'people', ALL);
  const changes = events.map(({ version, added, changed, removed }) => [version.name, added, changed, removed]);
  // By the address it is another person, by the number the same one.
  expect(changes).toContainEqual(['two', 1, 0, 1]);
  expect(changes).toContainEqual(['four', 0, 1, 0]);
});

test('what another database left in the same folder is no part of its history', async () => {
  const { folder, project, step } = app();
  await step('mine', "CREATE TABLE notes(id INTEGER PRIMARY KEY, text); INSERT INTO notes VALUES (1, 'mine')");
  const other = app(
    { db: `${project.db}-other`, identity: { name: 'other', isNamed: true, path: 'other.db' } },
    scratch(),
  );
  await other.step(
    'theirs',
    "CREATE TABLE notes(id INTEGER PRIMARY KEY, text); INSERT INTO notes VALUES (1, 'theirs')",
  );
  for (const shelf of ['parts', 'top'] as const)
    for (const file of (await other.project.store.list(shelf)).keys())
      if (file.startsWith('parts/') || file === 'theirs.json')
        await project.store.batch(async (batch) => {
          const bytes = (await other.project.store.read(file)) ?? Buffer.alloc(0);
          await (shelf === 'parts' ? batch.put(file, bytes) : batch.publish(file, bytes));
        });
  expect([...(await project.store.list('top')).keys()]).toContain('theirs.json');
  expect(folder).toBe(project.local.replace(/\/\.overwinter$/, ''));
  const { events } = await rowLog(project, undefined, 'notes', ['1'], ALL);
  expect(events.map(({ version }) => version.name)).toEqual(['mine']);
  expect((await tableLog(project, undefined, 'notes', ALL)).events.map(({ version }) => version.name)).toEqual([
    'mine',
  ]);
});
