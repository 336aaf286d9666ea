import { readdirSync, renameSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/core/privacy/left-out.ts';
import { sliceByContent } from '../../src/core/slices.ts';
import type { LongSlice } from '../../src/engines/engine.ts';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import { HUGE_ROW } from '../../src/engines/sqlite/huge-row.ts';
import { insertTable } from '../../src/engines/sqlite/insert.ts';
import { cutRows } from '../../src/engines/sqlite/long-values.ts';
import { lineOf, registerRowFunctions } from '../../src/engines/sqlite/rows.ts';
import { readSettings, readTables, rowsFrom } from '../../src/engines/sqlite/schema.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { look, roundTrip } from '../support/round-trip.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const LENGTH = HUGE_ROW + 1;

/** No two stretches of it are alike, and it is no multiple of three. */
const huge = Buffer.alloc(LENGTH);
for (let at = 0; at + 4 <= LENGTH; at += 4) huge.writeUInt32LE(Math.imul(at + 1, 0x9e3779b1) >>> 0, at);
/** Two, three and four bytes a character, so that every cut goes through some; and whatever JSON escapes. */
const text = '{"$blob":"AA=="}\n\t\u0000\u001f"\\/é日😀\u2028'.repeat(60_000);

function hugeRows(file: string, encoding: string): void {
  const db = new Database(file);
  db.pragma(`encoding = '${encoding}'`);
  db.exec(`
    CREATE TABLE files(id INTEGER PRIMARY KEY, "na""me" TEXT, body BLOB, n INTEGER, twice AS (n * 2), kept AS (n + 1) STORED, any);
    CREATE TABLE hidden(value, "key", id);
    CREATE TABLE ordered(name TEXT PRIMARY KEY, body) WITHOUT ROWID;
    CREATE TABLE unreachable(rowid, oid, _rowid_, body);
  `);
  const files = db.prepare('INSERT INTO files(id, "na""me", body, n, any) VALUES (?, ?, ?, ?, ?)');
  for (let id = 1; id <= 6; id++) files.run(id, `small ${id}`, Buffer.from([id]), 9007199254740993n, id / 3);
  files.run(7, 'under two types', huge.subarray(0, LENGTH / 2), huge.subarray(LENGTH / 2 - 1), -0);
  files.run(8, text, huge.subarray(2), null, Infinity);
  files.run(9, 'neither', 'x'.repeat(1000), 1n, Buffer.alloc(0));
  db.prepare('INSERT INTO files(id, "na""me", n) VALUES (10, CAST(? AS TEXT), 2)').run(huge);
  if (encoding !== 'UTF-8') {
    // Values are encoded the same in every table.
    db.close();
    return;
  }
  const hidden = db.prepare('INSERT INTO hidden(rowid, value, "key", id) VALUES (?, ?, ?, ?)');
  hidden.run(-5n, 1, 2, 3);
  hidden.run(2n ** 62n, 'v', 'k', huge);
  const ordered = db.prepare('INSERT INTO ordered VALUES (?, ?)');
  for (let i = 0; i < 50; i++) ordered.run(`key ${i + 10}`, i % 2 === 0 ? i : -0);
  ordered.run('key 30 and more', huge);
  ordered.run('a', text);
  const unreachable = db.prepare('INSERT INTO unreachable VALUES (?, ?, ?, ?)');
  unreachable.run(1, 2, 3, 4);
  unreachable.run(3, 2, 1, huge);
  unreachable.run(2, 2, 2, 'last');
  db.close();
}

/** Each table's lines as SQLite makes them, a whole row at once. */
function linesOf(file: string): Map<string, Buffer[]> {
  const db = new Database(file, { readonly: true });
  const { encoding } = readSettings(db);
  registerRowFunctions(db, encoding);
  const lines = readTables(db).map((table): [string, Buffer[]] => {
    const line = lineOf(table, { blobs: true, reals: true, texts: true });
    const keys = table.rowid === undefined ? table.key.map(({ name }) => name) : [table.rowid];
    const order = keys.length === 0 ? '' : `ORDER BY ${keys.map((name) => `"${name}"`).join(', ')}`;
    const found = db
      .prepare<[], Buffer | string>(
        `SELECT ${encoding === 'UTF-8' ? `CAST(${line} AS BLOB)` : line} FROM ${rowsFrom(table)} ${order}`,
      )
      .pluck()
      .all();
    return [table.name, found.map((each) => Buffer.concat([Buffer.from(each), Buffer.from('\n')]))];
  });
  db.close();
  return new Map(lines);
}

// Only compiled code starts a thread.
const compiled: typeof import('../../src/engines/sqlite/database.ts') = await import(
  String(new URL('../../dist-test/src/engines/sqlite/database.js', import.meta.url))
);

describe('a huge row', () => {
  test.each(['UTF-8', 'UTF-16le'])(
    'has the line that SQLite makes of it at once, and comes back, in %s',
    async (encoding) => {
      const folder = scratch();
      const project = projectIn(folder);
      hugeRows(project.db, encoding);
      const expected = linesOf(project.db);
      const reading = await project.database.read(folder);
      for (const { name, slices } of reading.tables) {
        const found: Buffer[] = [];
        const cut: unknown[] = [];
        for await (const { rows, mark, bytes, chunks } of slices()) {
          const whole = Buffer.concat([...chunks]);
          // Whoever goes through it again finds the same.
          if (rows === 1 && bytes > HUGE_ROW) expect(Buffer.concat([...chunks]).equals(whole)).toBe(true);
          found.push(whole);
          cut.push({ rows, mark, bytes: whole.length });
          expect(bytes).toBe(whole.length);
        }
        const lines = expected.get(name) ?? [];
        expect(Buffer.concat(found).equals(Buffer.concat(lines))).toBe(true);
        if (name !== 'ordered' || lines.length === 0) continue;
        const asWhole = [...sliceByContent(lines, 128 * 1024)];
        expect(cut).toEqual(asWhole.map(({ rows, mark, bytes }) => ({ rows, mark, bytes })));
        expect(cut.length).toBeGreaterThan(1);
      }
      await reading.close();
      await roundTrip(project);
    },
  );

  test('leaves out what is to be left out', async () => {
    const folder = scratch();
    const file = `${folder}/huge.db`;
    hugeRows(file, 'UTF-8');
    const selection: Selection = {
      redacted: { files: ['body'], hidden: ['id'] },
      replaced: { hidden: ['id'] },
      included: { files: 'id <> 7' },
      values: { hidden: { id: 'gone' } },
    };
    const reading = await sqliteDatabase(file, { busyTimeout: 2000 }).read(folder, () => selection);
    const lines = async (name: string) => {
      let lines = '';
      for await (const { chunks } of reading.tables.find((table) => table.name === name)?.slices() ?? [])
        lines += Buffer.concat([...chunks]).toString('utf8');
      return lines.trimEnd().split('\n');
    };
    const files = await lines('files');
    const hidden = await lines('hidden');
    await reading.close();
    expect(files).toHaveLength(9);
    expect(files.filter((line) => line.includes('"body"'))).toEqual([]);
    expect(files[6]).toBe(`{"id":8,"na\\"me":${JSON.stringify(text)},"n":null,"any":{"$real":"Infinity"}}`);
    expect(files.some((line) => line.startsWith('{"id":7'))).toBe(false);
    expect(hidden[1]).toBe(`{"rowid":${2n ** 62n},"value":"v","key":"k","id":"gone"}`);
  });
  test('comes back into tables that migrations made', async () => {
    const folder = scratch();
    const project = projectIn(folder);
    hugeRows(project.db, 'UTF-8');
    await backup(project, { trigger: 'test' });
    const before = `${folder}/before.db`;
    renameSync(project.db, before);
    const db = new Database(project.db);
    db.exec(`
      CREATE TABLE files(any, n INTEGER, body BLOB, "na""me" TEXT, id INTEGER PRIMARY KEY, later DEFAULT 'x',
        twice AS (n * 2), kept AS (n + 1) STORED);
      CREATE TABLE hidden(n INTEGER PRIMARY KEY, id, "key", value);
      CREATE TABLE ordered(body, name TEXT PRIMARY KEY);
      CREATE TABLE unreachable(rowid, oid, _rowid_, body);
      CREATE TABLE added(n);
    `);
    db.close();
    await restore(project, { name: 'latest' });
    const rows = (file: string, sql: string) => look(file, (db) => db.prepare(sql).raw().safeIntegers().all());
    for (const sql of [
      'SELECT id, "na""me", body, n, twice, kept, any, typeof(any) FROM files ORDER BY id',
      'SELECT value, "key", id FROM hidden ORDER BY rowid',
      'SELECT name, body FROM ordered ORDER BY name',
      'SELECT * FROM unreachable',
    ])
      expect(isDeepStrictEqual(rows(project.db, sql), rows(before, sql)), sql).toBe(true);
  });

  test('is read, sent and inserted by a second thread as by one', async () => {
    const folder = scratch();
    const made = projectIn(folder);
    const project = { ...made, database: compiled.sqliteDatabase(made.db, { busyTimeout: 2000 }) };
    const db = new Database(project.db);
    db.exec('CREATE TABLE many(id INTEGER PRIMARY KEY, note TEXT, any)');
    db.transaction(() => {
      const many = db.prepare('INSERT INTO many VALUES (?, ?, ?)');
      for (let id = 0; id < 60_000; id++) many.run(id * 2, `note ${id} ${'z'.repeat(150)}`, id / 3);
      for (const id of [3, 100_001]) many.run(id, text, huge.subarray(id % 7));
    })();
    db.close();
    const { saved } = await roundTrip(project);
    const lone = await backup(projectIn(folder, { store: folderStore(`${folder}/alone`) }), { trigger: 'test' });
    expect(lone.bytesWritten).toBe(saved.bytesWritten);
    const parts = (folder: string) => readdirSync(`${folder}/parts`).sort();
    expect(parts(`${folder}/alone`)).toEqual(parts(`${folder}/backups`));
  });

  test.each<[string, (line: string) => string]>([
    ['a letter that is no base64', (line) => line.replace('AAAA', 'A*AA')],
    ['more after the end of base64', (line) => line.replace('AAAAAAAA', 'AAA=AAAA')],
    ['base64 that is cut', (line) => line.replace('AAAA"}', 'AAA"}')],
    ['a text without an end', (line) => line.slice(0, 3_000_000)],
    ['an escape that is none', (line) => line.replace('texttext', 'te\\xttex')],
    ['half a character', (line) => line.replace('texttext', 'te\\ud83dx')],
    ['a line end', (line) => line.replace('texttext', 'text\text')],
    ['bytes that are no text', (line) => line.replace('texttext', 'text\xffext')],
    ['two rows in a line', (line) => `${line.trimEnd()},${line}`],
    ['another column', (line) => line.replace('"b":', '"c":')],
    ['a tag that is none', (line) => line.replace('"$blob"', '"$glob"')],
    ['two values in a tag', (line) => line.replace('AAAA"}', 'AAAA","x":1}')],
    ['a list of texts', (line) => line.replace('"texttext', '["texttext').replace('text"', 'text"]')],
    ['a text that follows a text', (line) => line.replace('"texttext', '"","texttext')],
  ])('is refused with %s', async (_, change) => {
    const db = new Database(':memory:');
    registerRowFunctions(db, 'UTF-8');
    db.exec('CREATE TABLE t(a, b, c)');
    const fields = ['a', 'b', 'c'].map((name) => ({ name, column: name }));
    const line = `{"a":1,"b":"${'text'.repeat(400_000)}","c":{"$blob":"${'A'.repeat(2_000_000)}"}}\n`;
    const insert = (bytes: Buffer) => insertTable(db, 't', fields, slicesOf([bytes], 1_000_003), () => {});
    expect(await insert(Buffer.from(line, 'latin1'))).toBe(1);
    await expect(insert(Buffer.from(change(line), 'latin1'))).rejects.toThrow();
  });
});

/** Slices that come piece by piece, each of so many bytes. */
async function* slicesOf(slices: readonly Buffer[], size: number): AsyncGenerator<LongSlice> {
  for (const bytes of slices) {
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
    };
    yield { bytes: bytes.length, pieces: pieces() };
  }
}

test('values are taken out of a line wherever its pieces are cut', async () => {
  const long = 2 ** 20 + 1;
  const plain = '\\"\n\u0001/é日😀'.repeat(long / 8);
  const bytes = Buffer.from(Array.from({ length: long }, (_, i) => i * i));
  const escaped = JSON.stringify(plain).replaceAll('/', '\\/').replace('😀', '\\ud83D\\uDe00');
  const begin = `{"a":"x","b":2}\n{"a":{"z":"\\\\"},"b":${escaped},"c\\"":{"$blob":"`;
  const lines = Buffer.from(`${begin}${bytes.toString('base64')}"}}\n{"a":"${'y'.repeat(1000)}"}\n`);
  const near = [15, 17, 30, 46, 50, 60, Buffer.byteLength(begin), lines.length - 1020, lines.length - 1];
  const cuts = near.flatMap((at) => Array.from({ length: 3 }, (_, i) => at + i - 1));
  for (const cut of cuts) {
    const pieces = async function* () {
      yield lines.subarray(0, cut);
      yield lines.subarray(cut);
    };
    const found: unknown[] = [];
    for await (const { lines: some, values } of cutRows('t', { bytes: lines.length, pieces: pieces() }))
      found.push([
        Buffer.from(some).toString(),
        ...values.map(({ at, kind, bytes: value }) => [
          at,
          kind,
          Buffer.from(value).equals(kind === 'utf8' ? Buffer.from(plain) : bytes),
        ]),
      ]);
    expect(found, `cut at ${cut}`).toEqual([
      ['{"a":"x","b":2}\n'],
      ['{"a":{"z":"\\\\"},"b":"","c\\"":{"$blob":""}}\n', [1, 'utf8', true], [2, 'bytes', true]],
      [`{"a":"${'y'.repeat(1000)}"}\n`],
    ]);
  }
});
