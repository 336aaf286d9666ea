import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Privacy } from '../../src/core/privacy/select.ts';
import type { Database } from '../../src/engines/engine.ts';
import type { Engines } from '../../src/engines/index.ts';
import { startLoop } from '../../src/keep/loop.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import type { StartHelper } from '../../src/panel/helper.ts';
import { type Act, type Asks, acts } from '../../src/panel/worker/acts.ts';
import { openProject } from '../../src/project/open-project.ts';
import { engineContract, type Tables } from '../contracts/engine.ts';
import { stage } from '../panel/support.ts';
import { overwinterHere } from '../support/here.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { jarAt, KEY, type Pantry, startPantry } from './pantry.ts';

// Its name in the registry: all that an engine needs outside of its own folder.
vi.mock('../../src/engines/index.ts', async (original) => {
  const module = await original<{ engines: Engines }>();
  const { pantry } = await import('./pantry.ts');
  return { ...module, engines: { ...module.engines, postgres: pantry } };
});

let server: Pantry;
let jars = 0;
const opened: Database[] = [];

beforeAll(async () => {
  server = await startPantry();
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(() => server.close());

function put(name: string, tables: Tables): void {
  const there = server.jarIn(name);
  const added = Object.entries(tables).map(
    ([table, { columns, rows }]) => [table, { columns, rows: [...(there.get(table)?.rows ?? []), ...rows] }] as const,
  );
  server.put(name, new Map([...there, ...added]));
}

engineContract('a jar at a server', () => {
  const name = `jar-${jars++}`;
  const open = (which: string) => {
    const database = jarAt(server.url(which));
    opened.push(database);
    return database;
  };
  const nameOf = ({ label }: Database) => label.split('/').at(-1) ?? '';
  const database = open(name);
  return {
    database,
    again: () => open(name),
    another: () => open(`jar-${jars++}`),
    write: (tables, into = database) => put(nameOf(into), tables),
    rowsOf: (table) => JSON.parse(JSON.stringify(server.jarIn(name).get(table)?.rows ?? [])),
    spoil: () => server.spoil(name),
  };
});

const FRUIT: Tables = {
  fruit: { columns: ['id', 'name'], rows: Array.from({ length: 2000 }, (_, id) => ({ id, name: `plum ${id}` })) },
};
const PEAR: Tables = { fruit: { columns: ['id', 'name'], rows: [{ id: 9999, name: 'pear' }] } };
const fruitIn = (name: string) => server.jarIn(name).get('fruit')?.rows.length;

/** A project whose database is at the server, and says so as people would. */
function kitchen(manifest: object = { overwinter: { db: 'env:DATABASE_URL', wait: 200 } }) {
  const folder = scratch();
  const name = `jar-${jars++}`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const env = { DATABASE_URL: server.url(name) };
  const asked = async (...argv: readonly string[]) => {
    const ran = await overwinterHere({ cwd: folder, argv, env });
    expect(ran.out + ran.err).not.toContain(KEY);
    // Nobody may stay: a program that is connected does not end.
    await expect.poll(() => server.guests(), { interval: 5 }).toBe(0);
    return ran;
  };
  const run = async (...argv: readonly string[]) => {
    const ran = await asked(...argv);
    expect(ran.code, `${argv.join(' ')}\n${ran.err}${ran.out}`).toBe(0);
    return ran;
  };
  const json = async (...argv: readonly string[]) => JSON.parse((await run(...argv, '--json')).out);
  return { folder, name, asked, run, json };
}

test('what is at a server is backed up, compared, tried, told of, pruned and booted from', async () => {
  const { name, run, json } = kitchen();
  put(name, FRUIT);
  const saved = await json('backup');
  expect(saved).toMatchObject({ status: 'created', tables: 1, rows: 2000 });
  expect((await json('backup')).status).toBe('unchanged');
  expect(await json('verify')).toMatchObject({ ok: true });
  put(name, PEAR);
  expect((await json('diff')).tables).toMatchObject([{ table: 'fruit', added: 1, removed: 0 }]);
  expect((await json('status')).database).toMatchObject({ tables: 1, rows: 2001 });
  expect((await run('status')).out).toMatch(/database {2}127\.0\.0\.1:\d+\/jar-\d+ \(2,001 rows in 1 table\)/);
  await run('backup');
  expect((await json('prune', '--last', '1')).kept).toHaveLength(1);
  server.put(name, undefined);
  expect(await json('auto-restore')).toMatchObject({ restored: true, rows: 2001 });
  expect(fruitIn(name)).toBe(2001);
  expect(await json('auto-restore')).toMatchObject({ restored: false });
});

test('before something dangerous a copy of it is kept, and undone like any other', async () => {
  const { name, run, json } = kitchen();
  put(name, FRUIT);
  await run('backup');
  put(name, PEAR);
  await run('restore', 'latest', '--yes');
  expect(fruitIn(name)).toBe(2000);
  await run('undo', '--yes');
  expect(fruitIn(name)).toBe(2001);
  await run('snapshot', 'by hand');
  expect((await json('clear', 'fruit', '--yes')).rows).toBe(2001);
  expect(fruitIn(name)).toBe(0);
  const { snapshots }: { snapshots: { label: string }[] } = await json('snapshots');
  expect(snapshots.map(({ label }) => label).slice(0, 2)).toEqual(['before clearing fruit', 'by hand']);
  await run('undo', '--yes');
  expect(fruitIn(name)).toBe(2001);
});

const git = (cwd: string, ...args: readonly string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' });

test('a fresh project whose environment names it is set up, without a word of files', async () => {
  const { folder, name, asked, run, json } = kitchen({ scripts: { start: 'node server.js' } });
  put(name, FRUIT);
  git(folder, 'init', '-q');
  const { out } = await run('init');
  expect(out).toContain("await autoRestore({ db: 'env:DATABASE_URL' });");
  expect(out).toContain('DATABASE_URL=…');
  expect(out).not.toMatch(/openDatabase|outside of the project|\.gitignore was/);
  expect([existsSync(join(folder, '.gitignore')), existsSync(join(folder, '.github'))]).toEqual([false, false]);
  const config: unknown = JSON.parse(readFileSync(join(folder, 'overwinter.config.json'), 'utf8'));
  // Its name is the same on a machine on which its address is another.
  expect(config).toEqual({ databases: [{ name, db: 'env:DATABASE_URL' }] });
  expect((await json('backup')).status).toBe('unchanged');
  expect(await json('init', '--dry-run')).toMatchObject({ changes: [], git: [] });
  const { checks }: { checks: { findings: { text: string }[] }[] } = JSON.parse(
    (await asked('doctor', '--offline', '--json')).out,
  );
  const found = checks.flatMap(({ findings }) => findings.map(({ text }) => text)).join();
  expect(found).not.toMatch(/outside|tracked|git add \./);
  await run('init', '--remove');
  expect(existsSync(join(folder, 'overwinter.config.json'))).toBe(false);
});

test('a commit carries what is at a server, and the hook is done when nothing changed', async () => {
  const { folder, name, run } = kitchen();
  put(name, FRUIT);
  git(folder, 'init', '-q');
  git(folder, 'add', 'package.json');
  expect((await run('hook', 'pre-commit')).err).toContain('2,000 rows saved');
  expect(git(folder, 'diff', '--cached', '--name-only')).toMatch(/backups\/latest_backup\.json/);
  expect((await run('hook', 'pre-commit')).err).toBe('');
});

test('a backup of it is not tried in a database of another kind, and is not called damaged', async () => {
  const { name, asked, run } = kitchen();
  put(name, FRUIT);
  await run('backup', 'jam');
  const refused = await asked('verify', 'jam', '--db', 'app.db');
  expect(refused.code).toBe(4);
  expect(refused.err).toContain('is a backup of a Jar database, and this one is SQLite');
  expect((await run('status')).out).not.toContain('failed');
});

test('where the server does not answer, that is said, and nothing is taken for empty', async () => {
  const { folder, name, run } = kitchen();
  put(name, FRUIT);
  await run('backup');
  const env = { DATABASE_URL: `postgres://cook:${KEY}@127.0.0.1:1/${name}` };
  for (const argv of [['backup'], ['auto-restore'], ['clear', 'fruit', '--yes'], ['restore', 'latest', '--yes']]) {
    const { code, err, out } = await overwinterHere({ cwd: folder, argv, env });
    expect([code === 0, err], argv.join(' ')).toEqual([false, expect.stringContaining('nobody answers')]);
    expect(out + err).not.toContain(KEY);
  }
  const status = await overwinterHere({ cwd: folder, argv: ['status'], env });
  expect(status.out).toMatch(/red/);
  expect(status.out).toContain('(cannot be read)');
});

/** An app that writes to a jar: a pear, again and again, for so many milliseconds, or once. */
const cook = (folder: string, name: string, script: string) => {
  const { hostname, port } = new URL(server.url(name));
  const file = join(folder, 'cook.mjs');
  writeFileSync(
    file,
    `import { connect } from 'node:net';
     import { once } from 'node:events';
     import { readFileSync } from 'node:fs';
     import { setTimeout as sleep } from 'node:timers/promises';
     const socket = connect({ host: ${JSON.stringify(hostname)}, port: ${port} });
     const put = async (rows) => {
       const fruit = { columns: ['id', 'name'], rows: Array.from({ length: rows }, (_, id) => ({ id, name: 'pear' })) };
       socket.write(JSON.stringify({ what: 'write', key: '${KEY}', name: '${name}', text: JSON.stringify({ fruit }) }) + '\\n');
       await once(socket, 'data');
     };
     const saved = async (rows) => {
       while (!readFileSync('backups/latest_backup.json', 'utf8').includes(rows)) await sleep(20);
     };
     ${script}
     socket.end();`,
  );
  return [process.execPath, file];
};

test('run brings it back, saves what an app changes, and saves the last of it', async () => {
  const { folder, name, run, json } = kitchen();
  put(name, FRUIT);
  await run('backup');
  server.put(name, undefined);
  const ran = await run(
    'run',
    '--every',
    '0',
    '--debounce',
    '0',
    '--',
    ...cook(folder, name, 'await put(3000); await saved(3000); await put(3001);'),
  );
  expect(ran.err).toContain('Saved 3,000 rows');
  const { backups }: { backups: { rows: number; origin: { trigger: string } }[] } = await json('list');
  expect(backups.map(({ rows, origin }) => [rows, origin.trigger])).toEqual([
    [3001, 'run'],
    [3000, 'run'],
    [2000, 'command-line'],
  ]);
});

test('while nothing is due it is asked seldom, and nobody stays connected', async () => {
  const name = `jar-${jars++}`;
  put(name, FRUIT);
  const database = jarAt(server.url(name));
  opened.push(database);
  const project = { ...projectIn(scratch()), database };
  const events: string[] = [];
  const loop = startLoop(project, {
    trigger: 'keep',
    timing: { debounce: 20, longest: 50, every: 60_000 },
    onEvent: ({ type }) => events.push(type),
  });
  try {
    await expect.poll(() => events).toEqual(['backup']);
    await expect.poll(() => server.guests()).toBe(0);
    const visits = server.visits();
    put(name, PEAR);
    await sleep(300);
    expect([events, server.visits()]).toEqual([['backup'], visits]);
    loop.changed();
    await expect.poll(() => events).toEqual(['backup', 'backup']);
    put(name, { fruit: { ...PEAR.fruit, columns: ['id', 'name'], rows: [{ id: 10_000, name: 'fig' }] } });
    await loop.flush(1000);
    expect(events).toEqual(['backup', 'backup', 'backup']);
    await expect.poll(() => server.guests()).toBe(0);
  } finally {
    loop.stop();
  }
});

/** A panel's helper in this process, where the pantry is in the registry. */
const helperHere: StartHelper = ({ flags, cwd, env }) => {
  const perform = async <N extends Exclude<Act, 'databases'>>(name: N, args: Asks[N][0]) => {
    const { project } = await openProject({ cwd, env, now: () => new Date() }, flags);
    return JSON.stringify(await acts[name](project, args, () => {}).finally(() => project.database.close()));
  };
  return {
    pid: 0,
    ended: new Promise(() => {}),
    open() {},
    ask: async (name, args) => JSON.parse(name === 'databases' ? '[]' : await perform(name, args)),
    run: async ({ name, args }) => ({ name, value: JSON.parse(await perform(name, args)) }),
    stop() {},
    release() {},
    kill() {},
  };
};

test('the panel replaces what is at a server without the app letting go of it', async () => {
  const name = `jar-${jars++}`;
  put(name, FRUIT);
  const { get, done } = stage({ db: server.url(name), withDatabaseClosed: undefined }, helperHere);
  expect((await done('backup', { name: 'jam' })).text).toContain('2,000 rows saved');
  put(name, PEAR);
  const page = await (await get('')).text();
  expect(page).toContain('2,001');
  expect(page).not.toMatch(/Last change|undefined/);
  expect(page).not.toContain(KEY);
  const looked = await done('backups/jam/preview');
  const restored = await done('backups/jam/restore', { preview: looked.job, confirm: 'jam' });
  expect(restored.text).toContain('2,000 rows of jam are in place');
  expect(fruitIn(name)).toBe(2000);
  const id = /name="id" value="([^"]+)"/.exec(restored.text)?.[1] ?? '';
  await done('undo', { id });
  expect(fruitIn(name)).toBe(2001);
});

test('what nobody wrote to since it was saved is not read again, unless something else is to be left out', async () => {
  const name = `jar-${jars++}`;
  put(name, FRUIT);
  const database = jarAt(server.url(name));
  opened.push(database);
  let reads = 0;
  const counting: Database = {
    ...database,
    read(...args) {
      reads++;
      return database.read(...args);
    },
  };
  const project = { ...projectIn(scratch()), database: counting };
  const saved = async (privacy: Privacy = {}) => {
    reads = 0;
    const { status, rows, tables } = await backup({ ...project, privacy }, { trigger: 'test' });
    return [status, rows, tables, reads];
  };
  expect(await saved()).toEqual(['created', 2000, 1, 1]);
  expect(await saved()).toEqual(['unchanged', 2000, 1, 0]);
  put(name, PEAR);
  expect(await saved()).toEqual(['created', 2001, 1, 1]);
  expect(await saved({ redact: { fruit: ['name'] } })).toEqual(['created', 2001, 1, 1]);
  expect(await saved({ redact: { fruit: ['name'] } })).toEqual(['unchanged', 2001, 1, 0]);
  expect(await saved({ redact: { fruit: { name: 'plum' } } })).toEqual(['created', 2001, 1, 1]);
  expect(await saved({ redact: { fruit: { name: 'fig' } } })).toEqual(['created', 2001, 1, 1]);
  expect(await saved()).toEqual(['created', 2001, 1, 1]);
  // Somebody may have written to it just after it was restored.
  await restore(project, { name: 'latest' });
  expect(await saved()).toEqual(['unchanged', 2001, 1, 1]);
  expect(await saved()).toEqual(['unchanged', 2001, 1, 0]);
});

test('files beside what is at a server are saved with it, although nobody wrote to the rows', async () => {
  const { folder, name, json } = kitchen({ overwinter: { db: 'env:DATABASE_URL', files: ['uploads'] } });
  put(name, FRUIT);
  mkdirSync(join(folder, 'uploads'));
  writeFileSync(join(folder, 'uploads', 'label.txt'), 'plums');
  expect((await json('backup')).status).toBe('created');
  writeFileSync(join(folder, 'uploads', 'label.txt'), 'pears, and more of them');
  expect((await json('backup')).status).toBe('created');
  expect((await json('backup')).status).toBe('unchanged');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { db: 'env:DATABASE_URL' } }));
  expect((await json('backup')).status).toBe('created');
});

test('backups of what is at another address are told from these, and one name makes them one', async () => {
  const { folder, name, run } = kitchen({});
  put(name, FRUIT);
  await run('backup');
  const other = `jar-${jars++}`;
  put(other, PEAR);
  const call = { cwd: folder, env: { DATABASE_URL: server.url(other) } };
  const refused = await overwinterHere({ ...call, argv: ['backup'] });
  expect(refused.code).toBe(4);
  expect(refused.err).toContain(`"databases": [{ "name": "${name}", "db": "env:DATABASE_URL" }]`);
  expect(refused.err).not.toContain('.db');
  const databases = [{ name, db: 'env:DATABASE_URL' }];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { databases } }));
  expect((await overwinterHere({ ...call, argv: ['diff'] })).code).toBe(0);
});

test('beside a file it is one of several, and in CI nothing is made that could not work', async () => {
  const databases = [{ db: 'app.db' }, { name: 'pantry', db: 'env:DATABASE_URL' }];
  const { folder, name, run, json } = kitchen({ overwinter: { databases } });
  put(name, FRUIT);
  const app = new BetterSqlite(join(folder, 'app.db'));
  app.exec("CREATE TABLE notes(text); INSERT INTO notes VALUES ('a note')");
  app.close();
  git(folder, 'init', '-q');
  await run('init');
  expect(existsSync(join(folder, '.github'))).toBe(false);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).not.toContain('jar');
  expect(await json('backup')).toMatchObject({ databases: { app: { rows: 1 }, pantry: { rows: 2000 } } });
  const document = join(folder, 'document.json');
  writeFileSync(document, (await run('export', '--db', 'pantry')).out);
  put(name, PEAR);
  await run('import', document, '--db', 'pantry', '--yes');
  expect(fruitIn(name)).toBe(2000);
});

test('what lies here and is no SQLite file is set up by what it is called, and opened by nobody else', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  git(folder, 'init', '-q');
  const { code, out, err } = await overwinterHere({
    cwd: folder,
    argv: ['init', '--dry-run', '--db', 'duckdb:data/facts'],
  });
  expect(code, err).toBe(0);
  expect(out).toContain("await autoRestore({ db: 'duckdb:data/facts' });");
  expect(out).not.toMatch(/openDatabase|DATABASE_URL/);
  expect(out).toContain('.gitignore');
  expect(out).toContain('workflows');
});
