import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/core/privacy/left-out.ts';
import type { Reading } from '../../src/engines/engine.ts';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import { backup } from '../../src/operations/backup.ts';
import { overwinter } from '../support/command-line.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';
import { startWriter } from '../support/writer.ts';

/** Tables that two can share, in different ways: dense keys, wide gaps, hidden rowids, negative keys, few long rows, no rowid, many small ones. */
function large(file: string, journal: string): void {
  const known = made.get(journal) ?? join(lasting(), 'large.db');
  if (!made.has(journal)) fill(known, journal);
  made.set(journal, known);
  copyFileSync(known, file);
}

const MANY = Array.from({ length: 20 }, (_, at) => `many${at}`);

/** By journal mode. They are copied, because making one takes longer than reading it. */
const made = new Map<string, string>();

function fill(file: string, journal: string): void {
  const db = new Database(file);
  db.pragma(`journal_mode = ${journal}`);
  db.pragma('synchronous = off');
  db.exec(`
    CREATE TABLE dense(id INTEGER PRIMARY KEY, name TEXT, amount REAL, any);
    CREATE TABLE gaps(id INTEGER PRIMARY KEY, note TEXT);
    CREATE TABLE hidden(day TEXT, payload);
    CREATE TABLE without(a TEXT, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;
    CREATE TABLE small(n);
    CREATE TABLE files(id INTEGER PRIMARY KEY, body BLOB);
    ${MANY.map((name) => `CREATE TABLE ${name}(n, note)`).join(';\n')};
  `);
  const values = [null, 1.5, -0, Infinity, 9007199254740993n, Buffer.from([0, 1, 255]), 'text', '{"$blob":"AA=="}'];
  db.transaction(() => {
    const dense = db.prepare('INSERT INTO dense VALUES (?, ?, ?, ?)');
    for (let i = -20_000; i < 40_000; i++) dense.run(i, `name ${i} ${'x'.repeat(60)}`, i / 7, values[(i + 20_000) % 8]);
    const gaps = db.prepare('INSERT INTO gaps VALUES (?, ?)');
    for (let i = 1; i <= 30_000; i++)
      gaps.run(BigInt(i) ** 3n * (i % 2 === 0 ? -1n : 1n), `note ${'y'.repeat(i % 200)}`);
    const hidden = db.prepare('INSERT INTO hidden VALUES (?, ?)');
    for (let i = 0; i < 30_000; i++) hidden.run(`day ${i}`, i % 500 === 0 ? Buffer.alloc(3000, i) : i);
    const without = db.prepare('INSERT INTO without VALUES (?, ?)');
    for (let i = 0; i < 12_000; i++) without.run(`a${i % 100}`, i);
    db.prepare('INSERT INTO small VALUES (1)').run();
    for (const name of MANY)
      for (let i = 0; i < 300; i++) db.prepare(`INSERT INTO ${name} VALUES (?, ?)`).run(i, `${name} ${'z'.repeat(90)}`);
    const files = db.prepare('INSERT INTO files VALUES (?, ?)');
    for (let i = 0; i < 300; i++) files.run(i, Buffer.alloc(20_000, i));
  })();
  db.close();
}

function parts(folder: string): Map<string, string> {
  const root = join(folder, 'backups', 'parts');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map(({ parentPath, name }): [string, string] => [name, readFileSync(join(parentPath, name), 'latin1')])
      .sort(),
  );
}

// Only compiled code starts a thread.
const compiled: typeof import('../../src/engines/sqlite/database.ts') = await import(
  String(new URL('../../dist-test/src/engines/sqlite/database.js', import.meta.url))
);
const database = (file: string) => compiled.sqliteDatabase(file, { busyTimeout: 2000 });
// Uncompiled, it never does.
const lone = (file: string) => sqliteDatabase(file, { busyTimeout: 2000 });

describe('a backup that two threads read', () => {
  test.each(['delete', 'wal'])('has the very same parts as one that one thread read, in %s mode', async (journal) => {
    const [together, alone] = [scratch(), scratch()];
    for (const folder of [together, alone]) large(join(folder, 'app.db'), journal);
    writeFileSync(join(together, 'package.json'), '{}');
    expect(overwinter(together, ['backup']).code).toBe(0);
    await backup(projectIn(alone), { trigger: 'test' });
    expect(parts(together)).toEqual(parts(alone));
    expect(parts(together).size).toBeGreaterThan(50);
  });
});

/** Every slice as it is put away, and how many of them came from the other thread: a Buffer arrives as plain bytes. */
async function slicesOf(reading: Reading, wait: boolean): Promise<{ slices: string[]; sent: number }> {
  const slices: string[] = [];
  let sent = 0;
  for (const table of reading.tables) {
    let isFirst = true;
    for await (const { rows, mark, bytes, chunks } of table.slices()) {
      slices.push(`${table.name} ${rows} ${mark} ${bytes} ${Buffer.concat([...chunks]).toString('latin1')}`);
      const [first] = chunks;
      if (!Buffer.isBuffer(first)) sent++;
      // However busy the machine is, the other one comes to read, too.
      if (isFirst && wait) await new Promise((resolve) => setTimeout(resolve, 200));
      isFirst = false;
    }
  }
  await reading.close();
  return { slices, sent };
}

describe('what is left out', () => {
  const selection: Selection = {
    redacted: { dense: ['any', 'name'], gaps: ['note'], hidden: ['day'] },
    replaced: { dense: ['name'], hidden: ['day'] },
    included: { dense: 'id % 3 <> 0', hidden: "day NOT LIKE '%7'" },
    excluded: { without: 'rows' },
    values: { dense: { name: 'nobody' }, hidden: { day: 'some day' } },
  };

  test.each(['delete', 'wal'])(
    'is left out by the thread as well, and cut at the same places, in %s mode',
    async (journal) => {
      const folder = scratch();
      const file = join(folder, 'app.db');
      large(file, journal);
      const together = await slicesOf(await database(file).read(folder, () => selection), true);
      const alone = await slicesOf(await lone(file).read(folder, () => selection), false);
      expect(together.slices).toEqual(alone.slices);
      expect([alone.sent, together.sent > 0]).toEqual([0, true]);
      expect(together.slices.join('')).not.toMatch(/name -?\d|day \d|note y/);
    },
  );
});

/** Rows in many places of a table always hold the same number, which another process counts up as fast as it can, adding a row each time. */
async function countedUp(folder: string) {
  const file = join(folder, 'app.db');
  const db = new Database(file);
  db.pragma('journal_mode = wal');
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, filler TEXT)');
  const add = db.prepare('INSERT INTO t VALUES (?, 0, ?)');
  db.transaction(() => {
    for (let id = 0; id < 40_000; id++) add.run(id, 'x'.repeat(300));
  })();
  db.close();
  const writer = await startWriter(
    file,
    `db.pragma('synchronous = off');
    const change = db.transaction((n) => {
      db.prepare('UPDATE t SET n = ? WHERE id % 4000 = 0 AND id < 40000').run(n);
      db.prepare('INSERT INTO t VALUES (?, 0, NULL)').run(1_000_001 + n * 10);
    });
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    let n = 0;
    const step = () => {
      for (let i = 0; i < 10; i++) {
        change.immediate(++n);
        Atomics.wait(nobody, 0, 0, 1);
      }
      if (n === 10) say('ready');
      if (stopped) process.exit(0);
      setImmediate(step);
    };
    step();`,
  );
  return { file, writer };
}

/** What a reading of a database that nobody has read before leaves for the next. */
async function notesOf(file: string): Promise<Uint8Array> {
  const reading = await database(file).read(scratch());
  for (const table of reading.tables) for await (const _ of table.slices());
  const notes = await reading.notes?.();
  await reading.close();
  if (notes === undefined) throw new Error('nothing was noted');
  return notes;
}

function change(file: string, sql: string): void {
  const db = new Database(file, { timeout: 10_000 });
  db.exec(sql);
  db.close();
}

describe('where it is known what there was', () => {
  test.each(['delete', 'wal'])('two share a table of which most has changed, in %s mode', async (journal) => {
    const folder = scratch();
    const file = join(folder, 'app.db');
    large(file, journal);
    const notes = await notesOf(file);
    change(file, 'UPDATE dense SET name = name || hex(zeroblob(80)); UPDATE gaps SET note = 1 WHERE id = 1000');
    const same: string[] = [];
    const reading = await database(file).read(folder, undefined, notes);
    const tables = reading.tables.map((table) => ({
      ...table,
      async *slices() {
        for await (const slice of table.slices()) {
          if (slice.same !== undefined) same.push(table.name);
          yield slice;
        }
      },
    }));
    const together = await slicesOf({ ...reading, tables }, true);
    const alone = await slicesOf(await lone(file).read(folder), false);
    expect(together.slices).toEqual(alone.slices);
    expect(together.sent).toBeGreaterThan(0);
    expect(new Set(same)).toEqual(new Set(['gaps', 'hidden', 'files', 'small', ...MANY]));
  });

  test('no second one is begun for what little has changed', async () => {
    const folder = scratch();
    const file = join(folder, 'app.db');
    large(file, 'wal');
    const notes = await notesOf(file);
    change(file, 'UPDATE dense SET name = 1 WHERE id = 1000');
    const together = await slicesOf(await database(file).read(folder, undefined, notes), true);
    expect(together.slices).toEqual((await slicesOf(await lone(file).read(folder), false)).slices);
    expect(together.sent).toBe(0);
  });
});

describe('a reading that two share', () => {
  test.each([false, true])(
    'is one moment, although the database is written to all the time (known before: %s)',
    async (isKnown) => {
      const folder = scratch();
      const { file, writer } = await countedUp(folder);
      const moments = new Set<string>();
      try {
        const notes = isKnown ? await notesOf(file) : undefined;
        if (isKnown) change(file, "UPDATE t SET filler = filler || '!'");
        for (let i = 0; i < 8; i++) {
          const reading = await database(file).read(folder, undefined, notes);
          let text = '';
          for (const table of reading.tables) {
            let found = 0;
            for await (const { rows, chunks } of table.slices()) {
              found += rows;
              text += Buffer.concat([...chunks]).toString();
            }
            // What was counted and what was read is of the same moment, too.
            expect(found).toBe(table.rows);
          }
          await reading.close();
          const numbers = [...text.matchAll(/"id":\d+000,"n":(\d+)/g)]
            .filter((_, at) => at % 4 === 3)
            .map((found) => found[1]);
          expect(numbers).toHaveLength(9);
          expect(new Set(numbers).size).toBe(1);
          moments.add(String(numbers[0]));
        }
      } finally {
        await writer.stop();
      }
      expect(moments.size).toBe(8);
    },
  );
  const open = async (journal: string): Promise<Reading> => {
    const folder = scratch();
    large(join(folder, 'app.db'), journal);
    return database(join(folder, 'app.db')).read(folder);
  };

  test.each(['delete', 'wal'])('can be closed before it was read to its end, in %s mode', async (journal) => {
    const reading = await open(journal);
    const [dense] = reading.tables;
    let taken = 0;
    for await (const _ of dense?.slices() ?? []) if (++taken === 3) break;
    await reading.close();
    expect(taken).toBe(3);
  });

  test('can be closed without being read', async () => {
    const reading = await open('wal');
    await reading.close();
    expect(reading.tables.map(({ rows }) => rows)).toEqual([
      60_000,
      30_000,
      30_000,
      12_000,
      1,
      300,
      ...MANY.map(() => 300),
    ]);
  });

  test('says in words what is wrong with a damaged page, before a thread meets it', async () => {
    const folder = scratch();
    const file = join(folder, 'app.db');
    large(file, 'delete');
    const bytes = readFileSync(file);
    // A page in the middle of the file is one of the first table's rows.
    bytes.fill(0xff, 600 * 4096, 601 * 4096);
    writeFileSync(file, bytes);
    const readAll = async () => {
      const reading = await database(file).read(folder);
      try {
        for (const table of reading.tables) for await (const _ of table.slices());
      } finally {
        await reading.close();
      }
    };
    await expect(readAll()).rejects.toMatchObject({ code: 'DATABASE_CORRUPT' });
  });
});
