import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRepository } from '../../src/git/repository.ts';
import { holdOf } from '../../src/local/hold.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { keepBinaryCopy } from '../../src/operations/binary-copy.ts';
import { gitRevisionStore } from '../../src/stores/git/revision.ts';
import { canInject, type Fault, runWithFault } from '../support/faults.ts';
import { plainEnvironment, repositoryIn } from '../support/repository.ts';
import { stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { forgetDatabase, NEWEST, nextStep, threeSteps } from '../support/three-steps.ts';

/** As the pointer says: within one second, names are in no order. */
const newestManifest = (folder: string) =>
  /backup_\w+/.exec(readFileSync(join(folder, 'backups/latest_backup.json'), 'utf8'))?.[0].concat('.json') ?? '';
/** A part that only the newest backup needs. */
function newestPart(folder: string): string {
  const partsIn = (file: string) => readFileSync(join(folder, 'backups', file), 'utf8').match(/parts\/[^"]+/g) ?? [];
  const newest = newestManifest(folder);
  const others = readdirSync(join(folder, 'backups')).filter((file) => /^backup_/.test(file) && file !== newest);
  const old = new Set(others.flatMap(partsIn));
  return partsIn(newest).find((part) => !old.has(part)) ?? '';
}

/** It fails from the first time on. */
const always = (call: Fault['call'], error: Fault['error'], at: string): Fault => ({
  call,
  error,
  at,
  from: 1,
  times: 0,
});

/** What a message calls it: node has no name for one of them. */
const said = ({ error }: Fault) => (error === 'ESTALE' ? '(Unknown system error -116)' : `(${error})`);

const PLACES: readonly (readonly [string, (folder: string) => Fault])[] = [
  ['the newest manifest', (folder) => always('open', 'EACCES', newestManifest(folder))],
  ['the newest manifest', (folder) => always('read', 'EIO', newestManifest(folder))],
  ['a part of the newest', (folder) => always('open', 'EMFILE', newestPart(folder))],
  ['a part of the newest', (folder) => always('read', 'EIO', newestPart(folder))],
  ['the pointer', () => always('open', 'ENFILE', 'latest_backup.json')],
  ['the folder', () => always('list', 'EIO', 'app/backups')],
  ['the folders of parts', () => always('list', 'EMFILE', 'backups/parts')],
  ['a part’s size', (folder) => always('stat', 'ESTALE', newestPart(folder))],
];

describe.skipIf(!canInject)('law 6: what cannot be read is not damaged', () => {
  test.each(PLACES)('a boot that cannot read %s stops, with a hold (%#)', async (_, faultIn) => {
    const folder = await threeSteps();
    forgetDatabase(folder);
    const fault = faultIn(folder);
    const { code, stderr } = runWithFault(folder, ['auto-restore'], fault);
    expect(stderr).toMatch(/cannot be read: [a-z]/);
    expect(stderr).toContain(said(fault));
    expect(code).toBe(1);
    const project = projectIn(folder);
    expect(existsSync(project.db)).toBe(false);
    expect(holdOf(project.local, project.db)?.reason).toContain(said(fault));
    expect(await autoRestore(project)).toMatchObject({ restored: true });
    expect(stepOf(project.db)).toBe(NEWEST);
  });

  test.each([
    [['restore', 'latest'], 1],
    [['verify', '--all'], 1],
    [['verify'], 1],
    [['prune', '--last', '1'], 1],
    [['list'], 1],
    [['diff'], 1],
    [['export', 'latest'], 1],
    [['backup'], 1],
    [['doctor', '--offline'], 1],
    [['status'], 0],
    [['hook', 'pre-commit'], 0],
  ] as const)('%j says that it cannot read a manifest, and changes nothing', async (args, expected) => {
    const folder = await threeSteps();
    nextStep(folder);
    const repository = repositoryIn(folder);
    repository.write('package.json', '{"name":"app"}\n');
    repository.git(['add', 'package.json']);
    const before = readdirSync(join(folder, 'backups'), { recursive: true });
    const { code, stdout, stderr } = runWithFault(folder, args, always('read', 'EIO', newestManifest(folder)));
    expect(stdout + stderr).toMatch(/cannot be read: the disk answered with an error \(EIO\)/);
    expect(stdout + stderr).not.toMatch(/damaged|ready to be restored/);
    expect(code).toBe(expected);
    expect(readdirSync(join(folder, 'backups'), { recursive: true })).toEqual(before);
    expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST + 1);
  });

  test.each(PLACES.filter(([what]) => what !== 'a part of the newest'))(
    'the doctor goes on where it cannot read %s, and lists it (%#)',
    async (_, faultIn) => {
      const folder = await threeSteps();
      const repository = repositoryIn(folder);
      repository.write('package.json', '{"name":"app"}\n');
      const fault = faultIn(folder);
      const { code, stdout } = runWithFault(folder, ['doctor', '--offline', '--json'], fault);
      const { checks } = JSON.parse(stdout);
      const level = (id: string) => checks.find((check: { id: string }) => check.id === id)?.level;
      expect([code, level('looked-at')]).toEqual([1, 'failure']);
      expect(stdout).toContain(said(fault));
      // What it can see it says all the same, and nothing of damage.
      expect([level('node-version'), level('database')]).toEqual(['fine', 'fine']);
      expect(stdout).not.toMatch(/damaged|missing or cut/);
    },
  );

  test.each([
    ['a full disk', always('write', 'ENOSPC', '.overwinter/scratch'), /no space left/],
    ['a read-only disk', always('create', 'EROFS', '.overwinter/scratch'), /cannot be written: the disk is read-only/],
    ['too many open files', always('open', 'EMFILE', 'backups/parts'), /too many files open/],
  ])('a drill on %s is hindered, not failed', async (_, fault, says) => {
    const folder = await threeSteps();
    const { code, stderr } = runWithFault(folder, ['verify'], fault);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/VERIFY_FAILED|failed/);
    expect(code).toBe(1);
  });

  test('a full disk under a copy is told of the copy, and not of the database', async () => {
    const folder = await threeSteps();
    const { code, stderr } = runWithFault(folder, ['snapshot'], always('write', 'ENOSPC', '.overwinter/snapshots'));
    expect(stderr).toMatch(/no space left to write \S*\.overwinter\/snapshots/);
    expect(stderr).not.toMatch(/app\.db\.$/m);
    expect(code).toBe(1);
  });

  test.each(['stat', 'open'] as const)('a database that cannot be read (%s) stops a boot and stays', async (call) => {
    const folder = await threeSteps();
    nextStep(folder);
    const { code, stderr } = runWithFault(folder, ['auto-restore'], always(call, 'EIO', 'app/app.db'));
    expect(stderr).toMatch(/app\.db cannot be read/);
    expect(code).toBe(1);
    expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST + 1);
  });

  test('a full disk under the locks keeps nobody from them: nothing is ever written into one', async () => {
    const folder = await threeSteps();
    rmSync(join(folder, '.overwinter'), { recursive: true });
    const { code, stderr } = runWithFault(folder, ['backup'], always('write', 'ENOSPC', '.overwinter/locks'));
    expect([code, stderr]).toEqual([0, expect.stringContaining('Nothing changed')]);
  });

  test('the binary copy of newer rows that cannot be read stops a boot: the backup is not taken instead', async () => {
    const folder = await threeSteps();
    const project = projectIn(folder);
    await keepBinaryCopy(project, { name: newestManifest(folder).slice(0, -5), rows: 1506 });
    forgetDatabase(folder);
    const { code, stderr } = runWithFault(folder, ['auto-restore'], always('open', 'EACCES', '.overwinter/binary'));
    expect(stderr).toMatch(/cannot be read: permission denied/);
    expect(code).toBe(1);
    expect(existsSync(project.db)).toBe(false);
  });

  test('an undo that cannot read the newest snapshot does not take the one before', async () => {
    const folder = await threeSteps();
    for (const _ of [1, 2]) {
      runWithFault(folder, ['snapshot'], undefined);
      nextStep(folder);
    }
    const newest =
      readdirSync(join(folder, '.overwinter/snapshots'))
        .filter((file) => file.endsWith('.json'))
        .sort()[1] ?? '';
    const { code, stderr } = runWithFault(folder, ['undo'], always('open', 'EIO', newest));
    expect(stderr).toMatch(/cannot be read/);
    expect(code).toBe(1);
    expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST + 2);
  });

  /** Of reading a database: at the beginning, in the middle and near the end; once, or from there on. */
  const READS = [1, 5, 17, 29].flatMap((from) => [0, 1].map((times) => ({ from, times })));

  test('a disk that does not give the database has not damaged it: no older one is put in its place', async () => {
    for (const { from, times } of READS) {
      const folder = await threeSteps();
      nextStep(folder);
      const fault: Fault = { call: 'read', error: 'EIO', at: 'app/app.db', from, times };
      for (const args of [['auto-restore', '--on-corrupt', 'restore'], ['backup']]) {
        const { code, stderr } = runWithFault(folder, args, fault);
        expect(stderr, JSON.stringify(fault)).not.toMatch(/damaged|DATABASE_CORRUPT|Restored|INTERNAL/);
        if (code !== 0) expect(stderr).toMatch(/cannot be read: the disk answered with an error/);
      }
      expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST + 1);
    }
  });

  test('a database that is damaged is still called so', async () => {
    const folder = await threeSteps();
    const bytes = readFileSync(join(folder, 'app.db'));
    bytes.fill(0xff, 4096, bytes.length);
    writeFileSync(join(folder, 'app.db'), bytes);
    expect(runWithFault(folder, ['backup'], undefined).stderr).toMatch(/DATABASE_CORRUPT/);
  });

  test('scratch that cannot be removed does not make a good drill fail', async () => {
    const folder = await threeSteps();
    for (const call of ['list', 'unlink'] as const) {
      const { code, stderr } = runWithFault(folder, ['verify'], always(call, 'EIO', 'scratch/drill-'));
      expect(stderr).not.toMatch(/INTERNAL/);
      expect(code).toBe(0);
    }
  });

  test('a restore that cannot list its snapshots afterwards keeps the one of what it replaced', async () => {
    const folder = await threeSteps();
    nextStep(folder);
    const fault = { ...always('list', 'EMFILE', '.overwinter/snapshots'), from: 4 };
    const { failed } = runWithFault(folder, ['restore', 'latest', '--yes'], fault);
    expect(failed.length).toBeGreaterThan(0);
    expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST);
    runWithFault(folder, ['undo', '--yes'], undefined);
    expect(stepOf(join(folder, 'app.db'))).toBe(NEWEST + 1);
  });

  test('a pointer that the merge driver cannot read is a conflict, not an older pointer', async () => {
    const folder = await threeSteps();
    const pointer = readFileSync(join(folder, 'backups/latest_backup.json'), 'utf8');
    for (const side of ['base', 'ours', 'theirs']) writeFileSync(join(folder, side), pointer);
    const fault = always('read', 'EIO', 'app/theirs');
    expect(runWithFault(folder, ['merge-driver', 'base', 'ours', 'theirs'], fault).code).toBe(1);
  });
});

describe('law 6: a place that is not as it should be is not an empty one', () => {
  const CHANGES: readonly (readonly [string, (backups: string) => void])[] = [
    ['leads back to itself', (backups) => symlinkSync('backups', backups)],
    ['is a link to a disk that is gone', (backups) => symlinkSync('/nonexistent/disk', backups)],
    ['is a file', (backups) => writeFileSync(backups, '')],
  ];
  test.each(CHANGES)('a boot stops where the backups folder %s', async (_, change) => {
    const folder = await threeSteps();
    forgetDatabase(folder);
    rmSync(join(folder, 'backups'), { recursive: true });
    change(join(folder, 'backups'));
    // It may be noticed when the folder is opened already.
    const booting = async () => autoRestore(projectIn(folder));
    await expect(booting()).rejects.toMatchObject({ code: 'NOT_READABLE' });
    expect(existsSync(join(folder, 'app.db'))).toBe(false);
  });
});

describe('law 6: git that does not answer has not said "there are no backups"', () => {
  /** As `restore --at main` asks it. */
  const askedWith = async (folder: string, env: Record<string, string>) => {
    const backups = join(folder, 'backups');
    const repository = await openRepository(backups, { ...plainEnvironment, ...env });
    return repository && gitRevisionStore(repository, 'main', backups);
  };

  test('no git', async () => {
    await expect(askedWith(await threeSteps(), { PATH: '/nonexistent' })).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('a git that is killed at a question', async () => {
    const folder = await threeSteps();
    const bin = scratch();
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const script = `case "$*" in *show-toplevel*) exec ${real} "$@";; *) kill -9 $$;; esac`;
    writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'git'), 0o755);
    await expect(askedWith(folder, { PATH: `${bin}:${plainEnvironment.PATH}` })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  test('a repository that git will not look at, because another user owns it', async () => {
    const folder = await threeSteps();
    await expect(askedWith(folder, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  test('a partial clone whose remote is gone', async () => {
    const folder = await threeSteps();
    const clone = join(scratch(), 'clone');
    repositoryIn(folder).git(['config', 'uploadpack.allowFilter', 'true']);
    repositoryIn(folder).git(['clone', '-q', '--no-checkout', '--filter=blob:none', `file://${folder}`, clone]);
    rmSync(folder, { recursive: true });
    mkdirSync(join(clone, 'backups'));
    await expect(askedWith(clone, {})).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('an object that the commit has and git does not give', async () => {
    const folder = await threeSteps();
    const repository = repositoryIn(folder);
    const file = newestManifest(folder);
    const id = repository.git(['rev-parse', `HEAD:backups/${file}`]).trim();
    rmSync(join(folder, '.git/objects', id.slice(0, 2), id.slice(2)));
    await expect(askedWith(folder, {})).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
