import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { makeSample } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ROUNDS = isSlow ? 50 : 5;
const TOGETHER = 10;
const NAME = `ten processes that boot at once on a missing database restore it once, all see all rows (${ROUNDS} rounds)`;

test(NAME, { timeout: 60_000 + ROUNDS * 20_000 }, async () => {
  const children = Array.from({ length: TOGETHER }, () => startChild('open-database', scratch()));
  // All of them are loaded before any of them begins.
  for (const child of children) expect(await child.line()).toBe('ready');
  for (let round = 0; round < ROUNDS; round++) {
    const folder = scratch();
    const project = projectIn(folder);
    makeSample(project.db, 2);
    await backup(project, { trigger: 'test' });
    for (const end of ['', '-wal', '-shm']) rmSync(project.db + end, { force: true });
    for (const child of children) child.say(folder);
    const answers = await Promise.all(children.map((child) => child.line()));
    expect(answers.sort()).toEqual([...Array(TOGETHER - 1).fill('left 1500'), 'restored 1500']);
  }
});
