import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { fingerprintSql } from '../../../src/engines/postgres/fingerprint.ts';
import { askPlainly } from '../../../src/engines/postgres/plain-question.ts';
import { quickFingerprint } from '../../../src/engines/postgres/quick-fingerprint.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const PATIENCE = 5_000;
const SQL = 'SELECT what';

const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const message = (kind: string, body = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from(kind), number(body.length + 4), body]);
const row = (value: string | undefined) =>
  message(
    'D',
    Buffer.concat([
      Buffer.from([0, 1]),
      value === undefined ? number(-1) : number(value.length),
      Buffer.from(value ?? ''),
    ]),
  );
const LET_IN = message('R', number(0));
const READY = message('Z', Buffer.from('I'));
const DONE = message('C', Buffer.from('SELECT 1\0'));

/** One that says this to a greeting and that to a question, in pieces of so many bytes; whom it was greeted by, and what else it heard. */
async function serverThatSays(greeted: readonly Buffer[], asked: readonly Buffer[] = [], pieces = 65_536) {
  const host = scratch();
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const isGreeting = data[0] === 0;
      heard.push(data.toString('latin1'));
      const words = Buffer.concat(isGreeting ? greeted : data[0] === 'Q'.charCodeAt(0) ? asked : []);
      for (let at = 0; at < words.length; at += pieces) socket.write(words.subarray(at, at + pieces));
      if (words.includes('bye')) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(join(host, '.s.PGSQL.5432'), resolve));
  onTestFinished(() => void server.close());
  const address = { host, port: '5432', database: 'shop', user: 'me' };
  const ask = (patience = PATIENCE, password?: string) => askPlainly({ address, password }, SQL, patience);
  return { host, heard, ask };
}

test.each([1, 7, 65_536])('an answer is read that comes in pieces of %i bytes', async (pieces) => {
  const greeted = [LET_IN, message('S', Buffer.from('name\0value\0')), message('K', Buffer.alloc(8)), READY];
  const { ask, heard } = await serverThatSays(
    greeted,
    [message('T', Buffer.from('\0\0')), row('a b'), DONE, READY],
    pieces,
  );
  expect(await ask()).toEqual({ value: 'a b' });
  expect(heard[0]).toContain('user\0me\0database\0shop\0');
  expect(heard[1]).toBe(message('Q', Buffer.from(`${SQL}\0`)).toString('latin1'));
});

test('no value is another answer than an empty one, and than none', async () => {
  const answers = [[row(undefined), DONE, READY], [row(''), DONE, READY], [READY]];
  const said = await Promise.all(answers.map(async (each) => (await serverThatSays([LET_IN, READY], each)).ask()));
  expect(said).toEqual([{ value: undefined }, { value: '' }, undefined]);
});

test('a server that wants a password is told none', async () => {
  for (const [kind, password] of [
    [3, 'secret'],
    [5, 'secret'],
    [10, undefined],
    [11, 'secret'],
    [12, 'secret'],
  ] as const) {
    const { ask, heard } = await serverThatSays([message('R', number(kind)), READY]);
    expect(await ask(PATIENCE, password)).toBeUndefined();
    expect(heard).toHaveLength(1);
  }
});

test.each([
  ['refuses to let anybody in', [message('E', Buffer.from('SFATAL\0\0'))], []],
  ['refuses the question', [LET_IN, READY], [row('half'), message('E', Buffer.from('SERROR\0\0')), READY]],
  ['hangs up', [LET_IN, READY], [row('half'), message('N', Buffer.from('bye'))]],
  ['is none of PostgreSQL', [Buffer.from('HTTP/1.1 400 Bad Request\r\n')], []],
  ['speaks of less than nothing', [Buffer.from([82, 255, 255, 255, 255])], []],
])('a server that %s has not answered', async (_what, greeted, asked) => {
  const { ask } = await serverThatSays(greeted, asked);
  await expect(ask()).rejects.toThrow(/the server|no server/);
});

test('a server that says nothing is waited for only so long', async () => {
  const { ask } = await serverThatSays([]);
  await expect(ask(100)).rejects.toThrow('does not answer');
});

test('a server that is to be asked in other ways is asked by the driver alone', async () => {
  const { host, heard } = await serverThatSays([message('R', number(10))]);
  const at = `@/shop?host=${encodeURIComponent(host)}`;
  const greetings = async (url: string, env: Record<string, string> = {}) => {
    heard.length = 0;
    await expect(quickFingerprint(url, env)).rejects.toThrow();
    return heard.filter((each) => each.startsWith('\0')).length;
  };
  // Here the driver asks again.
  expect(await greetings(`postgres://me${at}`)).toBe(2);
  expect(await greetings(`postgres://me${at}&options=-cjit%3Doff`)).toBe(1);
  for (const name of ['PGSSLMODE', 'PGOPTIONS']) expect(await greetings(`postgres://me${at}`, { [name]: 'x' })).toBe(1);
});

describe.skipIf(postgresPrograms() === undefined)('a real server', () => {
  test('says the same in either way, and as a look says', async () => {
    const { url, psql } = await freshDatabase();
    psql('CREATE SEQUENCE one; CREATE SEQUENCE two', 'postgres');
    const withPassword = url.replace('app@', 'app:x@');
    const said = await quickFingerprint(url, {});
    expect(said).toMatch(/^\d{19} /);
    expect(await quickFingerprint(withPassword, {})).toBe(said);
    expect(await postgresDatabase(onServer(url, {}, 1000)).fingerprint()).toBe(said);
  });

  test('is proved a password to, wherever it is said, and lets nobody in with another', async () => {
    const { name, url, psql, as } = await freshDatabase();
    psql("SET password_encryption = 'scram-sha-256'; ALTER ROLE proved PASSWORD 'it is: 100% \"secret\"'", 'postgres');
    const said = await quickFingerprint(url, {});
    const [host] = [new URL(url.replace('@/', '@host/')).searchParams.get('host') ?? ''];
    const address = { host, port: '5432', database: name, user: 'proved' };
    const asked = (password: string) => askPlainly({ address, password }, fingerprintSql(true), PATIENCE);
    expect(await asked('it is: 100% "secret"')).toEqual({ value: said });
    await expect(asked('secret')).rejects.toThrow('the server refuses');
    const password = encodeURIComponent('it is: 100% "secret"');
    expect(await quickFingerprint(as('proved').replace('proved@', `proved:${password}@`), {})).toBe(said);
    expect(await quickFingerprint(as('proved'), { PGPASSWORD: 'it is: 100% "secret"' })).toBe(said);
  });

  test('is asked for a sequence that others have to themselves, and for one that may not be seen', async () => {
    const { url, psql } = await freshDatabase();
    psql('CREATE SEQUENCE hidden', 'postgres');
    expect(await quickFingerprint(url, {})).toMatch(/^\d{19} /);
    const before = await quickFingerprint(url, {});
    psql("SELECT nextval('hidden')", 'postgres');
    psql('GRANT USAGE ON hidden TO app', 'postgres');
    expect(await quickFingerprint(url, {})).not.toBe(before);
    const seen = await quickFingerprint(url, {});
    psql("SELECT nextval('hidden')", 'postgres');
    expect(await quickFingerprint(url, {})).not.toBe(seen);
  });
});
