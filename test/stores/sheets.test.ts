import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { readSheetsAddress } from '../../src/stores/sheets/address.ts';
import { cellsOf } from '../../src/stores/sheets/cells.ts';
import { googleKeyIn } from '../../src/stores/sheets/google-key.ts';
import { sheetsKindIn } from '../../src/stores/sheets/sheets-kind.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { type Google, google } from '../support/google.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const HOUR = 3_600_000;
const open: Google[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const SHOP = `CREATE TABLE events (id INTEGER PRIMARY KEY, what TEXT, large INTEGER, part REAL, bytes BLOB);
INSERT INTO events VALUES (1, 'signed up', 9223372036854775807, 0.5, x'00ff'), (2, '=IMPORTXML("https://stranger.example.org")', 3, 9e999, NULL);
CREATE TABLE "it's" (a); INSERT INTO "it's" VALUES ('x');
CREATE TABLE private (secret TEXT); INSERT INTO private VALUES ('nobody may see this');`;

async function shown(tables = 'events', changes: Parameters<typeof projectIn>[1] = {}, forgets = false) {
  const folder = scratch();
  const db = new Database(join(folder, 'app.db'));
  db.exec(SHOP);
  db.close();
  const project = projectIn(folder, changes);
  const there = await google();
  open.push(there);
  const kind = sheetsKindIn({ fetch: there.fetch, now: () => Date.now() + there.ahead });
  const { path } = project.store;
  const around = {
    env: { OVERWINTER_GOOGLE_KEY: there.key },
    base: folder,
    environment: 'test',
    local: project.local,
    backups: path,
    folder: path,
    forgets,
  };
  const address = `sheets:${there.id}?tables=${tables}`;
  const remote = { address, ...kind.parse(address.slice('sheets:'.length))(around) };
  const change = async (sql: string) => {
    const again = new Database(join(folder, 'app.db'));
    again.exec(sql);
    again.close();
    await backup(project, { trigger: 'test', allowShrink: true });
  };
  return { there, project, remote, change, bring: () => bringNewest(project, remote) };
}

describe('a spreadsheet', () => {
  test('shows the tables that are named, as they are, and no others', async () => {
    const { there, change, bring } = await shown("events,it's");
    await change('SELECT 1');
    expect(await bring()).toMatchObject({ status: 'copied' });
    expect([...there.tabs.keys()].sort()).toEqual(['Sheet1', 'events', "it's"]);
    expect(there.tabs.get('events')).toEqual([
      ['id', 'what', 'large', 'part', 'bytes'],
      [1, 'signed up', '9223372036854775807', 0.5, 'AP8='],
      [2, '=IMPORTXML("https://stranger.example.org")', 3, 'Infinity', null],
    ]);
    expect(JSON.stringify([...there.tabs])).not.toContain('nobody may see');
  });

  test('is written when something changed, and not more often than it should be', async () => {
    const { there, change, bring } = await shown();
    await change('SELECT 1');
    await bring();
    const before = there.asked.length;
    expect(await bring()).toMatchObject({ status: 'there' });
    await change("INSERT INTO events (what) VALUES ('later')");
    expect(await bring()).toMatchObject({ status: 'later' });
    expect(there.asked).toHaveLength(before);
    there.ahead = HOUR + 1;
    expect(await bring()).toMatchObject({ status: 'copied' });
    expect(there.tabs.get('events')).toHaveLength(4);
    expect([...there.tabs.keys()].sort()).toEqual(['Sheet1', 'events']);
  });

  test('is written where a host forgets what was, too, when it is time by the clock', async () => {
    const { there, change, bring } = await shown('events', {}, true);
    await change('SELECT 1');
    expect(await bring()).toMatchObject({ status: 'later' });
    there.ahead = HOUR;
    expect(await bring()).toMatchObject({ status: 'copied' });
    expect(there.tabs.get('events')).toHaveLength(3);
  });

  test('shows the old rows or the new ones, wherever a writer was cut off', async () => {
    const { there, change, bring } = await shown();
    await change('SELECT 1');
    await bring();
    const old = there.tabs.get('events');
    await change("INSERT INTO events (what) VALUES ('later')");
    for (let budget = 0; ; budget++) {
      there.ahead += HOUR + 1;
      there.budget = budget;
      const done = await bring().catch((error: unknown) => error);
      if (!(done instanceof Error)) break;
      expect(done).toMatchObject({ code: 'STORE_FAILED' });
      expect(there.tabs.get('events')).toEqual(old);
      expect(budget).toBeLessThan(20);
    }
    expect(there.tabs.get('events')).toHaveLength(4);
    expect([...there.tabs.keys()].sort()).toEqual(['Sheet1', 'events']);
  });

  test('is not waited for by whoever is told to stop', async () => {
    const { there, change, remote } = await shown();
    await change('SELECT 1');
    const said = await remote.tryOut?.(AbortSignal.abort()).catch((error: unknown) => error);
    expect(said).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('does not answer') });
    expect(there.asked).toEqual([]);
  });

  test('many rows go in several requests', async () => {
    const { there, change, bring } = await shown('many');
    await change(`CREATE TABLE many (id INTEGER PRIMARY KEY, text TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO many SELECT i, printf('%.500c', 'x') FROM n`);
    await bring();
    expect(there.tabs.get('many')).toHaveLength(9001);
    expect(there.tabs.get('many')?.at(-1)?.[0]).toBe(9000);
    expect(there.asked.filter((each) => each.startsWith('PUT')).length).toBeGreaterThan(2);
  });

  test('shows a table without rows as an empty tab, beside the others', async () => {
    const { there, change, bring } = await shown('events,empty');
    await change('CREATE TABLE empty (a)');
    expect(await bring()).toMatchObject({ status: 'copied' });
    expect(there.tabs.get('empty')).toEqual([]);
    expect(there.tabs.get('events')).toHaveLength(3);
  });

  test('is refused what is encrypted, and says what is wrong without a word of the key', async () => {
    const key = ageKey();
    const sealed = await shown('events', { encryption: encryptionFor({ to: [key], with: [key] }) });
    await sealed.change('SELECT 1');
    await expect(sealed.bring()).rejects.toMatchObject({ message: expect.stringContaining('are encrypted') });
    expect(sealed.there.asked).toEqual([]);
    const { there, change, bring, remote } = await shown('nothing');
    await change('SELECT 1');
    await expect(bring()).rejects.toMatchObject({ message: expect.stringContaining('no table nothing') });
    for (const [status, words] of [
      [403, 'not shared'],
      [404, 'no such spreadsheet'],
      [429, 'too often'],
      [500, 'answers 500'],
    ] as const) {
      there.refuse = status;
      const said = await remote.tryOut?.().catch((error: unknown) => error);
      expect(said).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(words) });
      expect(JSON.stringify(said)).not.toMatch(/PRIVATE KEY|iam\.gserviceaccount|ya29/);
    }
    delete there.refuse;
    expect(await remote.tryOut?.()).toEqual([]);
  });
});

test.each([
  ['SPREADSHEET?tables=a', /names no spreadsheet|no spreadsheet/],
  ['https://docs.google.com/spreadsheets/d/spreadsheet-1234567890?tables=a', /no spreadsheet/],
  ['spreadsheet-1234567890/edit?tables=a', /no spreadsheet/],
  ['spreadsheet-1234567890', /names no tables/],
  ['spreadsheet-1234567890?tables=a,,b', /names no tables/],
  ['spreadsheet-1234567890?tables=', /names no tables/],
  ['spreadsheet-1234567890?tables=a&key=secretsecret', /neither tables nor every/],
  ['spreadsheet-1234567890?tables=a&tables=b', /twice/],
  ['spreadsheet-1234567890?tables=a&every=soon', /every/],
])('%s is no address', (address, why) => {
  const at = address.replace('SPREADSHEET', 'x');
  expect(() => readSheetsAddress(at)).toThrow(why);
  expect(() => readSheetsAddress(at)).not.toThrow(/secretsecret/);
});

test('an address says which tables, and how often', () => {
  expect(readSheetsAddress('spreadsheet-1234567890?tables=a,b&every=2d')).toEqual({
    spreadsheet: 'spreadsheet-1234567890',
    tables: ['a', 'b'],
    every: 48 * HOUR,
  });
  expect(readSheetsAddress('spreadsheet-1234567890?tables=a, b,a')).toMatchObject({ tables: ['a', 'b'], every: HOUR });
});

test('what is no key of a service account is none', async () => {
  const { key, close } = await google();
  close();
  expect(googleKeyIn(key)?.email).toContain('gserviceaccount');
  for (const text of ['', '{', '{}', key.replace('https:', 'http:'), key.replace(/-----BEGIN.*?-----/, '')])
    expect(googleKeyIn(text)).toBeUndefined();
  for (const part of ['client_email', 'private_key', 'token_uri'])
    expect(googleKeyIn(JSON.stringify({ ...JSON.parse(key), [part]: 7 })), part).toBeUndefined();
});

test('a table without rows shows nothing', () => {
  expect(cellsOf([])).toEqual([]);
});

test('a cell shows what it can hold, and the rest as text', () => {
  const whole = 'x'.repeat(50_000);
  const rows = [
    { n: 9007199254740991, t: whole, b: true, j: { $bytes: 'AP8=' } },
    { n: -1.5, t: `${whole}x`, b: null, j: [1] },
  ].map((row) => JSON.stringify(row));
  const [columns, first, second, third] = cellsOf([...rows, '{"n":9007199254740993,"t":"a"}']);
  expect(columns).toEqual(['n', 't', 'b', 'j']);
  expect(first).toEqual([9007199254740991, whole, true, 'AP8=']);
  expect(second).toEqual([-1.5, `${'x'.repeat(49_999)}…`, null, '[1]']);
  expect(third).toEqual(['9007199254740993', 'a', null, null]);
});
