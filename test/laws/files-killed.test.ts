import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { chance, isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles, readNotes, UPLOADS } from '../support/with-files.ts';

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
