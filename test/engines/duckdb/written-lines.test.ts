import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copySql, liesInOrderSql } from '../../../src/engines/duckdb/rows-sql.ts';
import { writtenLines } from '../../../src/engines/duckdb/written-lines.ts';
import { scratch } from '../../support/scratch.ts';
import { on } from './support.ts';

const column = (name: string, type: string, kind: 'number' | 'boolean' | 'bytes' | 'json' | 'text') => ({
  name,
  type,
  kind,
  notNull: false,
  hasDefault: false,
  isGenerated: false,
});

const COLUMNS = [
  column('l', 'VARCHAR[]', 'json'),
  column('s "', 'VARCHAR', 'text'),
  column('id', 'INTEGER', 'number'),
  column('e', 'ENUM', 'text'),
  column('b', 'BLOB', 'bytes'),
  column('f', 'BOOLEAN', 'boolean'),
  column('d', 'DOUBLE', 'number'),
  column('t', 'TIMESTAMP', 'text'),
  { ...column('k', 'INTEGER', 'number'), instead: '7' },
  { ...column('w', 'VARCHAR', 'text'), instead: 'no "word"' },
];
const KEY = 2;

const SPECIAL = [
  "''",
  'NULL',
  'chr(1)',
  'chr(2)',
  'chr(3)',
  'chr(1) || chr(1) || chr(10) || chr(2)',
  "'a\"\\b'",
  'chr(3) || chr(3)',
  'chr(0) || chr(13)',
  "'# no comment'",
  "chr(11) || chr(14) || chr(31) || chr(127) || 'ü€😀'",
  "'\\u000B \\\\u001F'",
  'chr(92) || chr(31) || \',"id":5\'',
];

test('wherever a piece of the file ends, the lines are the same, and those that JSON would be', async () => {
  const file = join(scratch(), 't.csv');
  const table = {
    schema: 'main',
    name: 't',
    key: 't',
    sql: '',
    columns: COLUMNS,
    primary: ['id'],
    uniques: [],
    references: [],
  };
  const doubles = ['0.5::DOUBLE', "'nan'::DOUBLE", "'-inf'::DOUBLE", 'NULL::DOUBLE', "'-0.0'::DOUBLE", '1e300::DOUBLE'];
  const values = SPECIAL.map((text, at) => {
    const bytes = at % 3 === 0 ? 'NULL' : `encode((${text})::VARCHAR)`;
    return `([(${text})::VARCHAR, NULL], (${text})::VARCHAR, ${at - 4}, ${at % 2 === 0 ? "'a\"b'" : 'NULL'}, ${bytes}, ${at % 2 === 0}, ${doubles[at % 6]}, make_timestamp(${at}::BIGINT), ${at}, 'secret')`;
  });
  const made = `CREATE TABLE t(l VARCHAR[], "s """ VARCHAR, id INTEGER PRIMARY KEY, e ENUM('a"b'), b BLOB, f BOOLEAN, d DOUBLE, t TIMESTAMP, k INTEGER, w VARCHAR);
    INSERT INTO t VALUES ${values.join(', ')};`;
  // What an app may set changes nothing.
  await on(
    ':memory:',
    `SET preserve_insertion_order = false; ${made} ${copySql({ table, columns: COLUMNS }, file, false)}`,
  );
  const rows = await on(':memory:', `${made} SELECT "s """ AS s, base64(b) AS b, f, e FROM t ORDER BY id`);
  const bytes = readFileSync(file);
  const converted = (piece: number) => {
    const lines = writtenLines(COLUMNS, KEY);
    let text = '';
    const keys: bigint[] = [];
    for (let at = 0; at < bytes.length; at += piece)
      for (const some of lines.add(Buffer.from(bytes.subarray(at, at + piece)))) {
        text += Buffer.from(some.bytes).toString('utf8');
        for (let line = 0; line < some.ends.length; line++) keys.push(some.keyAt(line));
      }
    expect(lines.isWhole()).toBe(true);
    return { text, keys };
  };
  const whole = converted(bytes.length);
  expect(whole.keys).toEqual(SPECIAL.map((_, at) => BigInt(at - 4)));
  const lines = whole.text.trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed.map((row) => ({ s: row['s "'], b: row.b?.$blob ?? null, f: row.f, e: row.e }))).toEqual(rows);
  expect(parsed.map(({ l }) => l)).toEqual(rows.map(({ s }) => [s, null]));
  expect(parsed.map(({ d }) => d).slice(0, 6)).toEqual([0.5, 'nan', '-inf', null, -0, 1e300]);
  expect(parsed.every(({ k, w }) => k === 7 && w === 'no "word"')).toBe(true);
  // As JSON.stringify writes it, which is the one form of a backup; of what consists of several values, DuckDB's form is.
  const texts = (row: { readonly [name: string]: unknown }) => JSON.stringify(row['s "']);
  for (const [at, line] of lines.entries()) expect(line).toContain(`,"s \\"":${texts(parsed[at])},"id":`);
  expect(lines.at(-3)).toContain('["\\u000B\\u000E\\u001F');
  for (let piece = 1; piece < 64; piece++) expect(converted(piece)).toEqual(whole);
  const torn = writtenLines(COLUMNS, KEY);
  expect([...torn.add(bytes.subarray(0, bytes.length - 3))].length).toBe(1);
  expect(torn.isWhole()).toBe(false);
});

test('rows lie in order where none came late, all of them are asked for, and DuckDB must hand them over as they lie', async () => {
  const id = column('id', 'BIGINT', 'number');
  const named = { schema: 'main', name: 't', key: 't', sql: '', columns: [id], uniques: [], references: [] };
  const asked = (only?: string) =>
    liesInOrderSql({ table: { ...named, primary: ['id'] }, columns: [id], ...(only === undefined ? {} : { only }) });
  const isSaid = async (changes: string, sql = asked()) => {
    const made = 'CREATE TABLE t(id BIGINT PRIMARY KEY); INSERT INTO t SELECT 2 * i - 9 FROM range(300000) r(i);';
    const [row = {}] = await on(':memory:', `${made} ${changes}; ${sql}`);
    return Object.values(row);
  };
  expect(await isSaid('DELETE FROM t WHERE id % 7 = 1')).toEqual([true]);
  expect(await isSaid('DELETE FROM t')).toEqual([true]);
  expect(await isSaid('INSERT INTO t VALUES (0)')).toEqual([false]);
  expect(await isSaid('UPDATE t SET id = 4 WHERE id = 5')).toEqual([false]);
  // Where the late one is left out, the others lie in order.
  expect(await isSaid('INSERT INTO t VALUES (0)', asked('id <> 0'))).toEqual([true]);
  expect(await isSaid('SET preserve_insertion_order = false')).toEqual([false]);
  for (const primary of [[], ['id', 'id']])
    expect(liesInOrderSql({ table: { ...named, primary }, columns: [id] })).toBeUndefined();
  expect(liesInOrderSql({ table: { ...named, primary: ['id'] }, columns: [{ ...id, instead: '0' }] })).toBeUndefined();
});
