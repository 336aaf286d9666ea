import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeDatabase } from '../../../bench/database.ts';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { sqliteDatabase } from '../../../src/engines/sqlite/database.ts';
import { copy, valuesIn } from '../../support/across.ts';
import { chance, tries } from '../../support/chance.ts';
import { MAIN } from '../../support/command-line.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

const sqliteAt = (file: string) => sqliteDatabase(file, { busyTimeout: 2000 });
const serverAt = ({ url }: TestDatabase) => postgresDatabase(onServer(url, {}, 5000));

/** Needs PostgreSQL's programs: `apt-get install postgresql`. */
describe.skipIf(postgresPrograms() === undefined)('on a server', () => {
  test('a shop comes there and back with every value, and numbers go on', { timeout: 120_000 }, async () => {
    const work = scratch();
    const file = join(work, 'shop.db');
    makeDatabase(file, 6000);
    const database = await freshDatabase();
    const there = serverAt(database);
    const copied = await copy(work, sqliteAt(file), there);
    expect([copied.rows, copied.lost]).toEqual([6000, []]);
    expect(database.psql('SELECT count(*), sum(id) FROM orders')).toBe('3600|6481800\n');
    expect(database.psql('INSERT INTO orders(user_id) VALUES (1) RETURNING id').trim()).toBe('3601');
    database.psql('DELETE FROM orders WHERE id = 3601');
    const back = join(work, 'back.db');
    await copy(work, there, sqliteAt(back));
    expect(valuesIn(back)).toEqual(valuesIn(file));
    await there.close();
  });

  const { below } = chance();

  test('a copy that is killed leaves the other database empty, or whole', { timeout: 600_000 }, async () => {
    const work = scratch();
    makeDatabase(join(work, 'app.db'), 3000);
    const outcomes = { empty: 0, whole: 0 };
    const args = (to: string) => [MAIN, 'copy', '--to', to, '--quiet'];
    const env = { PATH: process.env.PATH ?? '', OVERWINTER_HOST: 'none' };
    for (let round = 0; round < tries(5, 60); round++) {
      const database = await freshDatabase();
      const isFile = round % 2 === 1;
      const file = join(work, `to-${round}.db`);
      if (isFile) await copy(work, sqliteAt(join(work, 'app.db')), serverAt(database));
      const call = isFile ? [MAIN, 'copy', '--db', database.url, '--to', file, '--quiet'] : args(database.url);
      const child = spawn(process.execPath, call, { cwd: work, env, stdio: 'ignore' });
      const ended = once(child, 'exit');
      // The last round is let go on to its end.
      if (round < tries(5, 60) - 1) void sleep(200 + below(2500)).then(() => child.kill('SIGKILL'));
      await ended;
      if (isFile) {
        if (existsSync(file)) expect(valuesIn(file)).toEqual(valuesIn(join(work, 'app.db')));
        outcomes[existsSync(file) ? 'whole' : 'empty']++;
      } else {
        const tables = Number(
          database.psql("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"),
        );
        expect([0, 3]).toContain(tables);
        if (tables === 3)
          expect(
            database.psql(
              'SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM orders), (SELECT count(*) FROM events)',
            ),
          ).toBe('300|1800|900\n');
        outcomes[tables === 0 ? 'empty' : 'whole']++;
      }
      expect(readdirSync(work).filter((name) => name.includes('-overwinter') && !name.startsWith('to-'))).toEqual([]);
    }
    expect(outcomes.whole).toBeGreaterThan(0);
  });
});
