import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { writeRecoveryKit } from '../../src/operations/recovery/recovery-kit.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { ageKey } from '../support/age.ts';
import { anyDatabase, make } from '../support/any-database.ts';
import { isSlow, tries } from '../support/chance.ts';
import { encryptionFor, makePatients } from '../support/encrypted.ts';
import { installed } from '../support/installed.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';
import { projectWithFiles, UPLOADS } from '../support/with-files.ts';

/** All that the script may ask for. Node is not among it. */
const PROGRAMS = [
  ...['sh', 'sqlite3', 'sed', 'awk', 'cat', 'wc', 'tr', 'cut', 'mktemp', 'rm', 'mv', 'mkdir', 'dirname', 'basename'],
  ...['sha1sum', 'sha256sum', 'grep', 'tail', 'head', 'age', 'gunzip', 'gzip'],
];

function elsewhere(): string {
  const bin = lasting();
  for (const program of PROGRAMS) {
    const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
    const path = found.find((each) => existsSync(each));
    if (path !== undefined) symlinkSync(path, join(bin, program));
  }
  return bin;
}
const bin = elsewhere();

/** On a machine without Node, where nothing is but the kit. */
function recover(kit: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(join(bin, 'sh'), ['recover.sh', ...args], {
    cwd: kit,
    encoding: 'utf8',
    env: { PATH: bin, HOME: scratch(), ...env },
  });
  return { status, said: stdout + stderr };
}

/** What was saved, whoever saved it and whenever. */
async function contentOf(folder: string, database: string): Promise<string> {
  const again = scratch();
  copyFileSync(join(folder, database), join(again, 'app.db'));
  const project = projectIn(again);
  const { name } = await backup(project, { trigger: 'test' });
  return (await openBackup(project.store, name)).manifest.metadata.content;
}

async function kitOf(folder: string, changes: Parameters<typeof projectIn>[1] = {}) {
  const project = projectIn(folder, changes);
  const { name } = await backup(project, { trigger: 'test' });
  const kit = join(scratch(), 'kit');
  const written = await writeRecoveryKit(project.store, kit);
  expect(written).toMatchObject({ name, folder: kit });
  return { kit, name, content: (await openBackup(project.store, name)).manifest.metadata.content };
}

/** With the digest that whoever forges one would write. */
function signed(manifest: string): string {
  const [text = ''] = manifest.split(',\n  "digest"');
  const digest = createHash('sha256').update(text).digest('hex');
  return `${text},\n  "digest": "sha256:${digest}"\n}\n`;
}

const EVERYTHING = `
  PRAGMA user_version = 7; PRAGMA application_id = 99; PRAGMA journal_mode = wal;
  CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, photo BLOB, score REAL, odd) -- a remark
  ;
  INSERT INTO users VALUES (1, 'a' || char(10) || '"q" \\ \\u0000', x'89504e470d0a00ff', 1.0, 9223372036854775807),
    (2, 'nul' || char(0) || 'after', zeroblob(0), 9e999, -9223372036854775808), (3, NULL, NULL, -9e999, CAST('-0.0' AS REAL)),
    (4, CAST(x'ff41' AS TEXT), x'00', 0.1 + 0.2, 'text'), (5, 'x', x'0102', 5e-324, 1.7976931348623157e308);
  CREATE TABLE pairs(a TEXT, b INT, PRIMARY KEY(a, b)) WITHOUT ROWID; INSERT INTO pairs VALUES ('ä', 1), ('b', 2);
  CREATE TABLE hidden(x TEXT); INSERT INTO hidden(rowid, x) VALUES (7, 'seven'), (-3, 'minus');
  CREATE TABLE "odd ""name"".x"("a.b" TEXT, "c""d" INT, "e\\f" TEXT, twice GENERATED ALWAYS AS ("c""d" * 2) STORED);
  INSERT INTO "odd ""name"".x" VALUES ('1', 2, 'nul' || char(0));
  CREATE VIRTUAL TABLE docs USING fts5(title, body); INSERT INTO docs VALUES ('hello', 'the big world'), ('bye', 'small');
  CREATE VIRTUAL TABLE places USING rtree(id, x0, x1); INSERT INTO places VALUES (1, 0.5, 1.5);
  CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO counted(v) VALUES (1), (2), (3); DELETE FROM counted WHERE id = 3;
  CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT CHECK (length(text) > 3));
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO notes SELECT i, 'note ' || hex(i * 7919) FROM n;
  CREATE TABLE parts(m); CREATE TABLE columns(tbl, name); CREATE TABLE code(letters); CREATE TABLE m(doc); INSERT INTO parts VALUES (1), (2);
  INSERT INTO columns VALUES (3, 4); INSERT INTO code VALUES (5); INSERT INTO m VALUES (6);
  CREATE INDEX by_email ON users(email); CREATE VIEW named AS SELECT * FROM users;
  CREATE TRIGGER told AFTER INSERT ON users BEGIN INSERT INTO hidden VALUES (new.email); END;
  ANALYZE;`;

describe('where a kit is to go', () => {
  async function saved() {
    const project = projectIn(scratch());
    new Database(project.db).exec('CREATE TABLE t(x); INSERT INTO t VALUES (1)').close();
    const { name } = await backup(project, { trigger: 'test' });
    return { project, name, kit: join(scratch(), 'deep', 'kit') };
  }
  const inTheWay = { code: 'NAME_TAKEN' };

  test('a kit that is there is replaced, and what one that died left goes', async () => {
    const { project, name, kit } = await saved();
    await writeRecoveryKit(project.store, `${kit}.part`);
    rmSync(join(`${kit}.part`, 'backups', 'latest_backup.json'));
    writeFileSync(join(`${kit}.part`, 'backups', '.overwinter-half'), 'half');
    mkdirSync(kit);
    await writeRecoveryKit(project.store, kit);
    expect(await writeRecoveryKit(project.store, kit, name.slice(0, -3))).toMatchObject({ folder: kit, name, rows: 1 });
    expect(readdirSync(kit).sort()).toEqual(['README.md', 'backups', 'recover.sh']);
    expect(readdirSync(join(kit, '..'))).toEqual(['kit']);
  });

  test('a file, or a folder with anything else, stays as it is', async () => {
    const { project, kit } = await saved();
    await expect(writeRecoveryKit(project.store, project.db)).rejects.toMatchObject(inTheWay);
    expect(existsSync(project.db)).toBe(true);
    await writeRecoveryKit(project.store, kit);
    writeFileSync(join(kit, 'app.db'), 'all that somebody has');
    await expect(writeRecoveryKit(project.store, kit)).rejects.toMatchObject(inTheWay);
    expect(readFileSync(join(kit, 'app.db'), 'utf8')).toBe('all that somebody has');
    const other = join(scratch(), 'kit');
    writeFileSync(`${other}.part`, 'somebody else makes something here');
    await expect(writeRecoveryKit(project.store, other)).rejects.toMatchObject(inTheWay);
    expect(existsSync(`${other}.part`)).toBe(true);
  });

  test('what holds the backups, or lies among them, stays, however it is reached', async () => {
    const { project } = await saved();
    const volume = scratch();
    cpSync(project.store.path, join(volume, 'backups'), { recursive: true });
    const store = folderStore(join(volume, 'backups'));
    const linked = join(scratch(), 'volume');
    symlinkSync(volume, linked);
    const there = readdirSync(volume, { recursive: true }).sort();
    // With a script and a page beside it, it looks like a kit.
    const kit = join(scratch(), 'kit');
    await writeRecoveryKit(store, kit);
    for (const folder of [volume, linked, store.path, join(linked, 'backups', 'kit'), join(linked, 'backups')])
      await expect(writeRecoveryKit(store, folder)).rejects.toMatchObject(inTheWay);
    await expect(writeRecoveryKit(folderStore(join(kit, 'backups')), kit)).rejects.toMatchObject(inTheWay);
    // Whatever it is read from: it is no kit.
    await expect(writeRecoveryKit(project.store, volume)).rejects.toMatchObject(inTheWay);
    expect(readdirSync(volume, { recursive: true }).sort()).toEqual(there);
  });

  test.each<[string, (kit: string) => void]>([
    ['a file of somebody in backups/', (kit) => writeFileSync(join(kit, 'backups', 'letters.txt'), 'mine')],
    [
      'a file of somebody among the parts',
      (kit) => writeFileSync(join(kit, 'backups', 'parts', 'letters.txt'), 'mine'),
    ],
    ['a folder of somebody', (kit) => mkdirSync(join(kit, 'backups', 'letters'))],
    ['a database in it', (kit) => writeFileSync(join(kit, 'backups', 'app.db'), 'mine')],
    ['a second backup', (kit) => writeFileSync(join(kit, 'backups', 'mine.json'), '{}')],
    ['a link in it', (kit) => symlinkSync(scratch(), join(kit, 'backups', 'parts', 'link'))],
    ['another script', (kit) => writeFileSync(join(kit, 'recover.sh'), '#!/bin/sh\necho mine\n')],
    ['no script', (kit) => rmSync(join(kit, 'recover.sh'))],
    ['no page', (kit) => rmSync(join(kit, 'README.md'))],
  ])('%s: the folder stays, and so does one where a kit is made', async (_, change) => {
    const { project, kit } = await saved();
    for (const place of [kit, `${kit}.part`]) {
      await writeRecoveryKit(project.store, place);
      mkdirSync(join(place, 'backups', 'parts'), { recursive: true });
      change(place);
      const there = readdirSync(place, { recursive: true }).sort();
      await expect(writeRecoveryKit(project.store, kit)).rejects.toMatchObject(inTheWay);
      expect(readdirSync(place, { recursive: true }).sort()).toEqual(there);
      rmSync(place, { recursive: true });
    }
  });

  test('a link stays, also one to a kit', async () => {
    const { project, kit } = await saved();
    await writeRecoveryKit(project.store, kit);
    const link = join(scratch(), 'link');
    symlinkSync(kit, link);
    await expect(writeRecoveryKit(project.store, link)).rejects.toMatchObject(inTheWay);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('of a backup without a part nothing is made, and the kit that was there stays', async () => {
    const { project, kit } = await saved();
    const db = new Database(project.db);
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO t SELECT hex(zeroblob(20)) || i FROM n`);
    db.close();
    const { name } = await backup(project, { trigger: 'test' });
    await writeRecoveryKit(project.store, kit, name);
    rmSync(join(project.store.path, 'parts'), { recursive: true });
    await expect(writeRecoveryKit(project.store, kit, name)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(readdirSync(kit).sort()).toEqual(['README.md', 'backups', 'recover.sh']);
    // The newest that is whole is the one before.
    expect(await writeRecoveryKit(project.store, kit)).toMatchObject({ rows: 1 });
  });

  test('a place that takes none is said, and nothing is left there', async () => {
    const { project } = await saved();
    const file = join(scratch(), 'file');
    writeFileSync(file, 'no folder');
    await expect(writeRecoveryKit(project.store, join(file, 'kit'))).rejects.toMatchObject({
      code: expect.stringMatching(/^NOT_WRITABLE|DISK_FULL$/),
    });
    expect(readFileSync(file, 'utf8')).toBe('no folder');
  });
});

describe.skipIf(spawnSync('sqlite3', ['--version']).status !== 0)('with a shell and sqlite3 alone', () => {
  test('everything that SQLite has comes back, to the byte of a backup', async () => {
    const folder = scratch();
    const db = new Database(join(folder, 'app.db'));
    db.exec(EVERYTHING);
    db.close();
    const { kit, name, content } = await kitOf(folder);
    expect(recover(kit)).toEqual({ status: 0, said: expect.stringContaining(`rows of ${name}`) });
    expect(await contentOf(kit, 'app.db')).toBe(content);
    const back = new Database(join(kit, 'app.db'));
    expect(back.prepare("SELECT title FROM docs WHERE docs MATCH 'world'").pluck().all()).toEqual(['hello']);
    expect(back.pragma('user_version', { simple: true })).toBe(7);
    back.close();
    // What is there stays, and so does a kit in which somebody has made something.
    expect(recover(kit)).toEqual({ status: 1, said: expect.stringContaining('stays as it is') });
    const again = writeRecoveryKit(projectIn(folder).store, kit);
    await expect(again).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(existsSync(join(kit, 'app.db'))).toBe(true);
  });

  test('any database comes back, or is refused in words', { timeout: isSlow ? 900_000 : 120_000 }, async () => {
    let back = 0;
    await fc.assert(
      fc.asyncProperty(anyDatabase, async (database) => {
        const folder = scratch();
        const db = new Database(join(folder, 'app.db'));
        db.pragma('foreign_keys = OFF');
        make(db, database);
        db.close();
        const { kit, content } = await kitOf(folder);
        const { status, said } = recover(kit);
        if (/only Overwinter brings/.test(said)) return;
        expect(said).toMatch(/rows of/);
        expect(status).toBe(0);
        // A database in UTF-16 has become one in UTF-8, which is another content.
        if (database.encoding === 'UTF-8') expect(await contentOf(kit, 'app.db')).toBe(content);
        back++;
      }),
      { numRuns: tries(12, 300) },
    );
    expect(back).toBeGreaterThan(3);
  });

  test('a part that is missing or damaged, or another digest: nothing is made', async () => {
    const folder = scratch();
    makePatients(join(folder, 'app.db'));
    const { kit, name } = await kitOf(folder);
    const parts = readdirSync(join(kit, 'backups/parts'), { recursive: true, encoding: 'utf8' });
    const part = join(kit, 'backups/parts', parts.find((each) => each.endsWith('.jsonl')) ?? '');
    const whole = readFileSync(part);
    appendFileSync(part, '\n');
    expect(recover(kit)).toEqual({ status: 1, said: expect.stringContaining('is damaged') });
    writeFileSync(part, whole);
    const manifest = join(kit, `backups/${name}.json`);
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"dark-mode"', '"dark-node"'));
    expect(recover(kit)).toEqual({ status: 1, said: expect.stringContaining('is damaged') });
    expect(readdirSync(kit).sort()).toEqual(['README.md', 'backups', 'recover.sh']);
  });

  test('a definition that is a program runs none', async () => {
    // Whoever can write a backup can write this one, which no reader of ours would.
    const honest = scratch();
    const plain = new Database(join(honest, 'app.db'));
    plain.exec("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x')");
    plain.close();
    const { kit, name } = await kitOf(honest);
    const file = join(kit, `backups/${name}.json`);
    const forged = readFileSync(file, 'utf8').replace(
      'CREATE TABLE t(a, b)',
      'CREATE TABLE t(a, b);\\n.shell touch stranger\\n',
    );
    expect(forged).toContain('.shell');
    writeFileSync(file, signed(forged));
    const { status, said } = recover(kit);
    expect(said).toContain('a definition cannot be made');
    expect(status).toBe(1);
    expect(existsSync(join(kit, 'stranger'))).toBe(false);
  });

  test('files that were saved beside the rows lie beside the database', async () => {
    const folder = scratch();
    makePatients(join(folder, 'app.db'), 10);
    const project = projectWithFiles(folder);
    project.put('note.txt', 'hello');
    project.put('deep/large.bin', Buffer.alloc(50_000, 'abc'), { mode: 0o600 });
    project.put('empty', '');
    await backup(project, { trigger: 'test' });
    const kit = join(scratch(), 'kit');
    await writeRecoveryKit(project.store, kit);
    expect(
      recover(kit, [
        `backups/${readdirSync(join(kit, 'backups')).find((each) => each.startsWith('backup_'))}`,
        'new.db',
      ]).status,
    ).toBe(0);
    const at = (path: string) => readFileSync(join(kit, 'new.db-files', UPLOADS, path), 'utf8');
    expect([at('note.txt'), at('deep/large.bin'), at('empty')]).toEqual([
      'hello',
      'abc'.repeat(17_000).slice(0, 50_000),
      '',
    ]);
  });

  test.skipIf(!installed('age'))('an encrypted backup, with age and a key', async () => {
    const folder = scratch();
    makePatients(join(folder, 'app.db'));
    const ada = ageKey();
    const { kit } = await kitOf(folder, { encryption: encryptionFor({ to: [ada] }) });
    expect(recover(kit)).toEqual({ status: 1, said: expect.stringContaining('IDENTITY=key.txt') });
    expect(recover(kit, [], { IDENTITY: ageKey().file }).said).toContain('does not open the backup');
    expect(existsSync(join(kit, 'app.db'))).toBe(false);
    expect(recover(kit, [], { IDENTITY: ada.file })).toMatchObject({ status: 0 });
    // The content of an encrypted backup is another text for the same rows.
    const plain = scratch();
    copyFileSync(join(folder, 'app.db'), join(plain, 'app.db'));
    expect(await contentOf(kit, 'app.db')).toBe(await contentOf(plain, 'app.db'));
  });
});
