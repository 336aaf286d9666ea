import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { quickFingerprint } from '../../../src/engines/postgres/quick-fingerprint.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { freshDatabase, nameCluster, postgresPrograms, removeCluster } from '../../support/postgres.ts';

const SHARED = 'OVERWINTER_TEST_POSTGRES';
const TRIES = 5;

/** Kills a program of the server's at once, as a system without memory does, and waits until the server answers again. */
async function crash(psql: (sql: string, role?: string) => string, pid: string): Promise<void> {
  process.kill(Number(pid), 'SIGKILL');
  for (;;) {
    await sleep(200);
    try {
      psql('SELECT 1');
      return;
    } catch {
      // It is not back yet.
    }
  }
}

describe.skipIf(postgresPrograms() === undefined)('a server that crashes without starting anew', () => {
  // One of its own: it takes the sessions of everybody with it.
  const shared = process.env[SHARED];
  beforeAll(nameCluster);
  afterAll(() => {
    removeCluster();
    process.env[SHARED] = shared;
  });

  test('is another one, also where as much was written again as was lost', { timeout: 120_000 }, async () => {
    const { url, psql } = await freshDatabase();
    psql("ALTER SYSTEM SET wal_writer_delay = '10s'; SELECT pg_reload_conf()", 'postgres');
    psql('CREATE TABLE notes (id int PRIMARY KEY); CHECKPOINT', 'postgres');
    const database = postgresDatabase(onServer(url, {}, 1000));
    const snapshot = 'SELECT pg_current_snapshot()';
    let isSameSnapshot = false;
    for (let id = 0; id < TRIES && !isSameSnapshot; id++) {
      await sleep(500);
      const before = psql(`INSERT INTO notes VALUES (${id}); ${snapshot}`, 'postgres').trim();
      const [all, quick] = [await database.fingerprint(), await quickFingerprint(url, {})];
      const victim = psql(
        'SELECT pid FROM pg_stat_activity WHERE datid IS NULL ORDER BY pid DESC LIMIT 1',
        'postgres',
      ).trim();
      await crash(psql, victim);
      psql(`INSERT INTO notes VALUES (${id + 1000})`, 'postgres');
      // The numbers alone would say that it is as it was; where the row was on the disk already, it is tried again.
      const isLost = psql(`SELECT count(*) FROM notes WHERE id = ${id}`, 'postgres').trim() === '0';
      isSameSnapshot = isLost && psql(snapshot, 'postgres').trim() === before;
      expect(await database.fingerprint()).not.toBe(all);
      expect(await quickFingerprint(url, {})).not.toBe(quick);
    }
    expect(isSameSnapshot).toBe(true);
  });
});
