import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { prune, removeBackup } from '../../src/operations/prune.ts';
import { restore } from '../../src/operations/restore.ts';
import { verify } from '../../src/operations/verify.ts';
import type { TestProject as Project } from '../support/project.ts';
import { advance, makeSample } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ONE = { last: 1, daily: 0, weekly: 0, monthly: 0 };

/** Four backups of as many steps, with parts; the names, oldest first. */
async function fourBackups(): Promise<{ folder: string; project: Project; names: string[] }> {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  const names: string[] = [];
  for (let n = 0; n < 4; n++) {
    const db = new Database(project.db);
    advance(db);
    db.close();
    names.push((await backup(project, { trigger: 'test' })).name);
  }
  return { folder, project, names };
}

const filesIn = (folder: string) => readdirSync(join(folder, 'backups'), { recursive: true, encoding: 'utf8' }).sort();
const partsIn = (folder: string) => filesIn(folder).filter((file) => file.endsWith('.jsonl'));

/** A part that only this backup has. */
function ownPart(folder: string, name: string, names: readonly string[]): string {
  const text = (each: string) => readFileSync(join(folder, 'backups', `${each}.json`), 'utf8');
  const others = names.filter((each) => each !== name).map(text);
  const own = partsIn(folder).find((part) => text(name).includes(part) && !others.some((each) => each.includes(part)));
  if (own === undefined) throw new Error('it shares every part');
  return join(folder, 'backups', own);
}

test('old backups go with the parts that no other names, and what stays restores', async () => {
  const { folder, project, names } = await fourBackups();
  const before = partsIn(folder).length;
  const result = await prune(project, ONE, false);
  expect(result).toMatchObject({ removed: expect.arrayContaining(names.slice(0, 3)), unreadable: [] });
  expect(partsIn(folder)).toHaveLength(before - result.partsRemoved);
  expect(result.partsRemoved).toBeGreaterThan(0);
  expect((await verify(project, 'all')).map(({ ok }) => ok)).toEqual([true]);
});

test('one backup is removed alone, however many are kept aside', async () => {
  const { folder, project, names } = await fourBackups();
  for (let n = 0; n < 4; n++) {
    const db = new Database(project.db);
    advance(db);
    db.close();
    names.push((await backup(project, { trigger: 'test' })).name);
  }
  const at = (name: string) => join(folder, 'backups', `${name}.json`);
  for (const name of names.slice(0, 7)) copyFileSync(at(name), at(name.replace('backup_', 'conflict_')));
  const [oldest = ''] = names;
  expect((await removeBackup(project, oldest, false)).removed).toEqual([oldest]);
  expect(filesIn(folder).filter((file) => file.startsWith('conflict_'))).toHaveLength(7);
});

test.each<[string, number, (folder: string, name: string, names: string[]) => void]>([
  ['the newest is cut', 3, (folder, name) => writeFileSync(join(folder, 'backups', `${name}.json`), '{"metadata": {')],
  ['an old one is cut', 0, (folder, name) => writeFileSync(join(folder, 'backups', `${name}.json`), '{"metadata": {')],
  ['the newest lacks a part', 3, (folder, name, names) => rmSync(ownPart(folder, name, names))],
  ['one has a part that is cut', 2, (folder, name, names) => writeFileSync(ownPart(folder, name, names), '{}\n')],
])('beside damaged backups nothing goes: %s', async (_, which, harm) => {
  const { folder, project, names } = await fourBackups();
  const damaged = names[which] ?? '';
  harm(folder, damaged, names);
  const before = filesIn(folder);
  const result = await prune(project, ONE, false);
  expect(result).toMatchObject({ removed: [], partsRemoved: 0, bytesFreed: 0 });
  expect(result.unreadable.map(({ name }) => name)).toEqual([damaged]);
  expect(filesIn(folder)).toEqual(before);
  const good = names.filter((name) => name !== damaged).at(-1);
  await expect(restore(project, { name: 'latest', to: join(folder, 'to.db') })).resolves.toMatchObject({ name: good });
});
