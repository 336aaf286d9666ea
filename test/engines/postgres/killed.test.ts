import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stage } from '../../../src/engines/postgres/restore/stage.ts';
import { type AsBackup, slicesOf } from '../../support/as-backup.ts';
import { chance, tries } from '../../support/chance.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';
import { full, saved, targetOf } from './support.ts';

async function restore(database: TestDatabase, backup: AsBackup, keep = async () => {}): Promise<void> {
  const staged = stage(targetOf(database), 'replace', undefined);
  try {
    await staged.load(backup.content, slicesOf(backup), () => {});
    await staged.commit({
      ignore: [],
      patience: 5000,
      keep,
      replaced: () => {},
      asideFolder: scratch,
      stamp: '20261120',
    });
  } finally {
    await staged.discard();
  }
}

/** Ends whatever Overwinter has open there, as the server does where a client dies. */
const kill = (database: TestDatabase) =>
  database.psql(
    `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'overwinter' AND pid <> pg_backend_pid()`,
    'postgres',
  );

const { below } = chance();

describe.skipIf(postgresPrograms() === undefined)('a restore that is killed', () => {
  test('leaves the database as it was or as it is to be, whenever that happens', { timeout: 600_000 }, async () => {
    const database = await full();
    const first = await saved(database);
    database.psql(
      "UPDATE users SET name = 'other ' || id; DELETE FROM refs_ev; INSERT INTO parent VALUES (7, 'new')",
      'postgres',
    );
    const rows = await saved(database);
    database.psql('ALTER TABLE users ADD COLUMN later int; DROP VIEW grouped; DROP TABLE refs_ev');
    const tables = await saved(database);
    const known = [first, rows, tables];
    const begun = performance.now();
    await restore(database, first);
    const usual = performance.now() - begun;
    let now = first;
    const outcomes = { old: 0, new: 0 };
    for (let round = 0; round < tries(4, 50); round++) {
      const wanted = known[(known.indexOf(now) + 1 + (round % 2)) % 3] ?? first;
      // Once it is certain that it has begun and is not done.
      const keep = async () => void (round === 0 && kill(database));
      const running = restore(database, wanted, keep).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
          return false;
        },
      );
      await sleep(below(usual * 1.2));
      if (round > 0) kill(database);
      const isDone = await running;
      const { digest } = await saved(database);
      const found = known.find((each) => each.digest === digest);
      expect(found === now || found === wanted).toBe(true);
      if (isDone) expect(found).toBe(wanted);
      outcomes[found === wanted ? 'new' : 'old']++;
      now = found ?? now;
    }
    expect(outcomes.old).toBeGreaterThan(0);
    await restore(database, first);
    expect((await saved(database)).digest).toBe(first.digest);
  });

  test('leaves an empty one empty, or whole', async () => {
    const from = await full();
    const backup = await saved(from);
    for (let round = 0; round < tries(1, 10); round++) {
      const database = await freshDatabase();
      const running = restore(database, backup).then(
        () => true,
        () => false,
      );
      await sleep(below(900));
      kill(database);
      const isDone = await running;
      const tables = database.psql(
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND relnamespace <> 'pg_catalog'::regnamespace",
      );
      if (tables !== '0\n') expect((await saved(database)).digest).toBe(backup.digest);
      if (isDone) expect(tables).not.toBe('0\n');
    }
  });
});
