import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fetcher } from '../../src/engines/sqlite/fetch-lines.ts';
import { lineOf, registerRowFunctions } from '../../src/engines/sqlite/rows.ts';
import { readSettings, readTables } from '../../src/engines/sqlite/schema.ts';

/** BLOBs of every length beside those that are read in another way, and texts with all that could be taken for a mark. */
function filled(encoding: string, lengths: readonly number[], text: (at: number) => string) {
  const db = new Database(':memory:');
  db.pragma(`encoding = '${encoding}'`);
  db.exec('CREATE TABLE t(a BLOB, "b\u0001\u0002" TEXT, c, d BLOB)');
  const add = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?)');
  for (const [at, length] of lengths.entries())
    add.run(randomBytes(length), text(at), at % 3 === 0 ? text(at) : at, at % 2 === 0 ? randomBytes(at % 5) : null);
  registerRowFunctions(db, readSettings(db).encoding);
  const [table] = readTables(db);
  if (table === undefined) throw new Error('there is a table');
  return { db, table };
}

const upTo = (last: number) => Array.from({ length: last + 1 }, (_, length) => length);
const marks = (at: number) =>
  `${'\u0001'.repeat(at % 4)}0A"${'\u0002'.repeat(at % 3)}0\u0002${'…'.repeat(at % 90)}\u0001`;

test.each([
  ['short and long', 'UTF-8', [...upTo(600), 10_000, 0, 100_000, 256, 257, 1]],
  ['short and long, in UTF-16', 'UTF-16le', [...upTo(600), 10_000, 0, 257]],
  ['short alone', 'UTF-8', upTo(40)],
  ['long alone', 'UTF-8', [300, 3000, 300_001, 299_999]],
  ['nothing but nothing', 'UTF-8', [0, 0, 0]],
] as const)('lines of many BLOBs at a time are those that each would have by itself: %s', (_, encoding, lengths) => {
  const { db, table } = filled(encoding, lengths, marks);
  const fetch = fetcher(db, table, encoding);
  const line = lineOf(table, { blobs: true, reals: false, texts: encoding !== 'UTF-8' });
  const expected = db.prepare<[], string>(`SELECT ${line} || char(10) FROM t ORDER BY rowid`).pluck().all();
  // Twice: what was taken aside for the one is none of the other's.
  for (const turn of [1, 2]) {
    const { rows, bytes, chunks } = fetch('t NOT INDEXED', []);
    const lines = Buffer.concat([...chunks]);
    expect(rows).toBe(lengths.length);
    expect(lines.toString() === expected.join(''), `turn ${turn}`).toBe(true);
    expect(bytes).toBe(lines.length);
  }
});
