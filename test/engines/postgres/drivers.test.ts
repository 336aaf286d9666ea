import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OverwinterError } from '../../../src/core/errors.ts';
import { addressOf, labelOf } from '../../../src/engines/postgres/address.ts';
import { connectProblem, serverProblem } from '../../../src/engines/postgres/connect-problem.ts';
import type { Session } from '../../../src/engines/postgres/driver.ts';
import { asPsqlReadsIt } from '../../../src/engines/postgres/pg-client.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { openFolder, sessionIn } from '../../../src/engines/postgres/pglite-driver.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const withServer = describe.skipIf(postgresPrograms() === undefined);

async function* bytesOf(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** What every driver does. */
async function tryOut(session: Session): Promise<void> {
  expect(await session.query('SELECT 1; SELECT 2, NULL, true, 1.50, ARRAY[1,2], $$\u00fc$$')).toEqual([
    ['2', null, 't', '1.50', '{1,2}', '\u00fc'],
  ]);
  expect(await session.query('CREATE TABLE t (id int8 PRIMARY KEY, text text)')).toEqual([]);
  await session.copyIn('COPY t FROM STDIN', bytesOf('9007199254740993\ta\\tb\n', '2\t\\N\n'));
  expect(await textOf(session.copyOut('COPY (SELECT * FROM t ORDER BY id) TO STDOUT'))).toBe(
    '2\t\\N\n9007199254740993\ta\\tb\n',
  );
  await expect(session.query('SELECT nobody')).rejects.toMatchObject({ code: '42703' });
  await expect(textOf(session.copyOut('COPY (SELECT 1 / (id - 2) FROM t) TO STDOUT'))).rejects.toMatchObject({
    code: '22012',
  });
  await expect(session.copyIn('COPY t FROM STDIN', bytesOf('x\ty\n'))).rejects.toMatchObject({ code: '22P02' });
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  await expect(session.query('DELETE FROM t')).rejects.toMatchObject({ code: '25006' });
  await session.query('ROLLBACK');
  expect(await session.query('SELECT count(*) FROM t')).toEqual([['2']]);
  await session.close();
  await session.close();
}

withServer('a server', () => {
  test('is asked for texts, and streams rows out and in', async () => {
    const { url } = await freshDatabase();
    await tryOut(await connectToServer(url, {}));
  });

  test('that ends a session does not end the process', async () => {
    const { url, psql } = await freshDatabase();
    const session = await connectToServer(url, {});
    const [[pid = ''] = []] = await session.query('SELECT pg_backend_pid()::text');
    psql(`SELECT pg_terminate_backend(${pid})`, 'postgres');
    const error = await session.query('SELECT pg_sleep(1)').catch((thrown: unknown) => thrown);
    expect(serverProblem('db/shop', error)).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await session.close();
  });

  test('says why it cannot be reached, in our words and without a password', async () => {
    const { url, as } = await freshDatabase();
    const failing = async (address: string) => {
      const error = await connectToServer(address, {}).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OverwinterError);
      expect(JSON.stringify([error, String(error)])).not.toContain('hunter2');
      return error;
    };
    const { host, user } = addressOf(url, {});
    expect(await failing(url.replace(/\/t\d+_\d+/, '/nobody'))).toMatchObject({
      code: 'DATABASE_MISSING',
      hint: expect.stringMatching(`^Make it, 'createdb -h ${host} (-p \\d+ )?-U ${user} nobody'`),
    });
    expect(await failing(as('nobody:hunter2'))).toMatchObject({ code: 'DATABASE_REFUSED' });
    expect(await failing('postgres://app:hunter2@127.0.0.1:1/shop')).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(await failing('postgres://app:hunter2@nowhere.invalid/shop')).toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    });
    expect(await failing('postgres://app:hunter2@host:port/shop')).toMatchObject({ code: 'USAGE' });
    expect(await failing(`${url}&sslmode=require`)).toBeInstanceOf(OverwinterError);
  });
});

test('a server that speaks no encryption is told apart from one that is away', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end('N')));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const port = String(Object(server.address()).port);
  try {
    await expect(connectToServer(`postgres://a:b@127.0.0.1:${port}/c?sslmode=require`, {})).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('encrypted'),
    });
  } finally {
    server.close();
  }
});

test('PGlite is asked as a server is, and one folder is opened once', async () => {
  const folder = await emptyPglite(join(scratch(), 'data'));
  const db = await openFolder(folder, folder);
  await tryOut(await sessionIn(db));
  await expect(openFolder(folder, folder)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
  const session = await sessionIn(db);
  const later = db.query<{ n: number }>('SELECT count(*)::int AS n FROM t');
  await session.query('BEGIN; DELETE FROM t');
  await session.close();
  expect((await later).rows).toEqual([{ n: 2 }]);
  await db.close();
});

test.each([
  ['postgres://app:pw@db.example.org/shop', 'db.example.org/shop'],
  ['postgresql://app:p%40w@db.example.org:6543/shop?sslmode=require', 'db.example.org:6543/shop'],
  ['postgres://app@/shop?host=/var/run/postgresql', 'localhost/shop'],
  ['postgres:///shop', 'localhost/shop'],
  ['postgres://', 'localhost/ada'],
  ['postgres://app@[::1]/shop', '[::1]/shop'],
])('%s is called %s', (url, label) => {
  expect(labelOf(addressOf(url, { USER: 'ada' }))).toBe(label);
});

test.each([
  ['postgres://db/shop?sslmode=require', 'postgres://db/shop?sslmode=require&uselibpqcompat=true'],
  ['postgres://db/shop?sslmode=verify-full', 'postgres://db/shop?sslmode=verify-full'],
  ['postgres://db/shop?sslmode=require&sslrootcert=system', 'postgres://db/shop?sslmode=verify-full'],
  ['postgres://db/shop?sslrootcert=system', 'postgres://db/shop?sslmode=verify-full'],
  ['postgres://db/shop?sslrootcert=system&a=b', 'postgres://db/shop?a=b&sslmode=verify-full'],
  ['postgres://db/shop?a=b&sslrootcert=system', 'postgres://db/shop?a=b&sslmode=verify-full'],
  ['postgres://db/shop?sslrootcert=system.pem', 'postgres://db/shop?sslrootcert=system.pem'],
])('%s is given to the driver as %s', (url, given) => {
  expect(asPsqlReadsIt(url)).toBe(given);
});

test('what an address leaves open, the variables of psql say', () => {
  const env = { PGHOST: 'db', PGPORT: '6000', PGDATABASE: 'shop', PGUSER: 'ada' };
  expect(addressOf('postgres:///', env)).toEqual({ host: 'db', port: '6000', database: 'shop', user: 'ada' });
});

test.each([
  [{ code: '53300', message: 'sorry, too many clients already' }, 'DATABASE_UNREACHABLE', 'no more connections'],
  [{ code: 'XX000', message: 'Tenant or user not found' }, 'DATABASE_UNREACHABLE', 'paused'],
  [{ code: '28P01', message: 'password authentication failed for user "app"' }, 'DATABASE_REFUSED', 'password'],
  [{ code: '57P03', message: 'the database system is starting up' }, 'DATABASE_UNREACHABLE', 'starting up'],
  [
    { code: '28000', message: 'no pg_hba.conf entry for host "1.2.3.4", no encryption' },
    'DATABASE_UNREACHABLE',
    'encrypted',
  ],
  [
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate in certificate chain' },
    'DATABASE_UNREACHABLE',
    'encrypted',
  ],
])('%o is %s', ({ code, message }, expected, words) => {
  const problem = connectProblem('db/shop', Object.assign(new Error(message), { code }));
  expect(problem).toMatchObject({ code: expected, message: expect.stringContaining(words) });
});
