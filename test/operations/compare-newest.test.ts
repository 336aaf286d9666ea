import { utimesSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { forgetLineage } from '../../src/local/lineage.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { compareWithNewest, countsWithoutLook } from '../../src/operations/compare-newest.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

const LONG_AGO = new Date('2026-01-01T00:00:00.000Z');

/** Whether what is in the database is in the newest backup: a light that is green for rows nobody saved is the worst there is. */
async function app() {
  const project = projectIn(scratch());
  // What was written to this very moment may be written to again without a trace.
  const settle = () => utimesSync(project.db, LONG_AGO, LONG_AGO);
  const run = (sql: string) => {
    const db = new Database(project.db);
    db.exec(sql);
    db.close();
    settle();
  };
  const save = async (rows: number) => {
    addNotes(project.db, rows);
    settle();
    const { name } = await backup(project, { trigger: 'test' });
    const opened = await openBackup(project.store, name);
    const { manifest } = await unseal(undefined, project.store, opened);
    return { name, manifest, entry: { name, metadata: manifest.metadata } };
  };
  const newest = await save(4);
  type Newest = typeof newest;
  const look = async ({ entry, manifest }: Newest, bytes = 1000, isShut = false) =>
    compareWithNewest(project, entry, isShut ? undefined : manifest, {
      counts: await project.database.counts(),
      bytes,
      effort: 'quick',
    });
  return { project, run, save, newest, look };
}

const HUGE = 5_000_000;

test('what was just saved is the same, and known without a look', async () => {
  const { project, newest, look } = await app();
  expect(await look(newest, HUGE, true)).toEqual({ kind: 'same' });
  expect(await countsWithoutLook(project, newest.manifest)).toEqual(new Map([['notes', 4]]));
});

test('rows that came are told by table, and values that changed as a change', async () => {
  const { project, run, newest, look } = await app();
  run("UPDATE notes SET text = 'other' WHERE id = 1");
  expect(await countsWithoutLook(project, newest.manifest)).toBeUndefined();
  expect(await look(newest)).toEqual({ kind: 'changed', more: new Map() });
  expect(await look(newest, HUGE)).toEqual({ kind: 'unknown' });
  expect(await look(newest, 1000, true)).toEqual({ kind: 'unknown' });
  run("INSERT INTO notes(text) VALUES ('new')");
  expect(await look(newest, HUGE)).toEqual({ kind: 'changed', more: new Map([['notes', 1]]) });
  run('DELETE FROM notes WHERE id < 4');
  expect(await look(newest, HUGE)).toEqual({ kind: 'changed', more: new Map() });
});

test('what somebody wrote and took back is the same, once it was read', async () => {
  const { run, newest, look } = await app();
  run("UPDATE notes SET text = text || 'x'; UPDATE notes SET text = substr(text, 1, length(text) - 1)");
  expect(await look(newest, HUGE)).toEqual({ kind: 'unknown' });
  expect(await look(newest)).toEqual({ kind: 'same' });
  expect(await look(newest, HUGE)).toEqual({ kind: 'same' });
});

test('a database that comes from an older backup is behind the newest, and one whose origin nobody knows is not', async () => {
  const { project, run, save, newest: first, look } = await app();
  const second = await save(1);
  expect(await look(second)).toEqual({ kind: 'same' });
  expect((await look(first, HUGE)).kind).toBe('changed');
  run('DELETE FROM notes WHERE id = 5');
  expect(await look(first)).toEqual({ kind: 'same' });
  expect(await look(second)).toMatchObject({ kind: 'behind', from: { name: first.name } });
  expect(await look(second, HUGE, true)).toMatchObject({ kind: 'behind' });
  forgetLineage(project.local, project.database.id);
  expect((await look(second)).kind).toBe('changed');
});
