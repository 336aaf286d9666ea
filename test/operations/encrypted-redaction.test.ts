import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LeftOut } from '../../src/core/privacy/left-out.ts';
import type { Privacy } from '../../src/core/privacy/select.ts';
import { readAnyManifest } from '../../src/format/any-manifest.ts';
import { isSealed } from '../../src/format/sealed.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { prune } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { rotate } from '../../src/operations/rotate.ts';
import { status } from '../../src/operations/status.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { verify } from '../../src/operations/verify.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor, filesIn } from '../support/encrypted.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { look, projectWith } from '../support/round-trip.ts';
import { scratch } from '../support/scratch.ts';

const ada = ageKey();
const eve = ageKey();
const withKey = encryptionFor({ to: [ada], with: [ada] });
const withoutKey = encryptionFor({ to: [ada] });

const MANY = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)';
const made = (privacy: Privacy, encryption = withKey): Project => ({
  ...projectWith((db) =>
    db.exec(`
      CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, passport TEXT, shoe_size TEXT);
      INSERT INTO users VALUES (1, 'a@example.org', 'P-1', '40'), (2, 'b@example.org', 'P-2', '41');
      CREATE TABLE diary_lines(id INTEGER PRIMARY KEY, n);
      ${MANY} INSERT INTO diary_lines SELECT i, i FROM n`),
  ),
  privacy: { byName: false, ...privacy },
  encryption,
});
const save = (project: Project) => backup(project, { trigger: 'test' });
const rows = (file: string, sql: string) => look(file, (db) => db.prepare(sql).raw().all());

/** Another machine: nothing is known but what is in the backups folder. */
const elsewhere = (project: Project, encryption: Project['encryption']): Project => ({
  ...project,
  local: join(scratch(), '.overwinter'),
  ...(encryption === undefined ? {} : { encryption }),
});

const PRIVACY: Privacy = {
  redact: { users: { passport: '!', shoe_size: null } },
  include: { diary_lines: 'n > 100' },
};
const LEFT_OUT: LeftOut = {
  redacted: { users: ['passport', 'shoe_size'] },
  replaced: { users: ['passport'] },
  included: { diary_lines: 'n > 100' },
};

test('what is left out of an encrypted backup is known to whoever opens it, and to nobody else', async () => {
  const project = made(PRIVACY);
  const { name } = await save(project);
  const opened = await openBackup(project.store, name);
  expect(isSealed(opened.manifest)).toBe(true);
  expect(opened.manifest.metadata).not.toHaveProperty('redacted');
  for (const [path, bytes] of filesIn(project.store.path))
    for (const word of ['users', 'passport', 'shoe_size', 'diary_lines', 'n > 100', 'redacted', 'replaced', 'included'])
      expect([path, word, bytes.includes(word)]).toEqual([path, word, false]);
  expect((await unseal(withKey, project.store, opened)).manifest.metadata).toMatchObject(LEFT_OUT);
  expect(await verify(project, 'newest')).toMatchObject([{ ok: true, problem: undefined, leftOut: LEFT_OUT }]);
  const gone = withDatabase(project, join(scratch(), 'gone.db'));
  expect((await status(gone)).leftOut).toEqual(LEFT_OUT);
  expect((await status(elsewhere(gone, withoutKey))).leftOut).toEqual({});
});

test('it comes back as what is declared, and over a live database stays as it is there', async () => {
  const project = made(PRIVACY);
  const { name } = await save(project);
  const copy = join(scratch(), 'copy.db');
  await restore(project, { name, to: copy });
  expect(rows(copy, 'SELECT * FROM users')).toEqual([
    [1, 'a@example.org', '!', null],
    [2, 'b@example.org', '!', null],
  ]);
  expect(rows(copy, 'SELECT count(*) FROM diary_lines')).toEqual([[400]]);
  look(project.db, (db) => db.exec("UPDATE users SET email = 'changed', passport = 'P-NEW' WHERE id = 1"));
  expect(await restore(project, { name })).toMatchObject({ leftOut: LEFT_OUT });
  expect(rows(project.db, 'SELECT * FROM users')).toEqual([
    [1, 'a@example.org', 'P-NEW', '40'],
    [2, 'b@example.org', 'P-2', '41'],
  ]);
  expect(rows(project.db, 'SELECT count(*) FROM diary_lines')).toEqual([[500]]);
  expect(await save(project)).toMatchObject({ status: 'unchanged', name, ...LEFT_OUT });
});

test('encrypted anew it is without the same', async () => {
  const project = made(PRIVACY);
  await save(project);
  const bob = ageKey();
  const both = { ...project, encryption: encryptionFor({ to: [ada, bob], with: [ada] }) };
  expect((await rotate(both)).rotated).toHaveLength(1);
  expect(await verify(elsewhere(project, encryptionFor({ with: [bob] })), 'newest')).toMatchObject([
    { ok: true, leftOut: LEFT_OUT },
  ]);
  expect((await save(both)).status).toBe('unchanged');
});

test.each([
  ['with the key', withKey],
  ['with public keys alone', withoutKey],
])('a change of what is left out is a new backup, even where no row is, and only then: %s', async (_, encryption) => {
  // Every row holds already what is declared, so the rows are the same.
  const project = made({}, encryption);
  look(project.db, (db) => db.exec("UPDATE users SET passport = '!'"));
  const first = await save(project);
  expect((await save(project)).status).toBe('unchanged');
  const changed: Project = { ...project, privacy: { byName: false, redact: { users: { passport: '!' } } } };
  const second = await save(changed);
  expect(second).toMatchObject({ status: 'created', redacted: { users: ['passport'] } });
  expect(await save(changed)).toMatchObject({ status: 'unchanged', name: second.name });
  // Its part is the same: only the manifest and its body are new.
  const added = await prune(project, { last: 1, daily: 0, weekly: 0, monthly: 0 }, true);
  expect([added.removed.map((each) => each), added.partsRemoved]).toEqual([[first.name], 1]);
});

test('a column that is left out from now on is said to stand in older backups, where they can be opened', async () => {
  const project = made({});
  await save(project);
  const changed: Project = { ...project, privacy: { byName: false, redact: { users: ['passport'] } } };
  const dry = (which: Project) => backup(which, { trigger: 'test', dryRun: true });
  expect((await dry(changed)).stillInOlder).toEqual(['users.passport']);
  expect((await dry({ ...changed, encryption: withoutKey })).stillInOlder).toBeUndefined();
});

test('with public keys alone the guard looks at each table, after a backup of this machine', async () => {
  const project = made({}, withoutKey);
  const change = (sql: string) => look(project.db, (db) => db.exec(sql));
  change("CREATE TABLE orders(n); INSERT INTO orders SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9]')");
  await save(project);
  change('DELETE FROM orders; INSERT INTO diary_lines(n) SELECT 1000 + n FROM diary_lines');
  const lost = { code: 'BACKUP_SHRUNK', message: expect.stringContaining('orders has no rows') };
  await expect(save(project)).rejects.toMatchObject(lost);
  // Elsewhere only the total is known, which grew.
  const there = elsewhere(project, withoutKey);
  expect(await backup(there, { trigger: 'test', dryRun: true })).toMatchObject({ status: 'created' });
  expect(await backup(project, { trigger: 'test', allowShrink: ['orders'] })).toMatchObject({ status: 'created' });
});

test('the guard takes for lost what it cannot know to be left out', async () => {
  const project = made({});
  await save(project);
  const less: Project = { ...project, privacy: { byName: false, include: { diary_lines: 'n > 490' } } };
  for (const keys of [withoutKey, encryptionFor({ to: [ada], with: [eve] })])
    await expect(save(elsewhere(less, keys))).rejects.toMatchObject({
      code: 'BACKUP_SHRUNK',
      message: expect.stringMatching(
        /has 502 rows and is encrypted, and no key here opens it: whether only what the conf/,
      ),
      hint: expect.stringMatching(/where a key is .*'overwinter backup --allow-shrink'; those after it need neither/),
    });
  expect(await save(less)).toMatchObject({ status: 'created', rows: 12 });
  // From then on nobody needs a key for it.
  look(project.db, (db) => db.exec("UPDATE users SET email = 'changed'"));
  expect(await save(elsewhere(less, withoutKey))).toMatchObject({ status: 'created', rows: 12 });
  look(project.db, (db) => db.exec('DELETE FROM diary_lines'));
  await expect(save(less)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
  // These are lost, key or none, and it is said so.
  await expect(save(elsewhere(less, withoutKey))).rejects.toMatchObject({
    code: 'BACKUP_SHRUNK',
    message: expect.stringContaining('has 2 rows, and the newest backup has 12: no backup was written'),
  });
  const allowed = { trigger: 'test', allowShrink: true };
  expect(await backup(elsewhere(less, withoutKey), allowed)).toMatchObject({ status: 'created', rows: 2 });
  expect(rows(project.db, 'SELECT count(*) FROM users')).toEqual([[2]]);
});

test('what a public half says of it counts for nothing', async () => {
  const project = made(PRIVACY);
  const { name } = await save(project);
  const text = String(await project.store.read(`${name}.json`));
  const forged = text.replace('"content":', '"redacted": { "diary_lines": ["n"] },\n    "content":');
  expect(forged).not.toBe(text);
  const { manifest } = readAnyManifest(`${name}.json`, forged);
  expect((await unseal(withKey, project.store, { manifest })).manifest.metadata).toMatchObject(LEFT_OUT);
});
