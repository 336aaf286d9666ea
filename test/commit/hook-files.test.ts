import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restore } from '../../src/operations/restore.ts';
import { overwinter } from '../support/command-line.ts';
import { manifestsIn, newRepository, plainEnvironment, type TestRepository, usersOnly } from '../support/repository.ts';
import { projectIn } from '../support/scratch.ts';
import { treeOf, wantedIn } from '../support/with-files.ts';

const OLD = new Date('2026-01-02T03:04:05Z');

function put(repository: TestRepository, path: string, text: string): void {
  repository.write(`data/uploads/${path}`, text);
  utimesSync(join(repository.top, 'data/uploads', path), OLD, OLD);
}

/** The program itself is the hook, with what it remembers of the last time. */
function commit(repository: TestRepository, text: string): string {
  repository.write('code.txt', text);
  repository.git(['add', '-A', '--', ':!backups']);
  const { code, stderr } = overwinter(repository.top, ['hook', 'pre-commit'], plainEnvironment);
  expect(code).toBe(0);
  repository.git(['commit', '--no-verify', '-m', text]);
  return stderr;
}

function withFiles(count: number): TestRepository {
  const repository = newRepository();
  repository.write('overwinter.config.json', JSON.stringify({ db: 'app.db', files: ['data/uploads'] }));
  repository.write('.gitignore', '.overwinter/\napp.db*\ndata/\n');
  for (let i = 0; i < count; i++) put(repository, `${i}.txt`, `file ${i} `.repeat(100));
  commit(repository, 'begin');
  return repository;
}

test('a commit carries the files, and one changed file costs one part; nothing changed adds nothing', async () => {
  const repository = withFiles(400);
  const first = repository.changed().filter((path) => /parts\/files[-/]/.test(path));
  expect(first.length).toBeGreaterThan(2);

  put(repository, '77.txt', 'another');
  commit(repository, 'one file changed');
  const changed = repository.changed();
  expect(usersOnly(changed)).toEqual(['code.txt']);
  expect(manifestsIn(changed)).toHaveLength(1);
  expect(changed.filter((path) => path.includes('parts/'))).toHaveLength(1);

  for (const text of ['first', 'second']) {
    commit(repository, text);
    expect(repository.changed()).toEqual(['code.txt']);
  }
  put(repository, '77.txt', 'ANOTHER');
  commit(repository, 'the same size, and the same time');
  expect(manifestsIn(repository.changed())).toHaveLength(1);

  const before = treeOf(join(repository.top, 'data/uploads'));
  rmSync(join(repository.top, 'data'), { recursive: true });
  const project = projectIn(repository.top, { files: wantedIn(repository.top) });
  await restore(project, { name: 'latest' });
  expect(treeOf(join(repository.top, 'data/uploads'))).toEqual(before);
});

test('the commit goes on where files are gone, and says what to do', () => {
  const repository = withFiles(30);
  rmSync(join(repository.top, 'data'), { recursive: true });
  expect(commit(repository, 'more')).toMatch(/data\/uploads has none of its 30 files.*the commit goes on/);
  expect(repository.changed()).toEqual(['code.txt']);
});
