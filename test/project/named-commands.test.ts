import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/app/boot.ts';
import { namedCommands } from '../../src/project/named-commands.ts';
import { overwinter } from '../support/command-line.ts';
import { newRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const HERE = { OVERWINTER_HOST: 'none' };

test('the commands in a sentence name what was named', () => {
  const name = namedCommands({ db: 'my data.db', dir: 'saved', cwd: '/app', folder: '/app/saved' });
  expect(name("'overwinter restore latest' or 'git checkout -- backups' brings it back.")).toBe(
    `'overwinter restore latest --db "my data.db" --dir saved' or 'git checkout -- saved' brings it back.`,
  );
  expect(name("Keep it: 'overwinter restore latest --db x.db'; 'overwinter run -- npm start'.")).toBe(
    `Keep it: 'overwinter restore latest --db x.db --dir saved'; 'overwinter run --db "my data.db" --dir saved -- npm start'.`,
  );
  expect(name("'git log --oneline -- backups' shows the commits.")).toContain("'git log --oneline -- saved'");
  expect(namedCommands({ cwd: '/app', folder: '/app/backups' })("'git checkout -- backups'")).toBe(
    "'git checkout -- backups'",
  );
  expect(namedCommands({ cwd: '/app/src', folder: '/app/saved' })("'git checkout -- backups'")).toBe(
    "'git checkout -- /app/saved'",
  );
});

/** An app whose backups are in another folder, committed, and then damaged. */
function damaged() {
  const app = newRepository({ hooks: false });
  const flags = ['--db', 'app.db', '--dir', 'saved'];
  overwinter(app.top, ['backup', ...flags], HERE);
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
  const { chain } = JSON.parse(overwinter(app.top, ['status', '--json', ...flags], HERE).stdout);
  const [checkout] = commandsIn(JSON.stringify(chain)).filter((each) => each?.startsWith('git'));
  expect(checkout).toBe('git checkout -- saved');
  expect(overwinter(app.top, ['status', ...flags], HERE).stdout).toContain("'git checkout -- saved'");
  app.git((checkout ?? '').split(' ').slice(1));
  expect(overwinter(app.top, ['verify', ...flags], HERE).code).toBe(0);
});

test('so does what an error says, on the command line and to an app', async () => {
  const { app, flags } = damaged();
  const verified = overwinter(app.top, ['verify', ...flags], HERE);
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
  overwinter(app.top, ['export', '--output', document, '--db', 'app.db'], HERE);
  expect(existsSync(document)).toBe(true);
  rmSync(app.db);
  expect(overwinter(app.top, ['auto-restore', ...flags], HERE).code).toBe(3);
  const database = new Database(app.db);
  database.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)');
  database.close();
  expect(overwinter(app.top, ['backup', ...flags], HERE).stderr).toContain('HELD');
  expect(overwinter(app.top, ['import', document, ...flags], HERE).code).toBe(0);
  expect(overwinter(app.top, ['backup', ...flags], HERE).code).toBe(0);
});
