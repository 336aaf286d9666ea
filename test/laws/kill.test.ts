import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { chance, isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { makeSample, stepOf } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const KILLS = isSlow ? 110 : 10;
const LONGEST = 250;
const random = chance();

const namesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String);
const halfDone = (folder: string) =>
  namesIn(folder).filter((name) => /-overwinter|\.overwinter-(?!lock$)|reading-|json-new|scratch\/.+\//.test(name));

test(`law 3: ${KILLS} kills in the middle of backups leave the newest whole, and the next works`, async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1, 'delete');
  await backup(project, { trigger: 'test' });
  let landed = 0;
  let before = 1;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild('keep-backing-up', folder);
    await child.line();
    await sleep(random.below(LONGEST));
    await child.kill();
    const leftovers = halfDone(folder).length;

    const to = join(folder, `restored-${kill}.db`);
    const restored = await restore(project, { name: 'latest', to });
    expect(restored.skipped, `seed ${random.seed}`).toEqual([]);
    const step = stepOf(to);
    const live = stepOf(project.db);
    expect(step, `seed ${random.seed}`).toBeGreaterThanOrEqual(before);
    if (leftovers > 0 || live > step) landed++;
    expect(live - step, 'at most the backup being written is missing').toBeLessThanOrEqual(1);

    await backup(project, { trigger: 'test' });
    expect(halfDone(folder)).toEqual([]);
    before = live;
  }
  if (isSlow) console.log(`${landed} of ${KILLS} kills landed within a backup`);
}, 600_000);

test(`law 3: ${KILLS} kills in the middle of restores leave the old database or the new one`, async () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 3);
  const first = await backup(project, { trigger: 'test' });
  const other = projectIn(folder, { db: join(folder, 'other.db') });
  makeSample(other.db, 40);
  const second = await backup(other, { trigger: 'test' });
  let landed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild('keep-restoring', folder, first.name, second.name);
    await child.line();
    await sleep(random.below(LONGEST));
    await child.kill();
    if (halfDone(folder).length > 0) landed++;

    const step = stepOf(project.db);
    expect([3, 40], `seed ${random.seed}`).toContain(step);
    await restore(project, { name: first.name });
    expect(stepOf(project.db)).toBe(3);
    expect(halfDone(folder)).toEqual([]);
    await undo(project);
    expect(stepOf(project.db)).toBe(step);
    const snapshots = namesIn(join(project.local, 'snapshots'));
    expect(snapshots.filter((name) => name.endsWith('.db')).length).toBe(
      snapshots.filter((name) => name.endsWith('.json')).length,
    );
  }
  if (isSlow) console.log(`${landed} of ${KILLS} kills left something half-done`);
}, 600_000);
