import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { OverwinterError } from '../../../src/core/errors.ts';
import type { Reading } from '../../../src/engines/engine.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { read } from '../../../src/engines/postgres/read.ts';
import { tries } from '../../support/chance.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { readAll } from '../../support/reading.ts';

const ACCOUNTS = 500;
const MONEY = ACCOUNTS * 100;

const SHOP = `
CREATE TABLE accounts (id int PRIMARY KEY, money int NOT NULL); INSERT INTO accounts SELECT i, 100 FROM generate_series(1, ${ACCOUNTS}) i;
CREATE TABLE transfers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount int NOT NULL);
CREATE TABLE count_of_transfers (n int NOT NULL); INSERT INTO count_of_transfers VALUES (0);
CREATE TABLE report (id int PRIMARY KEY, version int NOT NULL); INSERT INTO report SELECT i, 0 FROM generate_series(1, 200) i;
CREATE TABLE report_version (version int NOT NULL); INSERT INTO report_version VALUES (0);
CREATE TABLE changing (id int PRIMARY KEY, a int); INSERT INTO changing SELECT i, i FROM generate_series(1, 100) i;`;

interface Writer {
  /** Between two turns, in milliseconds. */
  readonly pause: number;
  sql(turn: number): string;
}

/** What an app does all day, and what a migration does now and then. */
const WRITERS: readonly Writer[] = [
  {
    pause: 5,
    sql: (turn) => `BEGIN; UPDATE accounts SET money = money - 1 WHERE id = ${1 + (turn % ACCOUNTS)};
UPDATE accounts SET money = money + 1 WHERE id = ${1 + ((turn * 7 + 1) % ACCOUNTS)}; INSERT INTO transfers (amount) VALUES (1);
UPDATE count_of_transfers SET n = n + 1; COMMIT`,
  },
  {
    pause: 10,
    sql: (turn) => `BEGIN; TRUNCATE report; INSERT INTO report SELECT i, ${turn + 1} FROM generate_series(1, 200) i;
UPDATE report_version SET version = ${turn + 1}; COMMIT`,
  },
  {
    pause: 150,
    sql: (turn) => `ALTER TABLE changing ${turn % 2 === 0 ? 'ADD COLUMN b int DEFAULT 7' : 'DROP COLUMN b'}`,
  },
  {
    pause: 150,
    sql: (turn) =>
      turn % 2 === 0 ? 'CREATE TABLE passing AS SELECT i AS id FROM generate_series(1, 50) i' : 'DROP TABLE passing',
  },
  {
    // In the other order than names have: an app that waits for us while we wait for it.
    pause: 50,
    sql: () =>
      'BEGIN; LOCK TABLE report IN ACCESS EXCLUSIVE MODE; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE; COMMIT',
  },
];

/** Where tables change all the time it may give up, and says so. On a machine with much else to do that takes a few turns. */
async function opened(url: string): Promise<Reading> {
  for (let turn = 0; ; turn++)
    try {
      return await read({ label: 'db/shop', scope: {}, connect: () => connectToServer(url, {}) }, undefined);
    } catch (error) {
      if (!(error instanceof OverwinterError) || error.code !== 'DATABASE_LOCKED' || turn === 3) throw error;
    }
}

describe.skipIf(postgresPrograms() === undefined)('beside writers', () => {
  test('every reading is one moment, and none costs an app a transaction', async () => {
    const { url, psql } = await freshDatabase();
    psql(SHOP);
    let isOver = false;
    const turns: number[] = [];
    const writing = WRITERS.map(async ({ sql, pause }, at) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      let turn = 0;
      // What a writer waits for, it gets; an error here is a transaction that the app would have lost.
      for (; !isOver; turn++) {
        await client.query(sql(turn));
        await sleep(pause);
      }
      turns[at] = turn;
      await client.end();
    });
    const writers = Promise.all(writing);
    const broken = writers.then(
      () => undefined,
      (error: unknown) => error,
    );
    const seen: number[] = [];
    for (let moment = 0; moment < tries(5, 50); moment++) {
      const reading = await opened(url);
      // Time for everybody to do what should not be seen.
      await sleep(30);
      const { lines } = await readAll(reading);
      const rows = (table: string): Record<string, number>[] =>
        (lines.get(table) ?? '')
          .trim()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line));
      const sum = rows('accounts').reduce((total, { money = 0 }) => total + money, 0);
      expect([rows('accounts').length, sum]).toEqual([ACCOUNTS, MONEY]);
      expect(rows('transfers').length).toBe(rows('count_of_transfers')[0]?.n);
      expect(rows('report').length).toBe(200);
      expect(new Set(rows('report').map(({ version }) => version))).toEqual(
        new Set([rows('report_version')[0]?.version]),
      );
      expect(rows('changing').length).toBe(100);
      const [{ last_value: last = 0 } = {}] = rows('pg_catalog.pg_sequences');
      expect(last).toBeGreaterThanOrEqual(rows('transfers').length);
      if (lines.has('passing')) expect(rows('passing').length).toBe(50);
      const columns = new Set(rows('changing').map((row) => Object.keys(row).join()));
      expect(columns.size).toBe(1);
      seen.push(rows('transfers').length);
    }
    isOver = true;
    expect(await broken).toBeUndefined();
    expect(turns.every((turn) => turn > 1)).toBe(true);
    expect(seen.at(-1)).toBeGreaterThan(seen[0] ?? 0);
  });
});
