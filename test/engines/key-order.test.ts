import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { linesInOrder } from '../../src/engines/sqlite/key-order.ts';
import { lineOf, registerRowFunctions } from '../../src/engines/sqlite/rows.ts';
import { quoted, readSettings, readTables } from '../../src/engines/sqlite/schema.ts';
import { scratch } from '../support/scratch.ts';

/** More than two batches, in an order that no key has. */
const ROWS = 10_000;

const KEYS: readonly [name: string, columns: string][] = [
  ['a number', 'k INTEGER, v, PRIMARY KEY(k)'],
  ['a number, downwards', 'k INTEGER, v, PRIMARY KEY(k DESC)'],
  ['text', 'k TEXT, v, PRIMARY KEY(k)'],
  ['text without regard to case', 'k TEXT COLLATE NOCASE, v, PRIMARY KEY(k)'],
  ['text in another order than the column', 'k TEXT COLLATE NOCASE, v, PRIMARY KEY(k COLLATE BINARY)'],
  ['any kind of value', 'k, v, PRIMARY KEY(k)'],
  ['any kind of value in a column for numbers', 'k NUMERIC, v, PRIMARY KEY(k)'],
  ['two columns', 'k, l, v, PRIMARY KEY(l, k)'],
  ['two columns, both downwards', 'k, l, v, PRIMARY KEY(l DESC, k DESC)'],
  ['two columns in different directions', 'k, l, v, PRIMARY KEY(l, k DESC)'],
  ['names that must be quoted', '"k "" (?)" , l, v, PRIMARY KEY(l, "k "" (?)")'],
];

/** Values of every kind, each once, whatever compares them: numbers that text looks like, text that is no UTF-8, huge and tiny ones. */
function value(db: Database.Database, at: number): unknown {
  const text = `${at % 3 === 0 ? 'Key' : 'kEY'} ${at}${at % 5 === 0 ? '\0' : ''}`;
  const kinds: (() => unknown)[] = [
    () => BigInt(at) * 922_337_203_685_477n,
    () => at + 0.5,
    () => text,
    () => Buffer.from(text),
    () => db.prepare("SELECT CAST(x'ff' || ? AS TEXT)").pluck().get(text),
    () => `${at}e`,
  ];
  return kinds[at % kinds.length]?.();
}

test.each(['UTF-8', 'UTF-16le'])(
  'many rows at a time are the rows one by one, in the order of the key, in %s',
  (encoding) => {
    for (const [name, columns] of KEYS) {
      const db = new Database(join(scratch(), 'app.db'));
      db.pragma(`encoding = '${encoding}'`);
      db.exec(`CREATE TABLE t(${columns}) WITHOUT ROWID`);
      const [first, ...others] = db.prepare<[], string>("SELECT name FROM pragma_table_info('t')").pluck().all();
      const add = db.prepare(`INSERT OR IGNORE INTO t VALUES (${[first, ...others].map(() => '?')})`);
      db.transaction(() => {
        for (let n = 0; n < ROWS; n++) {
          const at = (n * 7_919) % ROWS;
          const row = others.length === 2 ? [value(db, at), at % 7, at] : [value(db, at), n];
          add.run(...row);
        }
      })();
      registerRowFunctions(db, readSettings(db).encoding);
      const [table] = readTables(db);
      if (table === undefined) throw new Error('there is a table');
      const order = table.key
        .map((key) => `${quoted(key.name)} COLLATE ${key.collation} ${key.descends ? 'DESC' : ''}`)
        .join();
      const line = lineOf(table, { blobs: true, reals: true, texts: true });
      const expected = db.prepare<[], string>(`SELECT ${line} FROM t ORDER BY ${order}`).pluck().all();
      expect(expected.length, name).toBeGreaterThan(8_192);
      const chunks = [...linesInOrder(db, table, encoding, 100)].map((each) => {
        if (!(each instanceof Uint8Array)) throw new Error('no row is huge');
        return Buffer.from(each);
      });
      expect(Buffer.concat(chunks).toString(), name).toBe(`${expected.join('\n')}\n`);
      const isOneByOne = name.includes('different') || name.includes('another order');
      expect(chunks.length < 10, name).toBe(!isOneByOne);
      db.close();
    }
  },
);
