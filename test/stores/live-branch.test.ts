import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { autoRestore, type BootOptions } from '../../src/app/boot.ts';
import { blobId } from '../../src/core/digest.ts';
import { partFile } from '../../src/core/names.ts';
import { holdOf } from '../../src/local/hold.ts';
import { branchKind } from '../../src/stores/git/branch-kind.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { isReadable } from '../../src/stores/store.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { startApp, startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { type Deployment, newDeployment, publish } from '../support/deployment.ts';
import { plainEnvironment, type TestRepository } from '../support/repository.ts';

let deployment: Deployment;
beforeEach(() => {
  deployment = newDeployment();
  publish(deployment, 'begin');
});

const KEEP = (more = '') => `
  db.exec('CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, n)');
  const add = (n) => db.prepare('INSERT INTO t(n) VALUES (?)').run(n);
  const logger = { info() {}, warn() {}, error() {} };
  const keeper = await keep(db, { dir, stores: ['branch:backups'], environment: 'production', debounce: '20ms', longest: '100ms', logger, onEvent: (event) =>
    say(event.type + (event.store === undefined ? ' here ' : ' there ') + (event.result?.rows ?? event.problem?.code ?? event.name)),
    ${more} });
  process.stdin.on('data', (text) => String(text).trim().split('\\n').forEach((word) => {
    if (word === 'add') add(1);
    if (word === 'health') say('health ' + JSON.stringify(keeper.health()));
  }));`;

const HERE = { OVERWINTER_HOST: 'none', OVERWINTER_ENVIRONMENT: 'production' };

/** The rows of the newest backup on the branch, as its pointer says. */
const rowsThere = (): number => JSON.parse(deployment.atRemote('show', 'backups:backups/latest_backup.json')).rows;

async function untilThere(rows: number): Promise<void> {
  await expect.poll(rowsThere, { timeout: 20_000 }).toBe(rows);
}

/** Boots as the app in a work tree would, and says how many rows it has then. */
async function boot(app: TestRepository, options: BootOptions = {}) {
  const quiet = { info() {}, warn() {}, error() {} };
  const dir = join(app.top, 'backups');
  const result = await autoRestore({
    db: join(app.top, 'app.db'),
    dir,
    stores: ['branch:backups'],
    environment: 'production',
    logger: quiet,
    ...options,
  });
  return result.restored ? { rows: result.rows, source: result.source } : { rows: 0, source: result.reason };
}

describe('a branch that an app brings its backups to', () => {
  test('has every one soon, and a new host starts with them; the work tree stays as it was', async () => {
    const { app } = deployment;
    const running = startApp(app.top, `${KEEP()} add(1); add(2);`);
    const before = app.git(['status', '--porcelain', '-uno']);
    await running.heard('backup here 2');
    await untilThere(2);
    running.say('add');
    await running.heard('backup here 3');
    await untilThere(3);
    running.say('health');
    const { light, copies } = JSON.parse((await running.heard('health ')).slice(7));
    expect([light, copies.length, copies[0].light, copies[0].failures]).toEqual(['green', 1, 'green', 0]);
    expect(app.git(['status', '--porcelain', '-uno'])).toBe(before);
    expect(deployment.atRemote('log', '-1', '--format=%s', 'backups')).toMatch(/^\[skip ci\] Save backup_/);
    expect(await boot(deployment.clone())).toEqual({ rows: 3, source: 'the branch backups of origin' });
  });

  test('that cannot be reached holds up nothing here, is reported by itself, and is tried again', async () => {
    const { app, remote } = deployment;
    renameSync(remote, `${remote}-away`);
    const running = startApp(app.top, `${KEEP()} add(1);`);
    await running.heard('backup here 1');
    await running.heard('error there GIT_FAILED');
    running.say('add');
    await running.heard('backup here 2');
    running.say('health');
    const { light, failures, lastBackup, copies } = JSON.parse((await running.heard('health ')).slice(7));
    expect({ light, failures, rows: lastBackup.rows }).toEqual({ light: 'red', failures: 0, rows: 2 });
    expect(copies[0]).toMatchObject({ light: 'red', failures: 1, lastError: { code: 'GIT_FAILED' } });
    renameSync(`${remote}-away`, remote);
    await untilThere(2);
  });

  test('gets what was written last before the app ends', async () => {
    const running = startApp(
      deployment.app.top,
      `${KEEP("debounce: '1h', longest: '1h',")} add(1); setInterval(() => {}, 1000); say('written');`,
    );
    await running.heard('written');
    running.signal('SIGTERM');
    expect(await running.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(rowsThere()).toBe(1);
  });

  test('is not overwritten by an app that started without its data', async () => {
    const first = startApp(deployment.app.top, `${KEEP()} for (let n = 0; n < 10; n++) add(n);`);
    await first.heard('backup here 10');
    await untilThere(10);
    first.signal('SIGTERM');
    await first.ended;
    const second = startApp(deployment.clone().top, `${KEEP()} add(1);`);
    await second.heard('backup here 1');
    await second.heard('refused there BACKUP_SHRUNK');
    expect(rowsThere()).toBe(10);
  });

  test('is the same for an app in any language', async () => {
    const { app } = deployment;
    const script = `import sqlite3
db = sqlite3.connect('app.db'); db.execute('CREATE TABLE t(n)'); db.execute('INSERT INTO t VALUES (1)'); db.commit()`;
    const command = ['run', '--db', 'app.db', '--', 'python3', '-c', script];
    const ran = overwinter(app.top, command, { ...HERE, OVERWINTER_STORES: 'branch:backups' });
    expect(ran.stderr).toContain('Saved 1 row.');
    expect(ran.code).toBe(0);
    expect(rowsThere()).toBe(1);
    const clone = deployment.clone();
    const second = startCommand(
      'env',
      ['OVERWINTER_STORES=branch:backups', process.execPath, MAIN, 'auto-restore', '--db', 'app.db'],
      clone.top,
    );
    expect((await second.ended).code).toBe(0);
    expect(existsSync(join(clone.top, 'app.db'))).toBe(true);
  });
});

test('what is read through a repository leaves nothing in it', async () => {
  const { app, atRemote } = deployment;
  const [folder, local] = [join(app.top, 'backups'), join(app.top, '.overwinter')];
  const open = () => {
    const place = { branch: 'backups', folder, backups: folder, local, remote: undefined };
    const store = liveBranch(place, plainEnvironment).open();
    if (!isReadable(store)) throw new Error('it can be read');
    return store;
  };
  await open().batch((batch) => batch.publish('a.json', Buffer.from('it')));
  expect(String(await open().read('a.json'))).toBe('it');
  expect(app.git(['for-each-ref', 'refs/overwinter'])).toBe('');
  // Two of us who both brought what the checkout knows of the branch up to date would be in each other's way.
  const known = app.git(['for-each-ref', 'refs/remotes']);
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
  const next = atRemote(...identity, 'commit-tree', '-p', 'backups', '-m', 'of somebody else', 'backups^{tree}').trim();
  atRemote('update-ref', 'refs/heads/backups', next);
  expect(String(await open().read('a.json'))).toBe('it');
  expect(app.git(['for-each-ref', 'refs/remotes'])).toBe(known);
  expect(readdirSync(join(local, 'scratch'))).toEqual([]);
});

test('the log of the branch says what each commit brings, and starts no build', async () => {
  const { app, atRemote } = deployment;
  const [folder, local] = [join(app.top, 'backups'), join(app.top, '.overwinter')];
  const store = liveBranch({ branch: 'backups', folder, backups: folder, local, remote: undefined }, plainEnvironment);
  const opened = store.open();
  if (!isReadable(opened)) throw new Error('it can be read');
  const files = await filesOfBackup();
  const [[path = '', manifest = Buffer.alloc(0)] = []] = [...files].filter(([each]) => !each.startsWith('parts/'));
  await opened.batch((batch) => batch.publish('given.json', Buffer.from('{}')));
  await opened.batch((batch) => batch.publish(path, manifest));
  await opened.batch((batch) => batch.publish(path.replace('backup_', 'conflict_'), manifest));
  await opened.batch((batch) => batch.remove([path]));
  // One that writes nothing makes none.
  expect(await opened.batch(async () => 'nothing')).toBe('nothing');
  const skips = '[skip render] [skip netlify] [skip railway] [skip-cd]';
  const name = path.replace('.json', '');
  expect(
    atRemote('log', '--reverse', '--format=%B%x00', 'backups')
      .split('\0')
      .map((each) => each.trim()),
  ).toEqual([
    `[skip ci] Save given\n\n${skips}`,
    `[skip ci] Save ${name}\n\n3,000 rows.\n\n${skips}`,
    `[skip ci] Keep aside ${name.replace('backup_', 'conflict_')}\n\n3,000 rows.\n\n${skips}`,
    `[skip ci] Tidy the backups\n\n${skips}`,
    '',
  ]);
});

test('a part on the branch whose bytes are not those of its name is not there, and is written again', async () => {
  const { app } = deployment;
  const [folder, local] = [join(app.top, 'backups'), join(app.top, '.overwinter')];
  const bytes = Buffer.from('hello');
  const part = partFile('a', blobId(bytes), '00f31c9e');
  app.git(['checkout', '-q', '-b', 'backups']);
  app.write(`backups/${part}`, 'hallo');
  app.git(['add', '-f', 'backups']);
  app.git(['commit', '-qm', 'torn']);
  app.git(['push', '-q', 'origin', 'backups']);
  const place = { branch: 'backups', folder, backups: folder, local, remote: undefined };
  const store = liveBranch(place, plainEnvironment).open();
  if (!isReadable(store)) throw new Error('it can be read');
  await store.batch(async (batch) => {
    expect([...(await batch.list('parts'))]).toEqual([]);
    expect(await batch.read(part)).toBeUndefined();
    await batch.put(part, bytes);
  });
  expect(await store.read(part)).toEqual(bytes);
});

test('an address names a branch, and the repository that has it', () => {
  const around = { env: {}, base: '/', environment: 'test', local: '/l', backups: '/b', folder: '/b' };
  const labelOf = (rest: string) => branchKind.parse(rest)(around).label;
  expect(labelOf('backups')).toBe('the branch backups of origin');
  const remote = 'https://example.org/app.git?a=b';
  expect(labelOf(`a/b?remote=${remote}`)).toContain('the branch a/b of https://example.org/app.git');
  for (const other of [
    'git@example.org:app.git',
    '../app.git',
    '/srv/app.git',
    '~/app.git',
    'ssh://example.org/app.git',
  ])
    expect(labelOf(`backups?remote=${other}`)).toContain('app.git');
  const wrong = [
    '',
    '-x',
    '.x',
    '/x',
    'x/',
    'x.',
    'x..y',
    'x.lock',
    'a b',
    'a//b',
    'a/.b',
    'a@{b',
    'a^',
    'a:b',
    'a*',
    'a[',
    'a\\b',
  ];
  for (const none of wrong) expect(() => branchKind.parse(none), none).toThrow(/names no branch/);
  for (const none of ['?x', '?remote=', '?from=x', '?xremote=x'])
    expect(() => branchKind.parse(`backups${none}`), none).toThrow(/else than 'remote=ADDRESS'/);
  for (const none of ['--upload-pack=x', '-x', ' x', ':x'])
    expect(() => branchKind.parse(`backups?remote=${none}`), none).toThrow(/no address of a repository/);
  for (const none of ['https://hunter2@example.org/x', 'HTTP://me:hunter2@example.org/x']) {
    expect(() => branchKind.parse(`backups?remote=${none}`)).toThrow(/holds a password/);
    expect(() => branchKind.parse(`backups?remote=${none}`)).not.toThrow(/hunter2/);
  }
});

describe('a start of the app', () => {
  /** The folder here has 1 row and the branch 3. */
  async function newerOnBranch(): Promise<TestRepository> {
    const { app } = deployment;
    const first = startApp(app.top, `${KEEP()} add(1);`);
    await untilThere(1);
    first.signal('SIGTERM');
    await first.ended;
    const clone = deployment.clone();
    await boot(clone);
    const second = startApp(clone.top, `${KEEP()} add(2); add(3);`);
    await untilThere(3);
    second.signal('SIGTERM');
    await second.ended;
    for (const end of ['', '-wal', '-shm']) rmSync(join(app.top, `app.db${end}`), { force: true });
    return app;
  }

  test('takes the newer of the folder and the branch', async () => {
    const app = await newerOnBranch();
    expect(await boot(app)).toEqual({ rows: 3, source: 'the branch backups of origin' });
    overwinter(app.top, ['backup', '--db', 'app.db'], HERE);
    const db = new Database(app.db);
    db.exec('INSERT INTO t(n) VALUES (4)');
    db.close();
    overwinter(app.top, ['backup', '--db', 'app.db'], HERE);
    rmSync(app.db);
    expect(await boot(app)).toEqual({ rows: 4, source: join(app.top, 'backups') });
  });

  test('does not take the older one where the newer cannot be asked', async () => {
    const app = await newerOnBranch();
    const away = `${deployment.remote}-away`;
    renameSync(deployment.remote, away);
    await expect(boot(app)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(existsSync(app.db)).toBe(false);
    expect(holdOf(join(app.top, '.overwinter'), app.db)).toBeDefined();
    renameSync(away, deployment.remote);
    expect((await boot(app)).rows).toBe(3);
    expect(holdOf(join(app.top, '.overwinter'), app.db)).toBeUndefined();
  });

  test('without the branch there yet is a first start', async () => {
    const { app } = deployment;
    writeFileSync(join(app.top, 'note.txt'), '');
    expect(await boot(app)).toEqual({ rows: 0, source: 'the database is missing, and there is no backup yet' });
  });
});
