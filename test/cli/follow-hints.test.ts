import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { faultsFrom, PERSON, type Situation } from '../support/follow-hints.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

/** Whatever is amiss, what is said to do next can be done, and comes to an end: it works, or somebody has to edit or to choose. */

const ALONE = [
  'status',
  'doctor --offline',
  'list',
  'backup',
  'restore',
  'restore --dry-run',
  'restore nope',
  'restore --at HEAD~1',
  'restore --to beside.db',
  'restore --table users',
  'restore --table usrs',
  'verify',
  'diff',
  'diff nope',
  'diff HEAD~1 HEAD',
  'log users',
  'log usrs',
  'clear usrs',
  'undo',
  'export',
  'import nope.json',
  'notify --test',
  'keys check',
  'ci --dry-run',
  'auto-restore',
  'backup --db data/nope.db',
  'restore --db nope.db',
];
/** What is said of these does not hang on how the project is. */
const ANYWHERE = [
  'status --db mysql://x/y',
  'status --db postgers://x/y',
  'status --db postgres://app@127.0.0.1:1/none',
  'status --db env:NOT_SET',
  'list --store nope',
  'list --store folder:/nowhere/at/all',
  'restore --where x',
  'restore latest --to app.db --table users',
  'bakcup',
  'help restor',
  'backup --alow-shrink',
  'clear',
  'run -- no-such-program',
];

/** More rows than stand in a manifest itself. */
const PEOPLE = `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO users(name) SELECT 'user' || i || '@example.org' FROM n`;

function sql(folder: string, text: string, file = 'data/app.db'): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const db = new Database(join(folder, file));
  db.exec(text);
  db.close();
}

const configure = (folder: string, config: object) =>
  writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(config));

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'ignore', env: { ...process.env, ...PERSON } });
}

function saved(folder: string): void {
  sql(folder, PEOPLE);
  overwinter(folder, ['backup']);
}

function committed(folder: string): void {
  git(folder, 'init', '-q');
  saved(folder);
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'Begin');
}

function withoutParts(folder: string): void {
  for (const name of readdirSync(join(folder, 'backups/parts'))) rmSync(join(folder, 'backups/parts', name));
}

function withTornManifests(folder: string): void {
  const backups = join(folder, 'backups');
  for (const name of readdirSync(backups)) if (/^backup_/.test(name)) writeFileSync(join(backups, name), '{"meta');
}

const STRANGER = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

interface Case {
  readonly name: string;
  /** Makes it of an empty folder, and says what the environment has. */
  readonly make: (folder: string) => Situation['env'] | Promise<Situation['env']>;
  readonly commands?: readonly string[];
}

const made = (name: string, make: (folder: string) => void, commands: readonly string[] = ALONE): Case => ({
  name,
  commands,
  make: (folder) => {
    make(folder);
    return {};
  },
});

const SITUATIONS: readonly Case[] = [
  made('an empty folder', () => {}),
  made('a database and nothing else', (folder) => sql(folder, PEOPLE), [
    ...ALONE,
    ...ANYWHERE,
    'list --history',
    'restore --as-of 2020-01-01',
    'recovery-kit',
  ]),
  made('a project of npm in git, without a backup', (folder) => {
    sql(folder, PEOPLE);
    git(folder, 'init', '-q');
    writeFileSync(join(folder, 'package.json'), '{"dependencies": {"overwinter": "1"}}');
  }),
  made('a backup outside of git', saved),
  made('a backup and no database', (folder) => {
    saved(folder);
    rmSync(join(folder, 'data'), { recursive: true });
  }),
  made('a variable that is not set', (folder) => {
    saved(folder);
    configure(folder, { db: 'env:DATABASE_URL' });
  }),
  made('a configuration that names another database', (folder) => {
    saved(folder);
    sql(folder, 'CREATE TABLE t(a); INSERT INTO t VALUES (1)', 'data/other.db');
    configure(folder, { db: 'data/other.db' });
  }),
  made('a part is gone', (folder) => {
    saved(folder);
    withoutParts(folder);
  }),
  made('a part is gone that git has', (folder) => {
    committed(folder);
    withoutParts(folder);
  }),
  made('a manifest is torn', (folder) => {
    saved(folder);
    withTornManifests(folder);
  }),
  made('a manifest is torn that git has', (folder) => {
    committed(folder);
    withTornManifests(folder);
  }),
  made('the folder of backups is gone that git has', (folder) => {
    committed(folder);
    rmSync(join(folder, 'backups'), { recursive: true });
  }),
  made('a file where the backups should be', (folder) => {
    sql(folder, PEOPLE);
    writeFileSync(join(folder, 'backups'), '');
  }),
  made('a database that is text', (folder) => {
    saved(folder);
    writeFileSync(join(folder, 'data/app.db'), 'no database, '.repeat(500));
  }),
  made('a database without its rows', (folder) => {
    saved(folder);
    sql(folder, 'DELETE FROM users');
  }),
  made('a database without its table', (folder) => {
    saved(folder);
    sql(folder, 'DROP TABLE users; CREATE TABLE people(a); INSERT INTO people VALUES (1)');
  }),
  made('a table without its column', (folder) => {
    saved(folder);
    sql(folder, 'ALTER TABLE users DROP COLUMN name');
  }),
  made('two databases that nobody named', (folder) => {
    sql(folder, PEOPLE);
    sql(folder, PEOPLE, 'data/jobs.db');
  }),
  made(
    'two databases of projects below',
    (folder) => {
      writeFileSync(join(folder, 'package.json'), '{"workspaces":["apps/*"]}');
      for (const app of ['apps/api', 'apps/web']) {
        sql(join(folder, app), PEOPLE);
        writeFileSync(join(folder, app, 'package.json'), '{}');
        overwinter(join(folder, app), ['init']);
      }
    },
    ['init', ...ALONE.filter((typed) => !/[\w/]\.db|HEAD/.test(typed))],
  ),
  made('two databases in the configuration', (folder) => {
    sql(folder, PEOPLE, 'data/jobs.db');
    configure(folder, { databases: [{ db: 'data/app.db' }, { db: 'data/jobs.db' }] });
    saved(folder);
  }),
  {
    name: 'a server that cannot be reached',
    make: (folder) => {
      saved(folder);
      return { DATABASE_URL: 'postgres://app@127.0.0.1:1/none' };
    },
  },
  made('a configuration with a word that is none', (folder) => {
    sql(folder, PEOPLE);
    configure(folder, { dbb: 'data/app.db' });
  }),
  made('encrypted backups and no key', (folder) => {
    configure(folder, { encrypt: { recipients: [STRANGER] } });
    saved(folder);
  }),
  made('encrypted backups that are to be plain', (folder) => {
    configure(folder, { encrypt: { recipients: [STRANGER] } });
    saved(folder);
    rmSync(join(folder, 'overwinter.config.json'));
    sql(folder, "INSERT INTO users(name) VALUES ('cy')");
  }),
  made(
    'PGlite, whose table is another',
    (folder) => {
      sql(folder, PEOPLE);
      overwinter(folder, ['copy', '--to', 'pglite:data/pg']);
      configure(folder, { db: 'pglite:data/pg' });
      overwinter(folder, ['backup']);
      rmSync(join(folder, 'data/pg'), { recursive: true });
      sql(folder, 'CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)', 'other.db');
      overwinter(folder, ['copy', '--db', 'other.db', '--to', 'pglite:data/pg']);
      rmSync(join(folder, 'other.db'));
    },
    ['restore --table users', 'restore --to before.db', 'status', 'copy --to pglite:data/pg'],
  ),
];

/** No file lies there: what is said of one fits none of these. */
const ON_A_SERVER = ALONE.filter((typed) => !/[\w/]\.db|HEAD/.test(typed));

async function onServer(folder: string): Promise<{ readonly DATABASE_URL: string; psql(sql: string): void }> {
  const { url, psql } = await freshDatabase();
  psql(
    "CREATE TABLE users(id int PRIMARY KEY, name text); INSERT INTO users SELECT i, 'user' || i FROM generate_series(1, 500) i",
  );
  expect(overwinter(folder, ['backup'], { DATABASE_URL: url }).code).toBe(0);
  return { DATABASE_URL: url, psql };
}

const SERVERS: readonly Case[] = [
  {
    name: 'PostgreSQL, with a backup',
    commands: ON_A_SERVER,
    async make(folder) {
      const { DATABASE_URL } = await onServer(folder);
      return { DATABASE_URL };
    },
  },
  {
    name: 'PostgreSQL, whose restore failed at a start',
    commands: ON_A_SERVER,
    async make(folder) {
      const { DATABASE_URL, psql } = await onServer(folder);
      withoutParts(folder);
      psql('DELETE FROM users');
      expect(overwinter(folder, ['auto-restore'], { DATABASE_URL }).code).toBe(3);
      psql("INSERT INTO users VALUES (1, 'somebody')");
      expect(overwinter(folder, ['backup'], { DATABASE_URL }).stderr).toContain('HELD');
      return { DATABASE_URL };
    },
  },
  {
    name: 'PostgreSQL, with fakes for development',
    commands: ON_A_SERVER,
    async make(folder) {
      configure(folder, { fake: { users: { name: 'name' } } });
      const { DATABASE_URL } = await onServer(folder);
      const env = { DATABASE_URL, OVERWINTER_ENVIRONMENT: 'development' };
      overwinter(folder, ['backup', 'of-production'], { ...env, OVERWINTER_ENVIRONMENT: 'production' });
      const made = overwinter(folder, ['restore', 'of-production', '--for', 'development', '--yes'], env);
      expect(made.code, made.stderr).toBe(0);
      return env;
    },
  },
  {
    name: 'PostgreSQL, without its driver',
    commands: ['status', 'backup', 'restore', 'auto-restore', 'doctor --offline', 'init'],
    async make(folder) {
      const { DATABASE_URL } = await onServer(folder);
      const hide = join(folder, 'without-pg.cjs');
      const hook = `export async function resolve(name, context, next) {
  if (name === 'pg') throw Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(name, context);
}`;
      const address = `data:text/javascript,${encodeURIComponent(hook)}`;
      writeFileSync(hide, `require('node:module').register(${JSON.stringify(address)});`);
      // Of a configuration in code each command is a process of its own.
      writeFileSync(join(folder, 'overwinter.config.mjs'), 'export default {};');
      const env = { DATABASE_URL, NODE_OPTIONS: `--require ${hide}` };
      expect(overwinter(folder, ['backup'], env).stderr).toMatch(/npm install pg\b/);
      return env;
    },
  },
];

test.each([...SITUATIONS, ...(postgresPrograms() === undefined ? [] : SERVERS)])(
  '$name',
  async ({ make, commands = ALONE }) => {
    const folder = scratch();
    const env = (await make(folder)) ?? {};
    const situation: Situation = { folder, env, known: new Map() };
    const faults = commands.flatMap((typed) => faultsFrom(situation, `overwinter ${typed}`));
    const told = faults.map(({ way, what }) => `${way.join('  ->  ')}\n      ${what}`).join('\n');
    expect(faults, told).toEqual([]);
  },
  600_000,
);

test('a circle, a path that is not there and an option that is none are seen', () => {
  const folder = scratch();
  sql(folder, PEOPLE);
  const after = { typed: 'overwinter backup', code: 'NO_BACKUP', message: '', hint: 'x', commands: [] };
  const following = (typed: string) => faultsFrom({ folder, known: new Map() }, typed, [after]).map(({ what }) => what);
  expect(following('overwinter status --db nope/app.db')).toEqual(['there is no nope/app.db']);
  expect(following('overwinter status --no-such')).toEqual(["not understood: Unknown option '--no-such'."]);
  expect(following('ls nope')).toHaveLength(1);
  const message = `There is no backup in ${join(folder, 'backups')}.`;
  const seen = { ...after, typed: 'overwinter restore', message };
  expect(faultsFrom({ folder, known: new Map() }, 'overwinter restore', [after, seen]).map(({ what }) => what)).toEqual(
    [`a circle: ${message}`],
  );
});
