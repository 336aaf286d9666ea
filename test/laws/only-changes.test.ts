import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { read } from '../../src/engines/sqlite/read.ts';
import { type Chance, chance, isSlow, tries } from '../support/chance.ts';
import { scratch } from '../support/scratch.ts';

/** Everything is followed, however small, so that thousands of databases can be tried. */
const OPTIONS = { busyTimeout: 5000, wholeBelow: 0 };

type Lines = Map<string, string[]>;

interface Taken {
  /** By table, the lines of each slice with its mark. */
  readonly lines: Lines;
  readonly notes: Uint8Array | undefined;
  /** Slices that were not read again. */
  readonly same: number;
}

/** Reads a database; slices that are as they were before are taken from there. */
async function take(path: string, before?: Taken): Promise<Taken> {
  const reading = await read(path, dirname(path), undefined, OPTIONS, before?.notes);
  const lines: Lines = new Map();
  let same = 0;
  try {
    for (const table of reading.tables) {
      const found: string[] = [];
      let rows = 0;
      for await (const slice of table.slices()) {
        rows += slice.rows;
        const known = slice.same === undefined ? undefined : before?.lines.get(table.name)?.[slice.same.index];
        if (slice.same !== undefined) same++;
        found.push(known ?? `${slice.mark} ${Buffer.concat([...slice.chunks]).toString('latin1')}`);
      }
      expect(rows).toBe(table.rows);
      lines.set(table.name, found);
    }
    return { lines, notes: await reading.notes?.(), same };
  } finally {
    await reading.close();
  }
}

/** The tables that differ; to compare all with the means of a test would take longer than to read them. */
const differencesIn = (some: Lines, others: Lines) =>
  [...new Set([...some.keys(), ...others.keys()])].filter(
    (table) => some.get(table)?.join('\n') !== others.get(table)?.join('\n'),
  );

const TEXT = "'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor'";

const TABLES: Record<string, { make: string; columns: string; row: (key: string) => string }> = {
  keyed: {
    make: 'CREATE TABLE keyed(id INTEGER PRIMARY KEY, a TEXT, b REAL)',
    columns: 'id, a, b',
    row: (key) => `${key}, ${TEXT} || abs(random() % 1000), random() / 7.0`,
  },
  hidden: {
    make: 'CREATE TABLE hidden(a TEXT UNIQUE, b); CREATE INDEX hidden_b ON hidden(b)',
    columns: 'rowid, a, b',
    row: (key) => `${key}, ${TEXT} || random(), random() % 100`,
  },
  long: {
    make: 'CREATE TABLE long(id INTEGER PRIMARY KEY, a, body BLOB, z TEXT)',
    columns: 'id, a, body, z',
    row: (key) => `${key}, 1, randomblob(iif(random() % 20 = 0, 7000, abs(random() % 100))), 'end'`,
  },
  ordered: {
    make: 'CREATE TABLE ordered(a TEXT, n INTEGER, b, PRIMARY KEY(a, n)) WITHOUT ROWID',
    columns: 'a, n, b',
    row: (key) => `'k' || abs(random() % 50), ${key}, ${TEXT}`,
  },
  found: {
    make: 'CREATE VIRTUAL TABLE found USING fts5(a, body)',
    columns: 'rowid, a, body',
    row: (key) => `${key}, 'word' || abs(random() % 500), ${TEXT} || ' ' || abs(random() % 500)`,
  },
  places: {
    make: 'CREATE VIRTUAL TABLE places USING rtree(id, x1, x2)',
    columns: 'id, x1, x2',
    row: (key) => `${key}, 1, 2 + abs(random() % 100)`,
  },
};

const keyOf = (table: string) => (table === 'ordered' ? 'n' : table === 'keyed' || table === 'places' ? 'id' : 'rowid');

function insert(table: string, from: number, rows: number, step = 1): string {
  const { columns = '', row = () => '' } = TABLES[table] ?? {};
  return `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})
    INSERT OR REPLACE INTO ${table}(${columns}) SELECT ${row(`${from} + i * ${step}`)} FROM n`;
}

/** A statement, of those that people and tools run. */
function anyStatement({ below, pick }: Chance, tables: readonly string[]): string {
  const table = pick(tables);
  const key = keyOf(table);
  const column = { keyed: 'a', hidden: 'b', long: 'body', ordered: 'b', found: 'body', places: 'x2' }[table] ?? 'a';
  const value =
    table === 'places' ? 'x2 + 1' : pick([`${TEXT} || random()`, "'x'", 'randomblob(3000)', `a || 'longer'`]);
  const some = `${key} >= ${below(3000)} AND ${key} < ${below(3000)}`;
  return pick([
    `UPDATE ${table} SET ${column} = ${table === 'found' ? `'w' || random()` : value} WHERE ${key} = ${below(2500)}`,
    `UPDATE ${table} SET ${column} = ${table === 'found' ? `'w'` : value} WHERE ${key} % ${2 + below(300)} = 1`,
    // Other bytes in the same place, and nothing else on the page.
    `UPDATE keyed SET b = b + 1.5 WHERE id = ${below(2500)}`,
    `UPDATE ${tables.includes('long') ? 'long SET body = randomblob(length(body)), z' : 'keyed SET a'} = 'all' WHERE rowid = ${below(2500)}`,
    `DELETE FROM ${table} WHERE ${key} = ${below(2500)}`,
    `DELETE FROM ${table} WHERE ${some}`,
    `DELETE FROM ${table} WHERE ${key} % ${2 + below(100)} = 1`,
    `DELETE FROM ${table}`,
    insert(table, below(3000), 1 + below(20)),
    insert(table, below(100_000), 1 + below(600), 1 + below(3)),
    insert(table, 2500 + below(1000), 500),
    `UPDATE ${table === 'places' ? 'keyed' : table} SET ${keyOf(table === 'places' ? 'keyed' : table)} = 5000 + ${below(100_000)} WHERE ${keyOf(table === 'places' ? 'keyed' : table)} = ${below(2500)}`,
    'VACUUM',
    'REINDEX',
    'ANALYZE',
    'PRAGMA incremental_vacuum(3)',
    `ALTER TABLE keyed ADD COLUMN c${below(1_000_000)} DEFAULT 'new'`,
    'ALTER TABLE hidden RENAME COLUMN b TO b',
    `DROP TABLE keyed; ${TABLES.keyed?.make}; ${insert('keyed', 1, 1 + below(2500))}`,
    `CREATE TABLE IF NOT EXISTS other${below(5)}(a); INSERT INTO hidden(a, b) SELECT random(), 1 FROM keyed LIMIT 700`,
    'DROP TABLE IF EXISTS other1',
    `BEGIN; DELETE FROM ${table}; ${insert('keyed', 1, 300)}; ROLLBACK`,
    `INSERT INTO found(found) VALUES ('optimize')`,
    'PRAGMA wal_checkpoint(TRUNCATE)',
  ]);
}

/** What is left where the system died in the middle of a transaction. */
function crash(path: string, db: Database.Database): void {
  db.pragma('cache_size = 5');
  db.exec('BEGIN IMMEDIATE; UPDATE keyed SET a = a || random(); DELETE FROM hidden WHERE rowid % 2 = 0');
  const files = ['', '-journal', '-wal'].filter((end) => existsSync(`${path}${end}`));
  for (const end of files) copyFileSync(`${path}${end}`, `${path}.died${end}`);
  db.exec('ROLLBACK');
  db.close();
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  for (const end of files) copyFileSync(`${path}.died${end}`, `${path}${end}`);
}

async function follow(seed: number): Promise<number> {
  const dice = chance(seed);
  const folder = scratch();
  const path = join(folder, 'app.db');
  const journal = dice.pick(['wal', 'delete', 'truncate']);
  const open = () => {
    const db = new Database(path);
    db.pragma(`journal_mode = ${journal}`);
    db.pragma('synchronous = off');
    return db;
  };
  let db = new Database(path);
  db.pragma(`page_size = ${dice.pick([512, 1024, 4096, 65_536])}`);
  db.pragma(`auto_vacuum = ${dice.below(3)}`);
  db.pragma(`journal_mode = ${journal}`);
  db.pragma('synchronous = off');
  const tables = Object.keys(TABLES).filter((name) => name === 'keyed' || name === 'hidden' || dice.below(2) === 0);
  for (const name of tables) db.exec(`${TABLES[name]?.make}; ${insert(name, 1, 200 + dice.below(1500))}`);
  let taken = await take(path, await take(path));
  let same = 0;
  for (let step = 0; step < 8; step++) {
    if (dice.below(15) === 0) {
      crash(path, db);
      db = open();
    }
    const statements = Array.from({ length: 1 + dice.below(3) }, () => anyStatement(dice, tables));
    for (const sql of statements) {
      try {
        db.exec(sql);
      } catch (error) {
        // What one statement did another may not be able to do anything with.
        if (db.inTransaction) db.exec('ROLLBACK');
        if (!(error instanceof Database.SqliteError)) throw error;
      }
    }
    const before = taken;
    taken = await take(path, before);
    const whole = await take(path);
    expect(differencesIn(taken.lines, whole.lines), `seed ${seed}, step ${step}: ${statements.join('; ')}`).toEqual([]);
    same += taken.same;
  }
  db.close();
  // Thousands of databases would fill the memory that they lie in; and what a reading held of one is let go when the event loop turns.
  rmSync(folder, { recursive: true });
  await turnOfTheEventLoop();
  return same;
}

test(
  'law 2: a reading of what has changed is a reading of everything, in every byte',
  async () => {
    let same = 0;
    const first = chance().seed;
    for (let run = 0; run < tries(50, 2000); run++) same += await follow(first + run);
    // Something must have been left unread, or nothing was shown.
    expect(same).toBeGreaterThan(tries(50, 2000));
  },
  isSlow ? 3_600_000 : 120_000,
);
