import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { chance, isSlow, tries } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { canInject, type Fault, runWithFault } from '../support/faults.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles, readNotes, treeOf, UPLOADS } from '../support/with-files.ts';

const KILLS = isSlow ? 150 : 12;
const FILES = 150;
const LONGEST = 400;
const random = chance();

test(`law 3: ${KILLS} kills in the middle of restores leave the rows and the files of one backup`, async () => {
  const project = projectWithFiles(scratch());
  const put = (state: string) => {
    for (let i = 0; i < FILES; i++) project.put(`${i % 7}/${i}.txt`, `${i} of ${state} `.repeat(i === 3 ? 10_000 : 50));
  };
  addNotes(project.db, 3);
  put('first');
  const first = await backup(project, { trigger: 'test' });
  const ofFirst = project.there();
  addNotes(project.db, 4);
  put('second');
  const second = await backup(project, { trigger: 'test' });
  const ofSecond = project.there();
  let landed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild('keep-restoring-files', project.folder, first.name, second.name);
    await child.line();
    await sleep(random.below(LONGEST));
    await child.kill();
    const names = readdirSync(join(project.folder, UPLOADS));
    if (names.some((name) => name.startsWith('.overwinter'))) landed++;
    expect((await autoRestore(project)).restored, `seed ${random.seed}`).toBe(false);
    const rows = readNotes(project.db);
    expect([3, 7]).toContain(rows);
    expect(project.there(), `seed ${random.seed}`).toEqual(rows === 3 ? ofFirst : ofSecond);
  }
  if (isSlow) console.log(`${landed} of ${KILLS} kills left something half-done`);
  expect(landed).toBeGreaterThan(0);
}, 600_000);

test.skipIf(!canInject)(
  'what a killed restore left to be put in place stays while the database cannot be looked at, and is put there then',
  async () => {
    const home = scratch();
    const project = projectWithFiles(home);
    writeFileSync(join(home, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', files: [UPLOADS] }));
    for (const state of ['first', 'second']) {
      addNotes(project.db, 3);
      for (let i = 0; i < 5; i++) project.put(`${i}.txt`, `${i} of ${state}`);
      await backup(project, { trigger: 'test', name: state });
    }
    const copied = (from: string) => {
      const folder = join(scratch(), 'home');
      cpSync(from, folder, { recursive: true, preserveTimestamps: true });
      return folder;
    };
    const args = ['restore', 'first', '--yes'];
    const whole = copied(home);
    const killed: Fault = { call: 'change', error: 'killed', from: 1_000_000, times: 1, at: '' };
    const { calls } = runWithFault(whole, args, killed);
    const ofFirst = treeOf(join(whole, UPLOADS));
    const changes = calls.filter((each) => /^(create|fsync|mkdir|rename|unlink) |^write (\/|socket:)/.test(each));
    const swap = changes.indexOf(`rename ${join(whole, 'app.db')}`);
    expect(swap).toBeGreaterThan(0);

    // Files are made anew by a copy, so each is killed where it is looked at.
    const left = () => {
      const folder = copied(home);
      runWithFault(folder, args, { ...killed, from: swap + 2 });
      expect([readNotes(join(folder, 'app.db')), treeOf(join(folder, UPLOADS))]).not.toEqual([3, ofFirst]);
      expect(readNotes(join(folder, 'app.db'))).toBe(3);
      return folder;
    };
    const looking = (folder: string, from: number) =>
      runWithFault(folder, ['auto-restore'], {
        call: 'stat',
        error: 'EIO',
        from,
        times: 1,
        at: join(folder, 'app.db'),
      });
    const untouched = left();
    const about = `stat ${join(untouched, 'app.db')}`;
    const { calls: made } = looking(untouched, 1_000_000);
    const looks = made.flatMap((each, at) => (each.startsWith(about) ? [made[at - 1] ?? ''] : []));
    // Those right after a look at what is to be put in place, and some others.
    const some = tries(5, looks.length);
    const chosen = looks.flatMap((before, at) =>
      before.includes('/placing-') || random.below(looks.length) < some ? [at + 1] : [],
    );
    console.log(
      looks.length,
      chosen,
      looks.filter((b) => b.includes('/placing-')),
    );
    expect(looks.some((before) => before.includes('/placing-'))).toBe(true);
    for (const look of chosen) {
      const folder = left();
      looking(folder, look);
      expect(runWithFault(folder, ['auto-restore'], undefined).code).toBe(0);
      expect(treeOf(join(folder, UPLOADS)), `the look ${look} of ${looks.length} failed, seed ${random.seed}`).toEqual(
        ofFirst,
      );
    }
  },
  600_000,
);
