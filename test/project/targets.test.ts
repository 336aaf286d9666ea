import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/core/errors.ts';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

/** A project with these files, of which a name that ends in `.db` is a database with a row that says which it is. */
function projectOf(files: Readonly<Record<string, string>>): string {
  const folder = scratch();
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    if (!name.endsWith('.db')) writeFileSync(join(folder, name), text);
    else databaseAt(join(folder, name), text);
  }
  return folder;
}

function databaseAt(path: string, ...rows: readonly string[]): void {
  const db = new Database(path);
  db.exec('CREATE TABLE IF NOT EXISTS notes (text)');
  for (const row of rows) db.prepare('INSERT INTO notes VALUES (?)').run(row);
  db.close();
}

const rowsOf = (path: string) => {
  const db = new Database(path, { readonly: true });
  const rows = db.prepare('SELECT text FROM notes').pluck().all();
  db.close();
  return rows;
};

/** What is in the one backup there is of it. */
function saved(folder: string, args: readonly string[], env: Record<string, string> = {}): string {
  const ran = overwinter(folder, ['backup', '--json', ...args], env);
  expect(ran.code, ran.stderr).toBe(0);
  const dumped = overwinter(folder, ['export', JSON.parse(ran.stdout).name, ...args], env);
  return JSON.parse(dumped.stdout).data.notes[0].text;
}

const PRISMA = 'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n';

test.each<[string, Record<string, string>, string[], Record<string, string>]>([
  ['a file: URL', { 'dev.db': 'meant', 'other.db': 'not' }, ['--db', 'file:./dev.db?mode=ro'], {}],
  ['an sqlite: URL', { 'my dev.db': 'meant', 'other.db': 'not' }, ['--db', 'sqlite:my%20dev.db'], {}],
  ['sqlite:///, where SQLAlchemy means it', { 'data/site.db': 'meant' }, ['--db', 'sqlite:///data/site.db'], {}],
  ['OVERWINTER_DB', { 'a.db': 'not', 'b.db': 'meant' }, [], { OVERWINTER_DB: 'file:b.db' }],
  ['env:NAME', { 'a.db': 'not', 'b.db': 'meant' }, ['--db', 'env:APP_DB'], { APP_DB: 'sqlite:b.db' }],
  [
    'env:NAME in .env',
    { 'a.db': 'not', 'b.db': 'meant', '.env': 'APP_DB="file:./b.db" # the one' },
    ['--db', 'env:APP_DB'],
    {},
  ],
  ['DATABASE_URL', { 'a.db': 'not', 'b.db': 'meant' }, [], { DATABASE_URL: 'file:./b.db' }],
  ['DATABASE_URL in .env', { 'a.db': 'not', 'b.db': 'meant', '.env': 'DATABASE_URL=b.db\n' }, [], {}],
  [
    '.env.local before .env',
    { 'b.db': 'meant', 'a.db': 'not', '.env': 'DATABASE_URL=a.db', '.env.local': 'DATABASE_URL=b.db' },
    [],
    {},
  ],
  [
    'the environment before .env',
    { 'b.db': 'meant', 'a.db': 'not', '.env': 'DATABASE_URL=a.db' },
    [],
    { DATABASE_URL: 'b.db' },
  ],
  [
    'the configuration before DATABASE_URL',
    { 'a.db': 'not', 'b.db': 'meant', 'overwinter.config.json': '{"db":"b.db"}' },
    [],
    { DATABASE_URL: 'file:a.db' },
  ],
  [
    'another kind in DATABASE_URL, and one file',
    { 'b.db': 'meant' },
    [],
    { DATABASE_URL: 'mysql://root:pw@localhost/shop' },
  ],
  [
    'the schema’s folder, for Prisma',
    {
      'prisma/schema.prisma': PRISMA,
      '.env': 'DATABASE_URL="file:./dev.db"',
      'prisma/dev.db': 'meant',
      'dev.db': 'not',
    },
    [],
    {},
  ],
  [
    'the schema’s folder, for Prisma, from the environment',
    { 'prisma/schema.prisma': PRISMA, 'prisma/dev.db': 'meant', 'dev.db': 'not' },
    ['--db', 'env:DATABASE_URL'],
    { DATABASE_URL: 'file:dev.db' },
  ],
  [
    'a schema elsewhere, as package.json says',
    {
      'package.json': '{"prisma":{"schema":"db/main.prisma"}}',
      'db/main.prisma': PRISMA,
      'db/dev.db': 'meant',
      'dev.db': 'not',
    },
    [],
    { DATABASE_URL: 'file:dev.db' },
  ],
  [
    'the app’s folder, for Prisma with a driver of its own',
    {
      'package.json': '{"dependencies":{"@prisma/adapter-better-sqlite3":"6"}}',
      'prisma/schema.prisma': PRISMA,
      'prisma/dev.db': 'not',
      'dev.db': 'meant',
    },
    [],
    { DATABASE_URL: 'file:./dev.db' },
  ],
])('%s names the database', (_what, files, args, env) => {
  expect(saved(projectOf(files), args, env)).toBe('meant');
});

test('OVERWINTER_DB names it before the configuration does, whose backups are not for another database', () => {
  const folder = projectOf({ 'a.db': 'not', 'b.db': 'meant', 'overwinter.config.json': '{"db":"a.db"}' });
  const { code, stderr } = overwinter(folder, ['backup'], { OVERWINTER_DB: 'b.db' });
  expect(code).toBe(4);
  expect(stderr).toContain('a.db, not b.db');
});

test('MotherDuck is asked with a token from the environment, and what stands in its name is repeated nowhere', () => {
  const folder = projectOf({ 'app.db': 'kept' });
  const without = { motherduck_token: '', MOTHERDUCK_TOKEN: '' };
  for (const [args, env] of [
    [['--db', 'md:facts'], {}],
    [['--db', 'env:APP_DB'], { APP_DB: 'md:facts' }],
    [[], { OVERWINTER_DB: 'md:facts' }],
  ] as const)
    for (const command of [['backup'], ['auto-restore'], ['snapshot'], ['clear', 't', '--yes']]) {
      const ran = overwinter(folder, [...command, ...args, '--debug'], { ...without, ...env });
      expect(ran.code, command.join()).not.toBe(0);
      expect(ran.stderr).toContain('The database md:facts is opened with a token, and MOTHERDUCK_TOKEN is not set.');
    }
  const telling = 'md:facts?motherduck_token=s3cret';
  for (const command of [
    ['backup'],
    ['auto-restore'],
    ['status'],
    ['init'],
    ['restore', '--yes'],
    ['snapshot'],
    ['list'],
  ])
    for (const [args, env] of [
      [['--db', telling], {}],
      [['--db', 'env:APP_DB'], { APP_DB: telling }],
    ] as const) {
      const ran = overwinter(folder, [...command, ...args, '--debug'], { ...without, ...env });
      expect(ran.code, command.join()).not.toBe(0);
      expect(ran.stdout + ran.stderr).not.toContain('s3cret');
    }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  for (const path of files.filter((each) => statSync(each).isFile()))
    expect(readFileSync(path, 'latin1'), path).not.toContain('s3cret');
});

test('a database that cannot be reached is named, and its password nowhere', () => {
  const folder = projectOf({ 'app.db': 'kept' });
  const target = 'postgresql://ada:s3cret@127.0.0.1:1/shop?sslmode=disable';
  for (const [args, env] of [
    [['--db', 'env:APP_DB'], { APP_DB: target }],
    [[], { OVERWINTER_DB: target }],
  ] as const)
    for (const command of [['backup'], ['auto-restore'], ['status'], ['restore', '--yes'], ['snapshot'], ['list']]) {
      const ran = overwinter(folder, [...command, ...args, '--debug'], env);
      const said = ran.stdout + ran.stderr;
      if (command[0] === 'backup') expect(said).toContain('The database 127.0.0.1:1/shop cannot be reached');
      expect(said).not.toContain('s3cret');
    }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  for (const path of files.filter((each) => statSync(each).isFile()))
    expect(readFileSync(path, 'latin1'), path).not.toContain('s3cret');
});

test('an unknown scheme makes no folder of its name, and the nearest is named', () => {
  const folder = projectOf({ 'app.db': 'kept' });
  const ran = overwinter(folder, ['backup', '--json', '--db', 'sqlite3:app.db']);
  expect(ran.code).toBe(2);
  expect(JSON.parse(ran.stdout).error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining("'sqlite:'") });
  expect(readdirSync(folder).sort()).toEqual(['app.db', 'package.json']);
});

test('a variable that is not set, or that names nothing, is named', () => {
  const folder = projectOf({ 'app.db': 'kept' });
  const run = (target: string, env = {}) => overwinter(folder, ['status', '--db', target], env);
  expect(run('env:APP_DB')).toMatchObject({ code: 2, stderr: expect.stringContaining('APP_DB, which is to say') });
  expect(run('env:APP_DB', { APP_DB: '' })).toMatchObject({ code: 2, stderr: expect.stringContaining('is not set') });
  expect(run('env:')).toMatchObject({ code: 2, stderr: expect.stringContaining("after 'env:'") });
  expect(run('env:A', { A: 'env:B', B: 'app.db' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('A names'),
  });
  const wrong = run('env:A', { A: 'mysql://root:s3cret@host' });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("'mysql:' is no kind of database") });
  expect(wrong.stderr).not.toContain('s3cret');
});

test('where sqlite:/// may be either of two files, nobody guesses', () => {
  const there = scratch();
  databaseAt(join(there, 'site.db'), 'absolute');
  const folder = projectOf({ [join('.', there, 'site.db')]: 'relative' });
  const ran = overwinter(folder, ['backup', '--db', `sqlite://${there}/site.db`]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(`names ${join(folder, there, 'site.db')} to some tools and ${there}/site.db to others`);
  rmSync(join(folder, there, 'site.db'));
  expect(saved(folder, ['--db', `sqlite://${there}/site.db`])).toBe('absolute');
});

test.each([
  ['restore', ['restore']],
  ['undo', ['undo']],
  ['clear', ['clear', 'notes']],
  ['import', ['import', 'document.json']],
])('%s into a database that only DATABASE_URL names says which it is, and wants a yes', (_verb, words) => {
  const folder = projectOf({ 'app.db': 'old', '.env': 'DATABASE_URL=file:./app.db\n' });
  const run = (...args: string[]) => overwinter(folder, args);
  const db = join(folder, 'app.db');
  expect(run('backup').code).toBe(0);
  writeFileSync(join(folder, 'document.json'), run('export').stdout);
  expect(run('snapshot').code).toBe(0);
  databaseAt(db, 'new');
  const refused = run(...words);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain(`${db}, which DATABASE_URL in .env alone names`);
  expect(rowsOf(db)).toEqual(['old', 'new']);
  // Whoever names it means it.
  const named = run(...words, '--db', 'app.db', ...(words[0] === 'clear' ? ['--yes'] : []));
  expect(named.code, named.stderr).toBe(0);
  expect(rowsOf(db)).toEqual(words[0] === 'clear' ? [] : ['old']);
  databaseAt(db, 'newer');
  expect(run(...words, '--yes').code).toBe(0);
  expect(rowsOf(db)).not.toContain('newer');
});

test('a boot does not ask: a database that only DATABASE_URL names comes back', () => {
  const folder = projectOf({ 'app.db': 'old', '.env': 'DATABASE_URL=file:./app.db\n' });
  expect(overwinter(folder, ['backup']).code).toBe(0);
  rmSync(join(folder, 'app.db'));
  expect(overwinter(folder, ['auto-restore']).code).toBe(0);
  expect(rowsOf(join(folder, 'app.db'))).toEqual(['old']);
});

test('an unchanged backup is not remembered for another database that a variable names now', () => {
  const folder = projectOf({ 'a.db': 'first', 'b.db': 'second', '.env': 'DATABASE_URL=a.db' });
  const run = (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const { code, stdout } = overwinter(folder, ['backup', '--json', ...args], env);
    const { status, error } = JSON.parse(stdout);
    return code === 0 ? status : error.code;
  };
  expect([run(), run()]).toEqual(['created', 'unchanged']);
  // The backups there are of the other one: what is remembered would say that nothing changed.
  expect(run([], { DATABASE_URL: 'b.db' })).not.toBe('unchanged');
  const named = ['--db', 'env:APP_DB'];
  expect([run(named, { APP_DB: 'a.db' }), run(named, { APP_DB: 'a.db' })]).toEqual(['unchanged', 'unchanged']);
  expect(run(named, { APP_DB: 'b.db' })).not.toBe('unchanged');
  expect(run()).toBe('unchanged');
  writeFileSync(join(folder, '.env'), 'DATABASE_URL=b.db');
  expect(run()).not.toBe('unchanged');
});

test('no file of the project or of its backups holds a password that a variable holds', () => {
  const folder = projectOf({ 'app.db': 'kept', '.env': 'DATABASE_URL=postgres://ada:s3cret@host/db' });
  expect(overwinter(folder, ['backup', '--db', 'app.db']).code).toBe(0);
  const refused = overwinter(folder, ['backup', '--json', '--debug']);
  expect(refused.code).not.toBe(0);
  expect(JSON.parse(refused.stdout).error.code).toBe('ANOTHER_DATABASE');
  rmSync(join(folder, '.env'));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of files.filter((each) => existsSync(each)))
    expect(readFileSync(path, 'latin1'), path).not.toContain('s3cret');
  expect(refused.stdout + refused.stderr).not.toContain('s3cret');
});

/** The same as a repository whose branch holds these of its files. */
function trackedIn(folder: string, ...files: readonly string[]): string {
  for (const args of [
    ['init', '-q'],
    ['add', '-f', ...files],
  ])
    execFileSync('git', args, { cwd: folder });
  return folder;
}

describe('an .env that git tracks, as any branch can bring one', () => {
  const away = () => {
    const file = join(scratch(), 'other.db');
    databaseAt(file, 'another app’s');
    return file;
  };

  test.each<[string, string, readonly string[]]>([
    ['backup', 'DATABASE_URL', []],
    ['restore', 'DATABASE_URL', ['--yes']],
    ['clear', 'DATABASE_URL', ['notes', '--yes']],
    ['auto-restore', 'DATABASE_URL', []],
    ['backup', 'APP_DB', ['--db', 'env:APP_DB']],
  ])('%s follows it out of the project for nobody (%s)', (command, variable, args) => {
    const other = away();
    const folder = projectOf({ '.env': `${variable}=file:${other}\nOVERWINTER_DB=${other}\n` });
    trackedIn(folder, '.env');
    const { code, stderr } = overwinter(folder, [command, ...args]);
    expect(code, stderr).toBe(EXIT_CODES.NOT_OURS);
    expect(stderr).toContain(`${variable} in .env names a database that is not this project's own`);
    expect(rowsOf(other)).toEqual(['another app’s']);
    expect(readdirSync(folder).sort()).toEqual(['.env', '.git', 'package.json']);
  });

  test.each([
    ['git’s own folder', '.git/hooks/app.db', {}],
    ['a file that is something else', 'server.js', { 'server.js': '// code\n' }],
    ['dependencies', 'node_modules/app.db', {}],
  ])('nor to %s', (_what, target, files) => {
    const folder = trackedIn(projectOf({ ...files, '.env.local': `DATABASE_URL=file:./${target}\n` }), '.env.local');
    expect(overwinter(folder, ['auto-restore']).code).toBe(EXIT_CODES.NOT_OURS);
    expect(existsSync(join(folder, target))).toBe('server.js' in files);
  });

  test('names a file of the project, and one that is not tracked names any', () => {
    const folder = trackedIn(
      projectOf({ 'a.db': 'not', '.data/b.db': 'meant', '.env': 'DATABASE_URL=.data/b.db' }),
      '.env',
    );
    expect(saved(folder, [])).toBe('meant');
    const mine = trackedIn(projectOf({ '.env': `DATABASE_URL=${away()}` }), 'package.json');
    expect(saved(mine, [])).toBe('another app’s');
  });

  test('OVERWINTER_DB counts from the environment alone', () => {
    const files = { 'app.db': 'meant', 'elsewhere/b.db': 'not', '.env': 'OVERWINTER_DB=elsewhere/b.db' };
    expect(saved(trackedIn(projectOf(files), '.env'), [])).toBe('meant');
    expect(saved(projectOf(files), [])).toBe('meant');
  });
});
