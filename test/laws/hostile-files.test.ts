import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { prune } from '../../src/operations/prune.ts';
import { readSlices } from '../../src/operations/read-parts.ts';
import { restore } from '../../src/operations/restore.ts';
import { status } from '../../src/operations/status.ts';
import { verify } from '../../src/operations/verify.ts';
import { gitRevisionStore } from '../../src/stores/git/revision.ts';
import { addPart, type Draft, everything, forged, openFiles, put, refusedWith } from '../support/forged.ts';
import type { TestProject as Project } from '../support/project.ts';
import { repositoryIn } from '../support/repository.ts';
import { look } from '../support/round-trip.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TEN_GB = 10 * 2 ** 30;
const inBackups = (project: Project, ...path: string[]) => join(project.store.path, ...path);

function replaced(path: string, make: (path: string) => void): void {
  rmSync(path, { recursive: true, force: true });
  make(path);
}

const pipe = (path: string) => void execFileSync('mkfifo', [path]);
const linkTo = (target: string) => (path: string) => symlinkSync(target, path);
const folder = (path: string) => void mkdirSync(path);
const zeros = (path: string) => {
  writeFileSync(path, '');
  truncateSync(path, TEN_GB);
};

/** What may stand where a file should; none of it may be opened for long, followed or taken in. */
const THINGS: readonly (readonly [string, (path: string) => void])[] = [
  ['a pipe, whose opening waits for ever', pipe],
  ['a link to a device that never ends', linkTo('/dev/zero')],
  ['a link to a file outside', linkTo('/etc/passwd')],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['a link to nothing', linkTo('/nonexistent')],
  ['a folder', folder],
  ['10 GB of zeros', zeros],
];

const DAMAGE = ['BACKUP_DAMAGED', 'BACKUP_NOT_FOUND', 'NO_BACKUP'];

/** The file of the newest part of the draft that `forged` wrote. */
async function partIn(project: Project): Promise<string> {
  const [file = ''] = [...(await project.store.list('parts')).keys()];
  return inBackups(project, file);
}

const memory = () => process.memoryUsage().rss / 2 ** 20;

test.each(THINGS)('%s in the place of a part', async (_, make) => {
  const project = await forged(() => {});
  replaced(await partIn(project), make);
  const before = memory();
  await refusedWith(DAMAGE, project, () => restore(project, { name: 'forged' }));
  await refusedWith(DAMAGE, project, () => restore(project, { name: 'latest' }));
  expect(await verify(project, 'all')).toMatchObject([{ ok: false }]);
  expect(memory() - before, 'MB').toBeLessThan(200);
});

test.each(THINGS)('%s in the place of a manifest', async (_, make) => {
  const project = await forged(() => {});
  replaced(inBackups(project, 'forged.json'), make);
  const before = memory();
  await refusedWith(DAMAGE, project, () => restore(project, { name: 'forged' }));
  await refusedWith(DAMAGE, project, () => restore(project, { name: 'latest' }));
  expect(memory() - before, 'MB').toBeLessThan(200);
});

test.each(THINGS)('%s in the place of the pointer changes nothing, and the next backup mends it', async (_, make) => {
  const project = await forged(() => {});
  const pointer = inBackups(project, 'latest_backup.json');
  replaced(pointer, make);
  expect((await restore(project, { name: 'latest' })).rows).toBe(2002);
  expect((await status(project)).newest?.name).toBe('forged');
  if (make === folder) return;
  look(project.db, (db) => db.exec("INSERT INTO users VALUES (3, 'Cy')"));
  const { name } = await backup(project, { trigger: 'test' });
  expect(JSON.parse(readFileSync(pointer, 'utf8'))).toMatchObject({ name });
  expect(lstatSync(pointer).isFile()).toBe(true);
});

test('a part larger than the manifest says is not read, and one of another content is found out', async () => {
  const project = await forged(() => {});
  const part = await partIn(project);
  const honest = readFileSync(part);
  put(part, Buffer.concat([honest, Buffer.alloc(1)]));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged' }));
  put(part, Buffer.alloc(honest.length));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged' }));
});

test('a link in the place of the folder of parts: nothing is read, written or removed behind it', async () => {
  const project = await forged(() => {});
  const linked = inBackups(project, 'parts');
  const outside = join(scratch(), 'theirs');
  execFileSync('cp', ['-r', linked, outside]);
  replaced(linked, linkTo(outside));
  const theirs = () => readdirSync(outside, { recursive: true }).sort();
  const before = theirs();

  await refusedWith(DAMAGE, project, () => restore(project, { name: 'forged' }));
  expect(await verify(project, 'all')).toMatchObject([{ ok: false }]);
  look(project.db, (db) =>
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO orders SELECT i, printf('another %d %.80c', i, 'y') FROM n`),
  );
  await backup(project, { trigger: 'test', allowShrink: true }).catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'BACKUP_DAMAGED' }),
  );
  rmSync(inBackups(project, 'forged.json'));
  await prune(project, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false).catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'BACKUP_DAMAGED' }),
  );
  expect(theirs()).toEqual(before);
});

test('the backups folder itself may be a link: where it lies is the user’s to say', async () => {
  const project = await forged(() => {});
  const elsewhere = join(scratch(), 'volume');
  execFileSync('mv', [project.store.path, elsewhere]);
  symlinkSync(elsewhere, project.store.path);
  expect((await restore(project, { name: 'latest' })).rows).toBe(2002);
});

test.each([
  '../../app.db',
  '/etc/passwd',
  'parts/../../app.db',
  'parts/orders-/../../../../etc/passwd',
  'parts\\orders-abababababababababababababababababababab-00f31c9e.jsonl',
  'parts/orders-\0abababababababababababababababababababab-00f31c9e.jsonl',
  'latest_backup.json',
  'PARTS/orders-abababababababababababababababababababab-00f31c9e.jsonl',
  'parts/./orders-abababababababababababababababababababab-00f31c9e.jsonl',
  'parts/../parts/orders-abababababababababababababababababababab-00f31c9e.jsonl',
  'parts/a b-abababababababababababababababababababab-00f31c9e.jsonl',
])('a part of the name %j', async (file) => {
  const project = await forged((draft) => draft.data.set('orders', { count: 1, parts: [{ file, rows: 1, bytes: 1 }] }));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged' }));
});

test.each([
  '../forged',
  '/etc/passwd',
  '.git',
  '..',
  '',
  'a/b',
  'a\\b',
  'a\0b',
  'latest_backup',
  'x'.repeat(200),
  '-x',
])('a backup of the name %j', async (name) => {
  const project = await forged(() => {});
  await refusedWith(['NAME_INVALID'], project, () => restore(project, { name }));
  await refusedWith(['NAME_INVALID'], project, () => backup(project, { trigger: 'test', name }));
});

test('names that differ in their case alone are two backups, or one where the disk says so', async () => {
  const project = await forged(() => {});
  renameSync(inBackups(project, 'forged.json'), inBackups(project, 'Forged.json'));
  const codes = existsSync(inBackups(project, 'forged.json')) ? [] : ['BACKUP_NOT_FOUND'];
  if (codes.length > 0) await refusedWith(codes, project, () => restore(project, { name: 'forged' }));
  expect((await restore(project, { name: 'Forged' })).rows).toBe(2002);
});

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each<[string, (text: string) => string | Buffer]>([
  ['nested a million deep', (text) => text.replace('"users": [', `"users": [${deep(1_000_000)},`)],
  ['nested a million deep, without an end', () => '{"metadata":'.repeat(1_000_000)],
  ['a million brackets', () => '['.repeat(1_000_000)],
  ['of 30 MB without an end', (text) => text + ' '.repeat(30_000_000)],
  ['of 30 MB of quotes', (text) => text.replace('"users"', '"'.repeat(30_000_001))],
  ['with a byte order mark', (text) => `\ufeff${text}`],
  ['in UTF-16', (text) => Buffer.from(text, 'utf16le')],
  ['that is not valid UTF-8', (text) => Buffer.from(text.replace('Ada', 'Ad\xff'), 'latin1')],
  ['with __proto__ for the metadata', (text) => text.replace('"metadata"', '"__proto__"')],
  ['with __proto__ besides', (text) => text.replace('"schema"', '"__proto__": {"rows": 9},\n  "schema"')],
  ['with a table twice', (text) => text.replace('"users": [', '"users": [],\n    "users": [')],
  ['with a digest of another', (text) => text.replace(/("digest": "sha256:)./, '$1-')],
  ['of numbers that are none', (text) => text.replace('"rows": 2002', '"rows": NaN')],
  ['of endless numbers', (text) => text.replace('"rows": 2002', '"rows": 1e999')],
  ['of numbers beyond what can be counted', (text) => text.replace('"rows": 2002', '"rows": 9007199254740993')],
])('a manifest %s', async (what, change) => {
  const project = await forged(() => {});
  const manifest = inBackups(project, 'forged.json');
  const text = readFileSync(manifest, 'utf8');
  put(manifest, change(text));
  if (/of 30 MB without|besides/.test(what)) {
    // White space is none of a manifest's business, and a key that nobody knows says nothing.
    expect((await restore(project, { name: 'forged' })).rows).toBe(2002);
    expect(Object.prototype).not.toHaveProperty('rows');
    return;
  }
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged' }));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'latest' }));
});

const many = (count: number) => (draft: Draft) => {
  for (let i = 0; i < count; i++) {
    const name = `t${i}`;
    draft.schema.push({ type: 'table', name, table: name, sql: `CREATE TABLE ${name}(a)` });
    draft.data.set(name, { rows: [] });
  }
  draft.metadata.tables += count;
};

test('100,000 tables are refused at once', async () => {
  const project = await forged(many(100_000));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged' }), 10);
});

test('2,000 tables are fine', async () => {
  const project = await forged(many(2000));
  expect((await restore(project, { name: 'forged' })).rows).toBe(2002);
});

test('a folder of other people’s files is no trouble: they are no backups', async () => {
  const project = await forged(() => {});
  zeros(inBackups(project, 'huge.json'));
  zeros(inBackups(project, 'huge.bin'));
  pipe(inBackups(project, 'pipe.json'));
  put(inBackups(project, 'list.json'), '[]');
  symlinkSync('/', inBackups(project, 'link.json'));
  const { entries, unreadable } = await readCatalog(project.store);
  expect(entries.map(({ name }) => name)).toEqual(['forged']);
  expect(unreadable.map(({ name }) => name).sort()).toEqual(['huge', 'link', 'list']);
  expect((await restore(project, { name: 'latest' })).rows).toBe(2002);
});

test('in history too: links are no files, and what is too large is not taken in', async () => {
  const project = await forged(() => {});
  const repository = repositoryIn(dirname(project.db));
  repository.git(['init', '-q', '-b', 'main']);
  // Packing hundreds of megabytes is not what this is about.
  repository.git(['config', 'core.compression', '0']);
  writeFileSync(join(repository.top, '.gitignore'), '.overwinter\napp.db*\n');
  const part = await partIn(project);
  const commit = (make: (path: string) => void) => {
    replaced(part, make);
    repository.git(['add', '-A']);
    repository.git(['commit', '-q', '-m', 'changed']);
    return gitRevisionStoreAt('HEAD');
  };
  const opened = await repository.open();
  const gitRevisionStoreAt = (revision: string) => gitRevisionStore(opened, revision, project.store.path);
  for (const make of [linkTo('/etc/passwd'), (path: string) => writeFileSync(path, Buffer.alloc(150 * 2 ** 20))]) {
    const from = await commit(make);
    const before = memory();
    await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged', from }));
    expect(memory() - before, 'MB').toBeLessThan(100);
  }
  const large = await commit(() => writeFileSync(inBackups(project, 'forged.json'), Buffer.alloc(150 * 2 ** 20, 32)));
  await refusedWith(['BACKUP_DAMAGED'], project, () => restore(project, { name: 'forged', from: large }));
});

test('whoever stops in the middle of a table leaves no file of it open', async () => {
  const project = await forged(() => {});
  const contents = Array.from({ length: 6 }, (_, i) => `${String(i).repeat(2_000_000)}\n`);
  const parts = await Promise.all(contents.map((text) => addPart(project.store.path, 'many', text, 1)));
  const slices = readSlices(project.store, { count: 6, parts });
  await slices.next();
  await slices.return(undefined);
  expect(openFiles(dirname(project.db))).toBe(0);
});

test('what was thrown away is all that was made: nothing is left beside', async () => {
  const project = await forged((draft) => draft.data.set('users', { rows: ['5'] }));
  const before = everything(project);
  for (let i = 0; i < 3; i++) await restore(project, { name: 'forged' }).catch(() => {});
  expect(everything(project)).toEqual(before);
  expect(readdirSync(dirname(project.db)).sort()).toEqual(['.overwinter', 'app.db', 'backups']);
  expect(projectIn(dirname(project.db)).db).toBe(project.db);
});
