import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeManifest } from '../../src/core/write-manifest.ts';
import { readManifest } from '../../src/format/read-manifest.ts';
import { openObjects } from '../../src/git/objects.ts';
import type { Repository } from '../../src/git/repository.ts';
import { committedStore } from '../../src/stores/git/committed-store.ts';
import { committedBackups } from '../../src/stores/git/history.ts';
import type { Ran } from '../support/command-line.ts';
import { run } from '../support/deployment.ts';
import { addRows, newRepository, repositoryIn, rowsIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

interface Listed {
  readonly name: string;
  readonly commit: string;
  readonly inFolder: boolean;
  readonly rows: number;
}

const command = ({ root }: TestRepository, ...args: string[]): Ran =>
  run(root, [...args, '--db', 'app.db', '--dir', 'backups']);

/** Adds rows, saves, and commits; answers the commit. A backup that was named is never pruned. */
function save(repository: TestRepository, rows: number, name?: string): string {
  addRows(repository.db, rows);
  const ran = command(repository, 'backup', ...(name === undefined ? [] : [name]));
  if (ran.code !== 0) throw new Error(ran.stderr);
  repository.git(['add', '-f', 'backups'], { cwd: repository.root });
  repository.git(['commit', '-qm', 'save']);
  return repository.git(['rev-parse', 'HEAD']).trim();
}

function history(repository: TestRepository): { backups: Listed[]; shallow: boolean; unreadable: Listed[] } {
  const ran = command(repository, 'list', '--history', '--json');
  if (ran.code !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

/** Restores what the list names, as a person would who read it. */
function restored(repository: TestRepository, { name, commit }: Listed): number {
  const to = join(scratch(), 'restored.db');
  const ran = command(repository, 'restore', name, '--at', commit, '--to', to);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return rowsIn(to);
}

describe.each(['', 'packages/the app'])('in %j', (inside) => {
  test('every backup that was pruned is listed with its commit, and comes back with restore --at', () => {
    const repository = newRepository({ hooks: false, inside });
    const commits = [400, 1, 2, 3].map((rows) => save(repository, rows));
    expect(command(repository, 'prune', '--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0').code).toBe(0);
    repository.git(['add', '-A', 'backups'], { cwd: repository.root });
    repository.git(['commit', '-qm', 'prune']);
    const status = repository.status();
    const { backups, shallow, unreadable } = history(repository);
    expect(backups.map(({ commit, inFolder }) => [commit, inFolder])).toEqual([
      [commits[3], true],
      [commits[2], false],
      [commits[1], false],
      [commits[0], false],
    ]);
    expect([shallow, unreadable]).toEqual([false, []]);
    expect(backups.map((each) => restored(repository, each))).toEqual([409, 406, 404, 403]);
    // Nothing of the folder is needed, and nothing is brought back into it.
    rmSync(join(repository.root, 'backups'), { recursive: true });
    expect(history(repository).backups.map(({ inFolder }) => inFolder)).toEqual([false, false, false, false]);
    expect(backups.map((each) => restored(repository, each))).toEqual([409, 406, 404, 403]);
    repository.git(['checkout', '-q', '--', 'backups'], { cwd: repository.root });
    expect(repository.status()).toBe(status);
  });
});

test('other branches, remote branches, tags, merges and what a merge threw away are in it', () => {
  const repository = newRepository({ hooks: false });
  save(repository, 1, 'on-main');
  const elsewhere = (branch: string, name: string) => {
    repository.git(['checkout', '-q', '-b', branch, 'main']);
    save(repository, 1, name);
    repository.git(['checkout', '-q', 'main']);
  };
  elsewhere('side', 'on-a-branch');
  elsewhere('tagged', 'under-a-tag');
  repository.git(['tag', 'kept', 'tagged']);
  elsewhere('far', 'at-a-remote');
  repository.git(['update-ref', 'refs/remotes/origin/far', 'far']);
  elsewhere('thrown', 'thrown-away');
  repository.git(['merge', '-q', '-s', 'ours', '-m', 'throw away', 'thrown']);
  elsewhere('late', 'merged');
  repository.git(['merge', '-q', '--no-ff', '--no-commit', 'late']);
  addRows(repository.db, 1);
  command(repository, 'backup', 'made-in-a-merge');
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'merge']);
  for (const branch of ['tagged', 'far', 'thrown', 'late']) repository.git(['branch', '-q', '-D', branch]);
  repository.git(['checkout', '-q', '--detach']);
  save(repository, 1, 'detached');
  const { backups } = history(repository);
  expect(backups.map(({ name }) => name)).toEqual([
    'detached',
    'made-in-a-merge',
    'merged',
    'thrown-away',
    'at-a-remote',
    'under-a-tag',
    'on-a-branch',
    'on-main',
  ]);
  for (const each of backups) expect([each.name, restored(repository, each)]).toEqual([each.name, each.rows]);
});

test('a name that stood for two backups is listed twice', () => {
  const repository = newRepository({ hooks: false });
  save(repository, 1, 'release');
  repository.git(['rm', '-q', 'backups/release.json']);
  repository.git(['commit', '-qm', 'remove']);
  save(repository, 1, 'release');
  const { backups } = history(repository);
  expect(backups.map(({ name, rows }) => [name, rows])).toEqual([
    ['release', 5],
    ['release', 4],
  ]);
  expect(backups.map((each) => restored(repository, each))).toEqual([5, 4]);
});

test('only what a commit brought and was a backup is one, and each is read from its commit alone', async () => {
  const repository = newRepository({ hooks: false });
  save(repository, 3000, 'old');
  save(repository, 1, 'new');
  repository.write('backups/not_a_manifest.txt', 'mine');
  repository.write('backups/latest_backup.json', '{}');
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'others']);
  repository.git(['rm', '-q', 'backups/old.json']);
  repository.git(['commit', '-qm', 'remove']);
  const opened = await repository.open();
  const { backups, unreadable, shallow } = await committedBackups(opened, 'backups');
  expect([backups.map(({ name }) => name), unreadable, shallow]).toEqual([['new', 'old'], [], false]);
  const [, old] = backups;
  if (old === undefined) throw new Error('there are two');
  const objects = openObjects(opened);
  const place = { repository: opened, folder: join(repository.root, 'backups'), inside: 'backups' };
  const store = committedStore(place, old, objects);
  const manifest = await store.read('old.json');
  expect(manifest && readManifest('old.json', manifest.toString()).manifest.metadata.rows).toBe(3003);
  expect([...(await store.list('top')).keys()].filter((file) => !file.startsWith('.')).sort()).toEqual([
    'latest_backup.json',
    'old.json',
  ]);
  const parts = await store.list('parts');
  for (const [part, bytes] of parts) expect((await store.read(part))?.length).toBe(bytes);
  expect(parts.size).toBeGreaterThan(0);
  // What has no id in its name is found by its path.
  expect(String(await store.read('.gitignore'))).toContain('.overwinter-*');
  expect(await store.read('new.json')).toBeUndefined();
  objects.close();
  const top = newRepository({ hooks: false });
  const commit = top.git(['rev-parse', 'HEAD']).trim();
  const onTop = { repository: await top.open(), folder: top.root, inside: '' };
  const others = openObjects(onTop.repository);
  expect(String(await committedStore(onTop, { ...old, commit }, others).read('other.txt'))).toBe('other\n');
  others.close();
});

test('a shallow clone says that there is more, and a damaged manifest is named', () => {
  const repository = newRepository({ hooks: false });
  save(repository, 1, 'old');
  save(repository, 1, 'new');
  repository.write('backups/torn.json', '{"metadata":');
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'torn']);
  const top = join(scratch(), 'clone');
  repository.git(['clone', '-q', '--depth=1', `file://${repository.top}`, top]);
  const clone = repositoryIn(top);
  const { backups, shallow, unreadable } = history(clone);
  expect(shallow).toBe(true);
  // The first commit that a shallow clone has brings everything that is in it.
  expect(backups.map(({ name }) => name)).toEqual(['new', 'old']);
  expect(unreadable).toMatchObject([{ name: 'torn' }]);
  const ran = command(clone, 'list', '--history');
  expect(ran.stderr).toContain("'git fetch --unshallow'");
  expect(ran.stderr).toMatch(/torn as commit [0-9a-f]{10} has it cannot be read/);
  expect(ran.stdout.split('\n')).toHaveLength(4);
});

test('without a repository, and without a backup, it says so', () => {
  const repository = newRepository({ hooks: false });
  expect(command(repository, 'list', '--history')).toMatchObject({ code: 10, stdout: '' });
  rmSync(join(repository.top, '.git'), { recursive: true });
  const ran = command(repository, 'list', '--history');
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("'git init && ");
});

test('three thousand commits are read with three starts of git', async () => {
  const repository = newRepository({ hooks: false });
  save(repository, 1, 'first');
  const { manifest } = readManifest('first.json', repository.read('backups/first.json'));
  // What git itself reads such a history from is the fastest way to make one.
  const commands: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const date = new Date(Date.UTC(2020, 0, 1) + i * 3_600_000);
    const { text } = writeManifest({
      ...manifest,
      metadata: { ...manifest.metadata, backup_date: date.toISOString() },
    });
    commands.push(
      `commit refs/heads/main\ncommitter Ada <ada@example.org> ${date.getTime() / 1000} +0000\ndata 0\n`,
      i === 0 ? 'from refs/heads/main^0\n' : `D backups/save-${i - 1}.json\n`,
      `M 100644 inline backups/save-${i}.json\ndata ${Buffer.byteLength(text)}\n${text}\n`,
    );
  }
  repository.git(['fast-import', '--quiet'], { input: commands.join('') });
  const opened = await repository.open();
  const asked: string[] = [];
  const heard = (args: readonly string[]) =>
    void asked.push(args.find((each) => /^(log|cat-file|rev-parse)$/.test(each)) ?? '');
  const counted: Repository = {
    ...opened,
    ask(...args) {
      heard(args);
      return opened.ask(...args);
    },
    run(args, options) {
      heard(args);
      return opened.run(args, options);
    },
    start(args) {
      heard(args);
      return opened.start(args);
    },
  };
  const { backups } = await committedBackups(counted, 'backups');
  expect(backups).toHaveLength(3001);
  expect(asked).toEqual(['rev-parse', 'log', 'cat-file']);
});
