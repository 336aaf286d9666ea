import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/core/digest.ts';
import { OverwinterError } from '../../src/core/errors.ts';
import { type Content, FORMAT, type Manifest, type TableData } from '../../src/core/manifest.ts';
import { partFile } from '../../src/core/names.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { sqliteCodec } from '../../src/engines/sqlite/codec.ts';
import { readManifest } from '../../src/format/read-manifest.ts';
import { peekMetadata } from '../../src/format/read-metadata.ts';
import { rowsIn, totalRows } from '../../src/format/rows-by-table.ts';
import { isHasty, tries } from '../support/chance.ts';

const FILE = 'backup_20261120_231500_4f1c2a9b.json';

function manifestOf(content: Content): Manifest {
  const counts = rowsIn(sqliteCodec, content);
  return {
    ...content,
    metadata: {
      format: FORMAT,
      backup_date: '2026-11-20T23:15:00.000Z',
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment: 'test', trigger: 'test', commit: '9fceb02', host: 'laptop' },
      content: contentDigest(content),
      tables: counts.size,
      rows: totalRows(counts),
      bytes: 100,
    },
  };
}

const hexDigits = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const anyText = fc.string({ unit: 'grapheme', maxLength: 20 });

const anyPart = fc
  .tuple(anyText, hexDigits(40), hexDigits(8), fc.integer({ min: 1 }), fc.integer({ min: 1, max: 50 * 2 ** 20 }))
  .map(([table, id, mark, rows, bytes]) => ({ file: partFile(table, id, mark), rows, bytes }));

const anyTable: fc.Arbitrary<TableData> = fc.oneof(
  fc.array(fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.constant(null)), { maxKeys: 4 })).map((rows) => ({
    rows: rows.map((row) => JSON.stringify(row)),
  })),
  fc.array(anyPart, { minLength: 1, maxLength: 4 }).map((parts) => ({
    count: parts.reduce((sum, part) => sum + part.rows, 0),
    parts,
  })),
);

const anyManifest = fc
  .record({
    schema: fc.array(
      fc.record({
        type: fc.constantFrom('table', 'index', 'view', 'trigger'),
        name: anyText,
        table: anyText,
        sql: anyText,
      }),
      { maxLength: 5 },
    ),
    settings: fc.record({
      user_version: fc.integer(),
      application_id: fc.integer(),
      encoding: fc.constantFrom('UTF-8', 'UTF-16le', 'UTF-16be'),
      page_size: fc.constantFrom(512, 4096),
      auto_vacuum: fc.constantFrom(0, 1, 2),
      journal_mode: fc.constantFrom('wal', 'delete'),
    }),
    data: fc.array(fc.tuple(anyText, anyTable), { maxLength: 5 }).map((tables) => new Map(tables)),
  })
  .map(manifestOf);

/** Small enough that every byte can be changed in every way that matters. */
const SAMPLE = manifestOf({
  schema: [
    { type: 'table', name: 'users', table: 'users', sql: 'CREATE TABLE users(id INTEGER PRIMARY KEY, "na\nme" TEXT)' },
    { type: 'table', name: 'orders', table: 'orders', sql: 'CREATE TABLE orders(x)' },
    { type: 'table', name: 'empty', table: 'empty', sql: 'CREATE TABLE empty(x)' },
  ],
  settings: {
    user_version: 3,
    application_id: 0,
    encoding: 'UTF-8',
    page_size: 4096,
    auto_vacuum: 0,
    journal_mode: 'wal',
  },
  data: new Map<string, TableData>([
    ['users', { rows: ['{"id":1,"na\\nme":"Ada é"}', '{"id":9223372036854775807,"na\\nme":1.0}'] }],
    ['orders', { count: 5, parts: [{ file: partFile('orders', 'ab'.repeat(20), '00f31c9e'), rows: 5, bytes: 100 }] }],
    ['empty', { rows: [] }],
  ]),
});

const readBytes = (bytes: Uint8Array) => readManifest(FILE, Buffer.from(bytes).toString('utf8')).manifest;

/** What was read, or the refusal; anything else thrown fails the test. */
function readOrRefuse(bytes: Uint8Array): Manifest | undefined {
  try {
    return readBytes(bytes);
  } catch (error) {
    if (error instanceof OverwinterError && ['BACKUP_DAMAGED', 'BACKUP_TOO_NEW'].includes(error.code)) return undefined;
    throw error;
  }
}

describe('a manifest', () => {
  test('is read as it was written', () => {
    const property = fc.property(anyManifest, (manifest) => {
      const { text, digest } = writeManifest(manifest);
      expect(readManifest(FILE, text)).toEqual({ manifest, digest });
      expect(writeManifest(readManifest(FILE, text).manifest).text).toBe(text);
      expect(peekMetadata(text)).toEqual(manifest.metadata);
    });
    fc.assert(property, { numRuns: tries(500, 20_000) });
  });

  test('is valid JSON, whatever it holds', () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const value: unknown = JSON.parse(writeManifest(manifest).text);
        expect(value).toMatchObject({
          metadata: { rows: totalRows(rowsIn(sqliteCodec, manifest)) },
          settings: manifest.settings,
        });
      }),
      { numRuns: tries(200) },
    );
  });

  test('survives a formatter that moves white space', () => {
    const property = fc.property(anyManifest, fc.constantFrom(0, 1, 4, '\t', '   '), (manifest, indent) => {
      const { text, digest } = writeManifest(manifest);
      // Taken as JSON.parse keeps it: keys that look like numbers would be put first, which is more than white space.
      fc.pre(!/"\d+"\s*:/.test(text) && !text.includes('__proto__'));
      const moved = JSON.stringify(JSON.parse(text), null, indent);
      expect(readManifest(FILE, moved)).toEqual({ manifest, digest });
      expect(readManifest(FILE, moved.replaceAll('\n', '\r\n'))).toEqual({ manifest, digest });
    });
    fc.assert(property, { numRuns: tries(500, 20_000) });
  });

  test('that a formatter rounded is damaged', () => {
    const { text } = writeManifest(SAMPLE);
    expect(() => readManifest(FILE, JSON.stringify(JSON.parse(text), null, 2))).toThrow(/digest disagrees/);
  });

  test.skipIf(isHasty)('with any one byte changed, left out or put in is noticed, or says the same', () => {
    const bytes = Buffer.from(writeManifest(SAMPLE).text);
    const expected = readBytes(bytes);
    let noticed = 0;
    const check = (changed: Buffer, what: string) => {
      const read = readOrRefuse(changed);
      if (read === undefined) noticed++;
      else expect(read, what).toEqual(expected);
    };
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (bytes[at] ?? 0) ^ (1 << bit);
        check(flipped, `bit ${bit} of byte ${at}`);
      }
      check(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]), `without byte ${at}`);
      for (const put of ['0', '"', ',', '{', ' ', '\\']) {
        check(
          Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at)]),
          `'${put}' before byte ${at}`,
        );
      }
    }
    // White space between tokens may change; nothing else.
    expect(noticed).toBeGreaterThan(bytes.length * 12);
  });

  test('cut anywhere is damaged', () => {
    const bytes = Buffer.from(writeManifest(SAMPLE).text);
    for (let end = 0; end < bytes.length - 1; end++)
      expect(readOrRefuse(bytes.subarray(0, end)), `${end}`).toBeUndefined();
  });

  test.each([
    ['a table given twice', (text: string) => text.replace('"empty": []', '"empty": [],\n    "empty": []')],
    ['a path that leaves the folder', (text: string) => text.replace('parts/orders', 'parts/../parts/orders')],
    ['counts that disagree', (text: string) => text.replace('{"rows":5,"parts"', '{"rows":6,"parts"')],
    ['more rows in the metadata than in the data', (text: string) => text.replace('"rows": 7,', '"rows": 8,')],
    ['fewer tables in the metadata than in the data', (text: string) => text.replace('"tables": 3,', '"tables": 2,')],
    ['marks of a merge conflict', (text: string) => `<<<<<<< HEAD\n${text}`],
    ['another data of equal length', (text: string) => text.replace('Ada', 'Eva')],
    ['no digest', (text: string) => text.replace(/,\s*"digest".*/, '\n}')],
    [
      'rows nested too deep',
      (text: string) => text.replace('"empty": []', `"empty": [${'['.repeat(99)}${']'.repeat(99)}]`),
    ],
    ['nothing', () => ''],
    ['no object', () => '[]'],
  ])('is refused with %s', (_, change) => {
    const { text } = writeManifest(SAMPLE);
    expect(change(text)).not.toBe(text);
    expect(() => readManifest(FILE, change(text))).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
  });

  /** A text whose digests are right, whatever was written into it: what somebody who means harm would send. */
  function resealed(text: string): string {
    const content = text.slice(text.indexOf('  "schema"'), text.indexOf(',\n  "digest"'));
    const named = text.replace(/"content": "[^"]*"/, `"content": "${sha256(content)}"`);
    const body = named.slice(0, named.indexOf(',\n  "digest"'));
    return `${body},\n  "digest": "${sha256(body)}"\n}\n`;
  }

  const { text: SAMPLE_TEXT } = writeManifest(SAMPLE);

  test('may say what is at the ends of what can be', () => {
    expect(resealed(SAMPLE_TEXT)).toBe(SAMPLE_TEXT);
    for (const [said, end] of [
      ['"page_size":4096', '"page_size":512'],
      ['"page_size":4096', '"page_size":65536'],
      ['"auto_vacuum":0', '"auto_vacuum":2'],
      ['"user_version":3', '"user_version":-2147483648'],
      ['"user_version":3', '"user_version":2147483647'],
      ['"bytes":100', '"bytes":1'],
      ['"bytes":100', '"bytes":52428800'],
    ] as const)
      expect(readManifest(FILE, resealed(SAMPLE_TEXT.replace(said, end))).manifest.schema).toEqual(SAMPLE.schema);
  });

  test.each([
    ['"page_size":4096', '"page_size":511'],
    ['"page_size":4096', '"page_size":65537'],
    ['"page_size":4096', '"page_size":4096.5'],
    ['"auto_vacuum":0', '"auto_vacuum":3'],
    ['"auto_vacuum":0', '"auto_vacuum":-1'],
    ['"user_version":3', '"user_version":2147483648'],
    ['"application_id":0', '"application_id":-2147483649'],
    ['"encoding":"UTF-8"', '"encoding":"UTF-7"'],
    ['"journal_mode":"wal"', '"journal_mode":"off"'],
    ['"type":"table"', '"type":"thing"'],
    ['"bytes":100', '"bytes":0'],
    ['"bytes":100', '"bytes":52428801'],
    ['"rows":5,"bytes"', '"rows":-5,"bytes"'],
    ['"database_type": "sqlite"', '"database_type": "sql\\u0007ite"'],
    ['"trigger": "test"', '"trigger": 1'],
    ['2026-11-20T23:15:00.000Z', '2026-13-20T23:15:00.000Z'],
    ['2026-11-20T23:15:00.000Z', '9026-11-20T23:15:00.000Z'],
    ['2026-11-20T23:15:00.000Z', '2026-11-20'],
    ['"tables": 3', '"tables": 3,\n    "redacted": { "users": "name" }'],
    ['"tables": 3', '"tables": 3,\n    "replaced": { "users": [1] }'],
    ['"tables": 3', '"tables": 3,\n    "included": { "users": 1 }'],
    ['"tables": 3', '"tables": 3,\n    "excluded": { "users": "all" }'],
    ['"tables": 3', '"tables": 3,\n    "redacted": []'],
  ])('with right digests is refused with %s as %s', (said, wrong) => {
    const text = resealed(SAMPLE_TEXT.replace(said, wrong));
    expect(text).not.toBe(SAMPLE_TEXT);
    expect(() => readManifest(FILE, text)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
  });

  test('says what it leaves out', () => {
    const leftOut = {
      redacted: { users: ['password'] },
      replaced: { users: ['password'] },
      included: { users: 'active = 1' },
      excluded: { users: 'rows', log: 'whole' },
    } as const;
    const { text } = writeManifest({ ...SAMPLE, metadata: { ...SAMPLE.metadata, ...leftOut } });
    expect(readManifest(FILE, text).manifest.metadata).toMatchObject(leftOut);
    expect(peekMetadata(text)).toMatchObject(leftOut);
  });

  test('of a later format asks for a newer version', () => {
    const { text } = writeManifest(SAMPLE);
    expect(() => readManifest(FILE, text.replace('"format": 1', '"format": 2'))).toThrow(
      expect.objectContaining({ code: 'BACKUP_TOO_NEW' }),
    );
  });

  test('of a type of database that nobody knows is not taken for one of another type', () => {
    const { text } = writeManifest({ ...SAMPLE, metadata: { ...SAMPLE.metadata, database_type: 'mongodb' } });
    expect(() => readManifest(FILE, text)).toThrow(
      expect.objectContaining({
        code: 'BACKUP_TOO_NEW',
        message: `${FILE} is a backup of a database of type 'mongodb', which this version does not know.`,
        hint: "Update with 'npm install overwinter@latest'.",
      }),
    );
  });
});

describe('the content digest', () => {
  test('is the same whoever saved it and when, and another for any other content', () => {
    const { metadata, ...content } = SAMPLE;
    const later = {
      ...SAMPLE,
      metadata: { ...metadata, backup_date: '2027-01-01T00:00:00.000Z', origin: { environment: 'ci', trigger: 'x' } },
    };
    expect(contentDigest(later)).toBe(contentDigest(content));
    const others: Content[] = [
      { ...content, settings: { ...content.settings, user_version: 4 } },
      { ...content, schema: [] },
      { ...content, data: new Map([...content.data].slice(1)) },
      { ...content, data: new Map([...content.data].reverse()) },
    ];
    for (const other of others) expect(contentDigest(other)).not.toBe(contentDigest(content));
  });
});
