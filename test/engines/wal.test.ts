import { spawn, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database, { type Database as Db } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { bytesOf } from '../../src/engines/sqlite/changes/bytes.ts';
import { beginMoment, type Moment } from '../../src/engines/sqlite/moment.ts';
import { chance } from '../support/chance.ts';
import { scratch } from '../support/scratch.ts';

const OPTIONS = { busyTimeout: 5000, wholeBelow: 0 };

function inWal(pageSize: number): { path: string; db: Db } {
  const path = join(scratch(), 'app.db');
  const db = new Database(path);
  db.pragma(`page_size = ${pageSize}`);
  db.pragma('journal_mode = wal');
  db.pragma('wal_autocheckpoint = 0');
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, hex(randomblob(20)) FROM n;`);
  return { path, db };
}

/** All pages, read in pieces of so many bytes. */
const allOf = (moment: Moment, piece: number) =>
  bytesOf(moment, async ({ length, read }) => {
    const all = Buffer.alloc(length);
    for (let at = 0; at < length; at += piece) {
      const some = all.subarray(at, at + piece);
      expect(read(some, at)).toBe(some.length);
    }
    return all;
  });

/** As SQLite itself gives them. */
const expected = ({ db }: Moment) => db.serialize();

test.each([512, 4096, 65_536])(
  'pages of %d in WAL mode are those that SQLite gives of the same moment',
  async (size) => {
    const { path, db } = inWal(size);
    const dice = chance();
    const changes = [
      () => db.prepare('UPDATE t SET a = hex(randomblob(20)) WHERE id % 97 = ?').run(dice.below(97)),
      () => db.prepare('DELETE FROM t WHERE id > ?').run(1000 + dice.below(3000)),
      () => db.exec("INSERT INTO t(a) SELECT a || 'x' FROM t LIMIT 500"),
      () => db.pragma('wal_checkpoint(PASSIVE)'),
      () => db.pragma('wal_checkpoint(TRUNCATE)'),
      () => db.exec('VACUUM'),
    ];
    for (let turn = 0; turn < 60; turn++) {
      dice.pick(changes)();
      const moment = beginMoment(path, OPTIONS);
      try {
        const then = expected(moment);
        // What is committed later is of no moment that began before.
        if (turn % 2 === 0) db.prepare('UPDATE t SET a = hex(randomblob(20)) WHERE id % 50 = ?').run(turn % 50);
        if (turn % 4 === 0) db.pragma('wal_checkpoint(PASSIVE)');
        const found = await allOf(moment, size * (1 + dice.below(40))).catch(() => undefined);
        if (found === undefined) expect(turn % 2).toBe(0);
        else expect(found.equals(then)).toBe(true);
      } finally {
        await moment.close();
      }
    }
    db.close();
  },
);

test('pages are seen where nobody else has the database open, and its WAL is empty', async () => {
  const { path, db } = inWal(4096);
  db.close();
  const moment = beginMoment(path, OPTIONS);
  expect((await allOf(moment, 40_960))?.equals(expected(moment))).toBe(true);
  await moment.close();
});

test('an index to a WAL that may not be written to says nothing: SQLite may have put it aside', () => {
  const { path, db } = inWal(4096);
  const module = resolve('src/engines/sqlite/changes/wal.ts');
  const asked = `import(${JSON.stringify(module)}).then(({ walState }) => console.log(walState(${JSON.stringify(path)})?.frames))`;
  const asOther = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const framesSeen = () =>
    spawnSync(process.execPath, ['--import', 'tsx', '-e', asked], { encoding: 'utf8', ...asOther }).stdout.trim();
  chmodSync(dirname(path), 0o755);
  chmodSync(`${path}-shm`, 0o666);
  expect(Number(framesSeen())).toBeGreaterThan(0);
  chmodSync(`${path}-shm`, 0o444);
  expect(framesSeen()).toBe('undefined');
  db.close();
});

test('a WAL that is begun anew while it is read is told, and says nothing', async () => {
  const { path, db } = inWal(4096);
  // All is in the file, so that whoever writes next begins the WAL anew although somebody reads.
  db.pragma('wal_checkpoint(PASSIVE)');
  const moment = beginMoment(path, OPTIONS);
  const read = bytesOf(moment, async ({ read }) => {
    db.exec("UPDATE t SET a = 'changed'");
    read(Buffer.alloc(4096), 4096);
  });
  await expect(read).rejects.toThrow(/begun anew|WAL/);
  await moment.close();
  db.close();
});

test('a moment is seen as it is while others write and bring the WAL into the file all the time', {
  timeout: 120_000,
}, async () => {
  const { path, db } = inWal(4096);
  db.pragma('wal_autocheckpoint = 50');
  const writer = spawn(
    process.execPath,
    [
      '-e',
      `const db = new (require('better-sqlite3'))(${JSON.stringify(path)});
      db.pragma('wal_autocheckpoint = 50'); db.pragma('synchronous = off');
      const change = db.prepare('UPDATE t SET a = hex(randomblob(20)) WHERE id % 101 = ?');
      for (let n = 0; ; n++) { change.run(n % 101); if (n === 0) console.log('begun'); }`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await new Promise((begun) => writer.stdout.once('data', begun));
    let seen = 0;
    for (let turn = 0; turn < 60; turn++) {
      const moment = beginMoment(path, OPTIONS);
      const found = await allOf(moment, 40_960).catch(() => undefined);
      if (found?.equals(expected(moment))) seen++;
      else expect(found).toBeUndefined();
      await moment.close();
    }
    expect(seen, 'of 60 moments').toBeGreaterThan(20);
    console.log(`${seen} of 60 moments were seen beside a writer`);
  } finally {
    writer.kill('SIGKILL');
    db.close();
  }
});
