import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { chromium, type Page } from 'playwright-core';
import { seedBudget } from '../examples/budget/seed.ts';
import { backup } from '../src/operations/backup.ts';
import { verify } from '../src/operations/verify.ts';
import { servePanel } from '../src/panel/serve.ts';
import { openProject } from '../src/project/open-project.ts';
import { terminalPicture, type } from './terminal.ts';

/**
 * Makes the README's pictures from the real thing: the example's data, half a year of backups, a real browser; and the command line in
 * a terminal.
 */
const target = resolve(process.argv[2] ?? join(import.meta.dirname, '../docs/pictures'));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overwinter-pictures-')));
const db = join(folder, 'data/budget.db');
const TITLES = [
  'Let people choose a currency',
  'Show what is left of the month',
  'Fix a typo',
  'Sort goals by their date',
];
const NAMED: Readonly<Record<number, string>> = { 40: 'before-migration', 9: 'before-cleanup' };

mkdirSync(target, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{}');
seedBudget(db);
const env = {
  ...process.env,
  OVERWINTER_HOST: 'none',
  OVERWINTER_ENVIRONMENT: 'production',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};
commandLine();
await live(170);
await safe();

const panel = await servePanel(
  { db },
  {
    cwd: folder,
    env,
    now: () => new Date(),
  },
  0,
);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const desktop = await browser.newPage({ viewport: { width: 1180, height: 860 }, colorScheme: 'light' });
  await desktop.goto(panel.address);
  const root = desktop.url();
  await shoot(desktop, 'panel');
  await desktop.goto(`${root}timeline`);
  await shoot(desktop, 'panel-timeline');
  await desktop.goto(`${root}timeline`);
  change();
  await desktop.getByRole('link', { name: 'before-cleanup', exact: true }).click();
  await desktop.getByRole('link', { name: 'Restore from here', exact: true }).click();
  await desktop.getByRole('button', { name: 'Show what would change' }).click();
  await desktop.getByRole('heading', { name: 'What would change' }).waitFor();
  await shoot(desktop, 'panel-restore');
} finally {
  await browser.close();
  panel.close();
  rmSync(folder, { recursive: true, force: true });
}

/** A day with the command line: a backup, something that should not have happened, and the way back. */
function commandLine(): void {
  const home = join(folder, 'home');
  seedBudget(join(home, 'data/budget.db'));
  writeFileSync(join(home, 'package.json'), '{}');
  writeFileSync(join(home, 'overwinter.config.json'), JSON.stringify({ keep: { users: ['email'] } }));
  const draw = (name: string, commands: readonly string[]) => {
    const typed = commands.map((command) => type(command, home, env));
    // Where scratch happens to be is nobody's business.
    const shown = typed.map(({ command, says }) => ({ command, says: says.replaceAll(home, '~/budget') }));
    writeFileSync(join(target, `${name}.svg`), terminalPicture(shown));
    console.log(join(target, `${name}.svg`));
  };
  git(home, 'init', '-q', '-b', 'main');
  const remote = newRemote();
  git(home, 'remote', 'add', 'origin', remote);
  writeFileSync(join(home, '.gitignore'), 'data/\n.overwinter/\n');
  git(home, 'add', '-A');
  git(home, 'commit', '-qm', 'Begin');
  git(home, 'push', '-q', '-u', 'origin', 'HEAD');
  draw('terminal', [
    'npx overwinter backup before-migration',
    'npx overwinter verify',
    'git add backups && git commit -qm "Save the data" && git push -q',
    'npx overwinter status',
  ]);
  if (!readFileSync(join(target, 'terminal.svg'), 'utf8').includes('green: the data is safe'))
    throw new Error('the README says that this picture shows data that is safe');
  draw('terminal-restore', [
    'sqlite3 data/budget.db "DELETE FROM savings_goals"',
    'npx overwinter diff',
    'npx overwinter restore --yes',
    'npx overwinter verify',
  ]);
  for (const each of [home, remote]) rmSync(each, { recursive: true, force: true });
}

/** Half a year of an app's life: some days something is spent, and the day's backup is made. */
async function live(days: number): Promise<void> {
  git(folder, 'init', '-q', '-b', 'main');
  let day = new Date();
  const { project } = await openProject({ cwd: folder, env, now: () => day }, { db });
  const spend = new Database(db);
  const expense = spend.prepare('INSERT INTO expenses(user_id, category, amount_cents, spent_on) VALUES (1, ?, ?, ?)');
  for (let ago = days; ago > 0; ago--) {
    if (ago % 7 === 3 || ago % 11 === 4) continue;
    day = new Date(Date.now() - ago * 86_400_000);
    for (let n = 0; n <= ago % 4; n++)
      expense.run('groceries', 900 + ((ago * 379) % 4000), day.toISOString().slice(0, 10));
    const name = NAMED[ago];
    const trigger = ago % 3 === 0 ? 'keep' : 'pre-commit';
    await backup(
      { ...project, environment: ago % 5 === 0 ? 'development' : 'production' },
      { trigger, ...(name === undefined ? {} : { name }) },
    );
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', TITLES[ago % TITLES.length] ?? '');
  }
  spend.close();
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], { cwd, env, stdio: 'ignore' });
}

/** Pushed, drilled, and written to since. */
async function safe(): Promise<void> {
  const remote = newRemote();
  git(folder, 'remote', 'add', 'origin', remote);
  git(folder, 'push', '-q', '-u', 'origin', 'HEAD');
  rmSync(remote, { recursive: true, force: true });
  const { project } = await openProject({ cwd: folder, env, now: () => new Date() }, { db });
  await verify(project, 'newest');
  const open = new Database(db);
  open.exec(
    "INSERT INTO expenses(user_id, category, amount_cents, spent_on) SELECT 1, 'coffee', 420, '2026-01-01' FROM users",
  );
  open.close();
}

/** A repository to push to. */
function newRemote(): string {
  const remote = mkdtempSync(join(tmpdir(), 'overwinter-pictures-remote-'));
  git(remote, 'init', '-q', '--bare');
  return remote;
}

/** Something to undo. */
function change(): void {
  const open = new Database(db);
  open.exec("DELETE FROM savings_goals WHERE id = 2; UPDATE users SET name = 'Someone else' WHERE id = 1");
  open.close();
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(target, `${name}.png`) });
  console.log(join(target, `${name}.png`));
}
