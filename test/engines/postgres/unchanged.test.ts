import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recall } from '../../../src/local/unchanged.ts';
import { overwinter } from '../../support/command-line.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

/** What an unchanged backup of a database on a server remembers: one question tells whether the next need look. */

const SECRET = 'hunter2-NobodyMaySeeThis';

/** How `backup` is called in a project: with these arguments and variables. */
interface Calling {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface App extends TestDatabase {
  readonly folder: string;
  backup(calling?: Calling): string;
  /** What the same call would say at once. */
  recalled(calling?: Calling): Promise<string | undefined>;
  /** Saves until it is known that the next call would know; others write to the same server, and that is not told apart. */
  known(calling?: Calling): Promise<string>;
}

async function newApp(): Promise<App> {
  const database = await freshDatabase();
  database.psql(
    'CREATE TABLE notes (id int PRIMARY KEY, text text); INSERT INTO notes VALUES (1, $$one$$); CREATE SEQUENCE s',
  );
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{"name": "app"}');
  const callOf = ({ argv = [], env = { DATABASE_URL: database.url } }: Calling = {}) => ({
    argv: ['backup', '--json', ...argv],
    env: { OVERWINTER_HOST: 'none', ...env },
  });
  const backup = (calling?: Calling) => {
    const { argv, env } = callOf(calling);
    const { code, stdout, stderr } = overwinter(folder, argv, env);
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  const recalled = async (calling?: Calling) => (await recall({ cwd: folder, ...callOf(calling) }))?.stdout;
  const known = async (calling?: Calling) => {
    for (let tries = 0; tries < 20; tries++) {
      backup(calling);
      const said = await recalled(calling);
      if (said !== undefined) return said;
    }
    throw new Error('it is never known');
  };
  return { ...database, folder, backup, recalled, known };
}

describe.skipIf(postgresPrograms() === undefined)('a database on a server that nobody wrote to', () => {
  test('is known by one question, and says what a look says', async () => {
    const app = await newApp();
    const said = await app.known();
    expect(JSON.parse(said)).toMatchObject({ status: 'unchanged', rows: 1 });
    expect(said).toBe(app.backup());
  });

  test.each([
    ['a row', "INSERT INTO notes VALUES (2, 'two')"],
    ['a row that is as it was', 'UPDATE notes SET text = text'],
    ['all rows', 'TRUNCATE notes'],
    ['a definition', 'ALTER TABLE notes ADD COLUMN more int'],
    ['a sequence', "SELECT setval('s', 7)"],
  ])('is looked at once somebody changed %s', async (_what, sql) => {
    const app = await newApp();
    await app.known();
    app.psql(sql);
    expect(await app.recalled()).toBeUndefined();
  });

  test('is looked at when a number was drawn and nothing written', async () => {
    const app = await newApp();
    app.psql("SELECT nextval('s')");
    await app.known();
    app.psql("SELECT nextval('s')");
    expect(await app.recalled()).toBeUndefined();
    expect(app.backup()).not.toContain('"unchanged"');
  });

  test('is looked at when another one is meant', async () => {
    const [app, other] = [await newApp(), await newApp()];
    await app.known();
    expect(await app.recalled({ env: { DATABASE_URL: other.url } })).toBeUndefined();
    const argv = ['--db', app.url];
    await app.known({ argv, env: {} });
    expect(await app.recalled({ argv: ['--db', other.url], env: {} })).toBeUndefined();
  });

  test('is known where a file of the project says where it is, and no more when that says something else', async () => {
    const [app, other] = [await newApp(), await newApp()];
    const file = join(app.folder, '.env');
    writeFileSync(file, `DATABASE_URL=${app.url}\n`);
    await app.known({ env: {} });
    writeFileSync(file, `DATABASE_URL=${other.url}\n`);
    expect(await app.recalled({ env: {} })).toBeUndefined();
  });

  test('leaves its password nowhere', async () => {
    const app = await newApp();
    const calling = { env: { DATABASE_URL: app.url.replace('app@', `app:${SECRET}@`) } };
    await app.known(calling);
    const memory = readFileSync(join(app.folder, '.overwinter/unchanged.json'), 'utf8');
    expect(JSON.parse(memory).server.address).toEqual({ variable: 'DATABASE_URL' });
    expect(memory).not.toContain(SECRET);
  });

  test('is read each time where a condition says what is saved, as that may mean other rows tomorrow', async () => {
    const app = await newApp();
    const include = { notes: 'id < extract(epoch from now())' };
    writeFileSync(join(app.folder, 'overwinter.config.json'), JSON.stringify({ include }));
    for (let tries = 0; tries < 3; tries++) {
      app.backup();
      expect(await app.recalled()).toBeUndefined();
    }
  });
});
