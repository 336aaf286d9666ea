import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { seedBudget } from '../examples/budget/seed.ts';
import { type Typed, terminalStory, type } from './terminal.ts';

/** The README's story, made from the real thing: an app, a commit, a host that forgets, a start. Writes docs/pictures/story.svg. */
const ROOT = resolve(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(ROOT, 'docs/pictures'), 'story.svg');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overwinter-story-')));

const APP = `import { openDatabase } from 'overwinter';

const db = await openDatabase('data/budget.db');
const { left } = db.prepare('SELECT sum(cents) / 100.0 AS left FROM balance').get();
console.log('The app is up. The two of them have ' + left + ' left.');
`;

function change(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

try {
  const env = { ...process.env, OVERWINTER_HOST: 'none', GIT_AUTHOR_NAME: 'You', GIT_COMMITTER_NAME: 'You' };
  const quietly = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  const typed = (command: string): Typed => {
    const { says } = type(command, folder, env);
    return { command, says: says.replaceAll(folder, '~/budget') };
  };
  writeFileSync(join(folder, 'package.json'), '{ "name": "budget", "private": true, "type": "module" }');
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  writeFileSync(join(folder, 'app.mjs'), APP);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/overwinter'));
  seedBudget(join(folder, 'data/budget.db'));
  // What is left out has a story of its own.
  change(join(folder, 'data/budget.db'), 'ALTER TABLE users DROP COLUMN password_hash');
  quietly('init', '-q', '-b', 'main');
  quietly('config', 'user.name', 'You');
  quietly('config', 'user.email', 'you@example.org');
  const KEEPS = { db: 'data/budget.db', keep: { users: ['email'] } };
  writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(KEEPS));
  execFileSync(process.execPath, [join(ROOT, 'dist/main.cjs'), 'init', '--quiet'], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  quietly('add', '-A');
  quietly('commit', '-m', 'Start the budget app');
  change(join(folder, 'data/budget.db'), "UPDATE expenses SET note = 'a birthday' WHERE id = 7");
  writeFileSync(join(folder, 'notes.md'), 'Birthdays are expenses.');
  quietly('add', '-A');
  const story = [
    { command: '# A commit saves the data.', says: '' },
    typed('git commit -m "Write about birthdays"'),
    { command: '# The host forgets its files, as hosts do.', says: '' },
    typed('rm -r data .overwinter'),
    { command: '# A start brings everything back.', says: '' },
    typed('node app.mjs'),
  ];
  writeFileSync(target, terminalStory(story));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
