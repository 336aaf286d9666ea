import { join } from 'node:path';
import { expect, test } from 'vitest';
import { duckdbDatabase } from '../../../src/engines/duckdb/database.ts';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { tableLog } from '../../../src/operations/log/table-log.ts';
import { restoreRows } from '../../../src/operations/restore-rows.ts';
import { on } from '../../engines/duckdb/support.ts';
import { projectIn, scratch } from '../../support/scratch.ts';

test('rows of DuckDB have a history; bringing single ones back is refused in words, and not done in halves', async () => {
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
  if (project.database.bringRows === undefined)
    await expect(restoreRows(project, { name: 'one', rows })).rejects.toMatchObject({ code: 'USAGE' });
  await project.database.close();
});
