import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addRows, repositoryIn, type TestRepository } from './repository.ts';
import { scratch } from './scratch.ts';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** A project as people have them, with this very program installed in it. */
export interface Shape {
  readonly name: string;
  /** Text of files, by their paths from the top. */
  readonly files: Readonly<Record<string, string>>;
  /** The app's folder from the top. */
  readonly inside?: string;
  readonly db: string;
  readonly git: boolean;
  /** What the project's own hook system did when it was installed. */
  readonly install?: (repository: TestRepository) => void;
  /** What it would run for a hook, where git does not run its scripts themselves. */
  readonly script?: (repository: TestRepository, verb: string) => string;
}

export interface MadeProject extends TestRepository {
  readonly app: string;
  readonly database: string;
}

export function makeProject(shape: Shape, top = scratch()): MadeProject {
  mkdirSync(top, { recursive: true });
  const repository = repositoryIn(top);
  if (shape.git) repository.git(['init', '-q', '-b', 'main']);
  for (const [path, text] of Object.entries(shape.files)) repository.write(path, text);
  const app = resolve(repository.top, shape.inside ?? '');
  mkdirSync(join(repository.top, 'node_modules'), { recursive: true });
  symlinkSync(PACKAGE, join(repository.top, 'node_modules/overwinter'));
  const database = join(app, shape.db);
  mkdirSync(dirname(database), { recursive: true });
  addRows(database, 5);
  if (shape.git) {
    repository.git(['add', '--', ...Object.keys(shape.files)]);
    repository.git(['commit', '-q', '-m', 'begin']);
  }
  shape.install?.(repository);
  return { ...repository, app, database };
}

/** Has git run what the project's hook system was told, as the system's own `install` does. */
export function installScripts(shape: Shape, repository: TestRepository): void {
  for (const verb of ['pre-commit', 'post-commit']) {
    if (shape.script === undefined) return;
    repository.write(`.git/hooks/${verb}`, `#!/bin/sh\n${shape.script(repository, verb)}\n`);
    makeExecutable(repository, `.git/hooks/${verb}`);
  }
}

/** Every file of a project with its mode, but for what a backup and a machine own. */
export function contents(top: string): Record<string, string> {
  const own = /^(node_modules|\.overwinter|backups|\.git\/(?!hooks|config$))|\/(backups|\.overwinter)\/|\.db(-\w+)?$/;
  const paths = readdirSync(top, { recursive: true, encoding: 'utf8' }).filter((path) => !own.test(path));
  const files = paths.filter((path) => statSync(join(top, path)).isFile());
  return Object.fromEntries(
    files.sort().map((path) => [path, `${statSync(join(top, path)).mode} ${readFileSync(join(top, path), 'utf8')}`]),
  );
}

/** husky 9, as `husky` sets it up. */
function installHusky(repository: TestRepository): void {
  repository.git(['config', 'core.hooksPath', '.husky/_']);
  for (const verb of ['pre-commit', 'post-commit']) {
    repository.write(`.husky/_/${verb}`, '#!/usr/bin/env sh\n. "$(dirname "$0")/h"');
    makeExecutable(repository, `.husky/_/${verb}`);
  }
  repository.write('.husky/_/.gitignore', '*');
  const source = readFileSync(join(PACKAGE, 'node_modules/husky/husky'), 'utf8');
  repository.write('.husky/_/h', source);
}

function makeExecutable(repository: TestRepository, path: string): void {
  chmodSync(join(repository.top, path), 0o755);
}

function lefthookScript(repository: TestRepository, verb: string): string {
  const block = new RegExp(`# >>> overwinter ${verb} >>>[^]*?run: \\|\\n([^]*?)\\n *# <<<`).exec(
    repository.read('lefthook.yml'),
  );
  return block?.[1] ?? 'exit 1';
}

function simpleGitHooksScript(repository: TestRepository, verb: string): string {
  return JSON.parse(repository.read('package.json'))['simple-git-hooks'][verb];
}

function preCommitScript(repository: TestRepository, verb: string): string {
  const text = repository.read('.pre-commit-config.yaml');
  const entry = new RegExp(`name: overwinter ${verb}\\n[^]*?entry: (".*")\\n`).exec(text);
  return JSON.parse(entry?.[1] ?? '"exit 1"');
}

const manifest = (more: object = {}) => `${JSON.stringify({ name: 'app', private: true, ...more }, null, 2)}\n`;

export const SHAPES: readonly Shape[] = [
  { name: 'plain npm', files: { 'package.json': manifest(), '.gitignore': 'node_modules\n' }, db: 'app.db', git: true },
  {
    name: 'TypeScript, with last lines that have no end',
    files: {
      'package.json': manifest({ type: 'module', devDependencies: { typescript: '^5' } }),
      'tsconfig.json': '{}\n',
      '.gitignore': 'node_modules\ndist',
      '.gitattributes': '*.png binary',
    },
    db: 'data/app.db',
    git: true,
  },
  {
    name: 'CommonJS, with lines that end as on Windows',
    files: {
      'package.json': manifest({ type: 'commonjs', main: 'index.js' }),
      'index.js': "require('better-sqlite3');\n",
      '.gitignore': 'node_modules\r\nlogs\r\n',
      '.gitattributes': '',
    },
    db: 'db/data.sqlite',
    git: true,
  },
  {
    name: 'pnpm workspace',
    files: {
      'package.json': manifest(),
      'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n",
      'packages/the app/package.json': manifest(),
      '.gitignore': 'node_modules\n',
    },
    inside: 'packages/the app',
    db: 'data/app.db',
    git: true,
  },
  {
    name: 'husky with lint-staged',
    files: {
      'package.json': manifest({
        scripts: { prepare: 'husky' },
        devDependencies: { husky: '^9', 'lint-staged': '^16' },
      }),
      '.husky/pre-commit': 'echo linted >> lint.log\n',
      '.gitignore': 'node_modules\nlint.log\n',
    },
    db: 'data/app.db',
    git: true,
    install: installHusky,
  },
  {
    name: 'a folder of hooks of its own, whose last line ends the script',
    files: {
      'package.json': manifest(),
      '.githooks/pre-commit': '#!/usr/bin/env bash\nset -eu\nexec true\n',
      '.gitignore': 'node_modules\n',
    },
    db: 'data/app.db',
    git: true,
    install(repository) {
      makeExecutable(repository, '.githooks/pre-commit');
      repository.git(['config', 'core.fileMode', 'false']);
      repository.git(['config', 'core.hooksPath', '.githooks']);
    },
  },
  {
    name: 'lefthook',
    files: {
      'package.json': manifest({ devDependencies: { lefthook: '^2' } }),
      'lefthook.yml': 'pre-commit:\n  commands:\n    lint:\n      run: true\n\n# after a push\npost-merge:\n  jobs: []',
      '.gitignore': 'node_modules\n',
    },
    db: 'data/app.db',
    git: true,
    script: lefthookScript,
  },
  {
    name: 'simple-git-hooks',
    files: {
      'package.json': manifest({ 'simple-git-hooks': { 'pre-commit': 'echo "linted" >&2' }, version: '1.0.0' }),
      '.gitignore': 'node_modules\n',
    },
    db: 'data/app.db',
    git: true,
    script: simpleGitHooksScript,
  },
  {
    name: 'pre-commit',
    files: {
      'package.json': manifest(),
      '.pre-commit-config.yaml':
        'repos:\n  - repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v5.0.0\n    hooks:\n      - id: check-yaml\n',
      '.gitignore': 'node_modules\n',
    },
    db: 'data/app.db',
    git: true,
    script: preCommitScript,
  },
  { name: 'no git yet', files: { 'package.json': manifest() }, db: 'data/app.db', git: false },
];
