import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readHold, writeHold } from '../../src/local/hold.ts';
import { lineageOf, noteLineage } from '../../src/local/lineage.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import type { Project } from '../../src/operations/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

const TRIGGER = { trigger: 'test' };

const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

test('where a restore fails while rows are read, no backup comes of them, and no part stays', async () => {
  const project = projectIn(scratch());
  addNotes(project.db, 2000);
  await backup(project, TRIGGER);
  const before = filesIn(project.store.path);
  addNotes(project.db, 2000);
  const hold = { db: project.database.id, reason: 'it failed', time: new Date().toISOString() };
  const onProgress = () => {
    if (readHold(project.local, project.database.id) === undefined) writeHold(project.local, hold);
  };
  await expect(backup(project, { ...TRIGGER, onProgress })).rejects.toMatchObject({ code: 'HELD' });
  expect(filesIn(project.store.path)).toEqual(before);
});

test('what is kept aside is not what the database comes from', async () => {
  const project = projectIn(scratch());
  addNotes(project.db, 5);
  const { name } = await backup(project, TRIGGER);
  addNotes(project.db, 5);
  await backup(project, { ...TRIGGER, kind: 'conflict' });
  expect(lineageOf(project.local, project.database.id)?.name).toBe(name);
});

test('where a newer backup had more rows and is damaged, the database is looked at whatever its fingerprint says', async () => {
  const project = projectIn(scratch());
  addNotes(project.db, 5);
  const { name } = await backup(project, TRIGGER);
  const { backup_date: date, content } = (await openBackup(project.store, name)).manifest.metadata;
  addNotes(project.db, 95);
  const larger = await backup(project, TRIGGER);
  truncateSync(join(project.store.path, `${larger.name}.json`), 100);
  const db = new Database(project.db);
  db.exec('DELETE FROM notes WHERE id > 5');
  db.close();
  noteLineage(project.local, project.database.id, { name, date, content, stamp: 'as it looked' });
  const { file: _, ...database } = project.database;
  const away: Project = { ...project, database: { ...database, fingerprint: async () => 'as it looked' } };
  await expect(backup(away, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_SHRUNK' });
});
