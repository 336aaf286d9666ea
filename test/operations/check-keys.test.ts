import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { checkKeys } from '../../src/operations/check-keys.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { addRows } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

test('of every backup it is said whether the keys that are here open it, and why not', async () => {
  const [ours, theirs] = [ageKey(), ageKey()];
  const folder = scratch();
  const held = encryptionFor({ to: [ours], with: [ours] });
  const project = projectIn(folder);
  const save = async (name: string, encryption = {}) => {
    addRows(project.db, 3000, 'x'.repeat(80));
    await backup({ ...project, ...encryption }, { trigger: 'test', name });
    rmSync(join(project.local), { recursive: true });
  };
  await save('plain');
  await save('ours', { encryption: held });
  await save('theirs', { encryption: encryptionFor({ to: [theirs], with: [theirs] }) });
  const looked = await checkKeys({ ...project, encryption: held });
  expect(looked.map(({ name, opens, held, recipients }) => [name, opens, held, recipients])).toEqual([
    ['theirs', false, [], [theirs.recipient]],
    ['ours', true, [ours.recipient], [ours.recipient]],
    ['plain', true, [], []],
  ]);
  expect(looked[0]?.error).toMatchObject({ code: 'WRONG_KEY' });
  expect(looked.slice(1).map(({ error }) => error)).toEqual([undefined, undefined]);
});
