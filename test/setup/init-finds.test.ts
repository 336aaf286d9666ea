import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const DATABASE = Symbol('a database');
type Files = Readonly<Record<string, string | typeof DATABASE>>;

function projectOf(files: Files): string {
  const folder = scratch();
  for (const [name, content] of Object.entries({ 'package.json': '{}', ...files })) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string') writeFileSync(path, content);
    else new Database(path).exec('CREATE TABLE notes (text)').close();
  }
  return folder;
}

function foundIn(files: Files, env: Record<string, string> = {}) {
  const folder = projectOf(files);
  const { code, stdout, stderr } = overwinter(folder, ['init', '--dry-run', '--json'], env);
  const { db, notes, error } = JSON.parse(stdout);
  return {
    db: code === 0 ? relative(folder, db) : code,
    lines: (notes ?? []).flatMap((note: { lines?: string[] }) => note.lines ?? []),
    said: stderr,
    message: error?.message,
  };
}

const uses = (...names: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });

test.each([
  'data/app.db',
  '.data/db.sqlite3',
  'prisma/dev.db',
  'instance/site.db',
  'pb_data/data.db',
  'db/development.sqlite3',
  'storage/app.sqlite',
  'src/db/local.db',
  'var/data.db',
  'var/data/app.sqlite',
  'database/database.sqlite',
  '.tmp/data.db',
  'storage/data',
])('%s is found', (path) => {
  expect(foundIn({ [path]: DATABASE }).db).toBe(path);
});

test.each<[string, Files, string]>([
  [
    'caches beside it',
    {
      'app.db': DATABASE,
      '.next/cache.db': DATABASE,
      'node_modules/x/x.db': DATABASE,
      '.git/x.db': DATABASE,
      '.overwinter/x.db': DATABASE,
    },
    'app.db',
  ],
  [
    'what only has the name of a database',
    { 'data/real': DATABASE, 'Thumbs.db': 'no database', 'data/words.db': 'nor this' },
    'data/real',
  ],
  [
    'PocketBase’s own log',
    { 'pb_data/data.db': DATABASE, 'pb_data/auxiliary.db': DATABASE, 'pb_data/logs.db': DATABASE },
    'pb_data/data.db',
  ],
  ['one that is empty still', { 'data/app.db': '' }, 'data/app.db'],
])('it is found, and not taken for it: %s', (_what, files, db) => {
  expect(foundIn(files).db).toBe(db);
});

test.each<[string, Files]>([
  ['npm', { 'package.json': '{"workspaces":["apps/*"]}' }],
  ['Yarn 1', { 'package.json': '{"workspaces":{"packages":["apps/*"]}}' }],
  ['pnpm', { 'pnpm-workspace.yaml': "packages:\n  - 'apps/*'\n  - '!apps/old'\n" }],
])('it is found in a workspace of %s', (_manager, files) => {
  expect(foundIn({ ...files, 'apps/web/package.json': '{}', 'apps/web/data/app.db': DATABASE }).db).toBe(
    'apps/web/data/app.db',
  );
});

const OTHERS: Files = { 'other.db': DATABASE, 'data/another.db': DATABASE };

test.each<[string, Files, string]>([
  [
    'Drizzle',
    {
      'drizzle.config.ts':
        "export default defineConfig({ dialect: 'sqlite', dbCredentials: { url: 'file:./local.db' } });",
    },
    'local.db',
  ],
  [
    'Drizzle, by a variable',
    {
      'drizzle.config.ts': "export default { dialect: 'sqlite', dbCredentials: { url: process.env.DB_FILE_NAME! } };",
      '.env': 'DB_FILE_NAME=file:data/local.db',
    },
    'data/local.db',
  ],
  [
    'Prisma',
    { 'prisma/schema.prisma': 'datasource db {\n provider = "sqlite"\n url = "file:./dev.db"\n}' },
    'prisma/dev.db',
  ],
  [
    'Prisma, by a variable of another name',
    {
      'prisma/schema.prisma': 'datasource db {\n provider = "sqlite"\n url = env("APP_DB")\n}',
      '.env': 'APP_DB="file:../data/dev.db"',
    },
    'data/dev.db',
  ],
  [
    'Prisma, by DATABASE_URL',
    {
      'prisma/schema.prisma': 'datasource db {\n provider = "sqlite"\n url = env("DATABASE_URL")\n}',
      '.env': 'DATABASE_URL="file:./dev.db"',
    },
    'prisma/dev.db',
  ],
  [
    'Knex',
    {
      'knexfile.js':
        "module.exports = { development: { client: 'sqlite3', connection: { filename: './dev.sqlite3' } }, production: { connection: { filename: '/data/prod.sqlite3' } } };",
    },
    'dev.sqlite3',
  ],
  [
    'TypeORM',
    {
      'src/data-source.ts':
        "export const source = new DataSource({ type: 'better-sqlite3', database: 'data/orm.sqlite' });",
    },
    'data/orm.sqlite',
  ],
  [
    'Sequelize',
    { 'config/config.json': '{"development":{"dialect":"sqlite","storage":"./dev.sqlite"}}' },
    'dev.sqlite',
  ],
  [
    'Django',
    {
      'shop/settings.py':
        "DATABASES = {\n  'default': {\n    'ENGINE': 'django.db.backends.sqlite3',\n    'NAME': BASE_DIR / 'db.sqlite3',\n  }\n}\n",
      'manage.py': '',
    },
    'db.sqlite3',
  ],
  [
    'Django, in the older way',
    {
      'shop/settings.py':
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "data", "db.sqlite3")}}\n',
    },
    'data/db.sqlite3',
  ],
  [
    'Rails',
    {
      'config/database.yml':
        'default: &default\n  adapter: sqlite3\ndevelopment:\n  <<: *default\n  database: storage/development.sqlite3\ntest:\n  database: storage/test.sqlite3\n',
    },
    'storage/development.sqlite3',
  ],
  ['Laravel', { '.env': 'DB_CONNECTION=sqlite\n' }, 'database/database.sqlite'],
  ['Alembic', { 'alembic.ini': '[alembic]\nsqlalchemy.url = sqlite:///./site.db\n' }, 'site.db'],
  [
    'a workspace’s Drizzle',
    {
      'package.json': '{"workspaces":["apps/*"]}',
      'apps/web/drizzle.config.ts': "export default { dialect: 'sqlite', dbCredentials: { url: './web.db' } };",
    },
    'apps/web/web.db',
  ],
])('where several lie about, or none yet, the configuration of %s says which', (_orm, files, db) => {
  expect(foundIn({ ...files, ...OTHERS }).db).toBe(db);
  expect(foundIn(files).db).toBe(db);
});

test('it says whose word it took, and never runs what it reads', () => {
  const ran = "import { writeFileSync } from 'node:fs'; writeFileSync('ran', ''); throw new Error();";
  const folder = projectOf({
    ...OTHERS,
    'drizzle.config.ts': `${ran} export default { dialect: 'sqlite', url: 'local.db' };`,
  });
  const { stderr, code } = overwinter(folder, ['init', '--dry-run']);
  expect(stderr).toContain('The database is local.db, as drizzle.config.ts says.');
  expect(code).toBe(0);
  expect(overwinter(folder, ['init', '--dry-run', '--db', 'other.db']).stderr).not.toContain('drizzle');
});

test('where configurations name several, or PostgreSQL, nobody guesses', () => {
  const drizzle = "export default { dialect: 'sqlite', dbCredentials: { url: 'a.db' } };";
  const two = foundIn({ 'drizzle.config.ts': drizzle, 'knexfile.js': "filename: 'b.db'" });
  expect(two.db).toBe(2);
  expect(two.message).toContain('a.db (drizzle.config.ts), b.db (knexfile.js)');
  const postgres = {
    'drizzle.config.ts': "export default { dialect: 'postgresql', dbCredentials: { url: 'postgres://a:s3cret@b/c' } };",
  };
  expect(foundIn({ ...postgres, 'data/app.db': DATABASE }).db).toBe('data/app.db');
});

test.each<[string, Files, string[]]>([
  ['better-sqlite3', { 'package.json': uses('better-sqlite3') }, ["const db = await openDatabase('data/app.db');"]],
  [
    'Drizzle',
    { 'package.json': uses('drizzle-orm', 'better-sqlite3') },
    ["const db = drizzle({ client: await openDatabase('data/app.db') });"],
  ],
  [
    'Drizzle over libsql',
    { 'package.json': uses('drizzle-orm', '@libsql/client') },
    ["await autoRestore({ db: 'data/app.db' });"],
  ],
  [
    'Kysely',
    { 'package.json': uses('kysely', 'better-sqlite3') },
    ["const dialect = new SqliteDialect({ database: await openDatabase('data/app.db') });"],
  ],
  ['Knex', { 'package.json': uses('knex', 'better-sqlite3') }, ["await autoRestore({ db: 'data/app.db' });"]],
  [
    'Prisma',
    { 'package.json': uses('@prisma/client'), '.env': 'DATABASE_URL=file:data/app.db' },
    ['overwinter auto-restore --db env:DATABASE_URL && prisma migrate deploy && node server.js'],
  ],
  ['Django', { 'manage.py': '' }, ['npx overwinter run --db data/app.db -- python manage.py runserver']],
  ['Laravel', { artisan: '' }, ['npx overwinter run --db data/app.db -- php artisan serve']],
  ['Go', { 'go.mod': '' }, ['npx overwinter run --db data/app.db -- go run .']],
])('the lines to start with are those of %s', (_what, files, lines) => {
  const found = foundIn({ ...files, 'data/app.db': DATABASE });
  for (const line of lines) expect(found.lines).toContain(line);
  if (!('package.json' in files)) expect(found.lines.join()).not.toContain('import');
});
