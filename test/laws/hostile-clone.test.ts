import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cacheOf } from '../../src/stores/git/bare-clone.ts';
import { isSlow } from '../support/chance.ts';
import { MAIN } from '../support/command-line.ts';
import {
  addRows,
  bareRepository,
  canary,
  canaryCommand,
  canaryScript,
  gitIn,
  link,
  marksOf,
  mayMakeDevices,
  newVictim,
  overwinterIn,
  panelIn,
  picture,
  put,
  type Ran,
  special,
  start,
  strangersBranch,
  type Victim,
} from '../support/hostile.ts';

/** Ways in which somebody comes to use what is in their clone. */
const ENTRANCES: Record<string, (victim: Victim, env: Record<string, string>) => Ran> = {
  backup: (victim, env) => overwinterIn(victim, ['backup'], env),
  status: (victim, env) => overwinterIn(victim, ['status'], env),
  list: (victim, env) => overwinterIn(victim, ['list'], env),
  verify: (victim, env) => overwinterIn(victim, ['verify'], env),
  diff: (victim, env) => overwinterIn(victim, ['diff'], env),
  restore: (victim, env) => overwinterIn(victim, ['restore'], env),
  'restore --at': (victim, env) => overwinterIn(victim, ['restore', '--at', 'HEAD~1', '--to', 'other.db'], env),
  snapshot: (victim, env) => overwinterIn(victim, ['snapshot'], env),
  snapshots: (victim, env) => overwinterIn(victim, ['snapshots'], env),
  undo: (victim, env) => overwinterIn(victim, ['undo'], env),
  prune: (victim, env) => overwinterIn(victim, ['prune', '--last', '1'], env),
  clear: (victim, env) => overwinterIn(victim, ['clear', 'notes', '--yes'], env),
  export: (victim, env) => overwinterIn(victim, ['export', '-o', 'document.json'], env),
  import(victim, env) {
    overwinterIn(victim, ['export', '-o', 'document.json'], env);
    return overwinterIn(victim, ['import', 'document.json'], env);
  },
  doctor: (victim, env) => overwinterIn(victim, ['doctor', '--offline'], env),
  'doctor --fix': (victim, env) => overwinterIn(victim, ['doctor', '--offline', '--fix'], env),
  init: (victim, env) => overwinterIn(victim, ['init'], env),
  'init --remove': (victim, env) => overwinterIn(victim, ['init', '--remove'], env),
  'keys new': (victim, env) => overwinterIn(victim, ['keys', 'new'], env),
  ci: (victim, env) => overwinterIn(victim, ['ci', '--branch', 'saved'], { CI: '1', ...env }),
  ui: (victim, env) => panelIn(victim, env),
  run: (victim, env) => overwinterIn(victim, ['run', '--deadline', '2', '--', process.execPath, '-e', '0'], env),
  hook: (victim, env) => overwinterIn(victim, ['hook', 'pre-commit'], env),
  'auto-restore': (victim, env) => {
    forget(victim);
    return overwinterIn(victim, ['auto-restore'], env);
  },
  'start of an app': (victim, env) => {
    forget(victim);
    const script = `const { openDatabase } = await import(${JSON.stringify(pathToFileURL(join(MAIN, '../index.js')).href)});
      (await openDatabase('data/app.db')).close();`;
    return start(victim, process.execPath, ['--input-type=module', '-e', script], env);
  },
  commit: (victim, env) => {
    put(victim.top, 'mine.txt', 'mine\n');
    if (leadsNowhere(victim, 'data') && lstatSync(victim.database).isFile()) addRows(victim.database, 2);
    return all(gitIn(victim, ['add', '--', 'mine.txt'], env), gitIn(victim, ['commit', '-q', '-m', 'mine'], env));
  },
  'commit -- path': (victim, env) => {
    put(victim.top, 'package.json', '{"name":"app","private":true,"version":"2.0.0"}\n');
    return gitIn(victim, ['commit', '-q', '-m', 'mine', '--', 'package.json'], env);
  },
  merge: (victim, env) => {
    for (const [branch, text] of [
      ['one', '{"name":"one"}\n'],
      ['two', '{"name":"two"}\n'],
    ] as const) {
      gitIn(victim, ['checkout', '-q', '-f', '-B', branch, 'main'], env);
      if (leadsNowhere(victim, 'backups')) put(victim.top, 'backups/latest_backup.json', text);
      gitIn(victim, ['commit', '-q', '-n', '-m', branch, '--', 'backups/latest_backup.json'], env);
    }
    return gitIn(victim, ['merge', '-q', '-m', 'both', 'one'], env);
  },
  pull: (victim, env) => all(gitIn(victim, ['pull', '-q', '--rebase', 'origin', 'main'], env)),
  checkout: (victim, env) =>
    all(gitIn(victim, ['checkout', '-q', 'origin/main'], env), gitIn(victim, ['checkout', '-q', 'main'], env)),
};

const all = (...ran: readonly Ran[]): Ran => ({
  code: ran.at(-1)?.code ?? null,
  said: ran.map(({ said }) => said).join(''),
  hung: ran.some(({ hung }) => hung),
});

/** What these tests write themselves is not to go through a link. */
const leadsNowhere = ({ top }: Victim, folder: string) =>
  lstatSync(join(top, folder), { throwIfNoEntry: false })?.isSymbolicLink() !== true;

/** As a host does. */
function forget({ database }: Victim): void {
  for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true });
}

interface Plant {
  readonly what: string;
  /** A commit holds it, or only what was unpacked. */
  readonly by: 'branch' | 'archive';
  readonly skip?: boolean;
  plant(top: string, victim: Victim): void;
  /** The entrances that were open to it, or ought to be looked at first. */
  readonly aimedAt: readonly (keyof typeof ENTRANCES)[];
  readonly env?: (victim: Victim) => Record<string, string>;
  /** What the user has set up for themselves. */
  has?(victim: Victim): void;
  /** Where it is git that does what it was set up for. */
  readonly notAt?: readonly string[];
  /** What whoever comes by the first of these is told. */
  readonly told?: RegExp;
}

const evilConfig = (victim: Victim) => `[core]
\trepositoryformatversion = 0
\tbare = false
\tworktree = ${victim.top}
\tfsmonitor = ${canaryCommand(victim, 'fsmonitor')}
\tsshCommand = ${canaryCommand(victim, 'ssh')}
\thooksPath = ${victim.top}/evil-hooks
[remote "origin"]
\turl = ext::sh -c '${canaryCommand(victim, 'remote')}'
[url "ext::sh -c '${canaryCommand(victim, 'instead')}' "]
\tinsteadOf = file
[protocol "ext"]
\tallow = always
[credential]
\thelper = "!${canaryCommand(victim, 'credential')}"
[filter "evil"]
\tclean = ${canaryCommand(victim, 'clean')}
\tsmudge = ${canaryCommand(victim, 'smudge')}
[diff "evil"]
\ttextconv = ${canaryCommand(victim, 'textconv')}
\tcommand = ${canaryCommand(victim, 'diff')}
[alias]
\tls-files = !${canaryCommand(victim, 'alias')}
`;

/** Programs of the user's own, which a branch may not have run on what it likes. */
function filtersOfTheUser(victim: Victim): void {
  for (const [key, name] of [
    ['filter.mine.clean', 'clean'],
    ['diff.mine.textconv', 'textconv'],
    ['diff.mine.command', 'diff'],
  ] as const)
    victim.git(['config', key, `sh -c 'touch ${join(victim.marks, name)}; cat' -`]);
}

const addressOf = ({ remote }: Victim) => pathToFileURL(remote).href;
const cachedIn = (victim: Victim) => `.overwinter/${cacheOf(addressOf(victim))}`;
const toOrigin = (victim: Victim) => ({ OVERWINTER_STORES: `branch:saved?remote=${addressOf(victim)}` });
/** A name that moves the cursor, hides what follows, begins a command of a CI's, and more. */
const NAMES = ['-rf', '--upload-pack=touch x', 'a\nb', '\u001b[2Jc', 'd\u202ee', "f'; touch g; '", '::error::h'];
/** What is looked at to learn what the project is. */
const READ_HERE = [
  '.env',
  '.env.local',
  'prisma/schema.prisma',
  'drizzle.config.ts',
  'pnpm-workspace.yaml',
  'yarn.lock',
];
const KINDS_OF_PLACE = ['snapshots', 'scratch', 'locks', 'binary', 'aside'];

const PLANTS: readonly Plant[] = [
  {
    what: '.overwinter/remotes with a configuration that starts programs',
    by: 'branch',
    plant: (top, victim) => bareRepository(top, cachedIn(victim), evilConfig(victim)),
    aimedAt: ['auto-restore', 'start of an app', 'run'],
    env: toOrigin,
    told: /\.overwinter is tracked by git/,
  },
  {
    what: 'the same where git cannot say whence it came',
    by: 'archive',
    plant: (top, victim) => {
      bareRepository(top, cachedIn(victim), evilConfig(victim));
      put(top, `${cachedIn(victim)}/hooks/reference-transaction`, canary(victim, 'hook'), true);
    },
    aimedAt: ['auto-restore', 'run'],
    env: toOrigin,
  },
  {
    what: '.overwinter that leads into a folder that is served',
    by: 'branch',
    plant(top) {
      put(top, 'public/assets/style.css', 'p {}\n');
      link(top, '.overwinter', 'public/assets');
    },
    aimedAt: ['snapshot', 'restore', 'backup'],
    told: /\.overwinter is a link/,
  },
  {
    what: '.overwinter that leads out of the project',
    by: 'archive',
    plant: (top, { outside }) => link(top, '.overwinter', outside),
    aimedAt: ['snapshot', 'clear', 'doctor --fix'],
    told: /\.overwinter is a link/,
  },
  {
    what: 'another spelling of .overwinter, for disks that do not tell letters apart',
    by: 'branch',
    plant: (top) => put(top, '.Overwinter/readers.json', '{}\n'),
    aimedAt: ['backup'],
  },
  ...KINDS_OF_PLACE.map(
    (folder): Plant => ({
      what: `.overwinter/${folder} that leads out of the project`,
      by: 'archive',
      plant: (top, { outside }) => link(top, `.overwinter/${folder}`, outside),
      aimedAt: ['snapshot', 'backup', 'undo'],
    }),
  ),
  {
    what: 'files of .overwinter that lead out of the project',
    by: 'archive',
    plant(top, { outside }) {
      for (const name of [
        '.gitignore',
        'unchanged.json',
        'unchanged-hook.json',
        'readers.json',
        'audit.log',
        'remotes',
      ])
        link(top, `.overwinter/${name}`, join(outside, `new-${name}`));
    },
    aimedAt: ['backup', 'commit', 'init'],
  },
  {
    what: 'pipes in .overwinter',
    by: 'archive',
    plant(top) {
      for (const name of ['unchanged.json', 'unchanged-hook.json', 'readers.json', 'audit.log', 'snapshots/x.json'])
        special(top, `.overwinter/${name}`, 'pipe');
    },
    aimedAt: ['backup', 'snapshots', 'commit'],
  },
  {
    what: 'a pipe in the place of .overwinter',
    by: 'archive',
    plant: (top) => special(top, '.overwinter', 'pipe'),
    aimedAt: ['backup', 'status'],
    told: /\.overwinter is no folder/,
  },
  {
    what: 'devices in .overwinter and backups',
    by: 'archive',
    skip: !mayMakeDevices,
    plant(top) {
      for (const name of ['.overwinter/unchanged.json', '.overwinter/readers.json', 'backups/latest_backup.json'])
        special(top, name, 'device');
    },
    aimedAt: ['backup', 'status'],
  },
  {
    what: 'sockets in .overwinter, in backups and where the project has files',
    by: 'archive',
    plant(top) {
      for (const name of ['unchanged.json', 'readers.json', 'audit.log', 'locks', 'snapshots/x.json'])
        special(top, `.overwinter/${name}`, 'socket');
      for (const name of ['backups/latest_backup.json', 'backups/backup_20990101_000000_00000000.json', ...READ_HERE])
        special(top, name, 'socket');
    },
    aimedAt: ['backup', 'status', 'ui'],
  },
  {
    what: 'pipes where the project has files',
    by: 'archive',
    plant(top) {
      for (const name of READ_HERE) special(top, name, 'pipe');
    },
    aimedAt: ['status', 'backup', 'init', 'doctor --fix'],
  },
  {
    what: 'a pipe as the configuration',
    by: 'archive',
    plant: (top) => special(top, 'overwinter.config.mjs', 'pipe'),
    aimedAt: ['backup', 'init'],
    told: /overwinter\.config\.mjs cannot be read: it is no file/,
  },
  {
    what: 'a pipe as the database, and beside it',
    by: 'archive',
    plant(top, { database }) {
      for (const end of ['', '-wal', '-journal']) special(top, relative(top, database + end), 'pipe');
    },
    aimedAt: ['backup', 'restore', 'ui'],
    told: /is not a file/,
  },
  {
    what: 'a snapshot that somebody else took',
    by: 'branch',
    plant(top, { database }) {
      const about = { id: '20990101000000000-app.db', label: 'x', date: '2099-01-01T00:00:00.000Z', db: database };
      put(top, `.overwinter/snapshots/${about.id}.json`, JSON.stringify({ ...about, bytes: 1 }));
      put(top, `.overwinter/snapshots/${about.id}.db`, '');
    },
    aimedAt: ['undo', 'snapshots'],
    told: /\.overwinter is tracked by git/,
  },
  {
    what: 'the secret that encrypted backups are to be named by',
    by: 'branch',
    plant(top, { app }) {
      const store = createHash('sha256').update(join(app, 'backups')).digest('hex').slice(0, 16);
      const epoch = { secret: '00'.repeat(32), recipients: [], content: '', files: [] };
      put(top, `.overwinter/epoch-${store}.json`, JSON.stringify(epoch));
    },
    aimedAt: ['backup'],
    told: /\.overwinter is tracked by git/,
  },
  {
    what: 'backups that lead out of the project',
    by: 'branch',
    plant: (top, { outside }) => link(top, 'backups', outside),
    aimedAt: ['backup', 'prune', 'commit', 'list', 'verify', 'restore', 'status', 'auto-restore', 'doctor --fix'],
    told: /backups is a link/,
  },
  {
    what: 'backups that lead into .git',
    by: 'branch',
    plant: (top) => link(top, 'backups', '.git'),
    aimedAt: ['backup', 'prune'],
    told: /backups is a link/,
  },
  {
    what: 'parts that lead out of the project',
    by: 'branch',
    plant: (top, { outside }) => link(top, 'backups/parts', outside),
    aimedAt: ['backup', 'prune', 'verify', 'commit'],
    told: /parts is a link/,
  },
  {
    what: 'a manifest, a pointer and companions that lead out of the project',
    by: 'branch',
    plant(top, { outside }) {
      const manifest = readdirSync(join(top, 'backups')).find((file) => /^backup_/.test(file)) ?? '';
      for (const file of [manifest, 'latest_backup.json', '.gitattributes', '.gitignore'])
        link(top, `backups/${file}`, join(outside, 'notes.json'));
    },
    aimedAt: ['list', 'backup', 'restore', 'commit', 'doctor --fix'],
    told: /is a link/,
  },
  {
    what: 'backups that look like a repository of their own',
    by: 'branch',
    plant: (top, victim) => bareRepository(top, 'backups', evilConfig(victim)),
    aimedAt: ['backup', 'commit', 'ci', 'status'],
  },
  {
    what: 'attributes that name filters, drivers and programs',
    by: 'branch',
    plant(top) {
      for (const file of ['.gitattributes', 'backups/.gitattributes'])
        put(top, file, '* filter=evil diff=evil merge=evil ident\n');
    },
    aimedAt: ['commit', 'ci', 'merge'],
  },
  {
    what: 'attributes that name a filter which the user has',
    by: 'branch',
    plant(top) {
      for (const file of ['.gitattributes', 'backups/.gitattributes'])
        put(top, file, 'backups/** filter=mine diff=mine\nparts/** filter=mine\nbackup_* filter=mine\n');
    },
    has: filtersOfTheUser,
    notAt: ['commit', 'commit -- path', 'merge', 'pull', 'checkout'],
    aimedAt: ['doctor', 'doctor --fix', 'ci', 'backup'],
  },
  {
    what: "a program in the package's place",
    by: 'branch',
    plant(top, victim) {
      for (const file of ['main.cjs', 'program.cjs', 'index.js'])
        put(top, `node_modules/overwinter/dist/${file}`, canaryScript(victim, file));
    },
    aimedAt: ['commit', 'merge', 'commit -- path'],
  },
  {
    what: 'a program nearer to the pointer than the package is',
    by: 'branch',
    plant: (top, victim) => put(top, 'backups/node_modules/overwinter/dist/main.cjs', canaryScript(victim, 'nearer')),
    aimedAt: ['merge', 'commit', 'pull'],
  },
  {
    what: 'programs where npm and npx look first',
    by: 'branch',
    plant(top, victim) {
      for (const name of ['git', 'node', 'sh', 'cp', 'overwinter', 'xdg-open'])
        put(top, `node_modules/.bin/${name}`, canary(victim, name), true);
    },
    aimedAt: ['backup', 'commit', 'ci', 'auto-restore', 'init', 'merge'],
  },
  {
    what: 'hooks in .husky, for one, which nobody here has set up',
    by: 'branch',
    plant(top, victim) {
      const hooks = ['pre-commit', 'post-commit', 'post-merge', 'post-checkout', 'pre-push', 'prepare-commit-msg'];
      for (const folder of ['.husky', '.husky/_', '.githooks', 'hooks', '.git-hooks'])
        for (const hook of [...hooks, 'h', 'husky.sh', 'install.mjs'])
          put(top, `${folder}/${hook}`, canary(victim, `${folder.replaceAll('/', '-')}-${hook}`), true);
      put(
        top,
        'lefthook.yml',
        `pre-commit:\n  commands:\n    mark:\n      run: ${canaryCommand(victim, 'lefthook')}\n`,
      );
    },
    aimedAt: ['init', 'commit', 'doctor --fix', 'ci', 'merge'],
  },
  {
    what: 'a submodule where backups and .overwinter are',
    by: 'branch',
    plant(top, victim) {
      rmSync(join(top, 'backups'), { recursive: true });
      put(
        top,
        '.gitmodules',
        `[submodule "backups"]\n\tpath = backups\n\turl = ext::${canaryCommand(victim, 'module')}\n`,
      );
      const head = gitIn({ ...victim, app: top }, ['rev-parse', 'HEAD']).said.trim();
      for (const path of ['backups', '.overwinter'])
        gitIn({ ...victim, app: top }, ['update-index', '--add', '--cacheinfo', `160000,${head},${path}`]);
    },
    aimedAt: ['commit', 'backup', 'ci'],
  },
  {
    what: 'an .env that sets what ours and git take from the environment',
    by: 'branch',
    plant: (top, victim) =>
      put(
        top,
        '.env',
        `GIT_SSH_COMMAND=${canaryCommand(victim, 'env')}\nGIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=core.fsmonitor\nGIT_CONFIG_VALUE_0=${canaryCommand(victim, 'env')}\nOVERWINTER_DB=${victim.outside}/other.db\nOVERWINTER_DIR=${victim.outside}\nOVERWINTER_STORES='branch:x?remote=ext::${canaryCommand(victim, 'env')}'\n`,
      ),
    aimedAt: ['backup', 'auto-restore', 'clear', 'commit'],
  },
  {
    what: 'an .env that names a database out of the project',
    by: 'branch',
    plant(top, { outside }) {
      rmSync(join(top, 'overwinter.config.json'), { force: true });
      put(top, '.env', `DATABASE_URL=file:${outside}/other.db\n`);
    },
    aimedAt: ['auto-restore', 'backup', 'restore', 'clear', 'start of an app', 'ui'],
    told: /DATABASE_URL in \.env names a database that is not this project's own/,
  },
  {
    what: 'a remote in package.json that git would start a program for',
    by: 'branch',
    plant: (top, victim) =>
      put(
        top,
        'package.json',
        JSON.stringify({
          overwinter: { stores: [`branch:x?remote=ext::sh -c "${canaryCommand(victim, 'address')}"`] },
        }),
      ),
    aimedAt: ['auto-restore', 'run'],
  },
  {
    what: 'names like options, and names that speak to terminals',
    by: 'branch',
    plant(top) {
      for (const name of NAMES)
        for (const folder of ['.', 'backups', 'backups/parts']) put(top, join(folder, name), 'x');
    },
    aimedAt: ['backup', 'commit', 'prune', 'ci', 'doctor', 'status'],
  },
  {
    what: 'a folder of the database that leads out of the project',
    by: 'branch',
    plant: (top, { outside }) => {
      link(top, 'data', outside);
      put(top, 'overwinter.config.json', '{"db":"data/other.db"}\n');
    },
    aimedAt: ['clear', 'restore', 'import', 'undo', 'run'],
    told: /data .*link/,
  },
  {
    what: "files that init writes, leading out of the project and into git's own",
    by: 'branch',
    plant(top, { outside }) {
      rmSync(join(top, 'overwinter.config.json'), { force: true });
      link(top, '.gitignore', join(outside, '.bashrc'));
      link(top, '.gitattributes', '.git/config');
      link(top, '.github/workflows', outside);
      link(top, 'overwinter.config.json', join(outside, 'new.json'));
    },
    aimedAt: ['init', 'init --remove', 'doctor --fix'],
    told: /link/,
  },
];

interface Cell {
  readonly plant: Plant;
  readonly entrance: string;
}

const cells: readonly Cell[] = PLANTS.flatMap((plant) =>
  (isSlow ? Object.keys(ENTRANCES) : plant.aimedAt.slice(0, 1))
    .filter((entrance) => plant.notAt?.includes(entrance) !== true)
    .map((entrance) => ({ plant, entrance })),
);

/** The project as it is once somebody took over what was planted. */
function taken({ plant }: Cell): Victim {
  const victim = newVictim();
  if (plant.by === 'archive') plant.plant(victim.top, victim);
  else {
    strangersBranch(victim, (top) => plant.plant(top, victim));
    plant.has?.(victim);
    victim.git(['fetch', '-q', 'origin', 'stranger']);
    // What is ignored here and tracked there, git replaces without a word.
    const merged = victim.tryGit(['merge', '-q', '--no-edit', 'FETCH_HEAD']);
    if (merged.status !== 0) victim.git(['checkout', '-q', '-f', '-B', 'main', 'FETCH_HEAD']);
    // Git ran them for itself.
    if (plant.has !== undefined) for (const mark of marksOf(victim)) rmSync(join(victim.marks, mark));
  }
  return victim;
}

describe('a clone with everything in it that a stranger can bring', () => {
  test.each(cells.filter(({ plant }) => plant.skip !== true))('$plant.what: $entrance', (cell) => {
    const { plant, entrance } = cell;
    const victim = taken(cell);
    const served = join(victim.top, 'public');
    const look = () => ({ outside: picture(victim.outside), served: existsSync(served) ? picture(served) : {} });
    const before = look();
    const config = readFileSync(join(victim.top, '.git/config'), 'utf8');
    const { said, hung } = ENTRANCES[entrance]?.(victim, plant.env?.(victim) ?? {}) ?? expect.unreachable();
    expect(hung, said).toBe(false);
    expect(marksOf(victim), said).toEqual([]);
    expect(look(), said).toEqual(before);
    if (!['init', 'init --remove', 'doctor --fix'].includes(entrance))
      expect(readFileSync(join(victim.top, '.git/config'), 'utf8'), said).toBe(config);
    if (entrance === plant.aimedAt[0] && plant.told !== undefined) expect(said).toMatch(plant.told);
    expect(said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^::|##\[/m);
  });
});
