import { describe, expect, test } from 'vitest';
import { JsonSyntaxError } from '../../src/core/json.ts';
import { contentDigest } from '../../src/core/write-manifest.ts';
import { readForeign } from '../../src/engines/sqlite/foreign.ts';
import { tries } from '../support/chance.ts';

const document = (tables: unknown) => JSON.stringify({ data: tables });
const read = (tables: unknown) => readForeign(document(tables), 'test');
const rowsOf = (length: number, row: (i: number) => unknown) => Array.from({ length }, (_, i) => row(i));

/** How long it takes, in milliseconds; a text of 10 MB must not hold anybody up. */
function timed(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

describe('a document of an older tool', () => {
  test('gets the columns that its rows have, some of them or all', () => {
    const { schema, data, metadata } = read({ events: [{ id: 1, title: 'x' }, { id: 2 }, { id: 3, at: 1.5 }] });
    expect(schema[0]?.sql).toBe('CREATE TABLE "events"("id" INTEGER PRIMARY KEY, "title" TEXT, "at" REAL)');
    expect(data.get('events')).toEqual({
      rows: ['{"id":1,"title":"x","at":null}', '{"id":2,"title":null,"at":null}', '{"id":3,"title":null,"at":1.5}'],
    });
    expect(metadata.rows).toBe(3);
  });

  test('is a backup of what it says', () => {
    const source =
      '{"metadata":{"backup_date":"2026-11-20T23:15:00.000Z","rows":7},"data":{"t":[{"a":"x"}],"u":[{"b":1},{}],"n":3}}';
    const { metadata, ...content } = readForeign(source, 'production');
    expect(metadata).toEqual({
      format: 1,
      backup_date: '2026-11-20T23:15:00.000Z',
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment: 'production', trigger: 'import' },
      content: contentDigest(content),
      tables: 2,
      rows: 3,
      bytes: source.length,
    });
    expect(content.settings).toEqual({
      user_version: 0,
      application_id: 0,
      encoding: 'UTF-8',
      page_size: 4096,
      auto_vacuum: 0,
      journal_mode: 'delete',
    });
    expect(content.schema.map(({ name, table, type }) => [name, table, type])).toEqual([
      ['t', 't', 'table'],
      ['u', 'u', 'table'],
    ]);
  });

  test('may hold its tables at the top', () => {
    const { data } = readForeign('{"backup_time":"x","events":[{"id":1}],"count":1,"more":{"a":[1]}}', 'test');
    expect([...data.keys()]).toEqual(['events']);
  });

  test.each([
    ['{"backup_time":"2026-11-20T23:15:00Z"}', '2026-11-20T23:15:00.000Z'],
    ['{"backup_date":"2026-11-20"}', '2026-11-20T00:00:00.000Z'],
    ['{"metadata":{"backup_time":"2026-11-20"},"data":{}}', '2026-11-20T00:00:00.000Z'],
    ['{"backup_date":"2026-11-20","metadata":{"backup_date":"2027-01-01"}}', '2026-11-20T00:00:00.000Z'],
    ['{"my_backup_date":"2026-11-20","backup_dates":"2026-11-20"}', '1970-01-01T00:00:00.000Z'],
    ['{"backup_date":"yesterday"}', '1970-01-01T00:00:00.000Z'],
    ['{"backup_date":null}', '1970-01-01T00:00:00.000Z'],
  ])('%s was saved at %s', (source, date) => {
    expect(readForeign(source, 'test').metadata.backup_date).toBe(date);
  });

  test('without a value is a document without tables', () => {
    const { schema, data } = read({ none: [], empty: [{}, {}] });
    expect([schema, [...data]]).toEqual([[], []]);
  });

  test.each([
    ['1, 2', 'INTEGER'],
    ['-1, null', 'INTEGER'],
    ['9223372036854775807', 'INTEGER'],
    ['true, false', 'INTEGER'],
    ['true, 1', 'INTEGER'],
    ['1, false', 'INTEGER'],
    ['1.5', 'REAL'],
    ['1, 2.5', 'REAL'],
    ['2.5, 1', 'REAL'],
    ['-1e3', 'REAL'],
    ['12345678901234567890', 'REAL'],
    ['1.5, true', ''],
    ['"x"', 'TEXT'],
    ['"5", "true"', 'TEXT'],
    ['"x", null', 'TEXT'],
    ['[1], {"a": 2}', 'TEXT'],
    ['"x", [1]', 'TEXT'],
    ['null', 'TEXT'],
    ['1, "x"', ''],
    ['"x", 1', ''],
    ['1.5, "x"', ''],
    ['"x", 1.5', ''],
    ['true, "x"', ''],
    ['"x", true', ''],
    ['1, [1]', ''],
  ])('with the values %s has a column of the type %j', (values, type) => {
    const rows = values.split(', ').map((value) => `{"c":${value}}`);
    const { schema } = readForeign(`{"data":{"t":[${rows.join(',')}]}}`, 'test');
    expect(schema[0]?.sql).toBe(`CREATE TABLE "t"("c"${type && ' '}${type})`);
  });

  test.each([
    ['1, 2', true],
    ['-7', true],
    ['12, 345', true],
    ['1, 1', false],
    ['1, null', false],
    ['1, 2.5', false],
    ['1, "2"', false],
    ['true, 1', false],
  ])('with the ids %s knows its rows by them: %s', (values, isKey) => {
    const rows = values.split(', ').map((value) => `{"Id":${value}}`);
    const { schema, data } = readForeign(`{"data":{"t":[${rows.join(',')}]}}`, 'test');
    expect(/"Id" INTEGER PRIMARY KEY/.test(schema[0]?.sql ?? '')).toBe(isKey);
    const numbered = values.split(', ').map((value, i) => `{"rowid":${i + 1},"Id":${value}}`);
    expect(data.get('t')).toEqual({ rows: isKey ? rows : numbered });
  });

  test.each([
    ['a', '"rowid":1,"a":7'],
    ['row', '"rowid":1,"row":7'],
    ['RowId', '"_rowid_":1,"RowId":7'],
    ['INTEGER PRIMARY KEY', '"rowid":1,"INTEGER PRIMARY KEY":7'],
  ])('numbers rows beside a column called %s', (name, line) => {
    expect(read({ t: [{ [name]: 7 }] }).data.get('t')).toEqual({ rows: [`{${line}}`] });
  });

  test('numbers rows under a name that is free, if there is one', () => {
    expect(read({ t: [{ rowid: 'x', _ROWID_: 'y' }] }).data.get('t')).toEqual({
      rows: ['{"oid":1,"rowid":"x","_ROWID_":"y"}'],
    });
    expect(read({ t: [{ rowid: 'x', _rowid_: 'y', oid: 'z' }] }).data.get('t')).toEqual({
      rows: ['{"rowid":"x","_rowid_":"y","oid":"z"}'],
    });
  });

  test('keeps lists and objects as text, and text as it is', () => {
    const { data } = readForeign('{"data":{"t":[{"a":[1, "x y"],"b":{"c": 1.0},"d":"[x]"}]}}', 'test');
    expect(data.get('t')).toEqual({ rows: ['{"rowid":1,"a":"[1,\\"x y\\"]","b":"{\\"c\\":1.0}","d":"[x]"}'] });
  });

  test('may hold as many columns as a table, and rows that leave most of them out', () => {
    const wide = (columns: number) => Object.fromEntries(rowsOf(columns, (i) => i).map((i) => [`c${i}`, 1]));
    expect(read({ t: [wide(2000)] }).schema).toHaveLength(1);
    expect(read({ t: [wide(100), ...rowsOf(999, () => ({}))] }).metadata.rows).toBe(1000);
    expect(read({ t: [wide(1000), ...rowsOf(999, () => ({}))] }).metadata.rows).toBe(1000);
    expect(() => read({ t: [wide(1000), ...rowsOf(1000, () => ({}))] })).toThrow(
      new JsonSyntaxError('1001 rows with 1000 columns as "t"'),
    );
  });

  test('may call tables and columns anything', () => {
    const { schema } = readForeign(
      '{"data":{"__proto__":[{"a\\"b":1,"constructor":"x"}],"toString":[{"id":1}]}}',
      'test',
    );
    expect(schema.map(({ sql }) => sql)).toEqual([
      'CREATE TABLE "__proto__"("a""b" INTEGER, "constructor" TEXT)',
      'CREATE TABLE "toString"("id" INTEGER PRIMARY KEY)',
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['rows that have no column in common', { t: rowsOf(20_000, (i) => ({ [`c${i}`]: 1 })) }],
    [
      'more columns than a table may have',
      { t: [Object.fromEntries(rowsOf(2001, (i) => [`c${i}`, 1]).map((e) => e as [string, number]))] },
    ],
    [
      'one wide row before many empty ones',
      {
        t: [Object.fromEntries(rowsOf(2000, (i) => i).map((i) => [`c${i}`, 1])), ...rowsOf(tries(200_000), () => ({}))],
      },
    ],
    [
      'more tables than SQLite can look through',
      Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`t${i}`, [{ a: 1 }]])),
    ],
  ])('is refused at once for %s', (_, tables) => {
    const text = document(tables);
    const took = timed(() => expect(() => readForeign(text, 'test')).toThrow(JsonSyntaxError));
    expect(took, 'ms').toBeLessThan(5000);
  });

  test('with as many rows as it likes takes time by its length', () => {
    const text = document({ t: rowsOf(tries(200_000), (i) => ({ id: i, note: 'some words', more: i / 2 })) });
    expect(
      timed(() => readForeign(text, 'test')),
      'ms',
    ).toBeLessThan(10_000);
  });
});
