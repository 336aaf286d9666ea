import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { chance, tries } from '../../support/chance.ts';
import { MAIN, overwinter } from '../../support/command-line.ts';
import { canInject, runWithFault } from '../../support/faults.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { plainEnvironment } from '../../support/repository.ts';
import { lasting, scratch } from '../../support/scratch.ts';

const KILLS = tries(3, 60);
const PEOPLE = 400;
const random = chance();

const rowsOf = (whose: string) =>
  Array.from({ length: PEOPLE }, (_, at) => `(${at}, '${whose}${at}@${whose}.test', 'Privperson ${whose} ${at}')`);
const insert = (whose: string) => `INSERT INTO people VALUES ${rowsOf(whose).join(', ')};`;
const TABLE = 'CREATE TABLE people(id INTEGER PRIMARY KEY, email VARCHAR(60) UNIQUE, name VARCHAR(60));';
/** What stands in production's rows alone. */
const PRIVATE = 'corp.test';

/** A database of a laptop's, which production's backup comes to. */
interface Laptop {
  readonly where: string;
  /** Makes it anew, with rows that were made here. */
  reset(folder: string): void;
  /** All rows, as text. */
  rows(folder: string): string;
  /** It says itself what it was made for, to another checkout, too. */
  readonly saysIt?: true;
  /** Once nobody works in it any more. */
  settled(): Promise<void>;
}

const RESTORE = ['restore', '--for', 'development', '--yes'];

/** What is killed, by what was done before. */
const SITUATIONS: readonly (readonly [
  name: string,
  before: readonly (readonly string[])[],
  args: readonly string[],
])[] = [
  ['making fakes of rows that are there', [], RESTORE],
  ['bringing the rows themselves over fakes', [RESTORE], ['restore', '--yes']],
  ['undoing it', [RESTORE], ['undo', '--yes']],
];

async function kills(production: string, laptop: Laptop): Promise<void> {
  const home = lasting();
  writeFileSync(join(home, 'package.json'), '{}');
  const fake = { people: { email: 'email', name: 'name' } };
  writeFileSync(
    join(home, 'overwinter.config.json'),
    JSON.stringify({ databases: [{ name: 'app', db: 'env:WHERE', fake }] }),
  );
  const env = (where: string, environment: string) => ({
    WHERE: where,
    OVERWINTER_DB: '',
    OVERWINTER_ENVIRONMENT: environment,
    OVERWINTER_FAKES_KEY: 'a key that the whole team has',
  });
  const here = env(laptop.where, 'development');
  const done = (folder: string, args: readonly string[], given = here) => {
    const { code, stderr } = overwinter(folder, args, given);
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  };
  done(home, ['backup'], env(production, 'production'));
  rmSync(join(home, '.overwinter'), { recursive: true });
  const start = (before: readonly (readonly string[])[]) => {
    const folder = join(scratch(), 'home');
    cpSync(home, folder, { recursive: true });
    laptop.reset(folder);
    for (const args of before) done(folder, args);
    return folder;
  };
  const first = start([]);
  const own = laptop.rows(first);
  done(first, RESTORE);
  const fakes = laptop.rows(first);
  done(first, ['restore', '--yes']);
  const real = laptop.rows(first);
  expect(new Set([own, fakes, real]).size).toBe(3);
  const inWords = new Map([
    [own, 'own'],
    [fakes, 'fakes'],
    [real, 'real'],
  ]);
  const seen = new Map<string, number>();

  for (const [name, before, args] of SITUATIONS) {
    const whole = start(before);
    const since = performance.now();
    const { calls } = runWithFault(
      whole,
      args,
      { call: 'change', error: 'EIO', from: 1_000_000, times: 1, at: '' },
      here,
    );
    const usual = performance.now() - since;
    const changes = calls.filter((each) => /^(create|fsync|mkdir|rename|unlink) |^write (\/|socket:)/.test(each));
    // Around whatever is said of the mark it matters most.
    const ofMark = changes.flatMap((each, at) => (each.includes('/hold-') ? [at + 1, at + 2] : []));
    expect(changes.length).toBeGreaterThan(20);
    for (let kill = 0; kill < KILLS; kill++) {
      const folder = start(before);
      const from = kill % 3 === 0 ? random.pick(ofMark) : 1 + random.below(changes.length);
      const within = random.below(Math.ceil(usual));
      if (kill % 3 < 2) runWithFault(folder, args, { call: 'change', error: 'killed', from, times: 1, at: '' }, here);
      else
        spawnSync(process.execPath, [MAIN, ...args], {
          cwd: folder,
          env: { ...plainEnvironment, OVERWINTER_HOST: 'none', ...here },
          timeout: within + 1,
          killSignal: 'SIGKILL',
        });
      await laptop.settled();
      const at = `${name}, ${kill % 3 < 2 ? `change ${from} of ${changes.length}, ${changes[from - 1]}` : `after ${within} ms`}, seed ${random.seed}`;
      const now = inWords.get(laptop.rows(folder));
      expect(now, at).toBeDefined();
      seen.set(`${name}: ${now}`, (seen.get(`${name}: ${now}`) ?? 0) + 1);
      if (args === RESTORE) expect(leaks(folder), at).toEqual([]);
      const { code, stderr } = overwinter(folder, ['backup'], here);
      expect(code, `${at}, ${now}: ${stderr}`).toBe(now === 'fakes' ? 4 : 0);
      if (now === 'fakes') expect(stderr, at).toContain('made for development');
      if (laptop.saysIt) {
        rmSync(join(folder, '.overwinter'), { recursive: true });
        expect(overwinter(folder, ['backup'], here).code, `${at}, ${now}, elsewhere`).toBe(now === 'fakes' ? 4 : 0);
      }
      rmSync(folder, { recursive: true });
    }
  }
  if (process.env.OVERWINTER_SLOW === '1') console.log([...seen]);
  expect([...seen.keys()].some((each) => each.endsWith('own'))).toBe(true);
}

/** Files but those of backups in which something private stands. */
function leaks(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => !path.startsWith('backups') && statSync(join(folder, path)).isFile())
    .filter((path) => readFileSync(join(folder, path), 'latin1').includes(PRIVATE));
}

describe.skipIf(!canInject)(
  'killed at any instant, a database holds all of what it held or all of what comes, and fakes are marked',
  () => {
    test('a file', { timeout: 900_000 }, async () => {
      const production = join(scratch(), 'app.db');
      const make = (path: string, whose: string) => {
        for (const end of ['', '-wal', '-shm', '-journal']) rmSync(path + end, { force: true });
        const db = new Database(path);
        db.pragma('journal_mode = wal');
        db.exec(TABLE + insert(whose));
        db.close();
      };
      make(production, 'corp');
      await kills(production, {
        where: 'app.db',
        reset: (folder) => make(join(folder, 'app.db'), 'own'),
        rows(folder) {
          const db = new Database(join(folder, 'app.db'));
          try {
            return JSON.stringify(db.prepare('SELECT * FROM people ORDER BY id').all());
          } finally {
            db.close();
          }
        },
        settled: async () => {},
      });
    });

    test.skipIf(postgresPrograms() === undefined)('a database on a server', { timeout: 900_000 }, async () => {
      const [production, laptop] = [await freshDatabase(), await freshDatabase()];
      production.psql(TABLE + insert('corp'));
      await kills(production.url, {
        where: laptop.url,
        saysIt: true,
        reset: () =>
          void laptop.psql(
            `DROP TABLE IF EXISTS people; ${TABLE} ${insert('own')} COMMENT ON DATABASE ${laptop.name} IS NULL`,
          ),
        rows: () => laptop.psql('SELECT * FROM people ORDER BY id'),
        async settled() {
          const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
          for (let tried = 0; laptop.psql(others, 'postgres') !== '0\n'; tried++) {
            if (tried > 200) throw new Error('somebody is still at work');
            await sleep(20);
          }
        },
      });
    });
  },
);
