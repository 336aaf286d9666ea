import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { overwinterHere } from '../../support/here.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const TABLE = 'CREATE TABLE people(id int PRIMARY KEY, nick text);';
const REFUSED = 4;
const FOR_DEVELOPMENT = ['restore', '--for', 'development', '--yes'];

/** A checkout of a project, whose database is on a server that others reach, too. */
function checkout(folder: string, database: () => string) {
  const run = async (...argv: readonly string[]) => {
    const env = { WHERE: database(), OVERWINTER_ENVIRONMENT: 'development', OVERWINTER_FAKES_KEY: 'a key of the team' };
    return overwinterHere({ cwd: folder, argv, env });
  };
  return {
    folder,
    run,
    saves: async (...more: readonly string[]) => (await run('backup', ...more)).code,
    async done(...argv: readonly string[]) {
      const { code, err, out } = await run(...argv);
      expect(code, err).toBe(0);
      return err + out;
    },
  };
}

/** Two checkouts of a project, with a backup of production, and a database for development that both use. */
async function two() {
  const [production, shared] = [await freshDatabase(), await freshDatabase()];
  production.psql(`${TABLE} INSERT INTO people SELECT i, 'Privperson ' || i FROM generate_series(1, 40) i`);
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  // Of words alone nobody can tell whether they were made up.
  const fake = { people: { nick: 'text' } };
  writeFileSync(
    join(folder, 'overwinter.config.json'),
    JSON.stringify({ databases: [{ name: 'app', db: 'env:WHERE', fake }] }),
  );
  const env = { WHERE: production.url, OVERWINTER_ENVIRONMENT: 'production' };
  expect((await overwinterHere({ cwd: folder, argv: ['backup'], env })).code).toBe(0);
  rmSync(join(folder, '.overwinter'), { recursive: true });
  const copy = join(scratch(), 'copy');
  cpSync(folder, copy, { recursive: true });
  return { shared, first: checkout(folder, () => shared.url), second: checkout(copy, () => shared.url) };
}

const isMade = ({ psql }: TestDatabase) => !psql('SELECT nick FROM people').includes('Privperson');

describe.skipIf(postgresPrograms() === undefined)('fakes in a database that other checkouts use', () => {
  test('are saved by none of them, until one brings the data back', async () => {
    const { shared, first, second } = await two();
    await first.done(...FOR_DEVELOPMENT);
    expect(isMade(shared)).toBe(true);
    expect([await second.saves(), await first.saves()]).toEqual([REFUSED, REFUSED]);
    expect((await second.run('status')).out).toContain('made for development');
    // A start there leaves it alone.
    expect(await second.done('auto-restore')).toContain('made for development');
    const document = join(second.folder, 'made.json');
    await second.done('export', '-o', document);
    expect(JSON.parse(readFileSync(document, 'utf8')).metadata.made_for.environment).toBe('development');
    await second.done('restore', '--yes');
    expect(isMade(shared)).toBe(false);
    expect([await second.saves(), await first.saves()]).toEqual([0, 0]);
    // Also by what was kept there.
    await second.done('undo', '--yes');
    expect([isMade(shared), await first.saves(), await second.saves()]).toEqual([true, REFUSED, REFUSED]);
    await second.done('undo', '--yes');
    expect([isMade(shared), await first.saves()]).toEqual([false, 0]);
  });

  test('are the data for all of them, where one says so', async () => {
    const { first, second, shared } = await two();
    await first.done(...FOR_DEVELOPMENT);
    expect(await second.saves('--even-fakes')).toBe(0);
    const comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()";
    expect(shared.psql(comment)).toBe('\n');
    expect([await first.saves(), await second.saves()]).toEqual([0, 0]);
  });

  test('are made again over others, of which another checkout knows', async () => {
    const { first, second, shared } = await two();
    await first.done(...FOR_DEVELOPMENT);
    await second.done(...FOR_DEVELOPMENT);
    await second.done('undo', '--yes');
    expect([isMade(shared), await first.saves(), await second.saves()]).toEqual([true, REFUSED, REFUSED]);
  });

  test('are known here alone where the role may not comment on the database, and that is said', async () => {
    const { first, second, shared } = await two();
    shared.psql(`ALTER SCHEMA public OWNER TO app; ALTER DATABASE ${shared.name} OWNER TO postgres`, 'postgres');
    expect(await first.done(...FOR_DEVELOPMENT)).toContain('this checkout alone knows');
    expect([await first.saves(), await second.saves()]).toEqual([REFUSED, 0]);
  });

  test('where the role may not take back what the database says, that is said, and the others are held back', async () => {
    const { first, second, shared } = await two();
    await first.done(...FOR_DEVELOPMENT);
    shared.psql(`ALTER SCHEMA public OWNER TO app; ALTER DATABASE ${shared.name} OWNER TO postgres`, 'postgres');
    expect(await second.done('restore', '--yes')).toContain('still says in its comment');
    expect([isMade(shared), await second.saves(), await first.saves()]).toEqual([false, 0, REFUSED]);
    const { code, err } = await first.run('backup', '--even-fakes');
    expect([code, err]).toEqual([0, expect.stringContaining('still says in its comment')]);
    expect(await first.saves()).toBe(0);
  });

  test('another database at the same address takes back nothing of what was said of the one before', async () => {
    const { first, shared } = await two();
    await first.done(...FOR_DEVELOPMENT);
    shared.dropAndCreate();
    shared.psql(`${TABLE} INSERT INTO people VALUES (1, 'of somebody')`);
    expect(await first.saves()).toBe(REFUSED);
  });
});
