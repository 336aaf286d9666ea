import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { chance, tries } from '../support/chance.ts';
import { overwinter } from '../support/command-line.ts';
import { canInject, runWithFault } from '../support/faults.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { lasting, scratch } from '../support/scratch.ts';

const KILLS = tries(4, 60);
const random = chance();
const NEVER = 1_000_000;

interface Place {
  readonly env: Record<string, string>;
  put(folder: string, state: string): void;
  state(folder: string): string;
  settled(): Promise<void>;
}

/** Goes from A to B, and is killed on the way from B to C, or back to A: whatever stands there then, `undo` goes to what was there before. */
async function kills({ env, put, state, settled }: Place): Promise<void> {
  const home = lasting();
  writeFileSync(join(home, 'package.json'), '{}');
  const done = (folder: string, ...args: string[]) => {
    const { code, stderr } = overwinter(folder, args, env);
    expect(code, stderr).toBe(0);
  };
  for (const each of ['c', 'b', 'a']) {
    put(home, each);
    done(home, 'backup', `of-${each}`);
  }
  const start = () => {
    const folder = join(scratch(), 'home');
    cpSync(home, folder, { recursive: true });
    put(folder, 'a');
    done(folder, 'restore', 'of-b', '--yes');
    return folder;
  };
  for (const [comes, args] of [
    ['c', ['restore', 'of-c', '--yes']],
    ['a', ['undo', '--yes']],
    ['', ['clear', 't', '--yes']],
    ['c', ['restore', 'of-c', '--table', 't', '--exact', '--yes']],
  ] as const) {
    const whole = { call: 'change', error: 'killed', from: NEVER, times: 1, at: '' } as const;
    const { calls } = runWithFault(start(), args, whole, env);
    const changes = calls.filter((each) => /^(create|fsync|mkdir|rename|unlink) |^write (\/|socket:)/.test(each));
    // From the moment on at which there is a snapshot.
    const taken = changes.findIndex((each) => /^rename .*\/snapshots\/.*\.json$/.test(each));
    expect(taken).toBeGreaterThan(0);
    const seen = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const folder = start();
      const from = kill === 0 ? taken + 2 : taken + 2 + random.below(changes.length - taken);
      runWithFault(folder, args, { ...whole, from }, env);
      await settled();
      const at = `${args.join(' ')}, ${from} of ${changes.length}, ${changes[from - 1]}, seed ${random.seed}`;
      const now = state(folder);
      seen.add(now);
      const isDone = now !== 'b';
      expect(now, at).toBe(isDone ? comes : 'b');
      done(folder, 'undo', '--yes');
      expect(state(folder), at).toBe(isDone ? 'b' : 'a');
      done(folder, 'undo', '--yes');
      expect(state(folder), at).toBe(now);
      rmSync(folder, { recursive: true });
    }
    expect(seen.has('b')).toBe(true);
  }
}

describe.skipIf(!canInject)('after a kill, undo goes to what was there before what is there', () => {
  test('in a file', { timeout: 900_000 }, () => {
    const within = <T>(folder: string, work: (db: Database.Database) => T) => {
      const db = new Database(join(folder, 'app.db'));
      try {
        return work(db);
      } finally {
        db.close();
      }
    };
    return kills({
      env: { OVERWINTER_DB: 'app.db', OVERWINTER_ENVIRONMENT: 'test' },
      put(folder, state) {
        rmSync(join(folder, 'app.db'), { force: true });
        within(folder, (db) => db.exec(`CREATE TABLE t(v TEXT); INSERT INTO t VALUES ('${state}')`));
      },
      state: (folder) => within(folder, (db) => String(db.prepare('SELECT v FROM t').pluck().get() ?? '')),
      settled: async () => {},
    });
  });

  test.skipIf(postgresPrograms() === undefined)('on a server', { timeout: 900_000 }, async () => {
    const { url, psql } = await freshDatabase();
    const others =
      'SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    await kills({
      env: { OVERWINTER_DB: url, OVERWINTER_ENVIRONMENT: 'test' },
      put: (_folder, state) =>
        void psql(`CREATE TABLE IF NOT EXISTS t(v text); TRUNCATE t; INSERT INTO t VALUES ('${state}')`),
      state: () => psql('SELECT v FROM t').trim(),
      async settled() {
        for (let tried = 0; psql(others, 'postgres') !== '0\n'; tried++) {
          if (tried > 200) throw new Error('somebody is still at work');
          await sleep(20);
        }
      },
    });
  });
});
