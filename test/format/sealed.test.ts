import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBech32, encodeBech32 } from '../../src/core/bech32.ts';
import type { Manifest, Part } from '../../src/core/manifest.ts';
import { isPartFile, sealedFile } from '../../src/core/names.ts';
import { contentDigest } from '../../src/core/write-manifest.ts';
import { readAnyManifest, writeAnyManifest } from '../../src/format/any-manifest.ts';
import { relabel } from '../../src/format/public-half.ts';
import { isSealed, type SealedManifest } from '../../src/format/sealed.ts';
import { type Body, readBody, sealManifest } from '../../src/format/sealed-body.ts';
import { isHasty, tries } from '../support/chance.ts';

const id = (digit: string) => digit.repeat(40);

async function sealed(): Promise<{ outer: SealedManifest; body: string; plain: Manifest; secret: Buffer }> {
  const part = (digit: string): Part => ({
    file: `parts/t-${id(digit)}-00000000.jsonl`,
    rows: 2,
    bytes: 30,
  });
  const content = {
    schema: ['t', 'small', 'u'].map((name) => ({
      type: 'table' as const,
      name,
      table: name,
      sql: `CREATE TABLE ${name}(x)`,
    })),
    settings: {
      user_version: 0,
      application_id: 0,
      encoding: 'UTF-8' as const,
      page_size: 4096,
      auto_vacuum: 0,
      journal_mode: 'wal' as const,
    },
    data: new Map([
      ['t', { count: 6, parts: [part('a'), part('b'), part('c')] }],
      ['small', { rows: ['{"x":1}'] }],
      // Another table with the same rows shares their part.
      ['u', { count: 2, parts: [part('b')] }],
    ]),
  };
  const plain: Manifest = {
    ...content,
    metadata: {
      format: 1,
      backup_date: '2026-11-20T23:15:00.000Z',
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment: 'test', trigger: 'test' },
      content: contentDigest(content),
      tables: 3,
      rows: 9,
      bytes: 120,
    },
  };
  const secret = randomBytes(32);
  // Sealed files sort otherwise than the parts do.
  const names: Readonly<Record<string, string>> = { a: 'f', b: '1', c: '5' };
  const sealedAs = ({ file }: Part): Part => ({
    file: sealedFile(id(names[file.charAt('parts/t-'.length)] ?? '0')),
    rows: 0,
    bytes: 1024,
  });
  let body = '';
  const outer = await sealManifest(plain, { secret, recipients: [`age1${'q'.repeat(58)}`] }, sealedAs, async (text) => {
    body = text;
    return { file: sealedFile(id('7')), rows: 0, bytes: 2048 };
  });
  return { outer, body, plain, secret };
}

describe('an encrypted backup’s manifest', () => {
  test('is read as it was written, and its body with it', async () => {
    const { outer, body, plain, secret } = await sealed();
    const { text, digest } = writeAnyManifest(outer);
    const again = readAnyManifest('x.json', text);
    expect(again).toEqual({ manifest: outer, digest });
    expect(outer.parts.map(({ file }) => file)).toEqual(['1', '5', 'f', '7'].map((digit) => sealedFile(id(digit))));
    const opened: Body = readBody(outer, body);
    expect(opened.secret.equals(secret)).toBe(true);
    expect(opened.manifest.metadata).toEqual(plain.metadata);
    const places = [...opened.manifest.data.values()].flatMap((table) => ('parts' in table ? table.parts : []));
    expect(places.map(({ sealed: place }) => place)).toEqual([2, 0, 1, 0]);
    expect(contentDigest(opened.manifest)).toBe(plain.metadata.content);
  });

  test('with any one byte changed, left out or put in is noticed, or says the same', async () => {
    const { outer } = await sealed();
    const { text } = writeAnyManifest(outer);
    const said = JSON.stringify(JSON.parse(text));
    let noticed = 0;
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('change', 'drop', 'add'), fc.nat(94), (at, how, letter) => {
        const put = how === 'drop' ? '' : String.fromCharCode(32 + letter);
        const changed = text.slice(0, at) + put + text.slice(how === 'add' ? at : at + 1);
        try {
          readAnyManifest('x.json', changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^BACKUP_(DAMAGED|TOO_NEW)$/) });
          noticed++;
          return;
        }
        expect(JSON.stringify(JSON.parse(changed))).toBe(said);
      }),
      { numRuns: tries(2000) },
    );
    if (!isHasty) expect(noticed).toBeGreaterThan(1000);
  });

  test('that is hostile is refused', async () => {
    const { outer } = await sealed();
    const hostile: SealedManifest[] = [
      { ...outer, parts: outer.parts.slice(0, 3) },
      { ...outer, parts: [...outer.parts].reverse() },
      { ...outer, parts: [...outer.parts.slice(0, 2).reverse(), ...outer.parts.slice(2)] },
      { ...outer, parts: [...outer.parts.slice(0, 1), ...outer.parts] },
      { ...outer, parts: [...outer.parts, { file: '../../etc/passwd', rows: 0, bytes: 1 }] },
      { ...outer, parts: [...outer.parts, { file: `parts/t-${id('a')}-00000000.jsonl`, rows: 0, bytes: 1 }] },
      { ...outer, envelope: { ...outer.envelope, recipients: [] } },
      { ...outer, envelope: { ...outer.envelope, recipients: ['age1\u001b[2J'] } },
      { ...outer, envelope: { ...outer.envelope, body: '../key.txt' } },
    ];
    for (const each of hostile)
      expect(() => readAnyManifest('x.json', writeAnyManifest(each).text)).toThrow(
        expect.objectContaining({ code: 'BACKUP_DAMAGED' }),
      );
  });

  test('refuses a body of another backup, and one that names parts which are not listed', async () => {
    const { outer, body } = await sealed();
    const other = await sealed();
    const damaged = expect.objectContaining({ code: 'BACKUP_DAMAGED' });
    expect(() => readBody(outer, other.body)).toThrow(damaged);
    expect(() => readBody({ ...outer, metadata: { ...outer.metadata, content: 'hmac-sha256:00' } }, body)).toThrow(
      damaged,
    );
    expect(() => readBody({ ...outer, parts: outer.parts.slice(0, 1) }, body)).toThrow(damaged);
    for (const text of [
      '',
      '{}',
      '[]',
      '{"secret":1,"manifest":{}}',
      '{"secret":"AA==","secret":"AA=="}',
      body.slice(0, -9),
    ])
      expect(() => readBody(outer, text)).toThrow(damaged);
  });

  const damaged = (what: string) =>
    expect.objectContaining({ code: 'BACKUP_DAMAGED', message: expect.stringContaining(what) });

  test.each<[string, (outer: SealedManifest) => SealedManifest]>([
    ['its date', (outer) => ({ ...outer, metadata: { ...outer.metadata, backup_date: '2027-01-01T00:00:00.000Z' } })],
    ['its environment', (outer) => withOrigin(outer, { environment: 'production', trigger: 'test' })],
    ['its commit', (outer) => withOrigin(outer, { ...outer.metadata.origin, commit: 'f'.repeat(40) })],
    ['its rows', (outer) => ({ ...outer, metadata: { ...outer.metadata, rows: 1_000_000 } })],
    ['its tables', (outer) => ({ ...outer, metadata: { ...outer.metadata, tables: 1 } })],
    ['its database', (outer) => ({ ...outer, metadata: { ...outer.metadata, database: 'other.db' } })],
    ['one recipient more', (outer) => withRecipients(outer, [...outer.envelope.recipients, `age1${'p'.repeat(58)}`])],
    [
      'a size',
      (outer) => ({ ...outer, parts: outer.parts.map((part, at) => (at === 0 ? { ...part, bytes: 9 } : part)) }),
    ],
    ['how it is compressed', (outer) => ({ ...outer, envelope: { ...outer.envelope, compress: false as const } })],
  ])('changed by somebody without the key is seen by whoever has it: %s', async (_what, change) => {
    const { outer, body } = await sealed();
    const changed = change(outer);
    // Without a key it looks as any other does.
    expect(readAnyManifest('x.json', writeAnyManifest(changed).text).manifest).toEqual(changed);
    expect(() => readBody(changed, body)).toThrow(damaged('without the key has changed'));
  });

  const withOrigin = (outer: SealedManifest, origin: SealedManifest['metadata']['origin']): SealedManifest => ({
    ...outer,
    metadata: { ...outer.metadata, origin },
  });
  const withRecipients = (outer: SealedManifest, recipients: readonly string[]): SealedManifest => ({
    ...outer,
    envelope: { ...outer.envelope, recipients },
  });

  const labelFor = ({ metadata }: SealedManifest, later: number) => ({
    ...metadata,
    backup_date: new Date(Date.parse(metadata.backup_date) + later).toISOString(),
    origin: { environment: 'ci', trigger: 'ci', commit: 'c'.repeat(40) },
  });

  test('a label made with the key is whole, and one made without is taken with a word about it', async () => {
    const { outer, body, secret } = await sealed();
    const [own, stranger] = [secret, undefined].map((key) => relabel(outer, labelFor(outer, 1), key));
    for (const [label, said] of [
      [own, undefined],
      [stranger, [expect.stringContaining('labelled without a key')]],
    ] as const) {
      const { manifest } = readAnyManifest('x.json', writeAnyManifest(label ?? outer).text);
      if (!isSealed(manifest)) throw new Error('a label of an encrypted backup is one');
      const opened = readBody(manifest, body);
      expect(opened.unchecked).toEqual(said);
      expect(opened.manifest.metadata.origin.environment).toBe('ci');
    }
    // A label of a label still leads to what was signed.
    const twice = relabel(own ?? outer, labelFor(outer, 2), secret);
    if (!isSealed(twice)) throw new Error('a label of an encrypted backup is one');
    expect(readBody(twice, body).unchecked).toBeUndefined();
  });

  test('no label makes an old backup a new one, or says of rows what is not so', async () => {
    const { outer, body } = await sealed();
    const forged = (change: object, key?: Buffer) => {
      const label = relabel(outer, { ...labelFor(outer, 1), ...change }, key);
      if (!isSealed(label)) throw new Error('a label of an encrypted backup is one');
      return () => readBody(label, body);
    };
    expect(forged({ backup_date: '2027-01-01T00:00:00.000Z' })).toThrow(damaged('a label'));
    expect(forged({ backup_date: '2026-11-20T23:14:59.999Z' })).toThrow(damaged('a label'));
    expect(forged({ rows: 5 })).toThrow(damaged('a label'));
    expect(forged({}, randomBytes(32))).toThrow(damaged('a label'));
  });

  test('names parts by what they are and nothing else', () => {
    expect(isPartFile(sealedFile(id('a')))).toBe(true);
    for (const file of [`parts/sealed/ab/${id('a')}.age`, `parts/${id('a')}.age`, `parts/sealed/aa/${id('a')}.age/..`])
      expect(isPartFile(file)).toBe(false);
  });
});

test('keys are read back from their text, and one wrong letter is seen', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), fc.nat(31), (bytes, where, letter) => {
      const text = encodeBech32('age', bytes);
      expect(decodeBech32('age', text)).toEqual(bytes);
      expect(decodeBech32('age', text.toUpperCase())).toEqual(bytes);
      const at = 4 + (where % (text.length - 4));
      const wrong = text.slice(0, at) + 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'[letter] + text.slice(at + 1);
      if (wrong !== text) expect(decodeBech32('age', wrong)).toBeUndefined();
    }),
  );
  for (const text of ['', 'age1', 'age1qqqqqq', 'Age1zz', 'bge1qqqqqqq', 'age1bio'])
    expect(decodeBech32('age', text)).toBeUndefined();
});
