/** Writes docs/first-steps.md: does what a stranger does in the first ten minutes, and keeps what was really answered. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** The stranger's home, as the page shows it. */
const HOME = '/home/you';

interface Step {
  /** What a stranger would say about it. */
  readonly words: string;
  /** What is typed, or the file that is written. */
  readonly type: string | { readonly file: string; readonly text: string };
  /** What the answer must hold, or the step does not hold. */
  readonly sees?: RegExp;
  /** Where the next ones are typed, below the home. */
  readonly folder: string;
  /** Done in place of what is typed, where dependencies are not to be downloaded; answers as npm does. */
  readonly link?: (home: string) => string;
}

const NOTES = `import { openDatabase } from 'overwinter';

const db = await openDatabase('data/notes.db');
db.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)');
const [note] = process.argv.slice(2);
if (note) db.prepare('INSERT INTO notes(text) VALUES (?)').run(note);
for (const { id, text } of db.prepare('SELECT id, text FROM notes').all()) console.log(id, text);
`;

const LOOK: readonly Step[] = [
  {
    words: 'A clone, from wherever you found this page.',
    type: 'git clone "$ADDRESS" overwinter && cd overwinter',
    sees: /Cloning into 'overwinter'/,
    folder: '.',
  },
  {
    words:
      'The first of two commands. A driver for SQLite comes along; where no ready one fits, it is compiled, which takes minutes.',
    type: 'npm install',
    sees: /added \d+ packages/,
    folder: 'overwinter',
    link: (home) => {
      symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(home, 'overwinter/node_modules'));
      return 'added 1 packages in 1s';
    },
  },
  {
    words: 'The second: an app, a commit, a loss and a start, with the real program in a scratch folder.',
    type: 'npm run demo',
    sees: /Every row is back/,
    folder: 'overwinter',
  },
];

const OWN: readonly Step[] = [
  { words: 'A new project, in a repository of its own.', type: 'git init -q -b main notes && cd notes', folder: '.' },
  {
    words: '',
    type: { file: 'package.json', text: '{ "name": "notes", "private": true, "type": "module" }\n' },
    folder: 'notes',
  },
  { words: '', type: { file: '.gitignore', text: 'node_modules\n*.tgz\n' }, folder: 'notes' },
  {
    words: 'An app in seven lines. It opens its database through Overwinter, and that is all it does about backups.',
    type: { file: 'notes.js', text: NOTES },
    folder: 'notes',
  },
  {
    words: 'The package is packed from the clone here; elsewhere it is `npm install overwinter`.',
    type: 'npm install --no-save "$(npm pack --silent ../overwinter)"',
    sees: /added \d+ packages/,
    folder: 'notes',
    link: linkPackage,
  },
  {
    words: 'The app keeps its first notes.',
    type: 'node notes.js "water the plants"',
    sees: /^1 water/m,
    folder: 'notes',
  },
  { words: '', type: 'node notes.js "call the dentist"', sees: /^2 call/m, folder: 'notes' },
  {
    words: '**One command sets the project up.** It finds the database and makes the first backup.',
    type: 'npx overwinter init',
    sees: /would boot/,
    folder: 'notes',
  },
  {
    words: 'A second time, there is nothing left to do.',
    type: 'npx overwinter init',
    sees: /^Nothing to change/,
    folder: 'notes',
  },
  { words: '', type: 'git add . && git commit -m "Keep notes"', sees: /latest_backup\.json/, folder: 'notes' },
  {
    words: '**Every commit carries the data.** A note later, somebody commits some code.',
    type: 'node notes.js "buy a stamp"',
    sees: /^3 buy/m,
    folder: 'notes',
  },
  {
    words: '',
    type: 'echo "# Notes" > README.md && git add README.md && git commit -m "Say what it is"',
    sees: /3 rows saved/,
    folder: 'notes',
  },
  {
    words: 'Nothing is left over, and the database is not in git.',
    type: 'git status --short && git ls-files "*.db"',
    sees: /^$/,
    folder: 'notes',
  },
  { words: '**The database is deleted.**', type: 'rm -r data', folder: 'notes' },
  { words: '', type: 'npx overwinter status', sees: /would restore/, folder: 'notes' },
  {
    words: '**The app starts, and everything is back.**',
    type: 'node notes.js',
    sees: /3 rows restored[\s\S]*^1 water the plants\n2 call the dentist\n3 buy a stamp$/m,
    folder: 'notes',
  },
  {
    words: 'The drill that shows it of every backup, at any time:',
    type: 'npx overwinter verify --all',
    sees: /^✔.*3 rows[\s\S]*^✔.*2 rows/m,
    folder: 'notes',
  },
  {
    words: 'So does a fresh clone, on another machine: its first start brings the rows.',
    type: 'git clone -q notes elsewhere && cp -R notes/node_modules elsewhere && cd elsewhere && node notes.js',
    sees: /3 rows restored[\s\S]*^3 buy a stamp$/m,
    folder: '.',
  },
];

/** What `npm install` of the packed clone leaves, with the dependencies that are here already. */
function linkPackage(home: string): string {
  const modules = join(home, 'notes/node_modules');
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  for (const path of ['package.json', 'dist'])
    cpSync(join(home, 'overwinter', path), join(modules, 'overwinter', path), { recursive: true });
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../overwinter/dist/main.cjs', join(modules, '.bin/overwinter'));
  chmodSync(join(modules, 'overwinter/dist/main.cjs'), 0o755);
  return 'added 1 packages in 1s';
}

/** A machine that keeps its files, belongs to somebody, and has settings of nobody's. */
function surroundings(address: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(OVERWINTER|GIT_|CI$|NODE_|VITEST|npm_(?!config_better_sqlite3_local_prebuilds$)|HUSKY|FORCE_COLOR)/.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(inherited),
    ADDRESS: address,
    OVERWINTER_HOST: 'none',
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    // How far a slow checkout is says nothing to a reader.
    GIT_PROGRESS_DELAY: '3600',
    ...person('AUTHOR'),
    ...person('COMMITTER'),
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
    npm_config_loglevel: 'error',
  };
}

const person = (role: string) => ({ [`GIT_${role}_NAME`]: 'You', [`GIT_${role}_EMAIL`]: 'you@example.org' });

/** The repository this file is in, as a commit of everything in it would make it. */
function published(home: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const origin = join(home, 'origin');
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  for (const file of files) if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(origin, file));
  const env = surroundings('');
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    ['commit', '-q', '-m', 'Overwinter'],
  ])
    execFileSync('git', args, { cwd: origin, env });
  return origin;
}

/** Types everything, and answers the page. Throws at the first step that does not hold. */
export function firstSteps(install: 'npm' | 'link'): string {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'overwinter-first-steps-')));
  try {
    const env = surroundings(published(home));
    const section = (steps: readonly Step[]) => steps.map((step) => typed(step, home, env, install)).join('\n');
    return `# The first ten minutes

Written by \`npm run first-steps\`, which types all of this and keeps what was answered; it fails when a step no longer holds, and a
test shows that this page is current.

## Look at it

${section(LOOK)}
## In a project of your own

${section(OWN)}
Read on: [start your app](guides/boot.md), [while the app runs](guides/while-the-app-runs.md),
[before something goes wrong](guides/doctor.md), [all of it](README.md).
`;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function typed(step: Step, home: string, env: NodeJS.ProcessEnv, install: 'npm' | 'link'): string {
  const cwd = join(home, step.folder);
  const words = step.words === '' ? '' : `${step.words}\n\n`;
  if (typeof step.type !== 'string') {
    const { file, text } = step.type;
    writeFileSync(join(cwd, file), text);
    return `${words}\`${file}\`:\n\n\`\`\`${file.endsWith('.js') ? 'js' : 'text'}\n${text}\`\`\`\n`;
  }
  const said = (
    install === 'link' && step.link !== undefined ? step.link(home) : answer(step.type, cwd, env)
  ).replaceAll(home, HOME);
  if (step.sees?.test(said) === false) throw new Error(`'${step.type}' no longer holds:\n${said}`);
  return `${words}\`\`\`console\n$ ${step.type}\n${said === '' ? '' : `${said}\n`}\`\`\`\n`;
}

function answer(command: string, cwd: string, env: NodeJS.ProcessEnv): string {
  const { status, stdout } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`'${command}' ended with ${status}:\n${stdout}`);
  return stdout.replace(/^\n+/, '').trimEnd();
}

/** A page without what is another at each run: times, ids, the version, and how npm counts. */
export function withoutChance(page: string): string {
  return page
    .replace(/\bbackup_\d{8}_\d{6}_[0-9a-f]{8}/g, 'BACKUP')
    .replace(/(?<=the newest ).+(?=: BACKUP$)/gm, 'AGO')
    .replace(/ {2}(just now|\d+ \w+ ago)$/gm, '  AGO')
    .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d{3}Z| UTC)/g, 'TIME')
    .replace(/(\[main (?:\(root-commit\) )?)[0-9a-f]{7,}\]/gm, '$1COMMIT]')
    .replace(/\/\S*\/overwinter-demo-\w+/g, 'FOLDER')
    .replace(/\boverwinter@\d+\.\d+\.\d+\S*/g, 'VERSION')
    .replace(/added \d+ packages in .+/g, 'added PACKAGES');
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(join(ROOT, 'docs/first-steps.md'), firstSteps(process.argv.includes('--link') ? 'link' : 'npm'));
