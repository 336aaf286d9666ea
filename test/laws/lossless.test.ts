import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { type AnyDatabase, anyDatabase, make } from '../support/any-database.ts';
import { isSlow, tries } from '../support/chance.ts';
import { withDatabase } from '../support/project.ts';
import { look, projectWith } from '../support/round-trip.ts';
import { differencesBetween } from '../support/same-database.ts';
import { FASTEST, projectIn } from '../support/scratch.ts';

/** Makes it, saves it, brings it back, compares, saves that: the same backup again. */
async function comesBack(made: AnyDatabase): Promise<void> {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-lossless-'));
  try {
    // A name that happens to be that of a credential is not what this is about.
    const project = projectIn(folder, { privacy: { byName: false } });
    const db = new Database(project.db);
    db.pragma('synchronous = off');
    db.pragma('foreign_keys = off');
    make(db, made);
    db.close();
    const saved = await backup(project, { trigger: 'test' });
    const copy = join(folder, 'restored.db');
    await restore(project, { name: 'latest', to: copy });
    expect(differencesBetween(project.db, copy)).toEqual([]);
    const again = await backup(withDatabase(project, copy), { trigger: 'test' });
    expect(again).toMatchObject({ status: 'unchanged', name: saved.name });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('law 1, lossless', () => {
  test('any database comes back as it was, and is the same backup again', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyDatabase, comesBack), { numRuns: tries(200, 3000) });
  });

  test('any double comes back bit by bit', { timeout: 3_600_000 }, async () => {
    const count = isSlow ? 2_000_000 : 50_000;
    const bits = new BigUint64Array(1);
    const asDouble = new Float64Array(bits.buffer);
    let seed = BigInt(fc.sample(fc.nat(), 1)[0] ?? 0);
    const project = projectWith((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, x, r REAL)');
      const add = db.prepare('INSERT INTO t(x, r) VALUES (?, ?)');
      db.transaction(() => {
        for (let i = 0; i < count; i++) {
          seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
          // A third of them among the subnormal.
          bits[0] = i % 3 === 0 ? (seed >> 12n) | ((seed & 1n) << 63n) : seed;
          add.run(asDouble[0], asDouble[0]);
        }
      })();
    });
    await backup(project, { trigger: 'test' });
    await restore(project, { name: 'latest', to: `${project.db}.restored` });
    expect(differencesBetween(project.db, `${project.db}.restored`)).toEqual([]);
  });
});

describe('the comparer that these proofs rest on', () => {
  const pair = (change: (db: Database.Database) => void) => {
    const start = (db: Database.Database) => {
      db.exec(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x, r REAL); INSERT INTO t VALUES (1, 'a', 1), (2, -0.0, 0.1)",
      );
      db.exec("CREATE TABLE h(x); INSERT INTO h(rowid, x) VALUES (5, x'00'); CREATE INDEX i ON t(x); ANALYZE");
      db.exec('CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES (1)');
    };
    const [a, b] = [projectWith(start).db, projectWith(start).db];
    look(b, change);
    return differencesBetween(a, b);
  };

  test('finds nothing between equal databases', () => {
    expect(pair(() => {})).toEqual([]);
  });

  test.each([
    'UPDATE t SET x = 0.0 WHERE id = 2',
    'UPDATE t SET x = 0 WHERE id = 2',
    "UPDATE t SET x = x'61' WHERE id = 1",
    'UPDATE t SET r = 0.10000000000000002 WHERE id = 2',
    'UPDATE h SET rowid = 6',
    "UPDATE h SET x = x'0000'",
    'DELETE FROM t WHERE id = 2',
    "INSERT INTO t VALUES (3, 'b', 2)",
    'UPDATE sqlite_sequence SET seq = 9',
    "UPDATE sqlite_stat1 SET stat = '9'",
    "INSERT INTO f VALUES ('more')",
    'DROP INDEX i',
    'CREATE VIEW v AS SELECT 1',
    'PRAGMA user_version = 1',
    'PRAGMA application_id = 1',
    'PRAGMA journal_mode = wal',
    'PRAGMA page_size = 512; VACUUM',
    'PRAGMA auto_vacuum = 1; VACUUM',
  ])('sees %s', (sql) => {
    expect(pair((db) => db.exec(sql))).not.toEqual([]);
  });
});
