import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/core/privacy/left-out.ts';
import { sliceByContent } from '../../src/core/slices.ts';
import { HUGE_ROW } from '../../src/engines/sqlite/huge-row.ts';
import { sqliteEngine } from '../../src/engines/sqlite/index.ts';
import { lineOf, registerRowFunctions } from '../../src/engines/sqlite/rows.ts';
import { readSettings, readTables, rowsFrom } from '../../src/engines/sqlite/schema.ts';
import { scratch } from '../support/scratch.ts';

const LENGTH = HUGE_ROW + 1;

/** No two stretches of it are alike, and it is no multiple of three. */
const huge = Buffer.alloc(LENGTH);
for (let at = 0; at + 4 <= LENGTH; at += 4) huge.writeUInt32LE(Math.imul(at + 1, 0x9e3779b1) >>> 0, at);
/** Two, three and four bytes a character, so that every cut goes through some; and whatever JSON escapes. */
const text = '{"$blob":"AA=="}\n\t\u0000\u001f"\\/é日😀\u2028'.repeat(Math.ceil(LENGTH / 40)).slice(0, LENGTH / 2);

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
  files.run(7, 'long', huge, 1, -0);
  files.run(8, text, huge.subarray(1), null, Infinity);
  files.run(9, 'under another type', null, huge.subarray(2), '');
  files.run(10, 'neither', 'x'.repeat(1000), 1n, Buffer.alloc(0));
  db.prepare('INSERT INTO files(id, "na""me", n) VALUES (11, CAST(? AS TEXT), 2)').run(huge);
  const hidden = db.prepare('INSERT INTO hidden(rowid, value, "key", id) VALUES (?, ?, ?, ?)');
  hidden.run(-5n, 1, 2, 3);
  hidden.run(2n ** 62n, text, 'k', huge);
  const ordered = db.prepare('INSERT INTO ordered VALUES (?, ?)');
  for (let i = 0; i < 50; i++) ordered.run(`key ${i + 10}`, i % 2 === 0 ? i : -0);
  ordered.run('key 30 and more', huge.subarray(3));
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
    const order = table.rowid === undefined ? table.order : `ORDER BY "${table.rowid}"`;
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

describe('a row that is made into its line piece by piece', () => {
  test.each(['UTF-8', 'UTF-16le', 'UTF-16be'])('has the bytes of one that is made at once, in %s', async (encoding) => {
    const folder = scratch();
    const file = `${folder}/huge.db`;
    hugeRows(file, encoding);
    const expected = linesOf(file);
    const reading = await sqliteEngine({ busyTimeout: 2000 }).read(file, folder);
    for (const table of reading.tables) {
      const chunks: Uint8Array[] = [];
      let rows = 0;
      for await (const slice of table.slices()) {
        const bytes = Buffer.concat([...slice.chunks]);
        // Whoever goes through it again finds the same.
        if (slice.bytes > HUGE_ROW) expect(Buffer.concat([...slice.chunks]).equals(bytes)).toBe(true);
        expect(bytes.length).toBe(slice.bytes);
        chunks.push(bytes);
        rows += slice.rows;
      }
      const lines = expected.get(table.name) ?? [];
      expect(rows).toBe(lines.length);
      expect(Buffer.concat(chunks).equals(Buffer.concat(lines))).toBe(true);
    }
    await reading.close();
  });

  test('begins and ends slices as any other', async () => {
    const folder = scratch();
    const file = `${folder}/huge.db`;
    hugeRows(file, 'UTF-8');
    const reading = await sqliteEngine({ busyTimeout: 2000 }).read(file, folder);
    const ordered = reading.tables.find(({ name }) => name === 'ordered');
    const found: unknown[] = [];
    for await (const { rows, mark, bytes } of ordered?.slices() ?? []) found.push({ rows, mark, bytes });
    await reading.close();
    const whole = [...sliceByContent(linesOf(file).get('ordered') ?? [], 128 * 1024)];
    expect(found).toEqual(whole.map(({ rows, mark, bytes }) => ({ rows, mark, bytes })));
    expect(found.length).toBeGreaterThan(2);
  });

  test('leaves out what is to be left out', async () => {
    const folder = scratch();
    const file = `${folder}/huge.db`;
    hugeRows(file, 'UTF-8');
    const selection: Selection = {
      redacted: { files: ['body'], hidden: ['id'] },
      replaced: { hidden: ['id'] },
      included: { files: 'id <> 9' },
      values: { hidden: { id: 'gone' } },
    };
    const reading = await sqliteEngine({ busyTimeout: 2000 }).read(file, folder, () => selection);
    const lines = async (name: string) => {
      let lines = '';
      for await (const { chunks } of reading.tables.find((table) => table.name === name)?.slices() ?? [])
        lines += Buffer.concat([...chunks]).toString('utf8');
      return lines.trimEnd().split('\n');
    };
    const files = await lines('files');
    const hidden = await lines('hidden');
    await reading.close();
    expect(files).toHaveLength(10);
    expect(files.filter((line) => line.includes('"body"'))).toEqual([]);
    expect(files[7]).toBe(`{"id":8,"na\\"me":${JSON.stringify(text)},"n":null,"any":{"$real":"Infinity"}}`);
    expect(files.some((line) => line.startsWith('{"id":9'))).toBe(false);
    expect(hidden[1]).toBe(`{"rowid":${2n ** 62n},"value":${JSON.stringify(text)},"key":"k","id":"gone"}`);
  });
});
