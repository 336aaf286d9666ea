import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { autoRestore, openDatabase } from '../../src/app/boot.ts';
import { withSnapshot } from '../../src/app/with-snapshot.ts';
import { keep } from '../../src/keep/keep.ts';
import { listSnapshots } from '../../src/local/snapshots.ts';
import { createPanel } from '../../src/panel/create-panel.ts';
import { inHand } from '../../src/project/database-in-hand.ts';
import { scratch } from '../support/scratch.ts';

function databaseAt(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  db.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('kept')");
  return db;
}

const quiet = { info() {}, warn() {}, error() {} };

/** Says what each call says to what it cannot take; it is JavaScript that hands such things over. */
const CALLS: Readonly<Record<string, (db: unknown) => unknown>> = {
  keep: (db) => Reflect.apply(keep, undefined, [db, { logger: quiet }]),
  withSnapshot: (db) => Reflect.apply(withSnapshot, undefined, ['try', () => {}, { db }]),
  createPanel: (db) => Reflect.apply(createPanel, undefined, [{ db, authorize: () => 'read' }]),
};

class PrismaClient {
  $queryRaw() {}
}
const libsql = { execute() {}, batch() {}, protocol: 'file' };

describe.each(Object.entries(CALLS))('%s', (name, call) => {
  test.each([
    ['a Prisma client', new PrismaClient()],
    ['a libsql client', libsql],
    ['Drizzle over libsql', { $client: libsql }],
    ['a function, as Knex is one', () => {}],
    ['an object', {}],
    ['a number', 7],
    ['null', null],
  ])('asks for the path where it is given %s', async (_what, db) => {
    const hint = expect.stringContaining('Give the path');
    await expect((async () => call(db))()).rejects.toMatchObject({
      code: 'USAGE',
      hint,
      message: expect.stringContaining(`${name}() was given`),
    });
  });

  test('says of a database in memory that it is none to keep', async () => {
    for (const db of [new Database(':memory:'), { $client: new Database('') }])
      await expect((async () => call(db))()).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('in memory'),
      });
  });
});

test('a snapshot is of the very database that is in hand, whatever names it', async () => {
  const folder = scratch();
  const file = join(folder, 'data/app.db');
  const db = databaseAt(file);
  const dir = join(folder, 'backups');
  await withSnapshot('better-sqlite3', () => {}, { db, dir });
  await withSnapshot('Drizzle', () => {}, { db: { $client: db }, dir });
  await withSnapshot('a URL', () => {}, { db: `file://${file}?mode=rwc`, dir });
  db.close();
  const labels = listSnapshots(join(folder, '.overwinter'), file).map(({ label }) => label);
  expect(labels.sort()).toEqual(['Drizzle', 'a URL', 'better-sqlite3']);
});

test('keep takes a URL, and says at once what it cannot work on', async () => {
  const folder = scratch();
  const file = join(folder, 'app.db');
  databaseAt(file).close();
  const dir = join(folder, 'backups');
  const keeper = await keep(`sqlite:${file}`, { dir, logger: quiet });
  expect(await keeper.backup()).toMatchObject({ result: { rows: 1 } });
  await keeper.stop();
  await expect(keep('md:facts?motherduck_token=s3cret', { dir, logger: quiet })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.not.stringContaining('s3cret'),
  });
});

test('a restore is refused to a database that is open, on the first day and not on the one it is needed', async () => {
  const file = join(scratch(), 'app.db');
  const db = databaseAt(file);
  const calls = [
    () => Reflect.apply(openDatabase, undefined, [db]),
    () => Reflect.apply(autoRestore, undefined, [{ db: { $client: db } }]),
  ];
  for (const call of calls)
    await expect((async () => call())()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('a database that is open'),
      hint: expect.stringContaining(file),
    });
  db.close();
});

const sqlite = ((): { DatabaseSync: new (path: string) => { close(): void; exec(sql: string): void } } | undefined => {
  try {
    return createRequire(import.meta.url)('node:sqlite');
  } catch {
    return undefined;
  }
})();

describe.skipIf(sqlite === undefined)(
  `node:sqlite${sqlite === undefined ? ' (skipped: this Node has none)' : ''}`,
  () => {
    test('says which file it has', async () => {
      const file = join(scratch(), 'app.db');
      const db = sqlite && new sqlite.DatabaseSync(file);
      await expect(inHand(db, 'keep()').target()).resolves.toBe(file);
      db?.close();
      expect(() => inHand(db, 'keep()')).toThrow(expect.objectContaining({ code: 'USAGE' }));
      const memory = sqlite && new sqlite.DatabaseSync(':memory:');
      expect(() => inHand(memory, 'keep()')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    });
  },
);
