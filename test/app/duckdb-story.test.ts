import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, expect, test, vi } from 'vitest';
import { withSnapshot } from '../../src/app/with-snapshot.ts';
import type { DatabaseInHand } from '../../src/project/database-in-hand.ts';
import { on } from '../engines/duckdb/support.ts';
import { overwinterHere } from '../support/here.ts';
import { scratch } from '../support/scratch.ts';

/** An app that deletes users with all that is theirs, wherever its data is: in a file where it is developed, at MotherDuck where it runs. */
function app(folder: string, db: DatabaseInHand, run: (sql: string) => Promise<unknown>) {
  const options = { db, dir: join(folder, 'backups') };
  return {
    removeUser: (id: number) =>
      withSnapshot(
        `before deleting user ${id}`,
        async () => {
          await run(`DELETE FROM visits WHERE who = ${id}`);
          await run(`DELETE FROM users WHERE id = ${id}`);
          return id;
        },
        options,
      ),
  };
}

function folderOf(db: string): string {
  const folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { db } }));
  return folder;
}

const json = async (cwd: string, ...argv: readonly string[]) => {
  const ran = await overwinterHere({
    cwd,
    argv: [...argv, '--json'],
    env: { OVERWINTER_HOST: process.env.OVERWINTER_HOST ?? 'none' },
  });
  return { code: ran.code, err: ran.err, said: JSON.parse(ran.out) };
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('in a file: a snapshot before every cascade, ten are kept, and the last is taken back', async () => {
  const folder = folderOf('data/app.duckdb');
  const file = join(folder, 'data', 'app.duckdb');
  await on(
    file,
    `CREATE TABLE users(id INTEGER PRIMARY KEY, name VARCHAR, tags VARCHAR[]); CREATE TABLE visits(who INTEGER REFERENCES users(id), n INTEGER);
     INSERT INTO users SELECT i, 'user ' || i, ['a', NULL] FROM range(20) t(i); INSERT INTO visits SELECT i % 20, i FROM range(200) t(i)`,
  );
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const { removeUser } = app(folder, instance, (sql) => connection.run(sql));
  for (let id = 0; id < 11; id++) expect(await removeUser(id)).toBe(id);
  // The app has it open all the while: whoever else would look is refused, and named.
  const { said } = await json(folder, 'snapshots');
  const labels = said.snapshots.map(({ label }: { readonly label: string }) => label);
  expect(labels).toEqual(Array.from({ length: 10 }, (_, at) => `before deleting user ${10 - at}`));
  connection.closeSync();
  instance.closeSync();
  const count =
    'SELECT (SELECT count(*) FROM users)::INTEGER AS users, (SELECT count(*) FROM visits)::INTEGER AS visits';
  expect(await on(file, count)).toEqual([{ users: 9, visits: 90 }]);
  const undone = await overwinterHere({ cwd: folder, argv: ['undo', '--yes'] });
  expect(undone.code, undone.err).toBe(0);
  expect(await on(file, count)).toEqual([{ users: 10, visits: 100 }]);
  expect(await on(file, 'SELECT name, tags::VARCHAR AS tags FROM users WHERE id = 10')).toEqual([
    { name: 'user 10', tags: '[a, NULL]' },
  ]);
  // Any of the ten will do, and what was there until now is one, too.
  const oldest = said.snapshots.at(-2).id;
  expect((await overwinterHere({ cwd: folder, argv: ['undo', oldest, '--yes'] })).code).toBe(0);
  expect(await on(file, count)).toEqual([{ users: 18, visits: 180 }]);
});

test('at MotherDuck, on a host that forgets its files: no error, one message, and the lists are empty', async () => {
  const folder = folderOf('md:facts');
  vi.stubEnv('OVERWINTER_HOST', 'streamlit');
  vi.stubEnv('MOTHERDUCK_TOKEN', '');
  vi.stubEnv('motherduck_token', '');
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const asked: string[] = [];
  const { removeUser } = app(folder, 'md:facts', async (sql) => asked.push(sql));
  for (let id = 0; id < 3; id++) expect(await removeUser(id)).toBe(id);
  expect(asked.length).toBe(6);
  expect(heard.mock.calls).toEqual([
    [
      expect.stringContaining(
        'This runs on Streamlit Community Cloud, which forgets its files, so no snapshots of md:facts are taken here',
      ),
    ],
  ]);
  expect(await json(folder, 'snapshots')).toMatchObject({ code: 0, said: { snapshots: [] } });
  expect(await json(folder, 'list')).toMatchObject({ code: 0, said: { backups: [] } });
  expect(await json(folder, 'snapshot')).toMatchObject({ code: 0, said: { skipped: expect.any(String) } });
  const undone = await json(folder, 'undo', '--yes');
  expect([undone.code, undone.said.error.message]).toEqual([expect.any(Number), 'There is no snapshot of md:facts.']);
  expect(undone.code).not.toBe(0);
});

test('where files stay, a snapshot is asked of MotherDuck, and without it nothing runs', async () => {
  const folder = folderOf('md:facts');
  vi.stubEnv('OVERWINTER_HOST', 'none');
  vi.stubEnv('MOTHERDUCK_TOKEN', '');
  vi.stubEnv('motherduck_token', '');
  const asked: string[] = [];
  const { removeUser } = app(folder, 'md:facts', async (sql) => asked.push(sql));
  await expect(removeUser(1)).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
  expect(asked).toEqual([]);
});
