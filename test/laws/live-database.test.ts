import { copyFileSync, existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { type TestProject as Project, withDatabase } from '../support/project.ts';
import { look, projectWith } from '../support/round-trip.ts';
import { differencesBetween } from '../support/same-database.ts';
import { startWriter } from '../support/writer.ts';

const ACCOUNTS = 1000;
const EACH = 100;

/** Money moves between accounts, and none is made or lost: any moment of it adds up to the same. */
function accounts(journal: string, filler: number) {
  return (db: Database.Database) => {
    db.pragma(`journal_mode = ${journal}`);
    db.exec('CREATE TABLE accounts(id INTEGER PRIMARY KEY, money INTEGER); CREATE TABLE moves(n INTEGER PRIMARY KEY)');
    db.exec(
      'CREATE TABLE filler(id INTEGER PRIMARY KEY, x); CREATE TABLE again(id INTEGER PRIMARY KEY, money INTEGER)',
    );
    db.transaction(() => {
      for (let id = 1; id <= ACCOUNTS; id++) {
        db.prepare('INSERT INTO accounts VALUES (?, ?)').run(id, EACH);
        db.prepare('INSERT INTO again VALUES (?, ?)').run(id, EACH);
      }
      for (let id = 1; id <= filler; id++) db.prepare('INSERT INTO filler VALUES (?, randomblob(1000))').run(id);
    })();
  };
}

/** Each transaction changes both tables alike, one read long before the other. */
const TRANSFERS = `
  db.pragma('synchronous = off');
  const move = db.transaction((n) => {
    const [from, to] = [1 + (n * 7919) % ${ACCOUNTS}, 1 + (n * 104729) % ${ACCOUNTS}];
    for (const table of ['accounts', 'again']) {
      db.prepare('UPDATE ' + table + ' SET money = money - 5 WHERE id = ?').run(from);
      db.prepare('UPDATE ' + table + ' SET money = money + 5 WHERE id = ?').run(to);
    }
    db.prepare('INSERT INTO moves VALUES (?)').run(n);
  });
  let n = 0;
  const step = () => {
    for (let i = 0; i < 20; i++) move.immediate(++n);
    if (n === 20) say('ready');
    if (stopped) { say(String(n)); process.exit(0); }
    setTimeout(step, 1);
  };
  step();`;

function mustAddUp(file: string): number {
  return look(file, (db) => {
    const sum = (table: string) => db.prepare(`SELECT sum(money) FROM ${table}`).pluck().get();
    expect(sum('accounts')).toBe(ACCOUNTS * EACH);
    expect(sum('again')).toBe(ACCOUNTS * EACH);
    const unlike = 'SELECT count(*) FROM accounts a JOIN again b USING (id) WHERE a.money <> b.money';
    expect(db.prepare(unlike).pluck().get()).toBe(0);
    return Number(db.prepare('SELECT ifnull(max(n), 0) FROM moves').pluck().get());
  });
}

async function savedMoments(project: Project, times: number): Promise<number[]> {
  const moves: number[] = [];
  for (let time = 0; time < times; time++) {
    const { name } = await backup(project, { trigger: 'test' });
    const copy = `${project.db}.${time}`;
    await restore(project, { name, to: copy });
    moves.push(mustAddUp(copy));
  }
  return moves;
}

describe('a database that is in use', () => {
  test.each([
    ['in WAL mode', 'wal', 4000],
    ['with a rollback journal', 'delete', 0],
    ['with a rollback journal, large', 'delete', 6000],
  ])('%s gives one moment, while another process writes', { timeout: 120_000 }, async (_, journal, filler) => {
    const project = projectWith(accounts(journal, filler));
    const writer = await startWriter(project.db, TRANSFERS);
    const moves = await savedMoments(project, 4);
    const last = Number(await writer.stop());
    // Later backups are of later moments, and the writer went on meanwhile.
    expect(moves).toEqual([...moves].sort((a, b) => a - b));
    expect(moves[0]).toBeGreaterThan(0);
    expect(last).toBeGreaterThan(moves[0] ?? 0);
    expect(mustAddUp(project.db)).toBe(last);
  });

  test('whose rows are still in the WAL only is saved with them', async () => {
    const project = projectWith((db) => db.pragma('journal_mode = wal'));
    const app = new Database(project.db);
    try {
      app.pragma('wal_autocheckpoint = 0');
      app.exec("CREATE TABLE t(a); INSERT INTO t VALUES ('in the WAL')");
      expect(statSync(`${project.db}-wal`).size).toBeGreaterThan(0);
      await backup(project, { trigger: 'test' });
      expect(statSync(`${project.db}-wal`).size).toBeGreaterThan(0);
      app.exec("INSERT INTO t VALUES ('later')");
    } finally {
      app.close();
    }
    await restore(project, { name: 'latest', to: `${project.db}.restored` });
    expect(look(`${project.db}.restored`, (db) => db.prepare('SELECT a FROM t').pluck().all())).toEqual(['in the WAL']);
  });

  test('with a transaction that is not committed is saved without it', async () => {
    const project = projectWith((db) => {
      db.pragma('journal_mode = wal');
      db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)');
    });
    const app = new Database(project.db);
    try {
      app.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (2)');
      expect((await backup(project, { trigger: 'test' })).rows).toBe(1);
      app.exec('COMMIT');
    } finally {
      app.close();
    }
    expect((await backup(project, { trigger: 'test' })).rows).toBe(2);
  });

  test('and locked by a writer that never ends is refused in words', async () => {
    const made = projectWith((db) => db.exec('CREATE TABLE t(a)'));
    const project = withDatabase(made, made.db, { busyTimeout: 100 });
    const app = new Database(project.db);
    try {
      app.exec('BEGIN EXCLUSIVE');
      await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    } finally {
      app.close();
    }
    expect((await backup(project, { trigger: 'test' })).status).toBe('created');
  });
});

describe('a database whose writer was killed', () => {
  test.each([
    ['small', 2000],
    ['large', 12_000],
  ])('in the middle of a transaction is saved as it was before it: %s', async (_, rows) => {
    const project = projectWith((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, a)');
      const add = db.prepare('INSERT INTO t(a) VALUES (?)');
      db.transaction(() => {
        for (let i = 0; i < rows; i++) add.run(`before ${i} ${'x'.repeat(500)}`);
      })();
    });
    const before = `${project.db}.before`;
    copyFileSync(project.db, before);
    const writer = await startWriter(
      project.db,
      `db.pragma('cache_size = 5');
      db.exec("BEGIN; UPDATE t SET a = 'during' WHERE id % 2 = 0");
      say('ready');
      setInterval(() => {}, 1000);`,
    );
    await writer.kill();
    // The file itself is half of both: without the journal it would be read wrong.
    expect(existsSync(`${project.db}-journal`)).toBe(true);
    expect(statSync(`${project.db}-journal`).size).toBeGreaterThan(0);
    await backup(project, { trigger: 'test' });
    await restore(project, { name: 'latest', to: `${project.db}.restored` });
    expect(differencesBetween(before, `${project.db}.restored`)).toEqual([]);
  });

  test('in WAL mode keeps what was committed and not what was not', async () => {
    const project = projectWith((db) => {
      db.pragma('journal_mode = wal');
      db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)');
    });
    const writer = await startWriter(
      project.db,
      `db.exec("INSERT INTO t VALUES (2)"); db.exec("BEGIN; INSERT INTO t VALUES (3)"); say('ready'); setInterval(() => {}, 1000);`,
    );
    await writer.kill();
    expect(statSync(`${project.db}-wal`).size).toBeGreaterThan(0);
    await backup(project, { trigger: 'test' });
    await restore(project, { name: 'latest', to: `${project.db}.restored` });
    expect(look(`${project.db}.restored`, (db) => db.prepare('SELECT a FROM t').pluck().all())).toEqual([1, 2]);
  });
});
