import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csvLines } from '../../../src/engines/duckdb/csv-lines.ts';
import { copySql } from '../../../src/engines/duckdb/rows-sql.ts';
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
  column('id', 'INTEGER', 'number'),
  column('s', 'VARCHAR', 'text'),
  column('b', 'BLOB', 'bytes'),
  column('f', 'BOOLEAN', 'boolean'),
  column('d', 'DOUBLE', 'number'),
  column('l', 'VARCHAR[]', 'json'),
];

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
  const values = SPECIAL.map(
    (text, at) =>
      `(${at - 4}, (${text})::VARCHAR, ${at % 3 === 0 ? 'NULL' : `encode((${text})::VARCHAR)`}, ${at % 2 === 0}, ${['0.5::DOUBLE', "'nan'::DOUBLE", "'-inf'::DOUBLE", 'NULL::DOUBLE'][at % 4]}, [(${text})::VARCHAR, NULL])`,
  );
  await on(
    ':memory:',
    `CREATE TABLE t(id INTEGER PRIMARY KEY, s VARCHAR, b BLOB, f BOOLEAN, d DOUBLE, l VARCHAR[]);
    INSERT INTO t VALUES ${values.join(', ')}; ${copySql({ table, columns: COLUMNS }, file)}`,
  );
  const rows = await on(
    ':memory:',
    `SELECT s, base64(b) AS b, f FROM (VALUES ${values.join(', ')}) AS t(id, s, b, f, d, l) ORDER BY id`,
  );
  const bytes = readFileSync(file);
  const converted = (piece: number) => {
    const lines = csvLines(COLUMNS, 0);
    let text = '';
    const keys: bigint[] = [];
    const take = (some: ReturnType<typeof lines.convert>) => {
      if (some === undefined) return;
      text += Buffer.from(some.bytes).toString('utf8');
      for (let line = 0; line < some.ends.length; line++) keys.push(some.keyAt(line));
    };
    for (let at = 0; at < bytes.length; at += piece) take(lines.convert(bytes.subarray(at, at + piece)));
    take(lines.end());
    expect(lines.isWhole()).toBe(true);
    return { text, keys };
  };
  const whole = converted(bytes.length);
  expect(whole.keys).toEqual(SPECIAL.map((_, at) => BigInt(at - 4)));
  const parsed = whole.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(parsed.map(({ s, b, f }) => ({ s, b: b?.$blob ?? null, f }))).toEqual(rows);
  expect(parsed.map(({ l }) => l)).toEqual(rows.map(({ s }) => [s, null]));
  expect(parsed.map(({ d }) => d).slice(0, 4)).toEqual([0.5, 'nan', '-inf', null]);
  // As JSON.stringify writes it, which is the one form of a backup.
  expect(parsed.map((row) => JSON.stringify(row)).join('\n')).toBe(whole.text.trimEnd());
  for (let piece = 1; piece < 64; piece++) expect(converted(piece)).toEqual(whole);
  const torn = csvLines(COLUMNS, 0);
  torn.convert(bytes.subarray(0, bytes.length - 3));
  torn.end();
  expect(torn.isWhole()).toBe(false);
});
