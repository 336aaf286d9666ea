import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { newerPointer } from '../../src/commit/merge-driver.ts';
import { checkConfig } from '../../src/core/check-config.ts';
import { blobId } from '../../src/core/digest.ts';
import { OverwinterError } from '../../src/core/errors.ts';
import type { TableData } from '../../src/core/manifest.ts';
import { sealedFile } from '../../src/core/names.ts';
import { configFromEnvironment, settle } from '../../src/core/settle-config.ts';
import { readAnyManifest, writeAnyManifest } from '../../src/format/any-manifest.ts';
import { readPointer } from '../../src/format/pointer.ts';
import { readManifest } from '../../src/format/read-manifest.ts';
import { rowsByTable } from '../../src/format/rows-by-table.ts';
import { isSealed } from '../../src/format/sealed.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { diff } from '../../src/operations/diff.ts';
import { prune } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { status } from '../../src/operations/status.ts';
import { exportDocument, importDocument } from '../../src/operations/transfer.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { verify } from '../../src/operations/verify.ts';
import { loadConfigFile } from '../../src/project/config-file.ts';
import { ageKey } from '../support/age.ts';
import { isSlow } from '../support/chance.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { addPart, type Draft, everything, openFiles, put, sealed } from '../support/forged.ts';
import { anyMutation, anyNasty, anySql, type Mutation, mutated } from '../support/mutation.ts';
import { type TestProject as Project, withDatabase } from '../support/project.ts';
import { differencesBetween } from '../support/same-database.ts';
import { FASTEST, projectIn } from '../support/scratch.ts';

const RUNS = isSlow ? 1000 : 30;
const MANY_RUNS = isSlow ? 20_000 : 1000;
const LONGEST_MS = 10_000;
const TIMEOUT = 3_600_000;

/** Where each case has a folder of its own, two levels down, so that whatever leaves it is seen. */
const arena = mkdtempSync(join(FASTEST, 'overwinter-fuzz-'));
const golden = join(arena, 'golden');
let name = '';
let exported = '';

beforeAll(async () => {
  mkdirSync(golden);
  const project = projectIn(golden);
  const db = new Database(project.db);
  db.pragma('user_version = 7');
  db.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, big INTEGER, ratio REAL, photo BLOB);
    INSERT INTO users VALUES (1, 'Ada', 9223372036854775807, 0.1, x'00ff'), (2, 'Bob "b" \\', -1, 9e999, NULL);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1800)
      INSERT INTO orders SELECT i, printf('note %d %.60c', i, 'x') FROM n;
    CREATE TABLE hidden(a, b); INSERT INTO hidden(rowid, a, b) VALUES (7, 1, 'x'), (9, NULL, 2.0);
    CREATE TABLE words(word TEXT PRIMARY KEY, n INT) WITHOUT ROWID; INSERT INTO words VALUES ('a', 1), ('b', 2);
    CREATE INDEX by_name ON users(name); CREATE VIEW names AS SELECT name FROM users;
    CREATE TRIGGER seen AFTER INSERT ON words BEGIN INSERT INTO hidden VALUES (new.word, new.n); END;
    CREATE VIRTUAL TABLE found USING fts5(body); INSERT INTO found VALUES ('some words to find');`);
  db.close();
  ({ name } = await backup(project, { trigger: 'test' }));
  exported = await exportDocument(project, undefined);
  return () => rmSync(arena, { recursive: true, force: true });
});

let cases = 0;

/** A project with the golden backup and a live database that must live. */
async function inCase(work: (project: Project) => Promise<void>): Promise<void> {
  const yard = join(arena, `yard${cases++}`);
  const folder = join(yard, 'inner', 'project');
  mkdirSync(folder, { recursive: true });
  cpSync(join(golden, 'backups'), join(folder, 'backups'), { recursive: true });
  cpSync(join(golden, 'app.db'), join(folder, 'app.db'));
  try {
    await work(projectIn(folder));
    expect(openFiles(yard), 'open files').toBe(0);
    expect([readdirSync(yard), readdirSync(join(yard, 'inner'))]).toEqual([['inner'], ['project']]);
    expect(existsSync('trap') || existsSync(join(folder, 'trap')), 'a definition ran').toBe(false);
  } finally {
    rmSync(yard, { recursive: true, force: true });
  }
}

/** What comes of some work in bounded time: undefined where it was refused with an error of ours, nothing else thrown. */
async function orRefused<T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> {
  const begun = performance.now();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OverwinterError)) throw new Error(`${what} threw what it should not`, { cause: error });
    expect(error.message).not.toMatch(/undefined|\[object/);
    return undefined;
  } finally {
    expect(performance.now() - begun, `ms for ${what}`).toBeLessThan(LONGEST_MS);
  }
}

/** Restores beside; where that is refused, nothing may have changed. Says whether it was done. */
async function restoredBeside(project: Project, which: string, beside: string): Promise<boolean> {
  const before = everything(project);
  const result = await orRefused(`restore ${which}`, () => restore(project, { name: which, to: beside }));
  if (result === undefined) expect(everything(project)).toEqual(before);
  return result !== undefined;
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

test('bytes of a backup changed anyhow: what is restored is what was saved, or nothing is', {
  timeout: TIMEOUT,
}, async () => {
  const recipe = fc.array(fc.record({ file: fc.nat(), mutation: anyMutation }), { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(recipe, (steps) =>
    inCase(async (project) => {
      for (const { file, mutation } of steps) {
        const files = filesIn(project.store.path);
        const path = files[file % files.length] ?? '';
        put(path, mutated(readFileSync(path), mutation));
      }
      for (const [at, which] of ['latest', name].entries()) {
        const beside = join(dirname(project.db), `beside${at}.db`);
        if (await restoredBeside(project, which, beside))
          expect(differencesBetween(join(golden, 'app.db'), beside), which).toEqual([]);
        rmSync(beside, { force: true });
      }
      await orRefused('status', () => status(project));
      await orRefused('diff', () => diff(project, 'latest', undefined, 3));
      // Life goes on: the next backup is whole, whatever lies around.
      const saved = await orRefused('backup', () =>
        backup(project, { trigger: 'test', allowShrink: true, name: 'after' }),
      );
      if (saved !== undefined) expect((await verify(project, { name: 'after' }))[0]).toMatchObject({ ok: true });
    }),
  );
  await fc.assert(property, { numRuns: RUNS });
});

type Change = (draft: Draft, backups: string) => unknown;

const pick = <T>(all: readonly T[], at: number): T | undefined => all[at % Math.max(1, all.length)];

/** A row or a part changed, under names and digests that are right. */
async function changeRows(draft: Draft, backups: string, at: number, mutation: Mutation): Promise<void> {
  const [table, data] = pick([...draft.data], at) ?? ['', { rows: [] }];
  draft.data.set(table, 'rows' in data ? inline(data, mutation) : await inParts(table, data, backups, mutation));
}

function inline(data: Extract<TableData, { rows: unknown }>, mutation: Mutation): TableData {
  const text = mutated(Buffer.from(data.rows.join('\n')), mutation).toString('utf8');
  return { rows: text === '' ? [] : text.split('\n') };
}

async function inParts(
  table: string,
  { count, parts }: Extract<TableData, { parts: unknown }>,
  backups: string,
  mutation: Mutation,
): Promise<TableData> {
  const index = Math.floor(mutation.to * parts.length);
  const old = parts[index];
  if (old === undefined) return { count, parts };
  const changed = mutated(readFileSync(join(backups, old.file)), mutation);
  const part = await addPart(backups, table, changed, old.rows);
  return { count, parts: parts.map((each, i) => (i === index ? part : each)) };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), anyMutation).map(
    ([at, mutation]): Change =>
      (draft, backups) =>
        changeRows(draft, backups, at, mutation),
  ),
  fc.tuple(fc.nat(), fc.constantFrom('type', 'name', 'table', 'sql'), fc.oneof(anySql, anyNasty)).map(
    ([at, key, value]): Change =>
      ({ schema }) =>
        schema.splice(at % schema.length, 1, Object.assign({ ...pick(schema, at) }, { [key]: value }) as never),
  ),
  fc.tuple(fc.nat(), anyMutation).map(
    ([at, mutation]): Change =>
      ({ schema }) => {
        const object = pick(schema, at);
        if (object === undefined) return;
        schema.splice(at % schema.length, 1, {
          ...object,
          sql: mutated(Buffer.from(object.sql), mutation).toString('utf8'),
        });
      },
  ),
  fc.tuple(fc.constantFrom('table', 'index', 'view', 'trigger'), anySql).map(
    ([type, sql]): Change =>
      (draft) => {
        draft.schema.push({ type: type as 'table', name: 'x', table: 'x', sql });
        if (type !== 'table') return;
        draft.data.set('x', { rows: [] });
        draft.metadata.tables++;
      },
  ),
  fc.nat().map(
    (at): Change =>
      ({ schema }) =>
        schema.splice(at % schema.length, 1),
  ),
  fc.nat().map(
    (at): Change =>
      ({ schema }) =>
        schema.push(...schema.splice(at % schema.length, 1)),
  ),
  fc.nat().map(
    (at): Change =>
      ({ data }) =>
        data.delete(pick([...data.keys()], at) ?? ''),
  ),
  fc
    .tuple(
      fc.constantFrom('user_version', 'application_id', 'encoding', 'page_size', 'auto_vacuum', 'journal_mode'),
      anyNasty,
    )
    .map(
      ([key, value]): Change =>
        ({ settings }) =>
          Object.assign(settings, { [key]: parsed(value) }),
    ),
  fc
    .tuple(
      fc.constantFrom('format', 'backup_date', 'origin', 'tables', 'rows', 'bytes', 'database', 'version'),
      anyNasty,
    )
    .map(
      ([key, value]): Change =>
        ({ metadata }) =>
          // The writer that forges it takes an origin apart.
          Object.assign(metadata, { [key]: parsed(value) ?? (key === 'origin' ? {} : null) }),
    ),
  fc.constantFrom('UTF-16le', 'UTF-16be').map(
    (encoding): Change =>
      ({ settings }) =>
        Object.assign(settings, { encoding }),
  ),
  // What a backup says it is without is brought from the live database.
  fc
    .tuple(
      fc.constantFrom('redacted', 'replaced', 'included', 'excluded'),
      fc.constantFrom('users', 'orders', 'hidden', 'words', 'found', 'found_data', 'names', 'sqlite_sequence', 'x', ''),
      fc.oneof(
        fc.constantFrom<unknown>(['name'], ['id'], ['a', 'n'], ['word', 'x'], [''], 'rows', 'whole', '1', '0)'),
        anyNasty.map(parsed),
      ),
    )
    .map(
      ([key, table, value]): Change =>
        ({ metadata }) =>
          Object.assign(metadata, { [key]: { [table]: value } }),
    ),
  fc.tuple(fc.nat(), anyNasty).map(
    ([at, to]): Change =>
      ({ data }) => {
        const found = pick([...data], at);
        if (found !== undefined) data.set(to, found[1]);
      },
  ),
);

test('a forged backup, its digests right: refused, or restored as it says and told apart by verify', {
  timeout: TIMEOUT,
}, async () => {
  let restored = 0;
  const property = fc.asyncProperty(fc.array(anyChange, { minLength: 1, maxLength: 2 }), (changes) =>
    inCase(async (project) => {
      const backups = project.store.path;
      const { manifest } = await unseal(undefined, project.store, await openBackup(project.store, name));
      const draft: Draft = {
        metadata: { ...manifest.metadata, origin: { ...manifest.metadata.origin } },
        schema: [...manifest.schema],
        settings: { ...manifest.settings },
        data: new Map(manifest.data),
      };
      for (const change of changes) await change(draft, backups);
      rmSync(join(backups, `${name}.json`));
      put(join(backups, 'forged.json'), sealed(draft));
      const beside = join(dirname(project.db), 'beside.db');
      const isDone = await restoredBeside(project, 'forged', beside);
      const drills = await orRefused('verify', () => verify(project, { name: 'forged' }));
      const isWhole = drills?.[0]?.ok === true;
      if (isWhole) expect(isDone, 'what verify calls good can be restored').toBe(true);
      if (isDone) {
        restored++;
        const read = readManifest('forged', readFileSync(join(backups, 'forged.json'), 'utf8')).manifest;
        const { database } = withDatabase(project, beside);
        expect(said(read.schema)).toEqual(said((await database.describe()).schema));
        expect(await database.counts()).toEqual(rowsByTable(read));
      }
      rmSync(beside, { force: true });
      await orRefused('diff', () => diff(project, 'forged', undefined, 3));
      await orRefused('restore over', () => restore(project, { name: 'forged' }));
    }),
  );
  await fc.assert(property, { numRuns: RUNS });
  // Changes that are as good as what they replace are few, or nothing would be tried here.
  expect(restored).toBeLessThan(RUNS / 2);
});

const said = (schema: readonly { type: string; name: string; table: string; sql: string }[]) =>
  schema.map(({ type, name: of, table, sql }) => [type, of, table, sql]);

const OLD = JSON.stringify({
  metadata: { backup_date: '2025-09-06', version: '1.0', database_type: 'sqlite' },
  data: {
    users: [{ id: 1, name: 'Ada', tags: ['a', { b: 1 }], ok: true }],
    events: [{ title: 'x', at: 1.5 }, { title: null }],
  },
});

test('documents to import changed anyhow: only errors of ours, and the database lives', {
  timeout: TIMEOUT,
}, async () => {
  const property = fc.asyncProperty(fc.boolean(), fc.array(anyMutation, { minLength: 1, maxLength: 2 }), (own, steps) =>
    inCase(async (project) => {
      let bytes: Buffer = Buffer.from(own ? exported : OLD);
      for (const mutation of steps) bytes = mutated(bytes, mutation);
      if (steps.length === 2) rmSync(project.db);
      const before = everything(project);
      const result = await orRefused('import', () => importDocument(project, 'document.json', bytes));
      if (result === undefined) expect(everything(project)).toEqual(before);
      else if (own && existsSync(project.db) && bytes.equals(Buffer.from(exported)))
        expect(differencesBetween(join(golden, 'app.db'), project.db)).toEqual([]);
    }),
  );
  await fc.assert(property, { numRuns: RUNS });
});

test('no text makes the readers of manifests and pointers do more than refuse it', { timeout: TIMEOUT }, async () => {
  const manifest = readFileSync(join(golden, 'backups', `${name}.json`));
  const pointer = readFileSync(join(golden, 'backups/latest_backup.json'));
  const property = fc.asyncProperty(
    fc.oneof(fc.array(anyMutation, { minLength: 1, maxLength: 4 }), fc.constant([])),
    fc.oneof(fc.string(), fc.json(), anyNasty),
    async (steps, text) => {
      const change = (bytes: Buffer) => (steps.length === 0 ? Buffer.from(text) : steps.reduce(mutated, bytes));
      await orRefused('readManifest', () => readManifest('any.json', change(manifest).toString('utf8')));
      const changed = change(pointer).toString('utf8');
      readPointer(changed);
      expect(newerPointer([changed, text, '']).text).not.toBe('');
    },
  );
  await fc.assert(property, { numRuns: MANY_RUNS });
});

test('no configuration does more than be refused, nor leaves a mark on every object', {
  timeout: TIMEOUT,
}, async () => {
  const file = join(arena, 'overwinter.config.json');
  const honest = JSON.stringify({
    db: 'app.db',
    dir: 'b',
    retention: { last: 3 },
    boot: { from: 'production' },
    wait: 5,
  });
  const keys = fc.constantFrom(
    'db',
    'dir',
    'retention',
    'hook',
    'boot',
    'wait',
    'snapshots',
    'maxShrink',
    '__proto__',
    'constructor',
    'ignoreTables',
  );
  const anyConfig = fc.dictionary(keys, fc.anything({ maxDepth: 2 }), { maxKeys: 4 });
  const property = fc.asyncProperty(anyConfig, anyMutation, async (value, mutation) => {
    const checked = await orRefused('checkConfig', () => checkConfig('it', value));
    if (checked !== undefined) await orRefused('settle', () => settle(checked, {}, checked, {}));
    writeFileSync(file, mutated(Buffer.from(honest), mutation));
    await orRefused('loadConfigFile', () => loadConfigFile(file));
    const env = { OVERWINTER_WAIT: mutation.with, OVERWINTER_MAX_SHRINK: mutation.with, OVERWINTER_DB: mutation.with };
    await orRefused('configFromEnvironment', () => configFromEnvironment(env));
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).db).toBeUndefined();
  });
  await fc.assert(property, { numRuns: MANY_RUNS });
});

test('bytes of an encrypted backup changed anyhow: what is restored is what was saved, or nothing is', {
  timeout: TIMEOUT,
}, async () => {
  const key = ageKey();
  const encryption = encryptionFor({ to: [key], with: [key] });
  const whole = join(arena, 'encrypted');
  cpSync(join(golden, 'app.db'), join(whole, 'app.db'));
  const made = projectIn(whole, { encryption });
  const saved = await backup(made, { trigger: 'test' });
  const recipe = fc.array(fc.record({ file: fc.nat(), mutation: anyMutation }), { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(recipe, fc.boolean(), (steps, renames) =>
    inCase(async (plain) => {
      const project: Project = { ...plain, encryption };
      rmSync(project.store.path, { recursive: true });
      cpSync(made.store.path, project.store.path, { recursive: true });
      for (const { file, mutation } of steps) {
        const files = filesIn(project.store.path);
        const path = files[file % files.length] ?? '';
        const changed = mutated(readFileSync(path), mutation);
        put(path, changed);
        // Under the name that its bytes have nothing but the encryption itself tells that it was changed.
        if (renames && path.endsWith('.age')) await underItsName(project.store.path, saved.name, path, changed);
      }
      for (const which of ['latest', saved.name]) {
        const beside = join(dirname(project.db), 'beside.db');
        if (await restoredBeside(project, which, beside))
          expect(differencesBetween(join(golden, 'app.db'), beside), which).toEqual([]);
        rmSync(beside, { force: true });
      }
      await orRefused('status', () => status(project));
      await orRefused('diff', () => diff(project, 'latest', undefined, 3));
      await orRefused('prune', () => prune(project, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false));
      const after = await orRefused('backup', () =>
        backup(project, { trigger: 'test', allowShrink: true, name: 'after' }),
      );
      if (after !== undefined) expect((await verify(project, { name: 'after' }))[0]).toMatchObject({ ok: true });
    }),
  );
  await fc.assert(property, { numRuns: RUNS });
});

/** Gives a changed part the name of its bytes, there and in the manifest, whose digest then is right. */
async function underItsName(backups: string, backupName: string, path: string, bytes: Buffer): Promise<void> {
  const manifest = join(backups, `${backupName}.json`);
  const opened = await orRefused('readAnyManifest', () => readAnyManifest('it', readFileSync(manifest, 'latin1')));
  if (opened === undefined || !isSealed(opened.manifest)) return;
  const { envelope, parts } = opened.manifest;
  const old = relative(backups, path);
  const file = sealedFile(await blobId(bytes));
  put(join(backups, file), bytes);
  const renamed = parts.map((part) => (part.file === old ? { ...part, file, bytes: Math.max(1, bytes.length) } : part));
  const body = envelope.body === old ? file : envelope.body;
  const { text } = writeAnyManifest({ ...opened.manifest, envelope: { ...envelope, body }, parts: renamed });
  put(manifest, text);
}

test('a folder of anything is a catalogue, and holds nothing open', { timeout: TIMEOUT }, async () => {
  const property = fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (files) =>
    inCase(async (project) => {
      for (const [i, bytes] of files.entries()) put(join(project.store.path, `x${i}.json`), bytes);
      const { entries, unreadable } = await readCatalog(project.store);
      expect(entries.length + unreadable.length).toBe(files.length + 1);
      expect((await restore(project, { name: 'latest' })).name).toBe(name);
    }),
  );
  await fc.assert(property, { numRuns: Math.ceil(RUNS / 4) });
});
