import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { holdOf, placeHold } from '../../src/local/hold.ts';
import { backup } from '../../src/operations/backup.ts';
import { exportDocument, importDocument, tryDocument } from '../../src/operations/transfer.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import type { TestProject } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ada = ageKey();
const withKey = encryptionFor({ to: [ada], with: [ada] });

/** A table in parts, one in the manifest, one without a row. */
function app(changes: Parameters<typeof projectIn>[1] = {}): TestProject {
  const project = projectIn(scratch(), changes);
  const db = new Database(project.db);
  db.exec(`CREATE TABLE few(id INTEGER PRIMARY KEY, x); INSERT INTO few VALUES (1, 'a'), (2, NULL);
    CREATE TABLE none(x);
    CREATE TABLE many(id INTEGER PRIMARY KEY, x);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
      INSERT INTO many SELECT i, 'a row with some words ' || i FROM n`);
  db.close();
  return project;
}

function rowsOf({ db: path }: TestProject): unknown {
  const db = new Database(path, { readonly: true });
  try {
    return ['few', 'none', 'many'].map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  } finally {
    db.close();
  }
}

const empty = (changes: Parameters<typeof projectIn>[1] = {}) => projectIn(scratch(), changes);
const bytes = (text: string) => Buffer.from(text);

describe('a document', () => {
  test('of the database and of its backup say the same, and bring every row elsewhere', async () => {
    const project = app();
    const live = JSON.parse(await exportDocument(project, undefined));
    const { name } = await backup(project, { trigger: 'test' });
    for (const named of ['latest', name, name.slice(0, -2)]) {
      const document = await exportDocument(project, named);
      const { metadata, ...content } = JSON.parse(document);
      expect(metadata.content).toBe(live.metadata.content);
      expect([metadata.tables, metadata.rows]).toEqual([3, 6002]);
      expect(content.data).toEqual(live.data);
      const other = empty();
      expect(await importDocument(other, 'a.json', bytes(document))).toMatchObject({ name: 'a.json', rows: 6002 });
      expect(rowsOf(other)).toEqual(rowsOf(project));
    }
    expect(live.metadata).toMatchObject({ tables: 3, rows: 6002, origin: { trigger: 'export', environment: 'test' } });
  });

  test('may be compressed or encrypted', async () => {
    const project = app();
    const document = await exportDocument(project, undefined);
    const compressed = gzipSync(document);
    const sealed = await withKey.seal(
      await withKey.begin({ recipients: [ada.recipient], passphrase: false, compress: true }),
      compressed,
    );
    for (const source of [compressed, sealed]) {
      const other = empty({ encryption: withKey });
      await importDocument(other, 'a', source);
      expect(rowsOf(other)).toEqual(rowsOf(project));
    }
    await expect(importDocument(empty(), 'a', sealed)).rejects.toMatchObject({ code: 'WRONG_KEY' });
  });

  test('replaces the database, as a restore does, after a snapshot; a trial says so and changes nothing', async () => {
    const project = app();
    const document = bytes(await exportDocument(project, undefined));
    const db = new Database(project.db);
    db.exec("DELETE FROM few; UPDATE many SET x = 'other' WHERE id = 5; CREATE TABLE later(x)");
    db.close();
    const before = rowsOf(project);
    const trial = await tryDocument(project, 'a.json', document, 5);
    expect(trial.kind === 'diff' && trial.diff.tables).toMatchObject([
      { table: 'few', added: 2 },
      { table: 'many', changed: 1 },
    ]);
    expect(rowsOf(project)).toEqual(before);
    expect(await importDocument(project, 'a.json', document)).toMatchObject({ snapshot: expect.anything() });
    expect(rowsOf(project)).not.toEqual(before);
  });

  test('says what the data is: a restore that failed holds up no backup any more', async () => {
    const project = app();
    const document = bytes(await exportDocument(project, undefined));
    placeHold(project.local, project.database.id, 'it did not go well', new Date());
    await importDocument(project, 'a.json', document);
    expect(holdOf(project.local, project.database.id)).toBeUndefined();
  });

  test.each<[string, (document: string) => Buffer]>([
    ['is no JSON', () => bytes('nothing')],
    ['is cut', (document) => bytes(document.slice(0, -40))],
    ['is no archive', () => Buffer.concat([Buffer.from([0x1f, 0x8b]), randomBytes(40)])],
    ['is a list', () => bytes('[]')],
    ['holds no table', () => bytes('{"metadata":{},"data":{}}')],
    ['is a part of an encrypted backup', () => bytes('{"encryption":{}}')],
  ])('that %s is refused, and the database stays', async (_, spoilt) => {
    const project = app();
    const before = rowsOf(project);
    const source = spoilt(await exportDocument(project, undefined));
    const refused = { code: expect.stringMatching(/^(IMPORT_UNREADABLE|BACKUP_DAMAGED)$/) };
    await expect(importDocument(project, 'a.json', source)).rejects.toMatchObject(refused);
    await expect(tryDocument(project, 'a.json', source, 0)).rejects.toMatchObject(refused);
    expect(rowsOf(project)).toEqual(before);
  });

  test('that is a backup without its parts is refused', async () => {
    const project = app();
    const { name } = await backup(project, { trigger: 'test' });
    const manifest = await project.store.read(`${name}.json`);
    if (manifest === undefined) throw new Error('it was just written');
    await expect(importDocument(empty(), join('x', 'a.json'), manifest)).rejects.toMatchObject({
      code: 'IMPORT_UNREADABLE',
      message: expect.stringContaining('its rows are in other files'),
    });
  });
});
