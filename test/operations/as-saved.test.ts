import { expect, test } from 'vitest';
import { noteLineage } from '../../src/local/lineage.ts';
import { isAsSaved } from '../../src/operations/as-saved.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import type { Project } from '../../src/operations/project.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes, wantedIn } from '../support/with-files.ts';

const STAMP = 'as it looked';

/** A database that is no file, as one at an address, and its newest backup; `asked` is how it looks now. */
async function saved(changes: Parameters<typeof projectIn>[1] = {}) {
  const folder = scratch();
  const project = projectIn(folder, changes);
  addNotes(project.db, 5);
  const { name } = await backup(project, { trigger: 'test' });
  const opened = await openBackup(project.store, name);
  const { file: _, ...database } = project.database;
  const away: Project = { ...project, database };
  const { backup_date: date, content } = opened.manifest.metadata;
  const lineage = { name, date, content, stamp: STAMP };
  noteLineage(project.local, database.id, lineage);
  const asked = (changed: Partial<Project> = {}, stamp: string | undefined = STAMP) =>
    isAsSaved({ ...away, ...changed }, opened, stamp);
  return { folder, project, opened, away, lineage, asked };
}

test('a database at an address is not read again where nobody wrote to it since it was saved', async () => {
  const { asked } = await saved();
  expect(await asked()).toBe(true);
});

test('it is read where it looks another way, or nobody can tell', async () => {
  const { project, lineage, opened, away, asked } = await saved();
  expect(await asked({}, 'another way')).toBe(false);
  expect(await isAsSaved(away, opened, undefined)).toBe(false);
  noteLineage(project.local, project.database.id, { ...lineage, content: `sha256-${'0'.repeat(64)}` });
  expect(await asked()).toBe(false);
});

test('a file is read, and so are files beside it', async () => {
  const { folder, project, asked } = await saved();
  expect(await asked({ database: project.database })).toBe(false);
  expect(await asked({ files: wantedIn(folder) })).toBe(false);
});

test('it is read where backups leave out something else now, or what a condition says', async () => {
  const { asked } = await saved();
  expect(await asked({ privacy: { redact: { notes: ['text'] } } })).toBe(false);
  expect(await asked({ privacy: { redact: { notes: { text: 'x' } } } })).toBe(false);
  for (const privacy of [{ include: { notes: 'id > 2' } }, { redact: { notes: { text: 'x' } } }]) {
    const { asked: again } = await saved({ privacy });
    expect(await again(), JSON.stringify(privacy)).toBe(false);
  }
  const same = await saved({ privacy: { redact: { notes: ['text'] } } });
  expect(await same.asked()).toBe(true);
});

test('an encrypted backup, and one that holds another than its name says, tell nothing', async () => {
  const ada = ageKey();
  const sealed = await saved({ encryption: encryptionFor({ to: [ada], with: [ada] }) });
  expect(await sealed.asked()).toBe(false);
  const { away, opened } = await saved();
  expect(await isAsSaved(away, { ...opened, name: 'backup_20200101_000000_00000000' }, STAMP)).toBe(false);
});
