import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test, vi } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** The doctor at a project with two databases. */

let repository: TestRepository;
const at = (path: string) => join(repository.top, path);

function examined(...args: string[]) {
  const ran = overwinter(repository.top, ['doctor', '--offline', '--json', ...args]);
  const document = JSON.parse(ran.stdout);
  const ids = (checks: { readonly id: string; readonly level: string }[], level: string) =>
    checks.filter((each) => each.level === level).map(({ id }) => id);
  return { ...ran, document, ids };
}

beforeEach(() => {
  repository = repositoryIn(scratch());
  repository.git(['init', '-q', '-b', 'main']);
  mkdirSync(at('data'));
  repository.write('package.json', '{}');
  for (const name of ['app', 'jobs'])
    new Database(at(`data/${name}.db`)).exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('x')").close();
  overwinter(repository.top, ['init']);
});

test('what is so of the project is said once, and of each database what is so of it', () => {
  const { document } = examined();
  const ids = (checks: { readonly id: string }[]) => checks.map(({ id }) => id);
  expect(Object.keys(document.databases)).toEqual(['app', 'jobs']);
  expect(ids(document.checks)).toContain('repository');
  for (const { checks } of Object.values<{ checks: { id: string }[] }>(document.databases)) {
    expect(ids(checks)).toContain('saved');
    expect(ids(checks).filter((id) => ids(document.checks).includes(id))).toEqual([]);
  }
  const said = overwinter(repository.top, ['doctor', '--offline']).stdout;
  expect(said.match(/The project is in a git repository/g)).toHaveLength(1);
  expect(said).toMatch(/\napp {2}data\/app\.db\n[\s\S]*\njobs {2}data\/jobs\.db\n/);
  // One alone is as the one of a project is.
  const alone = examined('--db', 'jobs').document;
  expect(alone.databases).toBeUndefined();
  expect(ids(alone.checks)).toEqual(expect.arrayContaining(['repository', 'saved']));
});

test('what fails in the second is red, names it in the command, and is repaired', () => {
  const pointer = at('backups/jobs/latest_backup.json');
  const before = readFileSync(pointer, 'utf8');
  rmSync(pointer);
  writeFileSync(at('.gitignore'), readFileSync(at('.gitignore'), 'utf8').replace(/^\/data\/jobs\.db.*\n/gm, ''));
  const { code, document, ids } = examined();
  expect(code).toBe(1);
  expect(ids(document.databases.jobs.checks, 'failure')).toContain('database-tracked');
  expect(ids(document.databases.app.checks, 'failure')).not.toContain('database-tracked');
  const found = document.databases.jobs.checks.find(({ id }: { id: string }) => id === 'pointer');
  expect(found.findings[0].fix).toContain('--db jobs');
  const { document: after, ids: now } = examined('--fix');
  expect(after.repaired).not.toEqual([]);
  expect(readFileSync(pointer, 'utf8')).toBe(before);
  expect(now(after.databases.jobs.checks, 'failure')).not.toContain('database-tracked');
});

test('a database that git tracks is named, and only that one', () => {
  repository.git(['add', '-f', 'data/jobs.db']);
  const { document } = examined();
  const text = (name: string) => JSON.stringify(document.databases[name].checks);
  expect(text('jobs')).toContain('data/jobs.db is tracked by git');
  expect(text('app')).not.toContain('is tracked by git');
});

vi.setConfig({ testTimeout: 60_000 });
