import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { type BackupResult, backup } from '../../src/operations/backup.ts';
import { type RestoreResult, restore } from '../../src/operations/restore.ts';
import { chance, isSlow } from '../support/chance.ts';
import { damage } from '../support/damage.ts';
import { advance, makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const CASES = isSlow ? 600 : 60;
const CODES = ['BACKUP_DAMAGED', 'BACKUP_NOT_FOUND', 'BACKUP_TOO_NEW', 'RESTORE_INEXACT', 'NO_BACKUP'];

interface Kept {
  readonly folder: string;
  readonly backups: readonly { readonly result: BackupResult; readonly step: number }[];
}

/** A project with backups of steps 1, 2 and 3. */
async function threeBackups(): Promise<Kept> {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 0);
  const backups = [];
  for (let step = 1; step <= 3; step++) {
    const db = new Database(project.db);
    advance(db);
    db.close();
    backups.push({ result: await backup(project, { trigger: 'test' }), step });
  }
  return { folder, backups };
}

async function orCode(work: Promise<RestoreResult>): Promise<RestoreResult | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OverwinterError) return error.code;
    throw error;
  }
}

test(`law 6: after ${CASES} accidents no restore is silently wrong`, async () => {
  const kept = await threeBackups();
  const newest = kept.backups[2];
  const random = chance();
  for (let i = 0; i < CASES; i++) {
    const folder = scratch();
    const project = projectIn(folder);
    cpSync(join(kept.folder, 'backups'), join(folder, 'backups'), { recursive: true });
    let story = `seed ${random.seed}, case ${i}:`;
    for (let n = random.below(4) === 0 ? 3 : 1; n > 0; n--) story += ` ${damage(join(folder, 'backups'), random)};`;

    const latest = await orCode(restore(project, { name: 'latest' }));
    if (typeof latest === 'string') expect(CODES, story).toContain(latest);
    else {
      const step = stepOf(project.db);
      expect([1, 2, 3], story).toContain(step);
      const isOlder = latest.date !== newest?.result.date;
      if (isOlder && story.split(';').length === 2) expect(latest.skipped.length, story).toBeGreaterThan(0);
    }

    const { result, step } = random.pick(kept.backups);
    const to = join(folder, 'named.db');
    const named = await orCode(restore(project, { name: result.name, to }));
    if (typeof named === 'string') expect(CODES, story).toContain(named);
    else expect(stepOf(to), story).toBe(step);

    // Life goes on: the next backup is whole again, and is what a restore brings back.
    if (i % 3 === 0) {
      for (const end of ['', '-wal', '-shm']) rmSync(project.db + end, { force: true });
      makeSample(project.db, 4);
      await backup(project, { trigger: 'test', allowShrink: true });
      const after = await restore(project, { name: 'latest', to: join(folder, 'after.db') });
      expect(stepOf(after.db), story).toBe(4);
    }
    rmSync(folder, { recursive: true });
  }
}, 600_000);

const change = (file: string, edit: (text: string) => string) => writeFileSync(file, edit(readFileSync(file, 'utf8')));

test('law 6: a newest backup whose date was damaged to an old one is named, not silently passed over', async () => {
  const { folder, backups } = await threeBackups();
  const name = backups[2]?.result.name ?? '';
  change(join(folder, 'backups', `${name}.json`), (text) =>
    text.replace(/"backup_date": "\d{4}/, '"backup_date": "1999'),
  );
  const result = await restore(projectIn(folder), { name: 'latest' });
  expect(stepOf(result.db)).toBe(2);
  expect(result.skipped.map((each) => each.name)).toContain(name);
});

test('law 6: a newest backup whose manifest is gone is named, because the pointer knows it', async () => {
  const { folder, backups } = await threeBackups();
  const name = backups[2]?.result.name ?? '';
  rmSync(join(folder, 'backups', `${name}.json`));
  const result = await restore(projectIn(folder), { name: 'latest' });
  expect(stepOf(result.db)).toBe(2);
  expect(result.skipped.map((each) => each.name)).toEqual([name]);
});

test('law 6: a boot whose every manifest is gone fails, and does not take itself for the first one', async () => {
  const { folder, backups } = await threeBackups();
  const project = projectIn(folder);
  for (const { result } of backups) rmSync(join(folder, 'backups', `${result.name}.json`));
  rmSync(project.db);
  await expect(autoRestore(project)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
});

test('law 6: exchanged manifests are still restored by what they say, and refused by a name that lies', async () => {
  const { folder, backups } = await threeBackups();
  const [one = '', two = ''] = backups.slice(1).map(({ result }) => join(folder, 'backups', `${result.name}.json`));
  const [first, second] = [readFileSync(one), readFileSync(two)];
  writeFileSync(one, second);
  writeFileSync(two, first);
  const project = projectIn(folder);
  await restore(project, { name: 'latest' });
  expect(stepOf(project.db)).toBe(3);
  const wrong = restore(project, { name: backups[1]?.result.name ?? '' });
  await expect(wrong).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
});

test('law 6: a damaged part is written anew by the next backup, even if no row changed', async () => {
  const { folder } = await threeBackups();
  const project = projectIn(folder);
  const [part = ''] = [...(await project.store.list('parts')).keys()];
  change(join(folder, 'backups', part), (text) => text.replace('item', 'xxxx').replace('touched', 'xxxxxxx'));
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'unchanged' });
  const result = await restore(project, { name: 'latest' });
  expect(stepOf(result.db)).toBe(3);
  expect(result.skipped).toEqual([]);
});
