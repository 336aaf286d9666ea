import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import pc from 'picocolors';
import { seedBudget } from '../examples/budget/seed.ts';

/** The main job from beginning to end, with the real program, real git and a real loss, told as it happens. */
const main = resolve(import.meta.dirname, '../dist/main.cjs');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overwinter-demo-')));
const db = join(folder, 'data/app.db');

const tell = (text = '') => console.log(text);
const chapter = (number: number, title: string) => tell(`\n${pc.bold(`${number}. ${title}`)}`);

/** Shows a command and what it says, as on a terminal. */
function run(program: string, ...args: string[]): void {
  tell(pc.dim(`   $ ${[program, ...args].map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`));
  const [file, before] = program === 'overwinter' ? [process.execPath, [main]] : [program, []];
  const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', file, ...before, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  for (const line of said.trimEnd().split('\n')) if (line !== '') tell(`   ${line}`);
}

const quietly = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });

function rows(): Map<string, number> {
  const open = new Database(db, { readonly: true });
  const names = open
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck();
  const counts = new Map(
    names.all().map((name) => [name, Number(open.prepare(`SELECT count(*) FROM "${name}"`).pluck().get())]),
  );
  open.close();
  return counts;
}

const balance = () => {
  const open = new Database(db, { readonly: true });
  const cents = open.prepare<[], number>('SELECT sum(cents) FROM balance').pluck().get() ?? 0;
  open.close();
  return (cents / 100).toFixed(2);
};

/** An app's start in two lines: bring the data back if it is gone, then open it. */
const APP = `
import { execFileSync } from 'node:child_process';
execFileSync(process.execPath, [${JSON.stringify(main)}, 'auto-restore'], { stdio: 'inherit' });
`;

try {
  tell(pc.bold('Overwinter: the git repository is the safety net.'));
  tell(`Everything below happens in ${folder}.`);

  chapter(1, 'An app with a database, in a git repository.');
  seedBudget(db);
  quietly('init', '-q', '-b', 'main');
  quietly('config', 'user.name', 'Demo');
  quietly('config', 'user.email', 'demo@example.org');
  writeFileSync(join(folder, '.gitignore'), 'data/\n');
  writeFileSync(join(folder, 'package.json'), '{ "name": "budget", "type": "module" }\n');
  writeFileSync(join(folder, 'app.mjs'), APP);
  const hook = join(quietly('rev-parse', '--git-path', 'hooks').trim(), 'pre-commit');
  writeFileSync(join(folder, hook), `#!/bin/sh\n"${process.execPath}" "${main}" hook pre-commit\n`);
  chmodSync(join(folder, hook), 0o755);
  const before = rows();
  for (const [table, count] of before) tell(`   ${table.padEnd(16)} ${String(count).padStart(4)} rows`);
  tell(`   The two of them have ${pc.bold(balance())} left.`);

  chapter(2, 'Somebody commits some code. The hook saves the data into the same commit.');
  quietly('add', '.');
  run('git', 'commit', '-m', 'Start the budget app');
  tell(pc.dim('   (the database itself is ignored by git; what was committed is text)'));
  run('git', 'show', '--stat', '--format=%s', 'HEAD', '--', 'backups');

  chapter(3, 'The data changes, and so does the next commit: a little.');
  const change = new Database(db);
  change
    .prepare("INSERT INTO expenses(user_id, category, amount_cents, spent_on) VALUES (1, 'books', 1899, '2026-07-01')")
    .run();
  change.close();
  const after = { rows: rows(), balance: balance() };
  run('overwinter', 'diff');
  writeFileSync(join(folder, 'notes.md'), 'A book was bought.\n');
  quietly('add', 'notes.md');
  run('git', 'commit', '-m', 'Write about it');

  chapter(4, 'The host forgets. It always does, one day.');
  rmSync(join(folder, 'data'), { recursive: true });
  tell(pc.dim('   $ rm -r data'));
  run('overwinter', 'status');

  chapter(5, 'The app boots.');
  run('node', 'app.mjs');

  chapter(6, 'Is everything back?');
  let lost = 0;
  for (const [table, count] of after.rows) {
    const now = rows().get(table) ?? 0;
    if (now !== count) lost++;
    tell(
      `   ${table.padEnd(16)} ${String(now).padStart(4)} of ${String(count).padStart(4)} rows  ${now === count ? pc.green('✔') : pc.red('✘')}`,
    );
  }
  if (balance() !== after.balance) lost++;
  tell(`   The two of them have ${pc.bold(balance())} left, the book paid for.`);
  run('overwinter', 'verify', '--all');
  if (lost > 0) throw new Error('something did not come back');
  tell(
    `\n${pc.green('Every row is back.')} To have this in a project of yours: npm install overwinter && npx overwinter init`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
