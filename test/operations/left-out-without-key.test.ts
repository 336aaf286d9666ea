import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Privacy } from '../../src/core/privacy/select.ts';
import { duckdbDatabase } from '../../src/engines/duckdb/database.ts';
import type { Database } from '../../src/engines/engine.ts';
import { postgresDatabase } from '../../src/engines/postgres/database.ts';
import type { Session } from '../../src/engines/postgres/driver.ts';
import { inFolder } from '../../src/engines/postgres/folder.ts';
import { onServer } from '../../src/engines/postgres/server.ts';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { on } from '../engines/duckdb/support.ts';
import { emptyPglite } from '../support/pglite.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { projectIn, scratch } from '../support/scratch.ts';

interface Live {
  readonly database: Database;
  run(sql: string): Promise<void>;
  /** Every row of `events` as a text. */
  events(): Promise<readonly string[]>;
}

const TEXT = "coalesce(kind || '', '-') || ' ' || coalesce(note, '-') || ' ' || coalesce(mail, '-')";
const EVENTS = `SELECT ${TEXT} AS t FROM events`;

async function sqlite(): Promise<Live> {
  const file = join(scratch(), 'app.db');
  const within = <T>(work: (db: Sqlite.Database) => T): T => {
    const db = new Sqlite(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  return {
    database: sqliteDatabase(file, { busyTimeout: 2000 }),
    run: async (sql) => void within((db) => db.exec(sql)),
    events: async () => within((db) => db.prepare<[], string>(EVENTS).pluck().all()),
  };
}

async function duckdb(): Promise<Live> {
  const file = join(scratch(), 'app.duckdb');
  return {
    database: duckdbDatabase(file, { wait: 1000 }),
    run: async (sql) => void (await on(file, sql)),
    events: async () => (await on(file, EVENTS)).map(({ t }) => String(t)),
  };
}

async function postgres(): Promise<Live> {
  const { url, psql } = await freshDatabase();
  return {
    database: postgresDatabase(onServer(url, {}, 1000)),
    run: async (sql) => void psql(sql, 'app'),
    events: async () => psql(`SELECT ${TEXT} FROM events`).trim().split('\n'),
  };
}

async function pglite(): Promise<Live> {
  const access = inFolder(await emptyPglite(join(scratch(), 'pgdata')), 1000);
  const within = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await access.connect();
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  return {
    database: postgresDatabase(access),
    run: (sql) => within(async (session) => void (await session.query(sql))),
    events: () =>
      within(async (session) => (await session.query(`SELECT ${TEXT} FROM events`)).map(([text]) => text ?? '')),
  };
}

const TABLES = `
  CREATE TABLE events(kind INTEGER, note TEXT, mail TEXT);
  CREATE TABLE now(day INTEGER);
  INSERT INTO now VALUES (1);
  INSERT INTO events VALUES (1, 'a', NULL), (1, 'a', NULL), (1, 'b', NULL), (2, 'c', NULL), (2, 'c', NULL), (NULL, 'd', NULL);
`;
const ALL = ['- d -', '1 a -', '1 a -', '1 b -', '2 c -', '2 c -'];

/** Saved as `privacy` says; and what a restore says. */
async function saved(live: Live, privacy: Privacy, sql = TABLES) {
  await live.run(sql);
  const folder = scratch();
  const project = projectIn(folder, { privacy });
  const its = { ...project, database: live.database };
  const { name } = await backup(its, { trigger: 'test' });
  return async () => (await restore(its, { name })).warnings;
}

const eventsOf = async (live: Live) => [...(await live.events())].sort();

const NO_SERVER = postgresPrograms() === undefined;

describe.each([
  ['SQLite', sqlite, '', false],
  ['DuckDB', duckdb, '', false],
  ['PostgreSQL', postgres, 'public.', NO_SERVER],
  ['PGlite', pglite, 'public.', false],
] as const)('a table without a key, %s', (_, make, schema, isMissing) => {
  const here = test.skipIf(isMissing);

  here('keeps its rows, once each, where backups leave all of them out', async () => {
    const live = await make();
    const bring = await saved(live, { exclude: { events: 'rows' } });
    for (const _time of [1, 2]) {
      expect(await bring()).toEqual([]);
      expect(await eventsOf(live)).toEqual(ALL);
    }
  });

  here('keeps those that do not meet a condition, and those of which it cannot be said', async () => {
    const live = await make();
    const bring = await saved(live, { include: { events: 'kind = 1' } });
    await live.run("INSERT INTO events VALUES (3, 'later', NULL), (1, 'also later', NULL)");
    for (const _time of [1, 2]) {
      expect(await bring()).toEqual([]);
      expect(await eventsOf(live)).toEqual([...ALL, '3 later -']);
    }
  });

  here('has none of them twice where the condition holds for other rows by then', async () => {
    const live = await make();
    const bring = await saved(live, { include: { events: `kind >= (SELECT max(day) FROM ${schema}now)` } });
    await live.run('DELETE FROM now; INSERT INTO now VALUES (2)');
    for (const _time of [1, 2]) {
      expect(await bring()).toEqual([]);
      expect(await eventsOf(live)).toEqual(ALL);
      await live.run('DELETE FROM now; INSERT INTO now VALUES (2)');
    }
  });

  here('says that values which backups leave out are gone, and loses no row by it', async () => {
    const live = await make();
    const bring = await saved(
      live,
      { redact: { events: ['mail'] }, include: { events: 'mail IS NOT NULL' } },
      `${TABLES} INSERT INTO events VALUES (1, 'a', 'secret')`,
    );
    expect(await bring()).toEqual([
      'backups leave out events.mail, and the values there were did not stay: no key tells which row is which',
    ]);
    const after = ['- d -', '1 a -', '1 a -', '1 a -', '1 b -', '2 c -', '2 c -'];
    expect(await eventsOf(live)).toEqual(after);
    await bring();
    expect(await eventsOf(live)).toEqual(after);
  });
});
