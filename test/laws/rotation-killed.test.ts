import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { rotate } from '../../src/operations/rotate.ts';
import { verify } from '../../src/operations/verify.ts';
import { ageKey } from '../support/age.ts';
import { chance, isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { changeOnePatient, encryptionFor, filesIn, makePatients } from '../support/encrypted.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const KILLS = isSlow ? 40 : 6;
/** Rows enough for several parts; and longer than changing the keys of three backups of them takes. */
const ROWS = 2000;
const LONGEST = 700;
const random = chance();

test(`${KILLS} kills in the middle of changing keys leave every backup whole, and the next run ends it`, async () => {
  const [ada, bob] = [ageKey(), ageKey()];
  const folder = scratch();
  const project = projectIn(folder, { encryption: encryptionFor({ to: [ada], with: [ada, bob] }) });
  makePatients(project.db, ROWS);
  for (const id of [1, 1000, 1900]) {
    await backup(project, { trigger: 'test', ...(id === 1000 ? { name: 'named' } : {}) });
    changeOnePatient(project.db, id);
  }
  const datesIn = async () => (await readCatalog(project.store)).entries.map(({ metadata }) => metadata.backup_date);
  const dates = await datesIn();
  expect(dates.length).toBe(3);
  let landed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild('keep-rotating', folder, ada.identity, bob.identity);
    await child.line();
    await sleep(random.below(LONGEST));
    await child.kill();
    const left = await verify(project, 'all');
    expect(
      left.filter(({ ok }) => !ok),
      `seed ${random.seed}`,
    ).toEqual([]);
    expect([...new Set(await datesIn())], `seed ${random.seed}`).toEqual(dates);
    const before = filesIn(project.store.path).size;

    await rotate({ ...project, encryption: encryptionFor({ to: [bob], with: [ada, bob] }) });
    expect(await datesIn(), `seed ${random.seed}`).toEqual(dates);
    const withBob = { ...project, encryption: encryptionFor({ with: [bob] }) };
    expect(
      (await verify(withBob, 'all')).map(({ ok }) => ok),
      `seed ${random.seed}`,
    ).toEqual([true, true, true]);
    const after = filesIn(project.store.path).size;
    expect(after).toBeLessThanOrEqual(before);
    if (after < before) landed++;
  }
  if (isSlow) console.log(`${landed} of ${KILLS} kills left something half-done`);
}, 600_000);
