import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { RESYNC_MARKER } from '../../src/git/staging.ts';
import { restore } from '../../src/operations/restore.ts';
import { whenFileEnds } from './endings.ts';
import { hookCommand } from './hook-server.ts';
import { kept, projectIn, scratch } from './scratch.ts';

/** An environment in which git finds nobody's configuration, and no hook believes to be in CI. */
export const plainEnvironment: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

/** Every command happens a second after the one before. */
let commands = 0;
whenFileEnds(() => {
  commands = 0;
});

export interface GitOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** A real repository in a folder of its own, with an app in it (`root`: the top, or a folder deeper). */
export interface TestRepository {
  readonly top: string;
  readonly root: string;
  readonly db: string;
  /** Runs git and must succeed; answers what it printed. */
  git(args: readonly string[], options?: GitOptions): string;
  /** Runs git, whatever comes of it. */
  tryGit(args: readonly string[], options?: GitOptions): SpawnSyncReturns<string>;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Paths that a commit changed against its first parent. */
  changed(revision?: string): string[];
  status(): string;
  open(): Promise<Repository>;
}

export function repositoryIn(top: string, inside = ''): TestRepository {
  const tryGit = (args: readonly string[], { input, env, cwd }: GitOptions = {}) =>
    spawnSync('git', args, {
      cwd: cwd ?? top,
      env: { ...plainEnvironment, CLOCK_AHEAD: String(commands++), ...env },
      encoding: 'utf8',
      ...(input === undefined ? {} : { input }),
    });
  const git = (args: readonly string[], options?: GitOptions) => {
    const result = tryGit(args, options);
    if (result.status !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  };
  const root = join(top, inside);
  return {
    top,
    root,
    db: join(root, 'app.db'),
    git,
    tryGit,
    write(path, text) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), text);
    },
    read: (path) => readFileSync(join(top, path), 'utf8'),
    changed(revision = 'HEAD') {
      const parent = tryGit(['rev-parse', '-q', '--verify', `${revision}^1`]).stdout.trim();
      const range = parent === '' ? ['--root', '--no-commit-id', revision] : [parent, revision];
      return git(['diff-tree', '-r', '--name-only', ...range])
        .split('\n')
        .filter(Boolean)
        .sort();
    },
    status: () => git(['status', '--porcelain', '-uall']),
    async open() {
      const repository = await openRepository(top, plainEnvironment);
      if (repository === undefined) throw new Error(`${top} is no repository`);
      return repository;
    },
  };
}

/** A new repository on `main` with one commit, an ignored database with rows in it, and the hooks in place. */
export function newRepository(options: { inside?: string; hooks?: boolean; strict?: boolean } = {}): TestRepository {
  const top = scratch();
  template ??= makeTemplate();
  cpSync(template, top, { recursive: true });
  const repository = repositoryIn(top, options.inside);
  mkdirSync(repository.root, { recursive: true });
  addRows(repository.db, 3);
  if (options.hooks !== false) installHooks(repository, options.strict);
  return repository;
}

/** Made once and copied: a test file wants dozens. */
let template: string | undefined;

function makeTemplate(): string {
  const repository = repositoryIn(kept());
  repository.git(['init', '-q', '-b', 'main']);
  repository.write('.gitignore', 'app.db*\n');
  repository.write('code.txt', lines(1, 30));
  repository.write('other.txt', 'other\n');
  repository.git(['add', '.']);
  repository.git(['commit', '-q', '-m', 'begin']);
  return repository.top;
}

export function installHooks(repository: TestRepository, strict = false, project = ''): void {
  const folder = repository.git(['rev-parse', '--path-format=absolute', '--git-path', 'hooks']).trim();
  mkdirSync(folder, { recursive: true });
  const under = relative(repository.top, repository.root);
  for (const verb of ['pre-commit', 'post-commit']) {
    const file = join(folder, verb);
    // As in a monorepo: the hook goes to where the app is, and relative variables of git's lose their meaning.
    const go = under === '' ? '' : `cd '${under}' || exit 1\n`;
    // After most commits there is nothing to tidy, and the shell knows it sooner than node.
    const guard = verb === 'post-commit' ? `[ -e "$(git rev-parse --git-dir)/${RESYNC_MARKER}" ] || exit 0\n` : '';
    const run = hookCommand(verb, `$(pwd)/${project}`, strict ? 'strict' : 'lenient');
    writeFileSync(file, `#!/bin/sh\n${guard}${go}${run}\n`);
    chmodSync(file, 0o755);
  }
}

export function removeHook(repository: TestRepository, verb: 'pre-commit' | 'post-commit'): void {
  const folder = repository.git(['rev-parse', '--path-format=absolute', '--git-path', 'hooks']).trim();
  writeFileSync(join(folder, verb), '#!/bin/sh\nexit 0\n');
}

export function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
}

/** Adds rows; many enough (200 or more) make a table that is kept in parts. */
export function addRows(db: string, count: number, text = 'x'.repeat(40)): void {
  const database = new Database(db);
  database.exec('CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, text TEXT)');
  const insert = database.prepare('INSERT INTO notes(text) VALUES (?)');
  database.transaction(() => {
    for (let i = 0; i < count; i++) insert.run(`${text} ${i}`);
  })();
  database.close();
}

export function rowsIn(db: string): number {
  if (!existsSync(db)) return 0;
  const database = new Database(db, { readonly: true });
  try {
    return Number(database.prepare('SELECT count(*) FROM notes').pluck().get());
  } finally {
    database.close();
  }
}

/** Restores the newest backup of a work tree beside, and counts its rows. */
export async function restoredRows(root: string, name = 'latest'): Promise<number> {
  const to = join(scratch(), 'restored.db');
  await restore(projectIn(root, { options: { busyTimeout: 200 } }), { name, to });
  return rowsIn(to);
}

export const manifestsIn = (paths: readonly string[]) =>
  paths.filter((path) => /backup_\d{8}_\d{6}_[0-9a-f]{8}\.json$/.test(path));
export const ownOnly = (paths: readonly string[]) => paths.filter((path) => path.split('/').includes('backups'));
export const usersOnly = (paths: readonly string[]) => paths.filter((path) => !path.split('/').includes('backups'));
