import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { holdOf } from '../../src/local/hold.ts';
import { cacheOf, inRemoteStore } from '../../src/stores/git/bare-clone.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { isReadable, type WritableStore } from '../../src/stores/store.ts';
import { filesOfBackup } from '../contracts/store.ts';
import { startApp } from '../support/app.ts';
import { MAIN, type Ran, runProgramBeside } from '../support/command-line.ts';
import { type GitHost, gitHost } from '../support/git-host.ts';
import { addRows, plainEnvironment, repositoryIn, rowsIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** No other test's, which may be at work on the machine at the same moment. */
const TOKEN = `ghs_${randomBytes(16).toString('hex')}`;
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
const EITHER = new RegExp(`${TOKEN}|${BASIC}`);

let hosted: string;
let server: GitHost;
beforeEach(async () => {
  spies = false;
  hosted = scratch();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(hosted, 'app.git')]);
  for (const [key = '', value = ''] of [
    ['http.receivepack', 'true'],
    ['uploadpack.allowFilter', 'true'],
    ['receive.denyNonFastForwards', 'true'],
  ])
    execFileSync('git', ['config', key, value], { cwd: join(hosted, 'app.git') });
  server = await gitHost(hosted, { basic: BASIC });
});

const address = () => `http://${server.host}/app.git`;
const atRemote = (...args: string[]) => repositoryIn(join(hosted, 'app.git')).git(args);
const rowsThere = (): number => JSON.parse(atRemote('show', 'backups:backups/latest_backup.json')).rows;

/** What a container has: the app's files, and no `.git`. */
function newDisk(): string {
  const folder = join(scratch(), 'srv');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{}');
  return folder;
}

const environment = (more: Record<string, string> = {}) => ({
  ...plainEnvironment,
  OVERWINTER_HOST: 'none',
  OVERWINTER_ENVIRONMENT: 'production',
  OVERWINTER_STORES: `branch:backups?remote=${address()}`,
  OVERWINTER_GIT_TOKEN: TOKEN,
  ...more,
});

interface Spied extends Ran {
  /** The arguments of every process there was meanwhile. */
  readonly seen: string;
}

let spies = false;

async function overwinter(cwd: string, args: readonly string[], more: Record<string, string> = {}): Promise<Spied> {
  if (!spies) return { ...(await runProgramBeside(cwd, args, environment(more))), seen: '' };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: environment(more) });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const seen = new Set<string>();
  const ended = once(child, 'close');
  for (let open = true; open; ) {
    for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) seen.add(argumentsOf(pid));
    open = await Promise.race([ended.then(() => false), new Promise<boolean>((go) => setTimeout(go, 2, true))]);
  }
  const [code] = await ended;
  return { code, stdout, stderr, seen: [...seen].join('\n') };
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Every file under a folder, as far as it holds the token. */
const leaksIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile() && EITHER.test(readFileSync(file, 'latin1')));

/** The app ran, was kept, and ended. */
const ran = (folder: string, more: Record<string, string> = {}) =>
  overwinter(folder, ['run', '--db', 'app.db', '--', 'true'], more);
const boot = (folder: string, more: Record<string, string> = {}) =>
  overwinter(folder, ['auto-restore', '--db', 'app.db', '--debug'], more);
const cache = (folder: string) => join(folder, '.overwinter', cacheOf(address()));
const inCache = (folder: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: cache(folder), encoding: 'utf8' }).trim();

/** The branch as an app on that disk opens it, in this process. */
function branchFrom(disk: string, remote: string, token = TOKEN): WritableStore {
  const [folder, local] = [join(disk, 'backups'), join(disk, '.overwinter')];
  const env = { ...plainEnvironment, OVERWINTER_GIT_TOKEN: token };
  const store = liveBranch({ branch: 'backups', folder, backups: folder, local, remote }, env).open();
  if (!isReadable(store)) throw new Error('it can be read');
  return store;
}

describe('an app without a checkout', () => {
  test('brings its backups to the branch while it runs, and an empty disk starts with them', async () => {
    const first = newDisk();
    const app = startApp(
      first,
      `process.env.OVERWINTER_GIT_TOKEN = ${JSON.stringify(TOKEN)}; process.env.HOME = '/nonexistent';
       db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)');
       const add = () => db.prepare("INSERT INTO notes(text) VALUES ('x')").run();
       const logger = { info: say, warn: say, error: say };
       await keep(db, { dir, stores: [${JSON.stringify(`branch:backups?remote=${address()}`)}], environment: 'production', debounce: '20ms', longest: '100ms', logger });
       add(); process.stdin.on('data', add); say('ready');`,
    );
    await app.heard('ready');
    await expect.poll(() => (atRemote('branch').includes('backups') ? rowsThere() : 0), { timeout: 20_000 }).toBe(1);
    app.say('add');
    await expect.poll(rowsThere, { timeout: 20_000 }).toBe(2);
    app.signal('SIGTERM');
    await app.ended;
    expect(app.errors()).toBe('');
    expect(leaksIn(first)).toEqual([]);
    expect(statSync(cache(first)).mode & 0o777).toBe(0o700);
    rmSync(first, { recursive: true });

    const second = newDisk();
    const { code, stderr } = await boot(second);
    expect(code, stderr).toBe(0);
    expect(rowsIn(join(second, 'app.db'))).toBe(2);
    expect(inCache(second, 'rev-list', '--count', '--all')).toBe('1');
    expect(leaksIn(second)).toEqual([]);
    expect(atRemote('rev-list', '--count', 'backups').trim()).not.toBe('1');
  });

  test.skipIf(!existsSync('/proc/self/cmdline'))('shows the token to nobody', async () => {
    spies = true;
    const folder = newDisk();
    addRows(join(folder, 'app.db'), 3);
    const saved = await ran(folder, { GIT_TRACE: '1' });
    expect(saved.code, saved.stderr).toBe(0);
    expect(rowsThere()).toBe(3);
    rmSync(join(folder, 'app.db'));
    rmSync(join(folder, 'backups'), { recursive: true });
    rmSync(join(folder, '.overwinter/binary'), { recursive: true, force: true });
    const restored = await boot(folder);
    expect(restored.code, restored.stderr).toBe(0);
    expect(rowsIn(join(folder, 'app.db'))).toBe(3);
    expect(server.asked().some((line) => line.endsWith(`Basic ${BASIC}`))).toBe(true);
    for (const { stdout, stderr, seen } of [saved, restored]) {
      expect(seen, 'the spy saw git at work').toMatch(/remote-http/);
      expect(stdout + stderr + seen).not.toMatch(EITHER);
    }
    expect(leaksIn(folder)).toEqual([]);
    expect(leaksIn(hosted)).toEqual([]);
  });

  test('brings the parts of a backup in a number of requests that does not grow with them', async () => {
    const first = newDisk();
    addRows(join(first, 'app.db'), 60_000, 'y'.repeat(150));
    expect((await ran(first)).code).toBe(0);
    const parts = atRemote('ls-tree', '-r', '--name-only', 'backups', 'backups/parts').trim().split('\n');
    expect(parts.length).toBeGreaterThan(90);
    server.asked();
    const second = newDisk();
    const { code, stderr } = await boot(second);
    expect(code, stderr).toBe(0);
    expect(rowsIn(join(second, 'app.db'))).toBe(60_000);
    const fetches = server.asked().filter((line) => line.startsWith('POST'));
    expect(fetches.length).toBeGreaterThan(3);
    expect(fetches.length).toBeLessThan(10);
    // The next push changes one part of them, and needs none of the others.
    rmSync(cache(second), { recursive: true });
    addRows(join(second, 'app.db'), 1);
    const again = await ran(second);
    expect(again.code, again.stderr).toBe(0);
    expect(rowsThere()).toBe(60_001);
    const packed = Number(/^size-pack: (\d+)$/m.exec(inCache(second, 'count-objects', '-v'))?.[1]);
    expect(packed).toBeLessThan(200);
  });

  test('asks once for all parts of the backup that it reads', async () => {
    const files = await filesOfBackup();
    const at = (disk: string) => branchFrom(disk, address());
    await at(newDisk()).batch((batch) => Promise.all([...files].map(([path, bytes]) => batch.put(path, bytes))));
    const store = at(newDisk());
    const [[manifest = ''] = []] = [...files].filter(([path]) => !path.startsWith('parts/'));
    const [first = '', ...others] = [...files.keys()].filter((path) => path.startsWith('parts/'));
    expect(others.length).toBeGreaterThan(2);
    await store.read(manifest);
    server.asked();
    await store.read(first);
    expect(server.asked()).not.toEqual([]);
    for (const part of others) expect((await store.read(part))?.length).toBe(files.get(part)?.length);
    expect(server.asked()).toEqual([]);
  });

  test('whose token is wrong is told so, does not start, and is held', async () => {
    const first = newDisk();
    addRows(join(first, 'app.db'), 3);
    await ran(first);
    const second = newDisk();
    const wrong = `${TOKEN}-wrong`;
    const { code, stdout, stderr } = await boot(second, { OVERWINTER_GIT_TOKEN: wrong });
    expect(code).toBe(1);
    expect(stderr).toContain('it does not take the token in OVERWINTER_GIT_TOKEN');
    expect(stdout + stderr).not.toMatch(EITHER);
    expect(existsSync(join(second, 'app.db'))).toBe(false);
    expect(holdOf(join(second, '.overwinter'), join(second, 'app.db'))).toBeDefined();
    expect(leaksIn(second)).toEqual([]);
    const without = await boot(second, { OVERWINTER_GIT_TOKEN: '' });
    expect(without.stderr).toContain('there is no token in OVERWINTER_GIT_TOKEN');
    expect((await boot(second)).code).toBe(0);
    expect(rowsIn(join(second, 'app.db'))).toBe(3);
    expect(holdOf(join(second, '.overwinter'), join(second, 'app.db'))).toBeUndefined();
  });

  test('waits for no other repository', async () => {
    const folder = newDisk();
    const local = join(folder, '.overwinter');
    const place = (name: string) => ({ address: `http://localhost/${name}.git`, top: folder, local });
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    const slow = inRemoteStore(place('slow'), plainEnvironment, () => held.then(() => 'late'));
    await expect(inRemoteStore(place('quick'), plainEnvironment, async () => 'at once')).resolves.toBe('at once');
    release();
    await expect(slow).resolves.toBe('late');
  });

  test("brings them to two repositories, and takes nothing of one for the other's", async () => {
    const other = join(hosted, 'other.git');
    cpSync(join(hosted, 'app.git'), other, { recursive: true });
    const second = `http://${server.host}/other.git`;
    const both = { OVERWINTER_STORES: `branch:backups?remote=${address()} branch:backups?remote=${second}` };
    const folder = newDisk();
    for (const rows of [3, 4, 5]) {
      addRows(join(folder, 'app.db'), rows === 3 ? 3 : 1);
      const { code, stderr } = await ran(folder, both);
      expect(code, stderr).toBe(0);
      const there = repositoryIn(other).git(['show', 'backups:backups/latest_backup.json']);
      expect([rowsThere(), JSON.parse(there).rows]).toEqual([rows, rows]);
    }
    for (const repository of [join(hosted, 'app.git'), other])
      expect(() => execFileSync('git', ['fsck', '--strict'], { cwd: repository, stdio: 'pipe' })).not.toThrow();
    expect(readdirSync(join(folder, '.overwinter/remotes'))).toHaveLength(2);
    const boots = await boot(newDisk(), { OVERWINTER_STORES: `branch:backups?remote=${second}` });
    expect(boots.code, boots.stderr).toBe(0);
  });

  test('loses nothing to another that pushes at the same moment', async () => {
    const disks = [newDisk(), newDisk(), newDisk(), newDisk()];
    for (const [i, disk] of disks.entries()) addRows(join(disk, 'app.db'), 5 + i);
    const all = await Promise.all(disks.map((disk, i) => ran(disk, { OVERWINTER_ENVIRONMENT: `place-${i}` })));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const names = disks.flatMap((disk) => readdirSync(join(disk, 'backups')).filter((file) => /^backup_/.test(file)));
    const there = atRemote('ls-tree', '--name-only', 'backups', 'backups/').split('\n');
    expect(names).toHaveLength(4);
    expect(there).toEqual(expect.arrayContaining(names.map((name) => `backups/${name}`)));
  });
});

describe('a host that lets nobody in', () => {
  test.each([
    ['takes no such token', { basic: BASIC }, 'other', /does not take the token in OVERWINTER_GIT_TOKEN/],
    ['wants a token', { basic: BASIC }, '', /there is no token in OVERWINTER_GIT_TOKEN/],
    ['forbids it', { status: 403 }, TOKEN, /does not take the token in OVERWINTER_GIT_TOKEN/],
    ['sends elsewhere', { redirect: 'http://localhost:1' }, TOKEN, /sends to another address/],
  ])('is told apart: %s', async (_, door, token, said) => {
    const host = await gitHost(hosted, door);
    const work = branchFrom(newDisk(), `http://${host.host}/app.git?hunter2`, token).list('top');
    const message: unknown = await work.catch((error: unknown) => `${error}`);
    expect(message).toMatch(said);
    expect(message).not.toMatch(/hunter2/);
  });
});

describe('a token', () => {
  test('does not follow where the host sends it', async () => {
    const stranger = await gitHost(hosted, { status: 404 });
    const host = await gitHost(hosted, { redirect: `http://${stranger.host.replace('127.0.0.1', 'localhost')}` });
    const { code, stderr } = await boot(newDisk(), {
      OVERWINTER_STORES: `branch:backups?remote=http://${host.host}/app.git`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('sends to another address');
    expect(host.asked()[0]).toContain(BASIC);
    expect(stranger.asked().join()).not.toContain(BASIC);
  });

  test.each([
    ['http://example.org/app.git', 'only sent over https'],
    ['https://x:pass@example.org/app.git', 'holds a password'],
    ['--upload-pack=touch', 'is no address of a repository'],
  ])('is not sent to %s', async (remote, said) => {
    const { code, stdout, stderr } = await boot(newDisk(), { OVERWINTER_STORES: `branch:backups?remote=${remote}` });
    expect(code).not.toBe(0);
    expect(stderr).toContain(said);
    expect(stdout + stderr).not.toMatch(EITHER);
    expect(stdout + stderr).not.toContain('x:pass');
  });
});

test('a project with a checkout may keep its backups in another repository', async () => {
  const folder = newDisk();
  const checkout = repositoryIn(folder);
  checkout.git(['init', '-q', '-b', 'main']);
  const before = checkout.git(['status', '--porcelain', '-uall', '--ignored']);
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY)');
  db.exec('INSERT INTO notes VALUES (1)');
  db.close();
  expect((await ran(folder)).code).toBe(0);
  expect(rowsThere()).toBe(1);
  expect(before).toBe('?? package.json\n');
  expect(existsSync(join(folder, '.git/shallow'))).toBe(false);
  expect(checkout.git(['config', '--local', '--list'])).not.toContain('remote');
  expect(checkout.git(['for-each-ref'])).toBe('');
});
