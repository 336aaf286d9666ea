import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ROWS = 9000;
const TRIGGER = { trigger: 'test' };

/** A table whose column holds values in the middle rows alone, where no look at its ends finds them, and one that never holds any. */
function projectWith(definition: string, values: 'from the start' | 'later') {
  const project = projectIn(scratch());
  const change = (sql: string) => new Database(project.db).exec(sql).close();
  change(`PRAGMA journal_mode = wal; CREATE TABLE users(${definition}, name TEXT, left_at TEXT, spare TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO users(id, name) SELECT i, 'somebody with a name ' || i FROM n`);
  const fill = () => change("UPDATE users SET left_at = 'noon' WHERE id BETWEEN 4000 AND 4020");
  if (values === 'from the start') fill();
  return { project, change, fill };
}

const refused = { code: 'BACKUP_SHRUNK', message: expect.stringContaining('users.left_at has no value any more') };

test.each(['id INTEGER PRIMARY KEY', 'id INTEGER'])(
  'values that stood in the middle alone are missed: %s',
  async (key) => {
    const { project, change } = projectWith(key, 'from the start');
    await backup(project, TRIGGER);
    change('UPDATE users SET left_at = NULL');
    await expect(backup(project, TRIGGER)).rejects.toMatchObject(refused);
    // However often it is tried, and with other rows of the same table changed.
    change("UPDATE users SET name = 'x' WHERE id = 5");
    await expect(backup(project, TRIGGER)).rejects.toMatchObject(refused);
    await backup(project, { ...TRIGGER, allowShrink: ['users'] });
    change("UPDATE users SET name = 'y' WHERE id = 5");
    expect(await backup(project, TRIGGER)).toMatchObject({ status: 'created' });
  },
);

test('so are those that came later into a column that was empty', async () => {
  const { project, change, fill } = projectWith('id INTEGER PRIMARY KEY', 'later');
  await backup(project, TRIGGER);
  change("UPDATE users SET name = 'z' WHERE id = 8000");
  await backup(project, TRIGGER);
  fill();
  await backup(project, TRIGGER);
  change('UPDATE users SET left_at = NULL');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject(refused);
  // Values that come back with the parts of an older backup are seen, too.
  await backup(project, { ...TRIGGER, allowShrink: ['users'] });
  fill();
  await backup(project, TRIGGER);
  change('UPDATE users SET left_at = NULL');
  await expect(backup(project, TRIGGER)).rejects.toMatchObject(refused);
});

test('a column that is empty as ever is no loss', async () => {
  const { project, change } = projectWith('id INTEGER PRIMARY KEY', 'later');
  for (const name of ['a', 'b', 'c']) {
    change(`UPDATE users SET name = '${name}' WHERE id % 1000 = 0`);
    expect(await backup(project, TRIGGER)).toMatchObject({ status: 'created' });
  }
});
