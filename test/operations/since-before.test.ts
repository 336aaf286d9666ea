import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { readNotes, writeNotes } from '../../src/engines/sqlite/changes/notes.ts';
import { isSealed } from '../../src/format/sealed.ts';
import { readReadingNotes, writeReadingNotes } from '../../src/local/reading-notes.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { collect } from '../../src/operations/collect.ts';
import { selecting } from '../../src/operations/secrets.ts';
import { noSink } from '../../src/operations/write-parts.ts';
import type { TestProject } from '../support/project.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

/** A project whose database is large enough to be followed. */
async function followed(journal: string): Promise<TestProject> {
  const project = projectIn(lasting());
  const db = new Database(project.db);
  db.pragma(`journal_mode = ${journal}`);
  db.exec(`
    CREATE TABLE accounts(id INTEGER PRIMARY KEY, name TEXT, avatar BLOB);
    CREATE TABLE notes(id INTEGER PRIMARY KEY, a TEXT, secret TEXT, n REAL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
      INSERT INTO notes SELECT i, printf('note %d %.120c', i, 'x'), 's' || i, i / 3.0 FROM n;
    CREATE TABLE few(a); INSERT INTO few VALUES (1)`);
  db.close();
  await backup(project, { trigger: 'test' });
  return project;
}

let project: TestProject;
let inWal: TestProject;

beforeAll(async () => {
  project = await followed('delete');
  inWal = await followed('wal');
});

let turn = 0;

function change({ db: path }: TestProject): void {
  const db = new Database(path);
  db.prepare('UPDATE notes SET a = ? WHERE id = ?').run(`changed ${turn}`, 20_000 + turn++ * 37);
  db.close();
}

const keyOf = ({ database, store }: TestProject) => `${database.id}\n${store.id}`;

const fileOf = ({ local }: TestProject) => {
  const file = readdirSync(local).find((name) => name.startsWith('reading-'));
  if (file === undefined) throw new Error('nothing was noted');
  return join(local, file);
};

/** What everything that is in the database now says, read whole. */
async function whole({ database, privacy }: TestProject): Promise<string> {
  const reading = await database.read(scratch(), selecting({ ...project, ...(privacy && { privacy }) }));
  try {
    return (await collect(reading, noSink, () => {})).digest;
  } finally {
    await reading.close();
  }
}

async function plain({ store }: TestProject, name: string): Promise<{ manifest: Manifest }> {
  const { manifest } = await openBackup(store, name);
  if (isSealed(manifest)) throw new Error('nothing is encrypted here');
  return { manifest };
}

/** Backs up one changed row. It must say what a whole reading says, with all its parts. Returns how many backups it is since one was. */
async function saved(of: TestProject): Promise<number> {
  change(of);
  const { name } = await backup(of, { trigger: 'test' });
  const { manifest } = await plain(of, name);
  expect(manifest.metadata.content).toBe(await whole(of));
  for (const rows of manifest.data.values()) {
    for (const { file } of 'parts' in rows ? rows.parts : [])
      expect(file).toContain(blobId((await of.store.read(file)) ?? Buffer.alloc(0)));
  }
  return readReadingNotes(of.local, keyOf(of))?.runs ?? -1;
}

/** The same, where what is known was made sure of before. */
async function savedAfter(spoil: () => void | Promise<void>, of = project): Promise<number> {
  const before = await saved(of);
  expect(await saved(of)).toBe(before + 1);
  await spoil();
  return saved(of);
}

test('a database in WAL mode is followed, too, with what stands in the WAL alone', async () => {
  const open = new Database(inWal.db);
  open.prepare('SELECT count(*) FROM few').get();
  const runs = await savedAfter(() => {}, inWal);
  expect(statSync(`${inWal.db}-wal`).size).toBeGreaterThan(0);
  expect(runs).toBeGreaterThan(1);
  open.close();
});

test('an app that has a database locked keeps its lock while the pages are looked at', async () => {
  const before = await savedAfter(() => change(project));
  change(project);
  const app = new Database(project.db);
  app.exec('BEGIN IMMEDIATE');
  await backup(project, { trigger: 'test' });
  expect(readReadingNotes(project.local, keyOf(project))?.runs).toBe(before + 1);
  const other = () => spawnSync('sqlite3', [project.db, 'UPDATE few SET a = a']);
  expect(other().stderr.toString()).toContain('locked');
  app.exec('COMMIT');
  app.close();
  expect(other().stderr.toString()).toBe('');
});

test('a file that came in the place of the one before is looked at, and not that one', async () => {
  await savedAfter(() => {
    copyFileSync(project.db, `${project.db}-new`);
    const other = new Database(`${project.db}-new`);
    other.exec("UPDATE notes SET a = 'of another file' WHERE id % 9 = 0");
    other.close();
    renameSync(`${project.db}-new`, project.db);
  });
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['is cut', (bytes) => bytes.subarray(0, -100)],
  ['is empty', () => Buffer.alloc(0)],
  ['is something else', () => Buffer.from('{}\n')],
  ...[40, 2000, -1].map((at): [string, (bytes: Buffer) => Buffer] => [
    `has another byte at ${at}`,
    (bytes) => {
      const place = at < 0 ? bytes.length + at : at;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      return bytes;
    },
  ]),
])('everything is read where what was known %s', async (_, spoilt) => {
  const runs = await savedAfter(() => {
    const file = fileOf(project);
    writeFileSync(file, spoilt(readFileSync(file)));
  });
  expect(runs).toBe(0);
});

test('everything is read where what was known is gone, of another database or of an older backup', async () => {
  expect(await savedAfter(() => rmSync(fileOf(project)))).toBe(0);
  await savedAfter(() => {}, inWal);
  expect(await savedAfter(() => copyFileSync(fileOf(inWal), fileOf(project)))).toBe(0);
  const old = readFileSync(fileOf(project));
  expect(await savedAfter(() => writeFileSync(fileOf(project), old))).toBe(0);
});

test('everything is read, and mended, where a part was touched', async () => {
  const part = async () => {
    const [entry] = (await readCatalog(project.store)).entries;
    const { manifest } = await plain(project, entry?.name ?? '');
    const rows = manifest.data.get('notes');
    return join(
      dirname(project.db),
      'backups',
      rows !== undefined && 'parts' in rows ? (rows.parts[0]?.file ?? '') : '',
    );
  };
  expect(await savedAfter(async () => rmSync(await part()))).toBe(0);
  const spoil = async () => {
    const file = await part();
    writeFileSync(file, readFileSync(file, 'utf8').replace('note', 'NOTE'));
  };
  expect(await savedAfter(spoil)).toBe(0);
});

test('everything is read where something else is to be left out, and now and then in any case', async () => {
  const redacted = { ...project, privacy: { redact: { notes: ['secret'] } } };
  await savedAfter(() => {});
  await saved(redacted);
  await saved(project);
  const known = readReadingNotes(project.local, keyOf(project));
  if (known === undefined) throw new Error('nothing was noted');
  writeReadingNotes(project.local, keyOf(project), { ...known, runs: 49 });
  expect(await saved(project)).toBe(0);
});

test('a table in which most has changed is read whole, and the others are not', async () => {
  await savedAfter(() => {});
  const noted = readReadingNotes(project.local, keyOf(project))?.notes;
  const db = new Database(project.db);
  const unread = async () => {
    const reading = await project.database.read(scratch(), selecting(project), noted);
    const same = new Map<string, number>();
    for (const { name, slices } of reading.tables)
      for await (const slice of slices()) if (slice.same !== undefined) same.set(name, (same.get(name) ?? 0) + 1);
    await reading.close();
    return same;
  };
  const before = await unread();
  expect(before.get('notes')).toBeGreaterThan(10);
  db.exec('UPDATE notes SET n = n + 1');
  db.close();
  before.delete('notes');
  expect(before.size).toBeGreaterThan(0);
  expect(await unread()).toEqual(before);
  await saved(project);
});

test('a table that stood in the manifest is read, though it had two slices and one is as it was', async () => {
  const own = await followed('delete');
  const redacting = { ...own, privacy: { redact: { accounts: ['avatar'] } } };
  const db = new Database(own.db);
  const add = db.prepare(
    "INSERT INTO accounts VALUES (?, 'somebody with a rather long name and an address', randomblob(100000))",
  );
  for (let id = 1; id <= 12; id++) add.run(-id);
  for (let id = 1; id <= 12; id++) add.run(id);
  await saved(redacting);
  await saved(redacting);
  for (let id = 13; id <= 92; id++) add.run(id);
  expect(await saved(redacting)).toBeGreaterThan(0);
  db.close();
});

test('what does not fit together is forgotten, and the backup is made', async () => {
  await savedAfter(() => {});
  const known = readReadingNotes(project.local, keyOf(project));
  if (known === undefined) throw new Error('nothing was noted');
  // As if a table's slices had been counted wrongly: its numbers are the last that stand there.
  const notes = readNotes(known.notes);
  const tables = notes?.tables.map((table) => ({
    ...table,
    slices: table.slices.map((slice) => ({ ...slice, rows: slice.rows + 1 })),
  }));
  if (notes === undefined || tables === undefined) throw new Error('these are notes');
  writeReadingNotes(project.local, keyOf(project), { ...known, notes: writeNotes({ ...notes, tables }) });
  expect(await saved(project)).toBe(0);
});

test('a backup that somebody stops is not begun again, and what is known stays known', async () => {
  const before = await saved(project);
  change(project);
  let begun = 0;
  const onProgress = () => {
    begun++;
    throw new Error('stopped');
  };
  await expect(backup(project, { trigger: 'test', onProgress })).rejects.toThrow('stopped');
  expect(begun).toBe(1);
  expect(await saved(project)).toBe(before + 1);
});
