import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { autoRestore } from '../../src/app/boot.ts';
import { problemOf } from '../../src/core/errors.ts';
import { kindOf } from '../../src/core/names.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { everyEntry, readCatalog } from '../../src/operations/catalog.ts';
import { restore } from '../../src/operations/restore.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { backupsAt, type Deployment, newDeployment, pageIn, publish, run } from '../support/deployment.ts';
import { plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** A running app on a host of its own, that knows nothing of the others but the branch. */
interface Instance {
  /** Writes rows that only this one has, saves, and brings that to the branch. Answers with the code of a refusal. */
  saves(...words: string[]): Promise<string>;
}

function instanceOf(deployment: Deployment): Instance {
  const { top } = deployment.clone();
  const branch = {
    address: 'branch:live',
    ...liveBranch(
      {
        branch: 'saved',
        folder: join(top, 'backups'),
        backups: join(top, 'backups'),
        local: join(top, '.overwinter'),
        remote: undefined,
      },
      plainEnvironment,
    ),
  };
  const project = projectIn(top, { environment: 'production' });
  return {
    async saves(...words) {
      const db = new Database(project.db);
      db.exec('CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, word TEXT)');
      for (const word of words) db.prepare('INSERT INTO notes(word) VALUES (?)').run(word);
      db.close();
      await backup(project, { trigger: 'keep' });
      return bringNewest(project, branch).then(
        (copied) => copied?.status ?? 'nothing',
        (error: unknown) => problemOf(error).code,
      );
    },
  };
}

/** Every word that some backup on the branch gives back, restored by its name. */
async function wordsOn(deployment: Deployment, branch = 'saved'): Promise<string[]> {
  const { top, git } = deployment.clone();
  git(['checkout', '-q', branch]);
  const project = projectIn(top);
  const words = new Set<string>();
  for (const { name } of everyEntry(await readCatalog(project.store))) {
    const to = join(scratch(), 'restored.db');
    await restore(project, { name, to });
    const db = new Database(to, { readonly: true });
    for (const word of db.prepare('SELECT word FROM notes').pluck().all()) words.add(String(word));
    db.close();
  }
  return [...words].sort();
}

const many = (word: string, count = 10) => Array.from({ length: count }, (_, n) => `${word}-${n}`);
const conflictsAt = (deployment: Deployment, branch = 'saved') =>
  [...backupsAt(deployment, branch).keys()].filter((name) => kindOf(name) === 'conflict');

function begun(): Deployment {
  const deployment = newDeployment();
  publish(deployment, 'begin');
  return deployment;
}

describe('two deployments that overlap', () => {
  const ORDERS = [
    ['old', 'new'],
    ['new', 'old'],
    ['old', 'new', 'old'],
    ['new', 'old', 'new'],
    ['old', 'new', 'new', 'old'],
    ['new', 'old', 'old', 'new', 'old'],
  ] as const;

  test.each(ORDERS.map((order) => [order.join(', '), order] as const))(
    'lose nothing that any of them had: %s',
    async (_, order) => {
      const deployment = begun();
      const instances = { old: instanceOf(deployment), new: instanceOf(deployment) };
      const written: string[] = [];
      for (const [turn, which] of order.entries()) {
        const words = which === 'old' ? many(`old-${turn}`) : [`new-${turn}`];
        written.push(...words);
        await instances[which].saves(...words);
      }
      expect(await wordsOn(deployment)).toEqual(written.sort());
    },
  );

  test('the refused one is kept aside once, and is not what anything starts with', async () => {
    const deployment = begun();
    expect(await instanceOf(deployment).saves(...many('old'))).toBe('copied');
    const newer = instanceOf(deployment);
    expect(await newer.saves('first')).toBe('BACKUP_SHRUNK');
    const kept = conflictsAt(deployment);
    expect(kept).toHaveLength(1);
    const head = deployment.atRemote('rev-parse', 'saved');
    // The same rows, refused again.
    expect(await newer.saves()).toBe('BACKUP_SHRUNK');
    expect(deployment.atRemote('rev-parse', 'saved')).toBe(head);

    const { top, git } = deployment.clone();
    git(['checkout', '-q', 'saved']);
    const pointer = JSON.parse(deployment.atRemote('show', 'saved:backups/latest_backup.json'));
    expect(kindOf(pointer.name)).toBe('backup');
    const logger = { info() {}, warn() {}, error() {} };
    const booted = await autoRestore({
      db: join(top, 'app.db'),
      dir: join(top, 'backups'),
      environment: 'production',
      logger,
    });
    expect(booted).toMatchObject({ restored: true, name: pointer.name, rows: 10 });
    // Nor what `latest` means, nor what is drilled as the newest; but `list` has it, and says what it is.
    expect(run(top, ['verify', 'latest']).stdout).not.toContain('conflict_');
    const listed = run(top, ['list', '--json']);
    expect(JSON.parse(listed.stdout).backups.map(({ name }: { name: string }) => name)).toEqual([pointer.name]);
    expect(JSON.parse(listed.stdout).conflicts.map(({ name }: { name: string }) => name)).toEqual(kept);
    expect(run(top, ['list']).stderr).toContain(`${kept[0]} is kept aside`);
    expect(run(top, ['verify', '--all']).code).toBe(0);
    expect(run(top, ['status', '--db', 'app.db']).stdout).toContain('kept aside');
  });

  test('and none goes on the day that it was kept', async () => {
    const deployment = begun();
    await instanceOf(deployment).saves(...many('old', 40));
    const newer = instanceOf(deployment);
    for (let n = 0; n < 7; n++) await newer.saves(`new-${n}`);
    expect(conflictsAt(deployment)).toHaveLength(7);
    expect(await wordsOn(deployment)).toEqual([...many('old', 40), ...many('new', 7)].sort());
  });
});

describe('a runner whose database lost rows', () => {
  test('keeps what it has aside on the branch, once, and fails as before', async () => {
    const deployment = begun();
    const save = (db: string, words: readonly string[], page?: string) => {
      const { top } = deployment.clone();
      const database = new Database(join(top, db));
      database.exec('CREATE TABLE notes(id INTEGER PRIMARY KEY, word TEXT)');
      for (const word of words) database.prepare('INSERT INTO notes(word) VALUES (?)').run(word);
      database.close();
      return run(top, ['ci', '--db', db, '--branch', 'saved'], page === undefined ? {} : { GITHUB_STEP_SUMMARY: page });
    };
    expect(save('app.db', many('old')).code).toBe(0);
    const page = pageIn(scratch());
    const refused = save('app.db', ['new'], page.path);
    const [kept = ''] = conflictsAt(deployment);
    expect(kindOf(kept)).toBe('conflict');
    expect([refused.code, refused.stderr.includes(kept), page.read().includes(kept)]).toEqual([4, true, true]);
    expect(save('app.db', ['new']).code).toBe(4);
    expect(conflictsAt(deployment)).toEqual([kept]);
    expect(await wordsOn(deployment)).toEqual([...many('old'), 'new'].sort());
    expect(save('app.db', [...many('old'), 'more']).code).toBe(0);
    // Nothing was there that could be kept.
    expect(save('app.db', []).code).toBe(4);
    expect(conflictsAt(deployment)).toEqual([kept]);
  });
});
