import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { passedOverIn } from '../../src/local/passed-over.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { aboutToPassOver, passedOverInWords, rememberPassedOver } from '../../src/operations/passed-over.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** Three backups: what two people saved who both went on from the first. */
async function saved() {
  const project = projectIn(scratch());
  const { local, store } = project;
  const save = async (rows: number) => {
    addNotes(project.db, rows);
    const { name } = await backup(project, { trigger: 'test' });
    const opened = await openBackup(store, name);
    const { backup_date: date, content } = opened.manifest.metadata;
    return { name, opened, from: { name, date, content } };
  };
  const [first, second] = [await save(5), await save(2)];
  const over = { name: second.name, since: first.name };
  return { project, save, first, second, over, known: () => passedOverIn(local, store.id).map(({ name }) => name) };
}

const told = async (...asked: Parameters<typeof passedOverInWords>) =>
  (await passedOverInWords(...asked))
    ?.map((piece) => (typeof piece === 'string' ? piece : JSON.stringify(piece)))
    .join('');

describe('a backup is about to be passed over', () => {
  test('where the database comes from an older one, and never had what is in it', async () => {
    const { project, first, second, over } = await saved();
    expect(aboutToPassOver(project, first.from, second.opened)).toEqual(over);
  });

  test('and not where it is the one that the database comes from, an older one, or the same again', async () => {
    const { project, first, second } = await saved();
    expect(aboutToPassOver(project, second.from, second.opened)).toBeUndefined();
    expect(aboutToPassOver(project, second.from, first.opened)).toBeUndefined();
    const same = { ...first.from, content: second.from.content };
    expect(aboutToPassOver(project, same, second.opened)).toBeUndefined();
  });

  test('nor where nothing is known, or another environment saved it', async () => {
    const { project, first, second } = await saved();
    expect(aboutToPassOver(project, undefined, second.opened)).toBeUndefined();
    expect(aboutToPassOver(project, first.from, undefined)).toBeUndefined();
    expect(aboutToPassOver({ ...project, environment: 'other' }, first.from, second.opened)).toBeUndefined();
  });
});

test('it is remembered until somebody goes on from it, or says by the command that it is meant', async () => {
  const { project, first, second, over, known } = await saved();
  rememberPassedOver(project, undefined, undefined, 'hook');
  expect(known()).toEqual([]);
  rememberPassedOver(project, first.from, over, 'hook');
  expect(known()).toEqual([second.name]);
  rememberPassedOver(project, first.from, undefined, 'hook');
  expect(known()).toEqual([second.name]);
  rememberPassedOver(project, second.from, undefined, 'hook');
  expect(known()).toEqual([]);
  rememberPassedOver(project, first.from, over, 'hook');
  rememberPassedOver(project, first.from, over, 'command-line');
  expect(known()).toEqual([]);
});

test('what it brought is counted, with the commands that show it and bring it back', async () => {
  const { project, first, over } = await saved();
  const words = await told(project, over, 'backup_x');
  expect(words).toMatch(
    /was saved elsewhere, and backup_x does not go on from it: 2 rows of notes may be otherwise there/,
  );
  expect(words).toContain(first.name);
  expect(words).toContain('notes');
});

test('one that brought nothing is forgotten, and one of which nobody can count is told as rows', async () => {
  const { project, first, second, over, known } = await saved();
  rememberPassedOver(project, first.from, over, 'hook');
  expect(await told(project, { name: second.name, since: second.name }, 'backup_x')).toBeUndefined();
  expect(known()).toEqual([]);
  expect(await told(project, { name: second.name }, 'backup_x')).toContain('it: rows may be otherwise there');
  const gone = { name: second.name, since: 'backup_20200101_000000_abcdef12' };
  expect(await told(project, gone, 'backup_x')).toContain('it: rows may be otherwise there');
});

test('of many tables some are named, and only those that differ', async () => {
  const { project, second, save } = await saved();
  const db = new Database(project.db);
  for (let n = 0; n < 7; n++) db.exec(`CREATE TABLE t${n}(x); INSERT INTO t${n} VALUES (1)`);
  db.close();
  const third = await save(0);
  const words = await told(project, { name: third.name, since: second.name }, 'backup_x');
  expect(words).toContain('7 rows of t0, t1, t2, t3, t4 may');
  expect(words).not.toContain('notes');
});
