import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { MAIN, type Ran, overwinter as run } from '../support/command-line.ts';
import { plainEnvironment, repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const require = createRequire(import.meta.url);

/** A project with three databases, through every command. */

const DATABASES = [{ db: 'data/app.db' }, { db: 'data/jobs.db' }, { name: 'metrics', db: 'var/numbers.sqlite' }];
const NAMES = ['app', 'jobs', 'metrics'];

let folder: string;
let repository: TestRepository;
const at = (path: string) => join(folder, path);

function add(path: string, rows: number): void {
  const db = new Database(at(path));
  db.exec(`CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, whose TEXT)`);
  for (let n = 0; n < rows; n++) db.prepare('INSERT INTO rows(whose) VALUES (?)').run(path);
  db.close();
}

function contents(path: string): unknown[] {
  const db = new Database(at(path), { readonly: true });
  const found = db.prepare('SELECT whose, count(*) FROM rows GROUP BY whose').raw().all();
  db.close();
  return found;
}

const lose = () => {
  for (const { db } of DATABASES) for (const end of ['', '-wal', '-shm']) rmSync(at(db) + end, { force: true });
};
const overwinter = (...args: string[]): Ran => run(folder, args);
const json = (...args: string[]) => {
  const ran = overwinter(...args, '--json');
  return { code: ran.code, document: JSON.parse(ran.stdout) };
};
const manifests = (dir: string) => readdirSync(at(dir)).filter((file) => file.startsWith('backup_'));

beforeEach(() => {
  repository = repositoryIn(scratch());
  folder = repository.top;
  repository.git(['init', '-q', '-b', 'main']);
  mkdirSync(at('data'));
  mkdirSync(at('var'));
  writeFileSync(at('overwinter.config.json'), JSON.stringify({ databases: DATABASES }));
  writeFileSync(at('.gitignore'), '*.db*\n*.sqlite*\n.overwinter\n');
  add('data/app.db', 5);
  add('data/jobs.db', 3);
  add('var/numbers.sqlite', 2);
});

describe('all at once', () => {
  test('backup keeps each in a folder of its own, says which is which, and then does nothing', () => {
    const first = json('backup');
    expect(first.code).toBe(0);
    expect(Object.entries(first.document.databases).map(([name, each]) => [name, Object(each).rows])).toEqual([
      ['app', 5],
      ['jobs', 3],
      ['metrics', 2],
    ]);
    expect(
      [manifests('backups'), manifests('backups/jobs'), manifests('backups/metrics')].map((m) => m.length),
    ).toEqual([1, 1, 1]);
    for (const dir of ['backups', 'backups/jobs', 'backups/metrics'])
      expect(existsSync(at(`${dir}/latest_backup.json`))).toBe(true);
    const again = overwinter('backup');
    expect(again.stdout).toMatch(
      /^app {2}data\/app\.db\nbackup_\S+\njobs {2}data\/jobs\.db\nbackup_\S+\nmetrics {2}var\/numbers\.sqlite\nbackup_\S+\n$/,
    );
    // From memory the same is said; a change in any of them is seen.
    expect(overwinter('backup')).toEqual(again);
    add('var/numbers.sqlite', 1);
    const { databases } = json('backup').document;
    expect(NAMES.map((name) => databases[name].status)).toEqual(['unchanged', 'unchanged', 'created']);
  });

  test('one that fails stops none of the others', () => {
    overwinter('backup');
    add('data/app.db', 1);
    add('var/numbers.sqlite', 1);
    const db = new Database(at('data/jobs.db'));
    db.exec('DELETE FROM rows');
    db.close();
    const { code, document } = json('backup');
    expect(code).toBe(4);
    expect(NAMES.map((name) => document.databases[name].status ?? document.databases[name].error.code)).toEqual([
      'created',
      'BACKUP_EMPTY',
      'created',
    ]);
    const ran = overwinter('backup');
    expect(ran.code).toBe(4);
    // The command it recommends is about that one.
    expect(ran.stderr).toContain('overwinter backup --allow-shrink --db jobs');
  });

  test('a lost disk: every one is restored from its own', () => {
    overwinter('backup');
    lose();
    expect(overwinter('auto-restore').code).toBe(0);
    for (const [path, rows] of [
      ['data/app.db', 5],
      ['data/jobs.db', 3],
      ['var/numbers.sqlite', 2],
    ] as const)
      expect(contents(path)).toEqual([[path, rows]]);
  });

  test('status has each, and the worst light counts', () => {
    overwinter('backup');
    for (const file of readdirSync(at('backups/jobs')).filter((name) => /^backup_.*\.json$/.test(name)))
      writeFileSync(at(join('backups/jobs', file)), '{ torn');
    const { document } = json('status');
    expect(document.databases.app.light).not.toBe(document.light);
    expect(document.light).toBe(document.databases.jobs.light);
    const said = overwinter('status').stdout;
    for (const name of NAMES) expect(said).toMatch(new RegExp(`^${name} `, 'm'));
    expect(said).toMatch(new RegExp(`\\n● ${document.light}: .*\\n$`));
  });

  test('list, verify, diff, prune and snapshots tell of each', () => {
    overwinter('backup');
    for (const args of [
      ['list'],
      ['verify'],
      ['diff'],
      ['prune', '--dry-run'],
      ['snapshot'],
      ['snapshots'],
      ['keys', 'check'],
    ]) {
      const { code, document } = json(...args);
      expect([args, code, Object.keys(document.databases)]).toEqual([args, 0, NAMES]);
    }
  });

  test('prune of the first leaves the others alone', () => {
    overwinter('backup');
    add('data/app.db', 1);
    overwinter('backup', '--db', 'app');
    const before = readdirSync(at('backups/jobs'), { recursive: true });
    expect(
      json('prune', '--db', 'app', '--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0').document.removed,
    ).toHaveLength(1);
    expect(readdirSync(at('backups/jobs'), { recursive: true })).toEqual(before);
  });
});

test('run restores all of them before the app starts, and saves what it wrote into any', () => {
  overwinter('backup');
  lose();
  const write =
    "const D=require('better-sqlite3');for(const f of ['data/app.db','data/jobs.db']){const d=new D(f);d.exec(\"insert into rows(whose) values('run')\");d.close()}";
  writeFileSync(at('app.cjs'), write.replace("'better-sqlite3'", JSON.stringify(require.resolve('better-sqlite3'))));
  const ran = overwinter('run', '--', process.execPath, 'app.cjs');
  expect(ran.code, ran.stderr).toBe(0);
  const { databases } = json('list').document;
  expect(NAMES.map((name) => databases[name].backups[0].rows)).toEqual([6, 4, 2]);
});

describe('one of them', () => {
  test('by its name, by its file, and by a file of its name outside of the project', () => {
    const outside = join(scratch(), 'jobs.db');
    expect(json('backup', '--db', 'jobs').document.rows).toBe(3);
    expect(json('backup', '--db', 'data/jobs.db').document.status).toBe('unchanged');
    run(folder, ['auto-restore', '--db', outside]);
    expect(existsSync(outside)).toBe(true);
    expect(existsSync(at('backups/latest_backup.json'))).toBe(false);
  });

  test('a command that can only mean one finds it by the name of the backup, or asks for it', () => {
    overwinter('backup', 'before', '--db', 'jobs');
    overwinter('backup', 'both', '--db', 'jobs', '--allow-shrink');
    overwinter('backup', 'both', '--db', 'app');
    expect(overwinter('restore', 'before').stderr).toContain('data/jobs.db');
    expect(overwinter('export', 'before').code).toBe(0);
    for (const args of [['restore'], ['restore', 'both'], ['undo'], ['clear', 'rows', '--yes'], ['export']]) {
      const ran = overwinter(...args);
      expect([args, ran.code]).toEqual([args, 2]);
      expect(ran.stderr).toContain('app, jobs, metrics');
      const [name, ...others] = args;
      expect(ran.stderr).toContain(['overwinter', name, '--db', 'app', ...others].join(' '));
    }
    expect(overwinter('undo', '--db', 'jobs').code).toBe(0);
  });

  test('a backup of one is not restored into another, whoever names it', () => {
    overwinter('backup', 'before', '--db', 'jobs');
    rmSync(at('backups/jobs/latest_backup.json'));
    run(folder, ['backup', '--db', 'app']);
    const stray = readdirSync(at('backups/jobs')).find((file) => file === 'before.json');
    expect(stray).toBe('before.json');
    // As a merge that went wrong would leave it.
    repository.write('backups/before.json', repository.read('backups/jobs/before.json'));
    expect(overwinter('backup', '--db', 'app').code).toBe(4);
    expect(overwinter('restore', 'before', '--db', 'app').code).toBe(4);
    expect(contents('data/app.db')).toEqual([['data/app.db', 5]]);
  });
});

describe('a commit', () => {
  const commit = () => {
    repository.write('code.js', String(Math.random()));
    repository.git(['add', 'code.js']);
    return repository.tryGit(['commit', '-qm', 'work']);
  };
  const inCommit = () => repository.git(['ls-tree', '-r', '--name-only', 'HEAD', 'backups']).split('\n');

  beforeEach(() => {
    for (const verb of ['pre-commit', 'post-commit']) {
      repository.write(`.git/hooks/${verb}`, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' hook ${verb}\n`);
      chmodSync(at(`.git/hooks/${verb}`), 0o755);
    }
  });

  test('carries all of them, and then only what changed', () => {
    expect(commit().stderr.match(/rows saved/g)).toHaveLength(3);
    for (const dir of ['backups', 'backups/jobs', 'backups/metrics'])
      expect(inCommit()).toContain(`${dir}/latest_backup.json`);
    expect(repository.git(['status', '--porcelain', 'backups'])).toBe('');
    add('data/jobs.db', 1);
    expect(commit().stderr.match(/rows saved/g)).toHaveLength(1);
    expect(commit().stderr).toBe('');
  });

  test('saves the others where one cannot be saved', () => {
    commit();
    add('data/jobs.db', 1);
    add('data/app.db', 1);
    const db = new Database(at('data/app.db'));
    db.exec('DELETE FROM rows');
    db.close();
    const ran = commit();
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('4 rows saved');
    expect(ran.stderr).toContain('has no rows');
    expect(repository.git(['show', '--stat', 'HEAD', '--', 'backups/jobs'])).not.toBe('');
  });

  test('of a part of the files carries them all, and leaves nothing behind', () => {
    commit();
    add('data/app.db', 1);
    add('data/jobs.db', 1);
    repository.write('code.js', 'more');
    repository.git(['commit', '-qm', 'part', '--', 'code.js']);
    expect(repository.git(['status', '--porcelain', 'backups'])).toBe('');
    expect(repository.git(['show', '--name-only', '--format=', 'HEAD'])).toMatch(/backups\/jobs\//);
  });

  test('that is given up and made again carries each once', () => {
    repository.write('code.js', 'x');
    repository.git(['add', 'code.js']);
    repository.tryGit(['commit', '-qm', ''], { env: { ...plainEnvironment } });
    add('data/app.db', 1);
    add('data/jobs.db', 1);
    commit();
    expect(inCommit().filter((file) => /backup_.*\.json$/.test(file) && !/latest/.test(file))).toHaveLength(3);
  });
});

vi.setConfig({ testTimeout: 60_000 });
