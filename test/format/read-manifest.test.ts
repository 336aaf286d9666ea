import { describe, expect, test } from 'vitest';
import { type Digest, sha256 } from '../../src/core/digest.ts';
import type { Content, Manifest, Metadata, Part, SchemaObject, TableData } from '../../src/core/manifest.ts';
import { partFile } from '../../src/core/names.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { readManifest } from '../../src/format/read-manifest.ts';

const SETTINGS = {
  user_version: 0,
  application_id: 0,
  encoding: 'UTF-8',
  page_size: 4096,
  auto_vacuum: 0,
  journal_mode: 'wal',
} as const;

const table = (name: string, sql = `CREATE TABLE ${name}(x)`): SchemaObject => ({
  type: 'table',
  name,
  table: name,
  sql,
});
const rows = (count: number): TableData => ({ rows: Array.from({ length: count }, (_, i) => `{"x":${i}}`) });

/** A backup of these tables that says so much of itself; every digest in it is right. */
function manifestOf(
  said: Partial<Metadata>,
  schema: readonly SchemaObject[],
  data: Record<string, TableData>,
): Manifest {
  const content: Content = { schema, settings: SETTINGS, data: new Map(Object.entries(data)) };
  return {
    ...content,
    metadata: {
      format: 1,
      backup_date: '2026-11-20T23:15:00.000Z',
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment: 'test', trigger: 'test' },
      content: contentDigest(content),
      tables: 0,
      rows: 0,
      bytes: 100,
      ...said,
    },
  };
}

const read = (manifest: Manifest) => readManifest('x.json', writeManifest(manifest).text).manifest;
const damaged = (why: string) =>
  expect.objectContaining({ code: 'BACKUP_DAMAGED', message: expect.stringContaining(why) });

describe('what a backup says of itself must be so', () => {
  const SCHEMA = [table('users'), table('found_data'), table('found', 'CREATE VIRTUAL TABLE found USING fts5(x)')];
  const DATA = { users: rows(2), found_data: rows(3), sqlite_sequence: rows(7) };

  test('the tables and rows that it says', () => {
    const manifest = manifestOf({ tables: 2, rows: 2 }, SCHEMA, DATA);
    expect(read(manifest)).toEqual(manifest);
  });

  test.each([
    [1, 2, '1 tables, and data for 2'],
    [3, 2, '3 tables, and data for 2'],
    [2, 1, '1 rows, and data for 2'],
    [2, 5, '5 rows, and data for 2'],
  ])('but not %i tables and %i rows', (tables, count, why) => {
    expect(() => read(manifestOf({ tables, rows: count }, SCHEMA, DATA))).toThrow(
      damaged(`counts that disagree: ${why}`),
    );
  });

  const VIEW: SchemaObject = { type: 'view', name: 'shown', table: 'shown', sql: 'CREATE VIEW shown AS SELECT 1' };
  const leftOut = (said: Partial<Metadata>) =>
    read(manifestOf({ tables: 1, rows: 0, ...said }, [table('users'), VIEW], { users: rows(0) }));

  test.each<Partial<Metadata>>([
    { redacted: { users: ['x'] } },
    { replaced: { users: ['x'] } },
    { included: { users: '1' } },
    { excluded: { users: 'rows' } },
    { excluded: { nobody: 'whole' } },
    { excluded: { shown: 'whole' } },
  ])('it leaves out %j', (said) => {
    expect(leftOut(said).metadata).toMatchObject(said);
  });

  test.each<[Partial<Metadata>, string]>([
    [{ redacted: { users: ['x'], nobody: ['x'] } }, 'nobody'],
    [{ redacted: { Users: ['x'] } }, 'Users'],
    [{ replaced: { nobody: ['x'] } }, 'nobody'],
    [{ included: { nobody: '1' } }, 'nobody'],
    [{ excluded: { nobody: 'rows' } }, 'nobody'],
    [{ excluded: { users: 'whole' } }, 'users'],
    [{ redacted: { shown: ['x'] } }, 'shown'],
    [{ excluded: { SQLite_sequence: 'whole' } }, 'SQLite_sequence'],
  ])('it does not leave out %j', (said, name) => {
    expect(() => leftOut(said)).toThrow(damaged(`a word on "${name}" that cannot be`));
  });
});

describe('the parts of a table', () => {
  const MIB = 2 ** 20;
  const MOST = 50 * MIB;
  const part = (count: number, bytes = 100, more: Partial<Part> = {}): Part => ({
    file: partFile('t', 'ab'.repeat(20), '00f31c9e'),
    rows: count,
    bytes,
    ...more,
  });
  const withParts = (parts: readonly Part[], count = parts.reduce((sum, each) => sum + each.rows, 0)) =>
    manifestOf({ tables: 1, rows: count }, [table('t')], { t: { count, parts } });
  const pieces = (bytes: number) =>
    Array.from({ length: Math.ceil(bytes / MOST) }, (_, i) => part(0, Math.min(MOST, bytes - i * MOST)));

  test.each<[string, Part[]]>([
    ['none', []],
    ['one', [part(5)]],
    ['a row in several', [part(3), part(0), part(0), part(1), part(2)]],
    ['a row of 2 GiB', [...pieces(2 ** 31 - 1), part(1, 1)]],
    ['rows of 2 GiB one after the other', [...pieces(2 ** 31 - 1), part(1, 1), ...pieces(2 ** 31 - 1), part(1, 1)]],
    ['encrypted ones', [part(1, 100, { sealed: 0 }), part(1, 100, { sealed: 7 })]],
  ])('may be %s', (_, parts) => {
    const manifest = withParts(parts);
    expect(read(manifest)).toEqual(manifest);
  });

  test.each<[string, Manifest, string]>([
    ['fewer rows than they say', withParts([part(5), part(1)], 7), 'counts that disagree for "t"'],
    ['a row without an end', withParts([part(5), part(0)]), 'a row without an end in "t"'],
    [
      'a row of more than 2 GiB',
      withParts([...pieces(2 ** 31), part(1, 1)]),
      'a row of more than 2147483648 bytes in "t"',
    ],
    [
      'such a row that does not end',
      withParts([part(1), ...pieces(2 ** 31 - 99), part(0), part(1)]),
      'a row of more than 2147483648 bytes in "t"',
    ],
    ['a place that is none', withParts([part(1, 100, { sealed: -1 })]), '-1 as sealed'],
    ['part of a place', withParts([part(1, 100, { sealed: 0.5 })]), 'no whole number in sealed'],
    ['another path', withParts([part(1, 100, { file: 'parts/x' })]), "'parts/x' as the path of a part"],
  ])('do not have %s', (_, manifest, why) => {
    expect(() => read(manifest)).toThrow(damaged(why));
  });
});

describe('a manifest is refused', () => {
  const SAMPLE = manifestOf({ tables: 1, rows: 1 }, [table('t')], {
    t: { rows: ['{"x":"<<<<<<< a ======= b >>>>>>> c"}'] },
  });
  const { text } = writeManifest(SAMPLE);

  test('not for marks of a merge inside a value', () => {
    expect(readManifest('x.json', text).manifest).toEqual(SAMPLE);
  });

  test.each(['<<<<<<< HEAD', '=======', '>>>>>>> theirs'])('for %s at the start of any line', (mark) => {
    for (const marked of [`${mark}\n${text}`, text.replace('  "data"', `${mark}\n  "data"`), `${text}${mark}\n`])
      expect(() => readManifest('x.json', marked)).toThrow(damaged('x.json holds the marks of a merge conflict'));
  });

  test('for fewer of them as for anything else', () => {
    expect(() => readManifest('x.json', `<<<<<<\n======\n>>>>>>\n${text}`)).toThrow(damaged('is not a whole manifest'));
  });

  test.each<[string, string, string]>([
    ['its digest', text.replace(/"digest": "sha256:./, '"digest": "sha256:x'), 'its digest disagrees'],
    [
      'the content’s',
      writeManifest({ ...SAMPLE, metadata: { ...SAMPLE.metadata, content: sha256('x') } }).text,
      'a content digest that disagrees',
    ],
    ['no data', text.replace('"data"', '"dada"'), 'is not a whole manifest (something else'],
    ['no schema', text.replace('"schema"', '"scheme"'), 'is not a whole manifest (something else'],
    ['no settings', text.replace('"settings"', '"setting"'), 'is not a whole manifest (no settings)'],
    ['no metadata', text.replace('"metadata"', '"metadate"'), 'is not a whole manifest (no metadata)'],
    [
      'a format that is text',
      text.replace('"format": 1', '"format": "2"'),
      'is not a whole manifest (no whole number in format)',
    ],
  ])('for %s', (_, changed, why) => {
    expect(changed).not.toBe(text);
    expect(() => readManifest('x.json', changed)).toThrow(damaged(why));
  });

  test('with the cause, where it is none', () => {
    const cause = expect.objectContaining({ name: 'JsonSyntaxError' });
    expect(() => readManifest('x.json', '{')).toThrow(expect.objectContaining({ cause }));
  });

  test('for more definitions than a database can be made of in time', () => {
    const views = (count: number): SchemaObject[] =>
      Array.from({ length: count }, () => ({ type: 'view', name: 'v', table: 'v', sql: '' }));
    expect(read(manifestOf({}, views(20_000), {})).schema).toHaveLength(20_000);
    expect(() => read(manifestOf({}, views(20_001), {}))).toThrow(damaged('20001 definitions'));
  });
});

test('the digest is that of the text before it', () => {
  const { text, digest } = writeManifest(manifestOf({}, [], {}));
  const expected: Digest = sha256(text.slice(0, text.lastIndexOf(',\n  "digest"')));
  expect(digest).toBe(expected);
  expect(sha256('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
