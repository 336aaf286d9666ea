import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { mustNotBePlainer } from '../../src/operations/copy-newest.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/keys.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

test('a plain backup does not come to stand where encrypted ones do, or are to', async () => {
  const ada = ageKey();
  const encryption = encryptionFor({ to: [ada], with: [ada] });
  const save = async (changes: Parameters<typeof projectIn>[1]) => {
    const project = projectIn(scratch(), changes);
    addNotes(project.db, 1);
    const { name } = await backup(project, { trigger: 'test' });
    return {
      opened: await openBackup(project.store, name),
      there: (await readCatalog(project.store)).entries,
      project,
    };
  };
  const [plain, sealed] = [await save({}), await save({ encryption })];
  const { store } = plain.project;
  const OFF = expect.objectContaining({ code: 'ENCRYPTION_OFF' });
  expect(() => mustNotBePlainer({}, plain.opened, store, sealed.there)).toThrow(OFF);
  expect(() => mustNotBePlainer({ encryption }, plain.opened, store, [])).toThrow(OFF);
  expect(() => mustNotBePlainer({}, plain.opened, store, plain.there)).not.toThrow();
  expect(() => mustNotBePlainer({}, plain.opened, store, [])).not.toThrow();
  const meant = { encryption: { ...encryption, wanted: false as const } };
  expect(() => mustNotBePlainer(meant, plain.opened, store, sealed.there)).not.toThrow();
  expect(() => mustNotBePlainer({ encryption }, sealed.opened, store, plain.there)).not.toThrow();
});
