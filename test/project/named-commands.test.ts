import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/app/boot.ts';
import { BACKUPS, CONFIG, git, given, hint, hintText, inTurn, overwinter, program } from '../../src/core/hint.ts';
import { namedCommands } from '../../src/project/named-commands.ts';
import { startApp } from '../support/app.ts';
import { overwinter as call } from '../support/command-line.ts';
import { newRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const HERE = { OVERWINTER_HOST: 'none' };
const CHECKOUT = git('checkout', '--', BACKUPS);

test('the commands in a sentence name what was named', () => {
  const name = namedCommands({ db: 'my data.db', dir: 'saved', cwd: '/app', folder: '/app/saved' });
  expect(hintText(name(hint`${overwinter('restore', 'latest')} or ${CHECKOUT} brings it back.`))).toBe(
    `'overwinter restore latest --db "my data.db" --dir saved' or 'git checkout -- saved' brings it back.`,
  );
  const again = hint`Keep it: ${overwinter('restore', 'latest', '--db', 'x.db')}; ${overwinter('run', '--', 'npm', 'start')}.`;
  expect(hintText(name(again))).toBe(
    `Keep it: 'overwinter restore latest --db x.db --dir saved'; 'overwinter run --db "my data.db" --dir saved -- npm start'.`,
  );
  expect(hintText(name([program('rm', { backups: 'a.json' })]))).toBe("'rm saved/a.json'");
  expect(hintText(name(hint`${inTurn(git('init'), overwinter('init', '--db', 'x'))}`))).toBe(
    "'git init && overwinter init --db x --dir saved'",
  );
  expect(hintText(namedCommands({ cwd: '/app', folder: '/app/backups' })([CHECKOUT]))).toBe(
    "'git checkout -- backups'",
  );
  expect(hintText(namedCommands({ cwd: '/app/src', folder: '/app/saved' })([CHECKOUT]))).toBe(
    "'git checkout -- /app/saved'",
  );
});

test('what is restored beside no file is another database', () => {
  const beside = hint`${overwinter('restore', 'latest', '--to', 'before.db')}`;
  const at = { cwd: '/app', folder: '/app/backups' };
  expect(hintText(namedCommands(at)(beside))).toBe("'overwinter restore latest --to before.db'");
  expect(hintText(namedCommands({ ...at, isNoFile: true })(beside))).toBe("'overwinter restore latest --to TARGET'");
});

test('another store is named by what looks into stores', () => {
  const name = namedCommands({ store: 's3', cwd: '/app', folder: '/app/backups' });
  expect(hintText(name(hint`${overwinter('verify')} ${overwinter('backup')}`))).toBe(
    "'overwinter verify --store s3' 'overwinter backup'",
  );
});

test('a path is named as far as it is there', () => {
  const folder = scratch();
  const name = namedCommands({ cwd: folder, folder: join(folder, 'backups') });
  expect(hintText(name([program('ls', '-ld', join(folder, 'no/such'))]))).toBe(`'ls -ld ${folder}'`);
  expect(hintText(name([program('mkdir', '-p', join(folder, 'no'))]))).toBe(`'mkdir -p ${folder}/no'`);
});

test('what hangs on the project is looked for there', () => {
  const app = newRepository({ hooks: false });
  const folder = join(app.top, 'backups');
  const name = namedCommands({ cwd: app.top, folder, file: join(app.top, 'none.db') });
  const words = () =>
    hintText(
      name(
        hint`${given('committed', ['committed'], ['not committed'])}, ${given('saved', ['saved'], ['not saved'])}, ${given('database', ['there'], ['not there'])}`,
      ),
    );
  expect(words()).toBe('not committed, not saved, not there');
  app.write('backups/latest_backup.json', '{}');
  app.write('none.db', '');
  expect(words()).toBe('not committed, saved, there');
  app.git(['add', 'backups']);
  expect(words()).toBe('committed, saved, there');
});

test.each([
  ['overwinter.config.ts', { 'tsconfig.json': '{}' }],
  ['overwinter.config.ts', { 'package.json': '{"devDependencies": {"typescript": "5"}}' }],
  ['overwinter.config.json', { 'package.json': '{"dependencies": {"overwinter": "1"}}' }],
])('a project that has no configuration is told of %s, as init would make it', (config, files) => {
  const root = scratch();
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  expect(hintText(namedCommands({ cwd: root, folder: join(root, 'backups'), root })([CONFIG]))).toBe(config);
});

test('no password gets into a command', () => {
  const at = { db: 'postgres://me:secret@db/shop', cwd: '/app', folder: '/app/backups' };
  const said = (env: Record<string, string>) => hintText(namedCommands({ ...at, env })([overwinter('backup')]));
  expect(said({})).toBe("'overwinter backup --db postgres://me:PASSWORD@db/shop'");
  expect(said({ OTHER: 'postgres://db/shop', MINE: at.db })).toBe("'overwinter backup --db env:MINE'");
});

test.each([
  ['npx overwinter', 'npm', { 'package.json': '{"devDependencies": {"overwinter": "1"}}', 'package-lock.json': '{}' }],
  ['pnpm exec overwinter', 'pnpm', { 'package.json': '{"dependencies": {"overwinter": "1"}}', 'pnpm-lock.yaml': '' }],
  ['yarn overwinter', 'Yarn', { 'package.json': '{"devDependencies": {"overwinter": "1"}}', 'yarn.lock': '' }],
  ['bunx overwinter', 'Bun', { 'package.json': '{"devDependencies": {"overwinter": "1"}}', 'bun.lock': '' }],
  [
    'pnpm exec overwinter',
    'what the manifest says, whatever lies there besides',
    {
      'package.json': '{"packageManager": "pnpm@9.1.0", "devDependencies": {"overwinter": "1"}}',
      'package-lock.json': '{}',
    },
  ],
  ['overwinter', 'none, where the project does not have it', { 'package.json': '{}', 'yarn.lock': '' }],
])('a command is %s with %s', (program, _who, files) => {
  const root = scratch();
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  const name = namedCommands({ db: 'a.db', cwd: root, folder: join(root, 'backups'), root });
  expect(hintText(name(hint`First ${overwinter('backup')}, then ${CHECKOUT}.`))).toBe(
    `First '${program} backup --db a.db', then 'git checkout -- backups'.`,
  );
});

test('a package of a workspace is asked with what the top of it says, and the command line says so', () => {
  const app = newRepository({ hooks: false });
  const inside = join(app.top, 'packages/app');
  mkdirSync(inside, { recursive: true });
  app.write('package.json', '{"devDependencies": {"overwinter": "1"}}');
  app.write('pnpm-lock.yaml', '');
  app.write('packages/app/package.json', '{}');
  new Database(join(inside, 'app.db')).exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)').close();
  expect(call(inside, ['restore', '--db', 'app.db'], HERE).stderr).toContain(
    "'pnpm exec overwinter backup --db app.db'",
  );
});

test('a commit, and an app that is kept, name the configuration there is', async () => {
  const app = newRepository({ hooks: false });
  app.write('overwinter.config.json', '{"redact": {"nobody": ["name"]}}');
  app.git(['add', 'overwinter.config.json']);
  const committed = call(app.top, ['hook', 'pre-commit', '--db', 'app.db'], HERE);
  expect(committed.stderr).toContain("Edit 'redact' in overwinter.config.json");
  const kept = startApp(
    app.top,
    `process.chdir(folder);
    const keeper = await keep(db, { logger: { info() {}, warn: say, error: say } });
    await keeper.backup();
    await keeper.stop();
    process.exit();`,
  );
  expect(await kept.heard("overwinter: The configuration's 'redact'")).toContain(
    "Edit 'redact' in overwinter.config.json",
  );
});

/** An app whose backups are in another folder, committed, and then damaged. */
function damaged() {
  const app = newRepository({ hooks: false });
  const flags = ['--db', 'app.db', '--dir', 'saved'];
  call(app.top, ['backup', ...flags], HERE);
  app.git(['add', 'saved']);
  app.git(['commit', '-q', '-m', 'save']);
  for (const file of readdirSync(join(app.top, 'saved')).filter((each) => each.startsWith('backup_')))
    writeFileSync(join(app.top, 'saved', file), readFileSync(join(app.top, 'saved', file)).subarray(0, -40));
  return { app, flags };
}

/** The commands in a sentence, run as they stand. */
const commandsIn = (text: string) =>
  [...text.matchAll(/'((?:git checkout|overwinter) [^']*)'/g)].map(([, each]) => each);

test('what status says to do does it, wherever the backups are', () => {
  const { app, flags } = damaged();
  const { chain } = JSON.parse(call(app.top, ['status', '--json', ...flags], HERE).stdout);
  const [checkout] = commandsIn(JSON.stringify(chain)).filter((each) => each?.startsWith('git'));
  expect(checkout).toBe('git checkout -- saved');
  expect(call(app.top, ['status', ...flags], HERE).stdout).toContain("'git checkout -- saved'");
  app.git((checkout ?? '').split(' ').slice(1));
  expect(call(app.top, ['verify', ...flags], HERE).code).toBe(0);
});

test('so does what an error says, on the command line and to an app', async () => {
  const { app, flags } = damaged();
  const verified = call(app.top, ['verify', ...flags], HERE);
  expect(verified.stderr).toContain("'git checkout -- saved'");
  expect(verified.stderr).toContain("'overwinter backup --db app.db --dir saved'");
  rmSync(app.db);
  const logger = { info() {}, warn() {}, error() {} };
  const booted = autoRestore({ db: app.db, dir: join(app.top, 'saved'), environment: 'production', logger });
  await expect(booted).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
    hint: expect.stringContaining(`--dir ${join(app.top, 'saved')}'`),
  });
});

test('an import lifts the hold of a restore that failed', async () => {
  const { app, flags } = damaged();
  const document = join(scratch(), 'document.json');
  call(app.top, ['export', '--output', document, '--db', 'app.db'], HERE);
  expect(existsSync(document)).toBe(true);
  rmSync(app.db);
  expect(call(app.top, ['auto-restore', ...flags], HERE).code).toBe(3);
  const database = new Database(app.db);
  database.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)');
  database.close();
  expect(call(app.top, ['backup', ...flags], HERE).stderr).toContain('HELD');
  expect(call(app.top, ['import', document, ...flags], HERE).code).toBe(0);
  expect(call(app.top, ['backup', ...flags], HERE).code).toBe(0);
});
