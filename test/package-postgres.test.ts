import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, postgresPrograms, type TestDatabase } from './support/postgres.ts';
import { plainEnvironment } from './support/repository.ts';
import { lasting } from './support/scratch.ts';

/** The package as it is packed, in a project that has PostgreSQL, from the first command to the day everything is gone. */
const ROOT = resolve(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');

const SHOP = `CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
INSERT INTO users (name) SELECT 'user ' || i FROM generate_series(1, 40) i;
CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), by_user int NOT NULL REFERENCES users, total numeric(10,2));
INSERT INTO orders (by_user, total) SELECT 1 + i % 40, i / 3.0 FROM generate_series(1, 160) i;`;
const EVERYTHING = `SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (SELECT u::text AS t FROM users u UNION ALL SELECT o::text FROM orders o) x`;
const APP = `import { autoRestore } from 'overwinter';
process.loadEnvFile('.env');
await autoRestore();
console.log('the app is up');
`;

const folder = lasting();
const shop = join(folder, 'shop');
let database: TestDatabase;

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(command, args, {
    cwd: shop,
    encoding: 'utf8',
    env: { ...plainEnvironment, OVERWINTER_HOST: 'none', ...env },
  });
}

function works(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = run(command, args, env);
  expect(status, `${command} ${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
  return stdout + stderr;
}

const git = (...args: readonly string[]) => works('git', args);
const overwinter = (...args: readonly string[]) => works('npx', ['--no-install', 'overwinter', ...args]);

/** What `npm install` would put there, without asking a registry. */
function install(into: string): void {
  const packed = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'nothing was packed';
  const installed = join(into, 'node_modules/overwinter');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, packed), '-C', installed, '--strip-components=1']);
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(installed, 'package.json'), 'utf8'),
  );
  for (const name of [...Object.keys(dependencies), 'pg', 'pg-copy-streams']) {
    const link = join(into, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(MODULES, name), link);
  }
  mkdirSync(join(into, 'node_modules/.bin'), { recursive: true });
  symlinkSync('../overwinter/dist/main.cjs', join(into, 'node_modules/.bin/overwinter'));
}

describe.skipIf(postgresPrograms() === undefined)('DATABASE_URL, and two commands', () => {
  beforeAll(async () => {
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' });
    mkdirSync(shop);
    install(shop);
    database = await freshDatabase();
    database.psql(SHOP);
    writeFileSync(join(shop, 'package.json'), '{ "name": "shop", "private": true, "type": "module" }');
    writeFileSync(join(shop, '.gitignore'), 'node_modules\n.env\n');
    writeFileSync(join(shop, '.env'), `DATABASE_URL=${database.url}\n`);
    writeFileSync(join(shop, 'app.mjs'), APP);
    git('init', '-q', '-b', 'main');
  });

  test('a commit saves, the database is dropped and made empty, a start brings every row back', () => {
    const before = database.psql(EVERYTHING);
    expect(overwinter('init')).toContain('Saved 200 rows');
    git('add', '-A');
    git('commit', '-qm', 'Begin the shop');
    database.psql("INSERT INTO users (name) VALUES ('one more')");
    const after = database.psql(EVERYTHING);
    expect(after).not.toBe(before);
    writeFileSync(join(shop, 'notes.md'), 'something');
    git('add', '-A');
    git('commit', '-qm', 'Write about it');
    expect(git('show', '--stat', '--format=%s')).toContain('backups/latest_backup.json');

    database.dropAndCreate();
    expect(works('node', ['app.mjs'])).toMatch(/no tables: 201 rows restored from .*\n?.*the app is up/s);
    expect(database.psql(EVERYTHING)).toBe(after);
    // And it goes on where it was.
    database.psql("INSERT INTO users (name) VALUES ('the next')");
    expect(database.psql('SELECT max(id) FROM users').trim()).toBe('42');
    expect(works('node', ['app.mjs'])).toBe('the app is up\n');
  });
});
