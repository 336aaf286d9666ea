import { describe, expect, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { nameOfTransaction } from '../../../src/engines/postgres/restore/transaction.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { whichDatabase } from '../../../src/engines/postgres/which-database.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';

const at = (url: string) => postgresDatabase(onServer(url, {}, 1000));
const asked = (url: string, name: string) => at(url).wentThrough?.(name);

/** A transaction's name, of one that was ended so. */
async function named(url: string, end: 'COMMIT' | 'ROLLBACK'): Promise<string> {
  const session = await connectToServer(url, {});
  try {
    await session.query('BEGIN; CREATE TABLE t (id int)');
    const name = (await nameOfTransaction(session)) ?? '';
    expect(await asked(url, name)).toBeUndefined();
    await session.query(end);
    return name;
  } finally {
    await session.close();
  }
}

describe.skipIf(postgresPrograms() === undefined)('whether a transaction went through', () => {
  test('says the database it was in, once it is over', async () => {
    const { url } = await freshDatabase();
    expect(await asked(url, await named(url, 'ROLLBACK'))).toBe(false);
    expect(await asked(url, await named(url, 'COMMIT'))).toBe(true);
  });

  test('says no other, which has a transaction of that number, too', async () => {
    const [one, other] = [await freshDatabase(), await freshDatabase()];
    const name = await named(one.url, 'COMMIT');
    expect(await asked(other.url, name)).toBeUndefined();
    const session = await connectToServer(one.url, {});
    const [server = ''] = (await whichDatabase(session)).split('/');
    await session.close();
    // Another server, or this one once its data is gone back in time.
    expect(await asked(one.url, name.replace(server, `${server.slice(1)}0`))).toBeUndefined();
    expect(await asked(one.url, name.replace('/1/', '/2/'))).toBeUndefined();
    for (const nobodys of ['7', `${name.split('@')[0]}`, '', `x${name}`, `1; ${name}`])
      expect(await asked(one.url, nobodys)).toBeUndefined();
    // It lies at the same address.
    one.dropAndCreate();
    expect(await asked(one.url, name)).toBeUndefined();
  });

  test('says also one that does not tell its name, as long as it is not started anew', async () => {
    const { url, psql } = await freshDatabase();
    psql('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC', 'postgres');
    const name = await named(url, 'COMMIT');
    expect(name).toMatch(/^\d+@\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\/\d+$/);
    expect(await asked(url, name)).toBe(true);
    expect(await asked(url, name.replace(/\.\d+/, '.000000'))).toBeUndefined();
  });

  test('nobody knows while the server is away, or lets nobody in', async () => {
    const database = await freshDatabase();
    const name = await named(database.url, 'COMMIT');
    expect(await asked('postgres://app@127.0.0.1:1/shop', name)).toBeUndefined();
    expect(await asked(database.as('nobody_at_all'), name)).toBeUndefined();
    expect(await asked(database.url.replace(`/${database.name}?`, '/not_there?'), name)).toBeUndefined();
  });
});
