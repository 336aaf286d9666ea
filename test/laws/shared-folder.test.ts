import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { prune } from '../../src/operations/prune.ts';
import { verify } from '../../src/operations/verify.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { makeSample } from '../support/sample.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const ROUNDS = isSlow ? 400 : 25;

/** A project that has nothing in common with the others but the folder its backups are in: a container, and a volume in it. */
function containerOn(volume: string) {
  const folder = lasting();
  const project = { ...projectIn(folder), store: folderStore(volume) };
  makeSample(project.db, 1);
  return { folder, project };
}

test('two containers that save and one that prunes, on one volume: no backup is without a part', async () => {
  const volume = join(scratch(), 'backups');
  const { project } = containerOn(volume);
  await backup(project, { trigger: 'test' });
  const writers = [containerOn(volume), containerOn(volume)].map(({ folder }) =>
    startChild('share-and-save', folder, volume),
  );
  const pruner = startChild('share-and-prune', lasting(), volume);
  for (const child of [...writers, pruner]) expect(await child.line()).toBe('ready');
  let removed = 0;
  let done = false;
  const pruning = (async () => {
    while (!done) {
      const round: { partsRemoved: number; unreadable: unknown[] } = JSON.parse(await pruner.line());
      expect(round.unreadable).toEqual([]);
      removed += round.partsRemoved;
    }
  })();
  const saving = writers.map(async (writer) => {
    for (let round = 1; round <= ROUNDS; round++) expect(await writer.line()).toBe(String(round));
  });
  await Promise.race([Promise.all(saving), pruning]);
  done = true;
  await pruning;
  for (const child of [...writers, pruner]) await child.kill();
  expect(removed).toBeGreaterThan(ROUNDS / 5);
  expect((await verify(project, 'all')).filter(({ ok }) => !ok)).toEqual([]);
});

test('a lock that a branch brought is not opened', async () => {
  const volume = join(scratch(), 'backups');
  const { project } = containerOn(volume);
  mkdirSync(volume);
  const lock = join(volume, '.overwinter-lock');
  writeFileSync(`${lock}-journal`, 'mine');
  await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({ code: 'NOT_OURS' });
  rmSync(lock);
  symlinkSync(project.db, lock);
  await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({ code: 'NOT_OURS' });
});

test('what writes nothing leaves no folder behind', async () => {
  const at = scratch();
  const { project } = containerOn(join(at, 'deep', 'backups'));
  await expect(backup({ ...project, database: projectIn(at).database }, { trigger: 'test' })).rejects.toThrow();
  await prune(project, project.retention, false);
  expect(readdirSync(at, { recursive: true })).toEqual([]);
});
