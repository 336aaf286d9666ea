import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { makeProject } from '../support/project-shapes.ts';
import { plainEnvironment, repositoryIn, type TestRepository } from '../support/repository.ts';
import { lasting, scratch } from '../support/scratch.ts';

/** Two people, each with a database of their own, save into one repository. */
interface Person extends TestRepository {
  sql(text: string): void;
  rows(): unknown[];
  /** Commits some code, and answers what the hook said. */
  commit(): string;
  json(...args: string[]): unknown;
  run(...args: string[]): ReturnType<typeof overwinter>;
}

function person(top: string): Person {
  const repository = repositoryIn(top);
  const on = <T>(work: (db: Sqlite.Database) => T): T => {
    const db = new Sqlite(repository.db);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const run = (...args: string[]) => overwinter(top, args, plainEnvironment);
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

let pattern: { readonly origin: string; readonly a: string; readonly b: string };
let a: Person;
let b: Person;

beforeAll(() => {
  const files = { 'package.json': '{}\n', '.gitignore': 'node_modules\n' };
  const made = makeProject({ name: 'app', files, db: 'app.db', git: true }, lasting());
  expect(overwinter(made.app, ['init'], plainEnvironment).code).toBe(0);
  made.git(['add', '.']);
  made.git(['commit', '-q', '-m', 'set up']);
  const top = lasting();
  const at = (name: string) => join(top, name);
  made.git(['clone', '-q', '--bare', made.top, at('origin')]);
  for (const name of ['a', 'b']) {
    made.git(['clone', '-q', at('origin'), at(name)]);
    cpSync(join(made.top, 'node_modules'), at(`${name}/node_modules`), { recursive: true, verbatimSymlinks: true });
    expect(overwinter(at(name), ['init'], plainEnvironment).code).toBe(0);
    expect(overwinter(at(name), ['restore', '--db', 'app.db'], plainEnvironment).code).toBe(0);
  }
  pattern = { origin: at('origin'), a: at('a'), b: at('b') };
});

beforeEach(() => {
  const top = scratch();
  for (const [name, from] of Object.entries(pattern))
    cpSync(from, join(top, name), { recursive: true, verbatimSymlinks: true });
  [a, b] = [person(join(top, 'a')), person(join(top, 'b'))];
  for (const each of [a, b]) each.git(['remote', 'set-url', 'origin', join(top, 'origin')]);
});

const pull = (who: Person) => who.tryGit(['pull', '-q', '--no-rebase', '--no-edit']);
const light = (who: Person) => {
  const { chain } = who.json('status') as { chain: { steps: { name: string; cause?: string; text: string }[] } };
  return chain.steps.find(({ name }) => name === 'saved');
};
const newestOf = (who: Person) => JSON.parse(who.read('backups/latest_backup.json')).name as string;

describe('a backup that another became the newest after, and that it does not go on from', () => {
  let theirs: string;

  /** Both change a row; `a` pushes, `b` merges, and b's is the newest. */
  function merged(): string {
    a.sql("UPDATE notes SET text = 'of a' WHERE id = 1");
    a.commit();
    a.git(['push', '-q']);
    theirs = newestOf(a);
    b.sql("UPDATE notes SET text = 'of b' WHERE id = 2");
    b.commit();
    const ran = pull(b);
    expect(ran.status, ran.stderr).toBe(0);
    return ran.stderr;
  }

  test('is named by the merge, and by status, with the commands that show it and bring it back', () => {
    const said = merged();
    expect(said).toContain(`does not have what ${theirs} brought`);
    const [, diff = ''] = /overwinter (diff \S+ \S+)'/.exec(said) ?? [];
    expect(b.json(...diff.split(' '))).toMatchObject({
      tables: [{ table: 'notes', changed: 1, added: 0, removed: 0 }],
    });
    expect(light(b)).toMatchObject({ cause: 'passed-over', text: expect.stringContaining(theirs) });
    expect(b.run('doctor').stdout).toContain(theirs);
    expect(b.run('restore', theirs, '--table', 'notes', '--where', 'id = 1').code).toBe(0);
    expect(b.rows().slice(0, 2)).toEqual(['of a', 'of b']);
    b.commit();
    expect(light(b)?.cause).toBeUndefined();
  });

  test('is missed by nobody where somebody says so', () => {
    merged();
    b.commit();
    expect(light(b)).toMatchObject({ cause: 'passed-over' });
    expect(b.run('backup').code).toBe(0);
    expect(light(b)?.cause).toBeUndefined();
  });

  test('is named by the next commit of whoever goes on from an older one, without a merge', () => {
    merged();
    b.git(['push', '-q']);
    theirs = newestOf(b);
    expect(pull(a).status).toBe(0);
    expect(light(a)).toMatchObject({ cause: 'behind' });
    a.sql("UPDATE notes SET text = 'of a, later' WHERE id = 1");
    const said = a.commit();
    expect(said).toMatch(new RegExp(`${theirs} was saved elsewhere, and ${newestOf(a)} does not go on from it`));
    expect(said).toContain(`restore ${theirs} --table notes --where`);
    expect(light(a)).toMatchObject({ cause: 'passed-over', text: expect.stringContaining(theirs) });
  });

  test('is none where it was restored, nor where only one of them saved anything', () => {
    a.sql("UPDATE notes SET text = 'of a' WHERE id = 1");
    a.commit();
    a.git(['push', '-q']);
    expect(pull(b).status).toBe(0);
    expect(b.run('restore', '--yes').code).toBe(0);
    b.sql("UPDATE notes SET text = 'of b' WHERE id = 2");
    expect(b.commit()).toMatch(/^overwinter: \d+ rows saved as \S+\n$/);
    expect(light(b)?.cause).toBeUndefined();
    expect(b.rows().slice(0, 2)).toEqual(['of a', 'of b']);
  });
});

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
