import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect } from 'vitest';
import { overwinter } from './command-line.ts';
import { makeProject } from './project-shapes.ts';
import { plainEnvironment, repositoryIn, type TestRepository } from './repository.ts';
import { lasting, scratch } from './scratch.ts';

/** People, each with a database of their own, who save into one repository. */
export interface Person extends TestRepository {
  sql(text: string): void;
  rows(): unknown[];
  /** Commits some code, and answers what the hook said. */
  commit(): string;
  json(...args: string[]): unknown;
  run(...args: string[]): ReturnType<typeof overwinter>;
}

function person(top: string, inside: string): Person {
  const repository = repositoryIn(top, inside);
  const on = <T>(work: (db: Sqlite.Database) => T): T => {
    const db = new Sqlite(repository.db);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const run = (...args: string[]) => overwinter(repository.root, args, plainEnvironment);
  return {
    ...repository,
    run,
    json: (...args) => JSON.parse(run(...args, '--json').stdout),
    sql: (text) => on((db) => db.exec(text)),
    rows: () => on((db) => db.prepare('SELECT text FROM notes ORDER BY id').pluck().all()),
    commit() {
      repository.write(`${Math.random()}.txt`, 'code\n');
      repository.git(['add', '*.txt']);
      const ran = repository.tryGit(['commit', '-q', '-m', 'work']);
      expect(ran.status, ran.stderr).toBe(0);
      return ran.stderr;
    },
  };
}

/** A project that was set up and cloned by each of them, with its database restored; `inside` is its folder in the repository. */
export interface Clones {
  readonly top: string;
  readonly names: readonly string[];
  readonly inside: string;
}

export function makeClones(names: readonly string[], inside = ''): Clones {
  const files = { [join(inside, 'package.json')]: '{}\n', '.gitignore': 'node_modules\n*.db\n' };
  const made = makeProject({ name: 'app', files, inside, db: 'app.db', git: true }, lasting());
  const done = (cwd: string, ...args: string[]) => {
    const { code, stderr } = overwinter(cwd, args, plainEnvironment);
    expect(code, stderr).toBe(0);
  };
  done(made.app, 'init');
  made.git(['add', '.']);
  made.git(['commit', '-q', '-m', 'set up']);
  const top = lasting();
  made.git(['clone', '-q', '--bare', made.top, join(top, 'origin')]);
  for (const name of names) {
    const at = join(top, name);
    made.git(['clone', '-q', join(top, 'origin'), at]);
    cpSync(join(made.top, 'node_modules'), join(at, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    done(join(at, inside), 'init');
    done(join(at, inside), 'restore', '--db', 'app.db');
  }
  return { top, names, inside };
}

/** The same for one test. */
export function copyClones({ top, names, inside }: Clones): Person[] {
  const at = scratch();
  for (const name of ['origin', ...names])
    cpSync(join(top, name), join(at, name), { recursive: true, verbatimSymlinks: true });
  return names.map((name) => {
    const each = person(join(at, name), inside);
    each.git(['remote', 'set-url', 'origin', join(at, 'origin')]);
    return each;
  });
}
