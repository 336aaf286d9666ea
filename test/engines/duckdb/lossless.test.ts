import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { duckdbInHand } from '../../../src/engines/duckdb/in-hand.ts';
import { save } from '../../support/as-backup.ts';
import { differencesBetween, fileOf, on, open, restored } from './support.ts';

/** Each of DuckDB's types that its package brings, with values that a text could lose. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['true', 'false'],
  TINYINT: ['-128', '127'],
  SMALLINT: ['-32768', '32767'],
  INTEGER: ['-2147483648', '2147483647'],
  BIGINT: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  HUGEINT: ['-170141183460469231731687303715884105728', '170141183460469231731687303715884105727'],
  UTINYINT: ['255'],
  USMALLINT: ['65535'],
  UINTEGER: ['4294967295'],
  UBIGINT: ['18446744073709551615'],
  UHUGEINT: ['340282366920938463463374607431768211455'],
  'DECIMAL(4,2)': ['1.10', '-0.50', '99.99', '0'],
  'DECIMAL(18,3)': ['123456789012345.678', '-0.001'],
  'DECIMAL(38,10)': ['1234567890123456789012345678.0123456789', '-0.0000000001'],
  FLOAT: ["'nan'", "'-inf'", '0.1', '3.4028235e38', '1e-45', '-0.0', '16777217'],
  DOUBLE: [
    "'nan'",
    "'-nan'",
    "'inf'",
    '-0.0',
    '5e-324',
    '1.7976931348623157e308',
    '0.1',
    '1e20',
    '1e-7',
    '123456789.125',
  ],
  VARCHAR: [
    "''",
    "' lead and trail '",
    "'NULL'",
    "'null'",
    "'line\nbreak\r\n\ttab'",
    "'\"quoted\" \\ back''slash'",
    'chr(0) || chr(1) || chr(2) || chr(3) || chr(31) || chr(127)',
    'chr(1)',
    'chr(2)',
    'chr(3)',
    'chr(3) || chr(3)',
    "'ü€😀' || chr(8232) || chr(65279)",
    "repeat('long ', 100000)",
  ],
  BLOB: ["''", "'\\x00\\xFF'", "'\\x5C\\x27a'", "encode(repeat('b', 100001))"],
  BIT: ["'1'", "'000101'", "'1111111100000000'"],
  DATE: ["'2026-11-29'", "'infinity'", "'-infinity'", "'290000-12-31 (BC)'", "'5881580-07-10'"],
  TIME: ["'00:00:00'", "'23:59:59.999999'", "'24:00:00'"],
  TIMETZ: ["'12:00:00+15:59'", "'00:00:00-15:59:59'"],
  TIME_NS: ["'23:59:59.123456789'"],
  TIMESTAMP: ["'2026-11-29 20:15:16.123456'", "'infinity'", "'-infinity'", "'0044-03-15 (BC) 12:00:00'"],
  TIMESTAMP_S: ["'1900-01-01 00:00:01'"],
  TIMESTAMP_MS: ["'2026-11-29 20:15:16.123'"],
  TIMESTAMP_NS: ["'2026-11-29 20:15:16.123456789'"],
  TIMESTAMPTZ: ["'2026-11-29 20:15:16.123456+05:30'", "'infinity'", "'1883-11-18 12:03:57-04:56:02'"],
  INTERVAL: ["'1 month 2 days 3.5 seconds'", "'-3 months -5 microseconds'", "'400 days'", "INTERVAL '90' MINUTE"],
  UUID: ["'4715489c-38e8-4029-8b5b-1c5d798a3571'"],
  JSON: [`'{"a": 1,  "a": 2}'`, "'null'", "'1.0e400'", "'[1, \n 2]'"],
  BIGNUM: ["'123456789012345678901234567890123456789012345678901234567890'", "'-1'"],
  "ENUM('a', 'it''s', '')": ["'a'", "'it''s'", "''"],
  'INTEGER[]': ['[]', '[1, NULL, 3]'],
  'VARCHAR[]': ["['NULL', '', NULL, 'a, b', '''q''', '[', '\"', ' x ', '\\', '{''a'': 1}', chr(10), chr(0)]"],
  'BLOB[]': ["['\\x00\\x27\\x2C'::BLOB, ''::BLOB]"],
  'VARCHAR[][]': ["[['NULL'], [NULL], [], NULL]"],
  'INTEGER[3]': ['[1, NULL, 3]'],
  'STRUCT(a VARCHAR, "b c" INTEGER)': ["{'a': '', 'b c': NULL}", "{'a': 'x, ''y'': 2}', 'b c': 1}", 'NULL'],
  'STRUCT(a STRUCT(b DOUBLE[], t TIMESTAMPTZ))[]': [
    "[{'a': {'b': ['nan'::DOUBLE, -0.0], 't': '2026-01-01 00:00:00+00'}}, NULL]",
  ],
  'MAP(VARCHAR, INTEGER)': ['MAP {}', "MAP {'': NULL, 'k=1, ''x': 2}"],
  'MAP(DATE, STRUCT(z VARCHAR))': ["MAP {DATE '2026-01-01': {'z': NULL}}"],
  'UNION(n INTEGER, s VARCHAR, b BLOB, f DOUBLE, l VARCHAR[])': [
    'union_value(n := 5)',
    "union_value(s := '5')",
    "union_value(s := 'NULL')",
    'union_value(s := NULL::VARCHAR)',
    "union_value(b := '\\x00\"'::BLOB)",
    "union_value(f := 'nan'::DOUBLE)",
    "union_value(l := ['a', NULL])",
  ],
};

test('every value of every type comes back, as DuckDB compares them', async () => {
  const types = Object.keys(VALUES);
  const most = Math.max(...Object.values(VALUES).map((values) => values.length));
  const columns = types.map((type, at) => `"c ${at}" ${type}`);
  const rows = Array.from({ length: most + 1 }, (_, row) => {
    const values = Object.values(VALUES).map((each) => each[row] ?? 'NULL');
    return `INSERT INTO everything VALUES (${[row, ...values].join(', ')});`;
  });
  const file = await fileOf(`CREATE TABLE everything(id INTEGER PRIMARY KEY, ${columns.join(', ')});
    ${rows.join('\n')} CREATE TABLE keyless AS SELECT * EXCLUDE (id) FROM everything;
    INSERT INTO keyless FROM keyless; INSERT INTO keyless BY NAME SELECT NULL AS "c 0"`);
  const copy = await restored(file);
  expect(await differencesBetween(file, copy)).toEqual([]);
  expect((await save(open(copy))).digest).toBe((await save(open(file))).digest);
});

const SCHEMA = `
CREATE SCHEMA shop; CREATE SCHEMA "Odd ""one.";
CREATE TYPE mood AS ENUM ('sad', 'it''s'); CREATE TYPE shop.address AS STRUCT(street VARCHAR, "no." INTEGER);
CREATE TYPE shop.whole AS BIGINT; CREATE TYPE either AS UNION(a INTEGER, b VARCHAR);
CREATE SEQUENCE ids START 100 INCREMENT BY 5; CREATE SEQUENCE "odd ""seq"; CREATE SEQUENCE down INCREMENT BY -2;
CREATE SEQUENCE used_up MAXVALUE 3; CREATE SEQUENCE shop.round MINVALUE 1 MAXVALUE 2 CYCLE; CREATE SEQUENCE fresh START 7 MINVALUE 5;
SELECT nextval('ids'), nextval('down'), nextval('used_up'), nextval('shop.round'); SELECT nextval('used_up'), nextval('shop.round');
SELECT nextval('used_up');
CREATE MACRO plus(a, b := 5, "c d" := 'x, "b" := 1') AS a + b; CREATE MACRO none() AS 1;
CREATE MACRO shop.over(a) AS a, (a, b) AS a + b; CREATE MACRO few(n, least := 0) AS TABLE SELECT * FROM range(n) t(i) WHERE i > least;
CREATE TABLE "zz parent"(id INTEGER PRIMARY KEY, "na""me" VARCHAR NOT NULL DEFAULT 'GENERATED ALWAYS AS (', m mood UNIQUE, CHECK (id > 0));
CREATE TABLE child(id INTEGER DEFAULT nextval('ids') PRIMARY KEY, p INTEGER REFERENCES "zz parent"(id), a shop.address, u either,
  twice INTEGER GENERATED ALWAYS AS (id * 2) VIRTUAL, txt VARCHAR COLLATE NOCASE, UNIQUE (p, txt));
CREATE TABLE aa_grandchild(c INTEGER REFERENCES child(id), "at" TIMESTAMP DEFAULT current_timestamp);
CREATE TABLE tree(id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree(id));
CREATE TABLE shop.p(id INTEGER PRIMARY KEY); CREATE TABLE shop.c(id INTEGER REFERENCES shop.p(id));
CREATE TABLE "Odd ""one."."a.b"("select" INTEGER, "2" INTEGER);
INSERT INTO "zz parent" VALUES (1, 'one', 'sad'), (2, '', 'it''s'), (3, 'three', NULL);
INSERT INTO child(p, a, u, txt) VALUES (1, {'street': 'x', 'no.': 1}, 'b', 'A'), (1, NULL, 3, 'b'), (NULL, NULL, NULL, 'b');
INSERT INTO aa_grandchild SELECT id, '2026-01-01' FROM child; INSERT INTO shop.p VALUES (1); INSERT INTO shop.c VALUES (1);
INSERT INTO tree VALUES (9, NULL); INSERT INTO tree VALUES (3, 9), (8, 9); INSERT INTO tree VALUES (1, 3), (2, 8); INSERT INTO tree VALUES (7, 1);
CREATE TABLE "t ()"("i d" INTEGER PRIMARY KEY, a INTEGER REFERENCES "t ()"("i d"), b INTEGER, CHECK (b > 0), FOREIGN KEY (b) REFERENCES tree(id), FOREIGN KEY (b) REFERENCES "t ()"("i d"));
INSERT INTO "Odd ""one."."a.b" VALUES (1, 2);
CREATE VIEW z_first AS SELECT 1 AS x; CREATE VIEW a_second AS SELECT x, plus(x, b := 2) AS y FROM z_first;
CREATE VIEW shop.seen AS SELECT * FROM shop.p; CREATE OR REPLACE VIEW z_first AS SELECT id AS x FROM child;
CREATE INDEX by_p ON child(p); CREATE UNIQUE INDEX "by ""name" ON "zz parent"("na""me", id); CREATE INDEX computed ON child((id + 1));
COMMENT ON TABLE child IS 'It''s a "child"'; COMMENT ON COLUMN child.p IS 'parent'; COMMENT ON VIEW z_first IS 'v';
COMMENT ON COLUMN z_first.x IS 'x'; COMMENT ON INDEX by_p IS 'i'; COMMENT ON SEQUENCE ids IS 's'; COMMENT ON TYPE mood IS 't';
COMMENT ON MACRO plus IS 'm'; COMMENT ON MACRO TABLE few IS 'mt';
CREATE TEMP TABLE passing(x INTEGER); CREATE TEMP VIEW passing_by AS SELECT 1;`;

test('everything that is defined comes back, and sequences go on where they stood', async () => {
  const file = await fileOf(SCHEMA);
  const copy = await restored(file);
  expect(await differencesBetween(file, copy)).toEqual([]);
  expect((await save(open(copy))).digest).toBe((await save(open(file))).digest);
  const went =
    "SELECT nextval('ids') AS ids, nextval('down') AS down, nextval('shop.round') AS round, nextval('fresh') AS fresh";
  expect(await on(copy, went)).toEqual(await on(file, went));
  await expect(on(copy, "SELECT nextval('used_up')")).rejects.toThrow('reached maximum value');
  expect(await on(copy, 'SELECT plus(1) AS p, (SELECT sum(i)::INTEGER FROM few(4)) AS s')).toEqual([{ p: 6, s: 6 }]);
});

test('columns that are called like the rows of a statement hide none', async () => {
  const file = await fileOf(
    `CREATE TABLE t(id INTEGER PRIMARY KEY, up INTEGER REFERENCES t(id), rowid INTEGER, waiting STRUCT(up INTEGER), parent STRUCT(id INTEGER));
     INSERT INTO t VALUES (1, NULL, 7, {up: 9}, {id: 8}); INSERT INTO t VALUES (2, 1, 7, {up: 9}, {id: 8}); INSERT INTO t VALUES (3, 2, 7, NULL, NULL)`,
  );
  expect(await differencesBetween(file, await restored(file))).toEqual([]);
});

test('what DuckDB reorders is the same backup: after a checkpoint, after rows went and came, and in other tables first', async () => {
  const rows =
    'INSERT INTO t SELECT i, i % 7, i::VARCHAR FROM range(5000) t(i); INSERT INTO keyless SELECT i % 50 FROM range(2000) t(i);';
  const made = 'CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR); CREATE TABLE keyless(x INTEGER);';
  const one = await fileOf(`${made} ${rows}`);
  const other =
    await fileOf(`CREATE TABLE keyless(x INTEGER); CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR);
    INSERT INTO keyless SELECT (1999 - i) % 50 FROM range(2000) t(i); INSERT INTO t SELECT 4999 - i, (4999 - i) % 7, (4999 - i)::VARCHAR FROM range(5000) t(i);
    CREATE TABLE gone(x INTEGER); DROP TABLE gone; DELETE FROM t WHERE id < 2000; CHECKPOINT; INSERT INTO t SELECT i, i % 7, i::VARCHAR FROM range(2000) t(i)`);
  expect((await save(open(other))).digest).toBe((await save(open(one))).digest);
});

test('rows that lie in the order of their key are the same backup as those that do not, whatever an app sets', async () => {
  // More than a group of DuckDB's rows, which its threads take turns with.
  const insert = (of: string) => `INSERT INTO t SELECT i, (i % 97)::VARCHAR FROM range(-1000, 260000) t(i) ${of};`;
  const made = 'CREATE TABLE t(id BIGINT PRIMARY KEY, s VARCHAR);';
  const inOrder = await fileOf(made + insert(''));
  const files = [
    ['one came last', insert('WHERE i <> 7') + insert('WHERE i = 7')],
    ['one came again', `${insert('')} DELETE FROM t WHERE id = 130000; CHECKPOINT; ${insert('WHERE i = 130000')}`],
    ['the second half came first', insert('WHERE i >= 125000') + insert('WHERE i < 125000')],
  ] as const;
  const { digest } = await save(open(inOrder));
  for (const [what, rows] of files) expect((await save(open(await fileOf(made + rows)))).digest, what).toBe(digest);
  for (const file of [inOrder, await fileOf(made + files[0][1])]) {
    const instance = await DuckDBInstance.create(file, { preserve_insertion_order: 'false' });
    try {
      expect((await save(duckdbInHand(instance, file))).digest).toBe(digest);
    } finally {
      instance.closeSync();
    }
  }
});

test.each([
  ['a type without a text', 'CREATE TABLE t(id INTEGER, v VARIANT)', /t\.v .* VARIANT/],
  ['a union inside of a list', 'CREATE TABLE t(l UNION(a INTEGER, b VARCHAR)[])', /t\.l .* UNION/],
  [
    'a view over what is gone',
    'CREATE TABLE gone(x INTEGER); CREATE VIEW v AS FROM gone; DROP TABLE gone',
    /The view v .* gone/,
  ],
])('%s is refused when it is saved, and not when it is needed', async (_, sql, words) => {
  await expect(save(open(await fileOf(sql, 'latest')))).rejects.toThrow(words);
});
