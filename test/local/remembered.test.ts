import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { scanFolders } from '../../src/folders/scan.ts';
import type { WantedFiles } from '../../src/folders/wanted.ts';
import { type Call, recall, remember, toRemember } from '../../src/local/unchanged.ts';
import { nothingToCommit, stagedNow } from '../../src/local/unchanged-commit.ts';
import { newRepository, plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** What a backup that changed nothing answers without a look at the rows. A wrong answer is a change that nobody saves. */

const WORDS = { stdout: 'unchanged\n', stderr: 'all is well\n' };
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

interface More {
  readonly watched?: readonly string[];
  readonly variables?: readonly string[];
  readonly files?: WantedFiles;
  readonly until?: number;
  readonly argv?: readonly string[];
  readonly env?: Call['env'];
}

/** A project whose unchanged backup was just remembered. */
function remembered({ watched = ['overwinter.config.json'], variables, files, until, ...more }: More = {}) {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  return again(root, {
    watched,
    ...(variables && { variables }),
    ...(files && { files }),
    ...(until && { until }),
    ...more,
  });
}

function again(root: string, { watched = [], variables, files, until, argv = ['backup'], env = {} }: More) {
  const project = projectIn(root);
  if (!existsSync(project.db)) write(project.db);
  const call: Call = { argv, cwd: root, env };
  const known = toRemember({ database: project.database, ...(files && { files }) });
  if (files !== undefined) known.onFiles(scanFolders(files, new Date(8.64e15)));
  const at = () => watched.map((file) => join(root, file));
  remember(call, [known], at, { ...WORDS, ...(until && { until }) }, variables);
  return { root, db: project.db, call };
}

const ROW = "CREATE TABLE IF NOT EXISTS log(line); INSERT INTO log VALUES ('new')";

function write(db: string): void {
  const opened = new Database(db);
  opened.exec(ROW);
  opened.close();
}

test('where nothing changed, it is said again, and not to another call', async () => {
  const { root, call } = remembered();
  expect(await recall(call)).toStrictEqual(WORDS);
  expect(await recall({ ...call, argv: ['backup', '--json'] })).toBeUndefined();
  expect(await recall({ ...call, argv: ['hook', 'pre-commit'] })).toBeUndefined();
  mkdirSync(join(root, 'deeper'));
  expect(await recall({ ...call, cwd: join(root, 'deeper') })).toBeUndefined();
});

test('the hook and a backup by hand each have their own', async () => {
  const { root, call } = remembered();
  const hook = again(root, { argv: ['hook', 'pre-commit'] }).call;
  expect(await recall(hook)).toEqual(WORDS);
  expect(await recall(call)).toEqual(WORDS);
});

test('where rows were written, it is not known', async () => {
  const { db, call } = remembered();
  write(db);
  expect(await recall(call)).toBeUndefined();
});

test('where they are still beside the database, neither', async () => {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  const project = projectIn(root);
  const app = new Database(project.db);
  app.pragma('journal_mode = wal');
  app.pragma('wal_autocheckpoint = 0');
  app.exec(ROW);
  const call: Call = { argv: ['backup'], cwd: root, env: {} };
  remember(call, [toRemember(project)], () => [], WORDS);
  expect(await recall(call)).toEqual(WORDS);
  app.exec(ROW);
  expect(await recall(call)).toBeUndefined();
  app.close();
});

test('a database that is gone, or another one in its place, is not known', async () => {
  const { db, root, call } = remembered();
  renameSync(db, join(root, 'aside.db'));
  expect(await recall(call)).toBeUndefined();
  write(db);
  expect(await recall(call)).toBeUndefined();
});

test('one that was not there, or of which nothing tells its state, is not remembered', async () => {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  const there = projectIn(root);
  write(there.db);
  const gone = projectIn(root, { db: join(root, 'gone.db') });
  const call: Call = { argv: ['backup'], cwd: root, env: {} };
  const noFile = {
    files: undefined,
    signature: undefined,
    folders: undefined,
    foldersSignature: () => '',
    writtenLast: () => [],
  };
  const notScanned = { ...toRemember(there), foldersSignature: () => undefined };
  const atAddress = toRemember({ database: {} });
  expect([atAddress.files, atAddress.signature]).toEqual([undefined, undefined]);
  const files = { folders: [], top: root, never: [], largest: 1, largestSum: 1 };
  const neverScanned = toRemember({ database: there.database, files });
  for (const databases of [
    ...[
      [toRemember(there), toRemember(gone)],
      [toRemember(there), noFile],
      [toRemember(there), atAddress],
    ],
    ...[[notScanned], [neverScanned], [toRemember(there), neverScanned], []],
  ]) {
    remember(call, databases, () => [], WORDS);
    expect(existsSync(join(root, '.overwinter'))).toBe(false);
    expect(await recall(call)).toBeUndefined();
  }
  remember(call, [toRemember(there)], () => [], WORDS);
  expect(await recall(call)).toEqual(WORDS);
});

test('a configuration that changes or appears means looking again', async () => {
  const { root, call } = remembered();
  const config = join(root, 'overwinter.config.json');
  writeFileSync(config, '{}');
  expect(await recall(call)).toBeUndefined();
  again(root, { watched: ['overwinter.config.json'] });
  expect(await recall(call)).toEqual(WORDS);
  writeFileSync(config, '[]');
  utimesSync(config, LONG_AGO, LONG_AGO);
  expect(await recall(call)).toBeUndefined();
});

test.each([
  ['a variable of ours', { OVERWINTER_DIR: 'elsewhere' }],
  ['where it runs', { NODE_ENV: 'production' }],
  ['whether it is CI', { CI: '1' }],
  ['a variable that names the database', { DATABASE_URL: 'file:other.db' }],
])('%s means looking again', async (_, env) => {
  const { call } = remembered({ variables: ['DATABASE_URL'] });
  expect(await recall({ ...call, env })).toBeUndefined();
});

test.each([
  ['a key', { OVERWINTER_IDENTITY: 'secret' }],
  ['a passphrase', { OVERWINTER_PASSPHRASE: 'secret' }],
  ['a token', { OVERWINTER_GIT_TOKEN: 'secret', OVERWINTER_WEBHOOK_SECRET: 'secret' }],
  ["what is nobody's business", { HOME: '/elsewhere', COLUMNS: '80' }],
])('%s changes nothing about what is saved', async (_, env) => {
  const { root, call } = remembered();
  expect(await recall({ ...call, env })).toEqual(WORDS);
  // A configuration that is there and no code asks no variable either.
  writeFileSync(join(root, 'overwinter.config.json'), '{}');
  const { call: configured } = again(root, { watched: ['overwinter.config.json'] });
  expect(await recall({ ...configured, env })).toEqual(WORDS);
});

test('in which order the variables come says nothing', async () => {
  const [a, b] = [
    ['OVERWINTER_A', '1'],
    ['OVERWINTER_B', '2'],
  ] as const;
  const { call } = remembered({ env: Object.fromEntries([a, b]) });
  expect(await recall({ ...call, env: Object.fromEntries([b, a]) })).toEqual(WORDS);
});

test('a configuration that is code may read any variable, save those that change with every call', async () => {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'overwinter.config.ts'), '');
  const { call } = again(root, { watched: ['overwinter.config.ts', 'overwinter.config.json'] });
  expect(await recall(call)).toEqual(WORDS);
  expect(await recall({ ...call, env: { HOME: '/elsewhere' } })).toBeUndefined();
  const passing = { SHLVL: '2', PWD: '/x', GIT_INDEX_FILE: 'i', COLUMNS: '80', TERM: 'x', OVERWINTER_PASSPHRASE: 'x' };
  expect(await recall({ ...call, env: passing })).toEqual(WORDS);
});

test('what is to be said again some day is said again then', async () => {
  expect(await recall(remembered({ until: Date.now() - 1 }).call)).toBeUndefined();
  expect(await recall(remembered({ until: Date.now() + 60_000 }).call)).toEqual(WORDS);
});

test('a file beside the rows that changes, comes or goes means looking again', async () => {
  const root = scratch();
  const uploads = join(root, 'uploads');
  mkdirSync(uploads);
  writeFileSync(join(root, 'package.json'), '{}');
  const put = (name: string, text: string) => {
    writeFileSync(join(uploads, name), text);
    utimesSync(join(uploads, name), LONG_AGO, LONG_AGO);
  };
  const files: WantedFiles = {
    folders: [{ name: 'uploads', path: uploads }],
    top: root,
    never: [],
    largest: 1e6,
    largestSum: 1e6,
  };
  const changes = [
    () => put('a.png', 'other'),
    () => put('b.png', 'new'),
    () => rmSync(join(uploads, 'b.png')),
    () => rmSync(uploads, { recursive: true }),
  ];
  put('a.png', 'a');
  for (const change of changes) {
    const { call } = again(root, { files });
    expect(await recall(call)).toEqual(WORDS);
    change();
    expect(await recall(call)).toBeUndefined();
  }
});

test('what only the beginning of a file tells is looked at, where its times are not', async () => {
  const { root, call } = remembered();
  const own = projectIn(root).database.file;
  if (own === undefined) throw new Error('it is a file');
  const path = join(root, 'beginning');
  for (const [head, known] of [
    [4, undefined],
    [3, WORDS],
    [0, WORDS],
  ] as const) {
    writeFileSync(path, 'the rows');
    const file = { ...own, path, marks: [{ end: '', head, times: false }] };
    remember(call, [toRemember({ database: { file } })], () => [], WORDS);
    expect(await recall(call)).toEqual(WORDS);
    writeFileSync(path, 'the other rows'.replace(' ', '_'));
    expect(await recall(call), String(head)).toEqual(known);
  }
});

test('a disk that takes no memory makes no backup fail, and what is wrong with the call itself does', () => {
  const { root, call } = remembered();
  const known = [toRemember(projectIn(root))];
  rmSync(join(root, '.overwinter/unchanged.json'));
  mkdirSync(join(root, '.overwinter/unchanged.json/in the way'), { recursive: true });
  expect(() => remember(call, known, () => [], WORDS)).not.toThrow();
  const failing = () => {
    throw new Error('a fault of ours');
  };
  expect(() => remember(call, known, failing, WORDS)).toThrow('a fault of ours');
});

test('a memory that is damaged is none', async () => {
  const { root, call } = remembered();
  for (const text of ['', '{', 'null', '{}', '[]']) {
    writeFileSync(join(root, '.overwinter/unchanged.json'), text);
    expect(await recall(call), text).toBeUndefined();
  }
});

test('the memory of a folder that is named is the one of its project', async () => {
  const app = scratch();
  writeFileSync(join(app, 'package.json'), '{}');
  const { db, call } = again(app, { argv: ['backup', '--dir', join(app, 'backups')] });
  expect(await recall({ ...call, cwd: scratch() })).toBeUndefined();
  expect(await recall(call)).toEqual(WORDS);
  write(db);
  expect(await recall(call)).toBeUndefined();
});

test('and wherever it is named from, the memory lies there, and is none of where one is', async () => {
  const [app, elsewhere] = [scratch(), scratch()];
  for (const folder of [app, elsewhere]) writeFileSync(join(folder, 'package.json'), '{}');
  const project = projectIn(app);
  write(project.db);
  for (const argv of [
    ['backup', '--dir', join(app, 'backups')],
    ['--dir', join(relative(elsewhere, app), 'backups'), 'backup'],
  ]) {
    const call: Call = { argv, cwd: elsewhere, env: {} };
    remember(call, [toRemember(project)], () => [], WORDS);
    expect(await recall(call)).toEqual(WORDS);
    expect(existsSync(join(elsewhere, '.overwinter'))).toBe(false);
    rmSync(join(app, '.overwinter'), { recursive: true });
  }
  const without: Call = { argv: ['backup', '--json'], cwd: elsewhere, env: {} };
  remember(without, [toRemember(project)], () => [], WORDS);
  expect(existsSync(join(elsewhere, '.overwinter/unchanged.json'))).toBe(true);
});

test('of two databases each is known by its own, with the files of each', async () => {
  const root = scratch();
  writeFileSync(join(root, 'package.json'), '{}');
  mkdirSync(join(root, 'uploads'));
  writeFileSync(join(root, 'uploads/a.png'), 'a');
  utimesSync(join(root, 'uploads/a.png'), LONG_AGO, LONG_AGO);
  const files: WantedFiles = {
    folders: [{ name: 'uploads', path: join(root, 'uploads') }],
    ...{ top: root, never: [], largest: 1e6, largestSum: 1e6 },
  };
  const [one, two] = [projectIn(root), projectIn(root, { db: join(root, 'two.db') })];
  const call: Call = { argv: ['backup'], cwd: root, env: {} };
  for (const change of [
    () => write(one.db),
    () => write(two.db),
    () => writeFileSync(join(root, 'uploads/b.png'), 'b'),
  ]) {
    for (const { db } of [one, two]) write(db);
    const known = [toRemember(one), toRemember({ database: two.database, files })] as const;
    known[1].onFiles(scanFolders(files, new Date(8.64e15)));
    remember(call, known, () => [], WORDS);
    expect(await recall(call)).toEqual(WORDS);
    change();
    expect(await recall(call)).toBeUndefined();
  }
});

test('a file is opened only where its beginning tells, and closed again', async () => {
  const { root, call } = remembered();
  const own = projectIn(root).database.file;
  if (own === undefined) throw new Error('it is a file');
  const known = async (path: string, head: number) => {
    const marks = [{ end: '', head, times: true }];
    remember(call, [toRemember({ database: { file: { ...own, path, marks } } })], () => [], WORDS);
    return recall(call);
  };
  const path = join(root, 'any');
  writeFileSync(path, 'it');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = existsSync('/proc/self/fd') ? open() : 0;
  for (let n = 0; n < 20; n++) expect(await known(path, 2)).toEqual(WORDS);
  if (before > 0) expect(open()).toBeLessThan(before + 10);
  // A folder cannot be read as a file is: whoever is content with its times need not try.
  expect(await known(scratch(), 0)).toEqual(WORDS);
  rmSync(join(root, '.overwinter/unchanged.json'));
  expect(await known(scratch(), 2)).toBeUndefined();
});

test('what counts only beside another file is looked at beside it, and not alone', async () => {
  const { root, call } = remembered();
  const own = projectIn(root).database.file;
  if (own === undefined) throw new Error('it is a file');
  const path = join(root, 'rows');
  const marks = [
    { end: '', head: 4, times: false },
    { end: '-index', head: 4, times: false, onlyWith: '-log' },
    { end: '-log', head: 4, times: false },
  ];
  const file = { ...own, path, marks };
  const put = (end: string, text: string) => writeFileSync(path + end, text);
  const steps: readonly (readonly [string, string, boolean])[] = [
    // Without the log, nobody cares for its index.
    ['-index', 'aaaa', true],
    ['-log', '1111', false],
    ['-index', 'bbbb', false],
    ['-log', '', false],
    ['-index', 'cccc', true],
    ['', 'ROWS', false],
  ];
  put('', 'rows');
  for (const [end, text, isKnown] of steps) {
    remember(call, [toRemember({ database: { file } })], () => [], WORDS);
    expect(await recall(call)).toEqual(WORDS);
    put(end, text);
    expect(await recall(call), `${end} ${text}`).toEqual(isKnown ? WORDS : undefined);
  }
});

test('a commit has nothing to do while the index holds the very backups that it held', async () => {
  const repository = newRepository({ hooks: false });
  repository.write('backups/a.json', 'a');
  repository.git(['add', '.']);
  const call: Call = { argv: ['hook', 'pre-commit'], cwd: repository.top, env: plainEnvironment };
  const project = projectIn(repository.top);
  expect(await nothingToCommit(call)).toBe(false);
  remember(call, [toRemember(project)], () => [], WORDS);
  expect(await nothingToCommit(call)).toBe(false);
  const staged = stagedNow(repository.top, 'backups', plainEnvironment);
  remember(call, [toRemember(project)], () => [], { ...WORDS, ...(staged && { staged }) });
  expect(await nothingToCommit(call)).toBe(true);
  repository.write('code.txt', 'other\n');
  repository.git(['add', '.']);
  expect(await nothingToCommit(call)).toBe(true);
  repository.write('backups/b.json', 'b');
  repository.git(['add', '.']);
  expect(await nothingToCommit(call)).toBe(false);
  expect(stagedNow(scratch(), '', { ...plainEnvironment, GIT_CEILING_DIRECTORIES: '/' })).toBeUndefined();
});

test('the backups of a commit are those of this folder, whatever its name means to git, and all of them', () => {
  const { top, git, write: put } = newRepository({ hooks: false });
  const listing = (folder: string) => stagedNow(top, folder, plainEnvironment)?.listing;
  put('b*/a.json', 'a');
  git(['add', '.']);
  const before = [listing(''), listing('b*')];
  expect(before).not.toContain(undefined);
  put('backups/a.json', 'a');
  git(['add', '.']);
  expect(listing('b*')).toBe(before[1]);
  expect(listing('')).not.toBe(before[0]);
  const blob = git(['hash-object', '-w', 'b*/a.json']).trim();
  const many = (last: string) =>
    Array.from({ length: 4000 }, (_, n) => `100644 ${blob}\tbackups/parts/${n < 3999 ? n : last}.jsonl\n`).join('');
  git(['update-index', '--index-info'], { input: many('z1') });
  const first = listing('backups');
  git(['rm', '-q', '--cached', 'backups/parts/z1.jsonl']);
  git(['update-index', '--index-info'], { input: many('z2') });
  expect(listing('backups')).not.toBe(first);
});
