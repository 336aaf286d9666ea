import { describe, expect, test } from 'vitest';
import { JsonSyntaxError } from '../../src/core/json.ts';
import { peekMetadata, readMetadata } from '../../src/format/read-metadata.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const SAID = {
  format: 1,
  backup_date: '2026-11-20T23:15:00.000Z',
  version: '1.0',
  database_type: 'sqlite',
  origin: { environment: 'production', trigger: 'boot' },
  content: DIGEST,
  tables: 3,
  rows: 1000,
  bytes: 20_000,
};

const read = (more: object) => readMetadata(JSON.stringify({ ...SAID, ...more }));

test.each<object>([
  {},
  { origin: { environment: 'ci', trigger: 'push', commit: '9fceb02', host: 'Render' } },
  { database: 'data/app.db' },
  { content: `hmac-${DIGEST}` },
  { format: 0, tables: 0, rows: 0, bytes: 0 },
  { bytes: Number.MAX_SAFE_INTEGER },
  { backup_date: '8999-12-31T23:59:59.999Z' },
  { backup_date: '0000-01-01T00:00:00.000Z' },
  {
    redacted: { a: ['x', 'y'], b: [] },
    replaced: { a: ['x'] },
    included: { a: '1' },
    excluded: { c: 'whole', d: 'rows' },
  },
])('the metadata may say %j', (more) => {
  expect(read(more)).toEqual({ ...SAID, ...more });
});

test('empty words on what is left out are none, and other words are passed over', () => {
  expect(read({ redacted: {}, replaced: null, more: 1 })).toEqual(SAID);
  expect(read({ content: 'ab'.repeat(32) })).toEqual(SAID);
});

test.each<[object, string]>([
  [{ origin: null }, 'no origin'],
  [{ origin: [] }, 'no origin'],
  [{ origin: ['production'] }, 'no origin'],
  [{ origin: 'production' }, 'no origin'],
  [{ origin: undefined }, 'no origin'],
  [{ origin: {} }, 'no text in environment'],
  [{ origin: { environment: 'x' } }, 'no text in trigger'],
  [{ origin: { environment: 'x', trigger: 'y', commit: null } }, 'no text in commit'],
  [{ origin: { environment: 'x', trigger: 'y', host: 1 } }, 'no text in host'],
  [{ origin: { environment: 'x', trigger: 'y', host: '\u001b[2J' } }, 'a control character in host'],
  [{ version: '1\n' }, 'a control character in version'],
  [{ database: 7 }, 'no text in database'],
  [{ content: null }, 'no text in content'],
  [{ backup_date: '' }, 'no date in backup_date'],
  [{ backup_date: '2026-11-20T23:15:00Z' }, 'no date in backup_date'],
  [{ backup_date: ' 2026-11-20T23:15:00.000Z' }, 'no date in backup_date'],
  [{ backup_date: '2026-11-20T23:15:00.000Z ' }, 'no date in backup_date'],
  [{ backup_date: '2026-11-31T24:15:00.000Z' }, 'no date in backup_date'],
  [{ backup_date: '9000-01-01T00:00:00.000Z' }, 'no date in backup_date'],
  [{ tables: '3' }, 'no whole number in tables'],
  [{ rows: 0.5 }, 'no whole number in rows'],
  [{ rows: 2 ** 53 }, 'no whole number in rows'],
  [{ bytes: -1 }, '-1 as bytes'],
  [{ redacted: 'users' }, 'no tables in redacted'],
  [{ replaced: [] }, 'no tables in replaced'],
  [{ redacted: { users: 'x' } }, 'nothing known of "users" in redacted'],
  [{ redacted: { users: ['x', 1] } }, 'nothing known of "users" in redacted'],
  [{ replaced: { users: {} } }, 'nothing known of "users" in replaced'],
  [{ included: { users: ['x'] } }, 'nothing known of "users" in included'],
  [{ excluded: { users: true } }, 'nothing known of "users" in excluded'],
])('but not %j', (more, why) => {
  expect(() => read(more)).toThrow(new JsonSyntaxError(why));
});

test('there must be some', () => {
  expect(() => readMetadata(undefined)).toThrow(new JsonSyntaxError('no metadata'));
});

describe('the first bytes of a manifest', () => {
  const head = `{\n  "metadata": ${JSON.stringify(SAID, null, 2).replaceAll('\n', '\n  ')}`;

  test('are enough to know what it says', () => {
    expect(peekMetadata(`${head},\n  "schema": [`)).toEqual(SAID);
    expect(peekMetadata(head)).toEqual(SAID);
    expect(peekMetadata(`\n${head.replace('{\n  "metadata": ', ' {"metadata" :')}`)).toEqual(SAID);
  });

  test.each([
    ['that end too early', head.slice(0, -1)],
    ['with something before', `x${head}`],
    ['with something else first', head.replace('{\n', '{\n  "schema": [],\n')],
    ['of metadata that are wrong', head.replace('"rows": 1000', '"rows": -1')],
    ['that are none', ''],
  ])('%s tell nothing', (_, changed) => {
    expect(peekMetadata(changed)).toBeUndefined();
  });
});
