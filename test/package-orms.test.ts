import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { isSlow } from './support/chance.ts';
import { whyNoRegistry } from './support/registry.ts';
import { lasting } from './support/scratch.ts';

/**
 * The guides for ORMs and for several databases, each done as it says, with the package as it is packed. Drizzle, Kysely and another Node come from a registry, so
 * they are part of the slow suite. Prisma's engine cannot be fetched everywhere: what is tried is the file and `.env` as Prisma leaves them.
 */
const ROOT = resolve(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');
const MINUTES = 60_000;
const why = isSlow ? whyNoRegistry() : 'only the slow suite installs packages';
const because = why === undefined ? '' : ` (skipped: ${why})`;

const folder = lasting();
const unpacked = join(folder, 'overwinter');

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' });
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'nothing was packed';
  mkdirSync(unpacked);
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', unpacked, '--strip-components=1']);
});

/** The files that a guide shows, each under the name in its first line. */
function filesOf(guide: string): [string, string][] {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8');
  return [...text.matchAll(/^```(?:ts|js)\n\/\/ (\S+)\n([\s\S]*?)^```/gm)].map(([, name = '', code = '']) => [
    name,
    code,
  ]);
}

const DEPENDENCIES = [
  '@types/better-sqlite3',
  '@types/node',
  'age-encryption',
  'better-sqlite3',
  'commander',
  'jiti',
  'picocolors',
  'simple-git',
  'tsx',
];

/** An app that has the files of a guide, this package, and what it needs, apart from what is installed. */
function appOf(guide: string, files: Readonly<Record<string, string>>, installed: readonly string[] = []): string {
  const app = mkdtempSync(join(folder, 'app-'));
  const all = { 'package.json': '{"private":true,"type":"module"}', ...Object.fromEntries(filesOf(guide)), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(app, name)), { recursive: true });
    writeFileSync(join(app, name), text);
  }
  if (installed.length > 0)
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', ...installed], { cwd: app, stdio: 'ignore' });
  cpSync(unpacked, join(app, 'node_modules/overwinter'), { recursive: true });
  for (const name of DEPENDENCIES.filter((each) => !existsSync(join(app, 'node_modules', each)))) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(MODULES, name), link);
  }
  return app;
}

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(OVERWINTER|GIT_|CI$|NODE_ENV$|VITEST|DATABASE_URL)/.test(name)),
);

function run(app: string, args: readonly string[], node = process.execPath): string {
  const ran = spawnSync(node, [...args], { cwd: app, env: { ...env, OVERWINTER_HOST: 'none' }, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${args.join(' ')} ended with ${ran.status}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

const overwinter = (app: string, ...args: string[]) => run(app, ['node_modules/overwinter/dist/main.cjs', ...args]);

/** Adds what a script says, stops as an app does, loses the database, and starts again: what was there must be back. */
function losesNothing(app: string, script: string, start: readonly string[], node = process.execPath): void {
  const go = (note: string) => {
    writeFileSync(join(app, script), readFileSync(join(app, script), 'utf8').replace(/\{\{.*?\}\}/, `{{${note}}}`));
    return run(app, [...start, script], node)
      .trim()
      .split('\n')
      .at(-1);
  };
  expect(go('first')).toBe('["{{first}}"]');
  rmSync(join(app, 'data'), { recursive: true });
  expect(go('second')).toBe('["{{first}}","{{second}}"]');
  expect(overwinter(app, 'list', '--db', 'data/app.db')).toContain('keep');
}

describe.skipIf(why !== undefined)(`with the real packages${because}`, () => {
  test('Drizzle', { timeout: 5 * MINUTES }, () => {
    const app = appOf(
      'drizzle.md',
      {
        'src/schema.ts': `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const notes = sqliteTable('notes', { id: integer().primaryKey(), text: text().notNull() });\n`,
        'drizzle/meta/_journal.json': JSON.stringify({
          version: '7',
          dialect: 'sqlite',
          entries: [{ idx: 0, version: '6', when: 1, tag: '0000_first', breakpoints: true }],
        }),
        'drizzle/0000_first.sql': 'CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL);\n',
        'src/app.ts': `import { db, keeper } from './db.ts';
import { forget } from './forget.ts';
import { notes } from './schema.ts';
db.insert(notes).values({ text: '{{}}' }).run();
const dropped: number = await forget(0);
const panel = (await import('overwinter')).createPanel({ db, authorize: () => 'read' });
if ((await panel.fetch(new Request('http://localhost/'))).status !== 200 || dropped !== 0) process.exit(9);
panel.close();
const saved = await keeper.backup();
if ('problem' in saved) throw new Error(saved.problem.message);
await keeper.stop();
console.log(JSON.stringify(db.select().from(notes).all().map((each) => each.text)));\n`,
      },
      ['drizzle-orm'],
    );
    typesFit(app);
    losesNothing(app, 'src/app.ts', ['--import', 'tsx']);
    expect(overwinter(app, 'snapshots', '--db', 'data/app.db')).toContain('delete old notes');
  });

  test('Kysely', { timeout: 5 * MINUTES }, () => {
    const app = appOf(
      'kysely.md',
      {
        'src/app.ts': `import { keep } from 'overwinter';
import { db, keeper } from './db.ts';
import { forget } from './forget.ts';
await db.schema.createTable('notes').ifNotExists().addColumn('id', 'integer', (c) => c.primaryKey()).addColumn('text', 'text').execute();
await db.insertInto('notes').values({ text: '{{}}' }).execute();
await forget(0);
await keeper.stop();
const asked = await keep(db);
const saved = await asked.backup();
if ('problem' in saved) throw new Error(saved.problem.message);
const panel = (await import('overwinter')).createPanel({ db, authorize: () => 'read' });
if ((await panel.fetch(new Request('http://localhost/'))).status !== 200) process.exit(9);
panel.close();
await asked.stop();
console.log(JSON.stringify((await db.selectFrom('notes').select('text').execute()).map((each) => each.text)));\n`,
        'src/elsewhere.ts': `import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { keep } from 'overwinter';
const db = new Kysely<object>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (each) => new PostgresIntrospector(each),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
await keep(db).catch((error: Error) => console.log(error.message));\n`,
      },
      ['kysely'],
    );
    typesFit(app);
    losesNothing(app, 'src/app.ts', ['--import', 'tsx']);
    expect(overwinter(app, 'snapshots', '--db', 'data/app.db')).toContain('delete old notes');
    expect(run(app, ['--import', 'tsx', 'src/elsewhere.ts'])).toContain('does not say where its database is');
  });

  test('node:sqlite', { timeout: 5 * MINUTES }, () => {
    const name = `node-${process.platform}-${process.arch}`;
    const app = appOf(
      'node-sqlite.md',
      {
        'src/app.js': `import { db, keeper } from './db.js';
import { forget } from './forget.js';
db.prepare('INSERT INTO notes(text) VALUES (?)').run('{{}}');
await forget(0);
const saved = await keeper.backup();
if ('problem' in saved) throw new Error(saved.problem.message);
await keeper.stop();
console.log(JSON.stringify(db.prepare('SELECT text FROM notes').all().map((each) => each.text)));\n`,
      },
      [`${name}@22`, 'better-sqlite3@13'],
    );
    const node = join(app, 'node_modules', name, 'bin/node');
    losesNothing(app, 'src/app.js', ['--no-warnings'], node);
  });
});

/** With the real types of all who are in it. */
function typesFit(app: string): void {
  writeFileSync(
    join(app, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2024',
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        types: ['node'],
      },
      include: ['src'],
    }),
  );
  run(app, [join(MODULES, 'typescript/bin/tsc'), '--project', app]);
}

test('Prisma, as it leaves its file and .env', () => {
  const app = appOf('prisma.md', {
    '.env': readFileSync(join(ROOT, 'docs/guides/prisma.md'), 'utf8').match(/^```ini\n([\s\S]*?)^```/m)?.[1] ?? '',
    'prisma/schema.prisma':
      'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n\nmodel Note {\n  id   Int    @id\n  text String\n}\n',
  });
  const file = join(app, 'prisma/dev.db');
  const write = (note: string) => {
    const db = new Database(file);
    db.exec('CREATE TABLE IF NOT EXISTS Note (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL)');
    db.prepare('INSERT INTO Note(text) VALUES (?)').run(note);
    const notes = db.prepare('SELECT text FROM Note').pluck().all();
    db.close();
    return notes;
  };
  write('first');
  const keeping =
    "import { keeper } from './src/backups.js'; console.log((await keeper.backup()).type); await keeper.stop();";
  expect(run(app, ['--input-type=module', '-e', keeping])).toBe('backup\n');
  rmSync(file);
  overwinter(app, 'auto-restore', '--db', 'env:DATABASE_URL');
  expect(write('second')).toEqual(['first', 'second']);
  expect(existsSync(join(app, 'dev.db'))).toBe(false);
});

test('several databases: each comes back from its own, and is kept in its own', () => {
  const app = appOf('several-databases.md', {
    'src/app.ts': `import { db, jobs, keepers } from './db.ts';
for (const each of [db, jobs]) each.exec('CREATE TABLE IF NOT EXISTS notes (text)');
db.prepare('INSERT INTO notes VALUES (?)').run('the app');
jobs.prepare('INSERT INTO notes VALUES (?)').run('a job');
for (const keeper of keepers) {
  const saved = await keeper.backup();
  if ('problem' in saved) throw new Error(saved.problem.message);
  await keeper.stop();
}
console.log(JSON.stringify([db, jobs].map((each) => each.prepare('SELECT text FROM notes').pluck().all())));\n`,
  });
  typesFit(app);
  // What was restored is said before.
  const start = () => JSON.parse(run(app, ['--import', 'tsx', 'src/app.ts']).trim().split('\n').at(-1) ?? '');
  expect(start()).toEqual([['the app'], ['a job']]);
  rmSync(join(app, 'data'), { recursive: true });
  expect(start()).toEqual([
    ['the app', 'the app'],
    ['a job', 'a job'],
  ]);
  const { databases } = JSON.parse(overwinter(app, 'list', '--json'));
  expect(Object.keys(databases)).toEqual(['app', 'jobs', 'metrics']);
  expect(databases.jobs.backups[0].rows).toBe(2);
});
