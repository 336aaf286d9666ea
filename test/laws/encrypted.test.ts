import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { blobId } from '../../src/core/digest.ts';
import { backupName, idOfPart, isSealedFile, sealedFile } from '../../src/core/names.ts';
import { readAnyManifest, writeAnyManifest } from '../../src/format/any-manifest.ts';
import { isSealed, storedFiles } from '../../src/format/sealed.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { diff } from '../../src/operations/diff.ts';
import { prune } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { exportDocument } from '../../src/operations/transfer.ts';
import { verify } from '../../src/operations/verify.ts';
import { ageKey, packageOpens } from '../support/age.ts';
import { changeOnePatient, encryptionFor, filesIn, makePatients, SECRET_WORDS } from '../support/encrypted.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { roundTrip } from '../support/round-trip.ts';
import { differencesBetween } from '../support/same-database.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ada = ageKey();
const bob = ageKey();
const eve = ageKey();

function patients(changes: Partial<Project> = {}): Project {
  const project = projectIn(scratch(), { encryption: encryptionFor({ to: [ada, bob], with: [ada] }), ...changes });
  makePatients(project.db);
  return project;
}

const save = (project: Project) => backup(project, { trigger: 'test' });
const files = (project: Project) => filesIn(project.store.path);
const withKeys = (project: Project, encryption: Project['encryption']): Project =>
  encryption === undefined ? project : { ...project, encryption };
/** Another machine: nothing is known but what is in the backups folder. */
const elsewhere = (project: Project, encryption: Project['encryption']): Project =>
  withKeys({ ...project, local: join(scratch(), '.overwinter') }, encryption);

test('lossless: what comes back is what was there, and saved again it is unchanged', async () => {
  const { project } = await roundTrip(patients());
  const there = elsewhere(withDatabase(project, join(scratch(), 'there.db')), encryptionFor({ with: [bob] }));
  expect(await autoRestore(there)).toMatchObject({ restored: true, rows: 12_001 });
  expect(differencesBetween(project.db, there.db)).toEqual([]);
});

test('nothing of what is in the database can be read in the folder, or follows from a name', async () => {
  const project = patients();
  await save(project);
  const found = files(project);
  for (const [path, bytes] of found) {
    for (const word of SECRET_WORDS) expect([path, path.includes(word) || bytes.includes(word)]).toEqual([path, false]);
    if (path.startsWith('parts/')) {
      expect(isSealedFile(path)).toBe(true);
      const opened = gunzipSync(await packageOpens(bob, bytes));
      expect(opened.length).toBeGreaterThan(0);
      await expect(packageOpens(eve, bytes)).rejects.toThrow();
    }
  }
  expect([...found.keys()].filter((path) => path.startsWith('parts/')).length).toBeGreaterThan(5);
  // The plain digest of known content would let anybody test a guess.
  const plain = projectIn(scratch(), { db: project.db });
  await save(plain);
  const known = [...files(plain).keys()].flatMap((path) => idOfPart(path) ?? []);
  const digest = (await readCatalog(plain.store)).entries[0]?.metadata.content.slice('sha256:'.length) ?? '';
  const all = [...found].map(([path, bytes]) => path + bytes.toString('latin1')).join('\n');
  for (const word of [...known, digest]) expect(all.includes(word)).toBe(false);
});

test('canonical: an unchanged database writes nothing, wherever it is saved by whoever has a key', async () => {
  const project = patients();
  const first = await save(project);
  const before = files(project);
  expect(await save(project)).toMatchObject({ status: 'unchanged', name: first.name, bytesWritten: 0 });
  const there = elsewhere(project, encryptionFor({ to: [bob, ada], with: [bob] }));
  expect(await save(there)).toMatchObject({ status: 'unchanged', name: first.name, bytesWritten: 0 });
  expect(files(project)).toEqual(before);
});

test.each(['with a key', 'with public keys alone'])('cost follows the change: one row, one part, %s', async (how) => {
  const project = patients({ encryption: encryptionFor({ to: [ada], with: how === 'with a key' ? [ada] : [] }) });
  await save(project);
  const before = files(project);
  for (const id of [3000, 10]) {
    changeOnePatient(project.db, id);
    const seen = files(project);
    expect(await save(project)).toMatchObject({ status: 'created' });
    const added = [...files(project).keys()].filter((path) => !seen.has(path) && path.startsWith('parts/'));
    // The part and the body of the manifest.
    expect(added.length).toBe(2);
  }
  for (const [path, bytes] of before)
    if (path !== 'latest_backup.json') expect(files(project).get(path)).toEqual(bytes);
});

test('a machine without a key that knows nothing begins anew once, and then goes on', async () => {
  const project = patients({ encryption: encryptionFor({ to: [ada] }) });
  await save(project);
  const there = elsewhere(project, encryptionFor({ to: [ada] }));
  const parts = (await project.store.list('parts')).size;
  expect(await save(there)).toMatchObject({ status: 'created' });
  expect((await project.store.list('parts')).size).toBe(2 * parts);
  expect(await save(there)).toMatchObject({ status: 'unchanged' });
  changeOnePatient(project.db);
  await save(there);
  expect((await project.store.list('parts')).size).toBe(2 * parts + 2);
  const opened = elsewhere(project, encryptionFor({ with: [ada] }));
  expect((await verify(opened, 'all')).map(({ ok }) => ok)).toEqual([true, true, true]);
});

describe('without the right key', () => {
  test.each([
    ['no identity', () => encryptionFor({})],
    ["another's identity", () => encryptionFor({ with: [eve] })],
    ['nothing at all', () => undefined],
  ])('%s: opening is refused and names the recipients; nothing is touched', async (_what, keys) => {
    const project = patients();
    await save(project);
    const { encryption: _, ...plain } = elsewhere(project, undefined);
    const there = withKeys(withDatabase(plain, join(scratch(), 'there.db')), keys());
    const refused = { code: 'WRONG_KEY', message: expect.stringContaining(ada.recipient) };
    await expect(restore(there, { name: 'latest' })).rejects.toMatchObject(refused);
    await expect(autoRestore(there)).rejects.toMatchObject(refused);
    await expect(verify(there, 'newest')).rejects.toMatchObject(refused);
    await expect(diff(withDatabase(there, project.db), undefined, undefined, 0)).rejects.toMatchObject(refused);
    await expect(exportDocument(there, 'latest')).rejects.toMatchObject(refused);
    expect(existsSync(there.db)).toBe(false);
  });

  test('listing and pruning need none, and what stays can be opened', async () => {
    const project = patients();
    for (const id of [1, 2000, 4000]) {
      await save(project);
      changeOnePatient(project.db, id);
    }
    const { encryption: _, ...blind } = elsewhere(project, undefined);
    expect((await readCatalog(blind.store)).entries.map(({ metadata }) => metadata.rows)).toEqual([
      12_001, 12_001, 12_001,
    ]);
    const result = await prune(blind, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
    expect([result.removed.length, result.partsRemoved]).toEqual([2, 4]);
    const [left] = await verify(elsewhere(project, encryptionFor({ with: [bob] })), 'all');
    expect(left).toMatchObject({ ok: true, rows: 12_001 });
  });

  test('an empty or shrunken database is refused all the same', async () => {
    const project = patients();
    await save(project);
    const there = elsewhere(project, encryptionFor({ to: [ada, bob] }));
    const db = new Database(project.db);
    db.exec('DELETE FROM patients; DELETE FROM visits');
    await expect(save(there)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
    await expect(save({ ...there, maxShrink: 1, ignoreTables: ['tiny_settings'] })).rejects.toMatchObject({
      code: 'BACKUP_EMPTY',
    });
    db.exec('DELETE FROM tiny_settings');
    db.close();
    await expect(save(there)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  });
});

test('a plain backup does not follow an encrypted one by accident', async () => {
  const project = patients();
  await save(project);
  changeOnePatient(project.db);
  const before = files(project);
  const { encryption: _, ...forgot } = project;
  await expect(save(forgot)).rejects.toMatchObject({ code: 'ENCRYPTION_OFF' });
  await expect(save({ ...forgot, encryption: encryptionFor({ with: [ada] }) })).rejects.toMatchObject({
    code: 'ENCRYPTION_OFF',
  });
  expect(files(project)).toEqual(before);
  const broken = join(project.store.path, [...before.keys()].find((path) => path.startsWith('backup_')) ?? '');
  writeFileSync(broken, readFileSync(broken, 'utf8').replace(/"digest": "sha256:./, '"digest": "sha256:-'));
  await expect(save(forgot)).rejects.toMatchObject({ code: 'ENCRYPTION_OFF' });
  const meant = { ...encryptionFor({ with: [ada] }), wanted: false } as const;
  expect(await save({ ...project, encryption: meant })).toMatchObject({ status: 'created' });
});

test('whoever joins can open the next backup whole, and whoever leaves cannot', async () => {
  const project = patients({ encryption: encryptionFor({ to: [ada], with: [ada] }) });
  await save(project);
  const changed = withKeys(project, encryptionFor({ to: [bob], with: [ada] }));
  const { name } = await save(changed);
  const opens = (key: typeof ada) => verify(elsewhere(project, encryptionFor({ with: [key] })), { name });
  expect(await opens(bob)).toMatchObject([{ ok: true }]);
  await expect(opens(ada)).rejects.toMatchObject({ code: 'WRONG_KEY' });
});

test('an old backup that somebody without the key made the newest is not taken', async () => {
  const project = patients();
  const { name: old } = await save(project);
  changeOnePatient(project.db);
  await save(project);
  const path = (name: string) => join(project.store.path, `${name}.json`);
  const { manifest } = readAnyManifest(path(old), readFileSync(path(old), 'utf8'));
  const forged = { ...manifest, metadata: { ...manifest.metadata, backup_date: '2027-03-01T00:00:00.000Z' } };
  const { text, digest } = writeAnyManifest(forged);
  const name = backupName('backup', new Date(forged.metadata.backup_date), digest);
  writeFileSync(path(name), text);
  const there = elsewhere(withDatabase(project, join(scratch(), 'there.db')), encryptionFor({ with: [bob] }));
  const restored = await autoRestore(there);
  expect(restored).toMatchObject({
    restored: true,
    skipped: [{ name, reason: expect.stringContaining('without the key') }],
  });
  expect(differencesBetween(project.db, there.db)).toEqual([]);
  expect(await verify(there, { name })).toMatchObject([{ ok: false }]);
});

test('uncompressed is another secret: nothing that was compressed is shared', async () => {
  const project = patients();
  await save(project);
  const before = new Set([...files(project).keys()].filter((path) => path.startsWith('parts/')));
  const plain = withKeys(project, encryptionFor({ to: [ada, bob], with: [ada], compress: false }));
  expect(await save(plain)).toMatchObject({ status: 'created' });
  const { name } = await save(plain);
  const { manifest } = readAnyManifest(name, readFileSync(join(project.store.path, `${name}.json`), 'utf8'));
  expect(storedFiles(manifest).filter(({ file }) => before.has(file))).toEqual([]);
  expect(await verify(elsewhere(project, encryptionFor({ with: [bob] })), { name })).toMatchObject([{ ok: true }]);
});

test('a passphrase opens everything, alone or beside a key, and locks one identity only', async () => {
  for (const to of [[], [ada]]) {
    const project = patients({ encryption: encryptionFor({ to, passphrase: 'correct horse battery' }) });
    const { name } = await save(project);
    changeOnePatient(project.db);
    // The identity is known here already, so no passphrase is tried again.
    expect(await save(project)).toMatchObject({ status: 'created' });
    for (const keys of [{ passphrase: 'correct horse battery' }, ...to.map((key) => ({ with: [key] }))]) {
      const there = elsewhere(project, encryptionFor(keys));
      expect(await verify(there, 'all')).toMatchObject([{ ok: true }, { ok: true }]);
    }
    const wrong = elsewhere(project, encryptionFor({ passphrase: 'incorrect horse' }));
    await expect(verify(wrong, { name })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    const locked = [...files(project).values()].filter((bytes) => bytes.includes('BEGIN AGE ENCRYPTED FILE'));
    expect(locked.length).toBe(2);
  }
}, 120_000);

test('differences are shown between encrypted backups and against the database, and nothing plain is left behind', async () => {
  const project = patients();
  const first = await save(project);
  changeOnePatient(project.db);
  const live = await diff(project, undefined, undefined, 5);
  expect(live.tables).toMatchObject([{ table: 'patients', added: 0, changed: 1, removed: 0 }]);
  const second = await save(project);
  expect((await diff(project, first.name, second.name, 5)).tables).toEqual(live.tables);
});

test.each(['here', 'on another machine'])(
  'a backup whose files were exchanged under names that are right is not gone on from: %s',
  async (where) => {
    const project = patients();
    const { name } = await save(project);
    const read = () => readAnyManifest(name, readFileSync(join(project.store.path, `${name}.json`), 'utf8')).manifest;
    const manifest = read();
    if (!isSealed(manifest)) throw new Error('it is not encrypted');
    const bytes = Buffer.from('age-encryption.org/v1\nnobody can tell that this is nothing without a key');
    const file = sealedFile(await blobId(bytes));
    mkdirSync(dirname(join(project.store.path, file)), { recursive: true });
    writeFileSync(join(project.store.path, file), bytes);
    const parts = [...manifest.parts.slice(1, -1), { file, rows: 0, bytes: bytes.length }];
    const [body] = manifest.parts.slice(-1);
    const exchanged = {
      ...manifest,
      parts: [...parts.sort((a, b) => (a.file < b.file ? -1 : 1)), ...(body === undefined ? [] : [body])],
    };
    rmSync(join(project.store.path, `${name}.json`));
    writeFileSync(join(project.store.path, 'exchanged.json'), writeAnyManifest(exchanged).text);
    const machine = where === 'here' ? project : elsewhere(project, encryptionFor({ to: [ada, bob], with: [ada] }));
    expect(await save(machine)).toMatchObject({ status: 'created' });
    expect(await save(machine)).toMatchObject({ status: 'unchanged' });
    changeOnePatient(project.db);
    expect(await save(machine)).toMatchObject({ status: 'created' });
    expect((await verify(project, 'all')).map(({ ok }) => ok)).toEqual([true, true, false]);
  },
);

test('damage is seen, and the newest intact backup is used instead', async () => {
  const project = patients();
  await save(project);
  const kept = new Set(files(project).keys());
  changeOnePatient(project.db);
  await save(project);
  const added = [...files(project).keys()].filter((path) => !kept.has(path));
  expect(added.length).toBe(3);
  const manifest = added.find((path) => path.endsWith('.json')) ?? '';
  const { body } = JSON.parse(readFileSync(join(project.store.path, manifest), 'utf8')).encryption;
  for (const path of added) {
    const file = join(project.store.path, path);
    const bytes = readFileSync(file);
    const accidents = [
      Buffer.from(bytes),
      bytes.subarray(0, bytes.length - 3),
      Buffer.concat([bytes, Buffer.from('x')]),
    ];
    const middle = bytes.length >> 1;
    const [flipped = Buffer.alloc(0)] = accidents;
    flipped[middle] = (flipped[middle] ?? 0) ^ 4;
    for (const damaged of [...accidents, undefined]) {
      if (damaged === undefined) rmSync(file);
      else writeFileSync(file, damaged);
      const to = join(scratch(), 'copy.db');
      const restored = await restore(project, { name: 'latest', to });
      expect(restored.skipped.length).toBeGreaterThan(0);
      const copy = new Database(to, { readonly: true });
      expect(copy.prepare('SELECT name FROM patients WHERE id = 3000').pluck().get()).toBe('Patient 3000');
      copy.close();
      if (isSealedFile(path) && path !== body) expect(await save(project)).toMatchObject({ status: 'unchanged' });
      else writeFileSync(file, bytes);
      // Saving again mends a part that is damaged, under the same name.
      expect(readFileSync(file)).toEqual(bytes);
    }
  }
});
