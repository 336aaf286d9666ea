import { join } from 'node:path';
import { expect, test } from 'vitest';
import { duckdbDatabase } from '../../../src/engines/duckdb/database.ts';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { tableLog } from '../../../src/operations/log/table-log.ts';
import { restoreRows } from '../../../src/operations/restore-rows.ts';
import { on } from '../../engines/duckdb/support.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

test('rows of DuckDB have a history, and single ones come back', async () => {
  const folder = scratch();
  const file = join(folder, 'app.duckdb');
  const project = { ...projectIn(folder), database: duckdbDatabase(file, { wait: 1000 }) };
  await on(
    file,
    "CREATE TABLE users(team VARCHAR, id INTEGER, age INTEGER, PRIMARY KEY(team, id)); INSERT INTO users VALUES ('a', 1, 36), ('a', 2, 40), ('b', 1, 1)",
  );
  await backup(project, { trigger: 'test', name: 'one' });
  await on(file, "UPDATE users SET age = 37 WHERE team = 'a' AND id = 1; DELETE FROM users WHERE team = 'b'");
  await backup(project, { trigger: 'test', name: 'two' });
  const { events } = await rowLog(project, undefined, 'users', ['a', '1'], Number.POSITIVE_INFINITY);
  expect(events.map(({ version, change }) => [version.name, change])).toEqual([
    ['two', 'changed'],
    ['one', 'added'],
  ]);
  expect(events[0]?.after).toContain('37');
  const table = await tableLog(project, undefined, 'users', 1);
  expect(table.events).toMatchObject([{ added: 0, changed: 1, removed: 1 }]);
  await expect(rowLog(project, undefined, 'users', ['a'], 1)).rejects.toMatchObject({ code: 'USAGE' });
  const rows = { tables: ['users'], exact: false, withParents: false };
  const { added, changed } = await restoreRows(project, { name: 'one', rows: { ...rows, where: 'id = 1' } });
  expect([added, changed]).toEqual([new Map([['users', 1]]), new Map([['users', 1]])]);
  expect(await on(file, 'SELECT team, id, age FROM users ORDER BY 1, 2')).toEqual([
    { team: 'a', id: 1, age: 36 },
    { team: 'a', id: 2, age: 40 },
    { team: 'b', id: 1, age: 1 },
  ]);
  await project.database.close();
});

test('a row of DuckDB is found by its number in the slice that may have it', async () => {
  const folder = scratch();
  const file = join(folder, 'app.duckdb');
  const project = { ...projectIn(folder), database: duckdbDatabase(file, { wait: 1000 }) };
  await on(
    file,
    "CREATE TABLE notes(id BIGINT PRIMARY KEY, text VARCHAR); INSERT INTO notes SELECT i * 7, repeat('x', 100) FROM range(20000) t(i); CREATE TABLE codes(code VARCHAR PRIMARY KEY)",
  );
  const { schema } = await project.database.describe();
  expect([...((await project.database.slicedBy?.(schema)) ?? [])]).toEqual([['notes', 'id']]);
  await backup(project, { trigger: 'test', name: 'one' });
  await on(file, "UPDATE notes SET text = 'other' WHERE id = 70007");
  await backup(project, { trigger: 'test', name: 'two' });
  const { events } = await rowLog(project, undefined, 'notes', ['70007'], Number.POSITIVE_INFINITY);
  expect(events.map(({ change, after }) => [change, after?.includes('other')])).toEqual([
    ['changed', true],
    ['added', false],
  ]);
});
