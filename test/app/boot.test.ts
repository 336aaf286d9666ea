import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { autoRestore, type BootOptions, openDatabase } from '../../src/index.ts';
import { backup } from '../../src/operations/backup.ts';
import { status } from '../../src/operations/status.ts';
import { openProject } from '../../src/project/open-project.ts';
import { addRows, newRepository, rowsIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

let repository: TestRepository;
let dir: string;

beforeEach(() => {
  vi.stubEnv('OVERWINTER_HOST', 'none');
  vi.stubEnv('OVERWINTER_ENVIRONMENT', 'production');
  repository = newRepository({ hooks: false });
  dir = join(repository.root, 'backups');
});

afterEach(() => vi.unstubAllEnvs());

const lose = () => {
  for (const end of ['', '-wal', '-shm']) rmSync(repository.db + end, { force: true });
};

/** Writes a backup as another environment would, of a database with so many rows. */
async function backupOf(environment: string, rows: number): Promise<string> {
  const db = join(scratch(), 'app.db');
  addRows(db, rows);
  const { project } = await openProject({ cwd: repository.root, env: {}, now: () => new Date() }, { db, dir });
  return (await backup({ ...project, environment }, { trigger: 'test', allowShrink: true })).name;
}

/** A logger as pino's: methods that need their object. */
class Pino {
  readonly lines: string[] = [];
  info(text: string): void {
    this.lines.push(`info ${text}`);
  }
  warn(text: string): void {
    this.lines.push(`warn ${text}`);
  }
  error(text: string): void {
    this.lines.push(`error ${text}`);
  }
}

function boot(options: BootOptions = {}): Promise<{ rows: number | undefined; said: string[]; restored: boolean }> {
  const logger = new Pino();
  return autoRestore({ db: repository.db, dir, logger, ...options }).then(({ restored }) => ({
    restored,
    rows: existsSync(repository.db) ? rowsIn(repository.db) : undefined,
    said: logger.lines,
  }));
}

test('openDatabase restores, opens, and says what it did', async () => {
  const name = await backupOf('production', 7);
  lose();
  const logger = new Pino();
  const db = await openDatabase(repository.db, { dir, logger });
  expect(db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(7);
  expect(db.readonly).toBe(false);
  db.close();
  expect(logger.lines).toEqual([expect.stringMatching(/^info overwinter: the database is missing: 7 rows restored/)]);
  expect(logger.lines[0]).toContain(name);
});

test('a first start makes the folder, opens an empty database, and says nothing', async () => {
  const path = join(repository.root, 'new', 'deep', 'app.db');
  const logger = new Pino();
  const db = await openDatabase(path, { dir, logger, prepare: (each) => each.function('two', () => 2) });
  expect(db.prepare('SELECT two()').pluck().get()).toBe(2);
  db.close();
  expect(logger.lines).toEqual([]);
});

test('a misspelt option is told, and stops the boot before anything is looked at', async () => {
  const options: object = { onCorupt: 'restore' };
  await expect(autoRestore({ db: repository.db, ...options })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  const wrong: object = { onCorrupt: 'delete' };
  await expect(autoRestore({ db: repository.db, ...wrong })).rejects.toMatchObject({
    message: expect.stringContaining('fail, restore'),
  });
});

test("a laptop's newer backup never wins over production's own", async () => {
  await backupOf('production', 7);
  await backupOf('development', 20);
  lose();
  expect(await boot()).toMatchObject({ restored: true, rows: 7 });
  lose();
  expect(await boot({ environment: 'development' })).toMatchObject({ rows: 20 });
  lose();
  expect(await boot({ from: 'development' })).toMatchObject({ rows: 20 });
});

test("where there is none of production's own, the newest of any is used, and it is said", async () => {
  await backupOf('development', 20);
  lose();
  expect(await boot()).toMatchObject({
    rows: 20,
    said: [expect.stringMatching(/^warn .*no backup of the environment 'production'/), expect.stringMatching(/^info/)],
  });
});

test("where production's own are damaged, a laptop's data is not put in their place", async () => {
  const name = await backupOf('production', 7);
  await backupOf('development', 20);
  writeFileSync(join(dir, `${name}.json`), '<<<<<<< HEAD\n');
  lose();
  await expect(boot()).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
    hint: expect.stringContaining('overwinter auto-restore --from development'),
  });
  expect(await boot({ from: 'development' })).toMatchObject({ rows: 20 });
});

/** Commits what is in the backups folder to a branch of its own, and takes it out of the work tree. */
function moveTo(branch: string): void {
  repository.git(['checkout', '-q', '-b', branch]);
  repository.git(['add', 'backups']);
  repository.git(['commit', '-q', '-m', 'backups']);
  repository.git(['checkout', '-q', 'main']);
  rmSync(dir, { recursive: true, force: true });
}

const branchHere = (name: string) => `branch:${name}?remote=${repository.top}`;

test('a branch is looked at beside the folder, and before the backups of another environment', async () => {
  await backupOf('production', 300);
  moveTo('backups');
  lose();
  expect(await boot({ stores: [branchHere('backups')] })).toMatchObject({ restored: true, rows: 300 });
  await backupOf('development', 20);
  lose();
  expect(await boot({ stores: [branchHere('backups')] })).toMatchObject({ rows: 300 });
  await backupOf('production', 8);
  lose();
  expect(await boot({ stores: [branchHere('backups')] })).toMatchObject({ rows: 8 });
});

test('a branch that nobody has is no trouble', async () => {
  await backupOf('production', 7);
  moveTo('backups');
  lose();
  expect(await boot({ stores: [branchHere('nowhere')] })).toMatchObject({ restored: false, rows: undefined });
  expect(await boot({ stores: [branchHere('backups')] })).toMatchObject({ rows: 7 });
});

test('a branch that cannot be asked stops a boot that would have started empty', async () => {
  const folder = scratch();
  const options = {
    db: join(folder, 'app.db'),
    dir: join(folder, 'backups'),
    stores: ['branch:backups'],
    logger: new Pino(),
  };
  vi.stubEnv('GIT_CEILING_DIRECTORIES', folder);
  await expect(autoRestore(options)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  expect(await autoRestore({ ...options, onFailure: 'start-empty' })).toMatchObject({ restored: false });
  expect(options.logger.lines).toEqual([expect.stringMatching(/^error overwinter: the app starts without its data/)]);
});

const statusOf = async (env: Record<string, string>, changes: { now?: Date } = {}) => {
  const { project } = await openProject(
    { cwd: repository.root, env, now: () => changes.now ?? new Date() },
    { db: repository.db, dir },
  );
  return status(project);
};

const stepOf = ({ chain }: Awaited<ReturnType<typeof status>>, name: string) =>
  chain.steps.find((step) => step.name === name);

test.each([
  [{ OVERWINTER_HOST: 'none' }, 'no-remote'],
  [{ DYNO: 'web.1' }, 'host'],
  [{ CODESPACES: 'true' }, 'no-remote'],
])('what is only on a host that forgets is as good as lost: %j', async (env, cause) => {
  const { project } = await openProject(
    { cwd: repository.root, env, now: () => new Date() },
    { db: repository.db, dir },
  );
  await backup(project, { trigger: 'test' });
  const found = await status(project);
  const light = cause === 'host' ? 'red' : 'yellow';
  expect(found.light).toBe(light);
  expect(stepOf(found, 'pushed')).toMatchObject({ light, cause });
  const pushed = await openProject(
    { cwd: repository.root, env, now: () => new Date() },
    { db: repository.db, dir, stores: ['branch:backups'] },
  );
  expect(stepOf(await status(pushed.project), 'pushed')).toMatchObject({ cause: 'not-copied' });
});

test.each([
  [0.5, 'yellow', '12 hours ago'],
  [3, 'yellow', '3 days ago'],
  [15, 'yellow', '2 weeks ago'],
  [95, 'red', '3 months ago'],
])('%d days after the newest backup, rows that were added since are %s', async (days, light, words) => {
  const env = { OVERWINTER_HOST: 'none' };
  const name = await backupOf('development', 5);
  const now = new Date(Date.now() + days * 86_400_000);
  lose();
  await boot();
  // A backup that is old is no trouble while it says what the database says.
  expect(stepOf(await statusOf(env, { now }), 'saved')).toMatchObject({ light: 'green', backup: name });
  const db = new Database(repository.db);
  db.exec("INSERT INTO notes(text) VALUES ('later')");
  db.close();
  const found = stepOf(await statusOf(env, { now }), 'saved');
  expect(found).toMatchObject({ light, cause: 'changed', backup: name });
  expect(found?.text).toContain('At least 1 row is in no backup (notes 1)');
  expect(found?.text).toContain(words);
});

test('status of many backups reads few of them', async () => {
  const env = { OVERWINTER_HOST: 'none' };
  await backupOf('development', 5);
  const { project } = await openProject(
    { cwd: repository.root, env, now: () => new Date() },
    { db: repository.db, dir },
  );
  for (let i = 0; i < 30; i++) {
    addRows(repository.db, 1);
    await backup(project, { trigger: 'test' });
  }
  lose();
  let whole = 0;
  const { store } = project;
  const read: typeof store.read = (path, range) => {
    if (path.endsWith('.json') && !(range !== undefined && 'first' in range)) whole++;
    return store.read(path, range);
  };
  expect(await status({ ...project, store: { ...store, read } })).toMatchObject({ backups: 31, light: 'yellow' });
  expect(whole).toBeLessThan(8);
});

test('a folder of many damaged backups is still an answer', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'latest_backup.json'), '{');
  for (let i = 0; i < 5; i++) writeFileSync(join(dir, `broken-${i}.json`), '<<<<<<< HEAD');
  expect(await statusOf({ OVERWINTER_HOST: 'none' })).toMatchObject({ light: 'red', backups: 0 });
});
