import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LATER, lookOf, markOf } from '../../src/folders/look.ts';
import { markOfFolders, markOfScan, scanFolders } from '../../src/folders/scan.ts';
import { readReadingNotes, writeReadingNotes } from '../../src/local/reading-notes.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { chance } from '../support/chance.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes, type ProjectWithFiles, projectWithFiles, UPLOADS, wantedIn } from '../support/with-files.ts';

/** A changed file that is not seen is lost with the disk. So what is remembered of files must never hide one that somebody wrote to. */

const MTIME = new Date('2026-01-02T03:04:05.678Z');
const FILES = 300;

/** A project whose clock is so much later that nothing was written just now: all that is not read is not read because of how it looks. */
async function saved(): Promise<ProjectWithFiles> {
  const project = projectWithFiles(scratch(), { now: () => new Date(Date.now() + 10_000) });
  addNotes(project.db, 3);
  for (let i = 0; i < FILES; i++) project.put(`${i % 9}/${i}.txt`, `file ${i} `.padEnd(900, 'x'));
  project.put('large.bin', Buffer.alloc(50_000, 1));
  await backup(project, { trigger: 'test' });
  return project;
}

const at = ({ folder }: ProjectWithFiles, path: string) => join(folder, UPLOADS, path);
const sameTime = (path: string) => utimesSync(path, MTIME, MTIME);

/** What a restore into nothing brings back of the newest backup. */
async function broughtBack(project: ProjectWithFiles): Promise<Record<string, string>> {
  rmSync(join(project.folder, 'data'), { recursive: true });
  await restore(project, { name: 'latest' });
  return project.there();
}

const notesOf = (project: ProjectWithFiles) => ({
  key: `files\n${project.database.id}\n${project.store.id}`,
  noted: readReadingNotes(project.local, `files\n${project.database.id}\n${project.store.id}`),
});

/** The file that the notes are in. */
function notesFile(project: ProjectWithFiles): string {
  const { key, noted } = notesOf(project);
  const files = readdirSync(project.local).filter((name) => name.startsWith('reading-'));
  const found = files.find((name) => {
    const path = join(project.local, name);
    const before = readFileSync(path);
    writeFileSync(path, '');
    const isIt = noted !== undefined && readReadingNotes(project.local, key) === undefined;
    writeFileSync(path, before);
    return isIt;
  });
  if (found === undefined) throw new Error('nothing was noted');
  return join(project.local, found);
}

const CHANGES: Record<string, (path: string) => void> = {
  'written to in place': (path) => writeFileSync(path, readFileSync(path).fill('y')),
  'another one was renamed over it': (path) => {
    writeFileSync(`${path}.new`, readFileSync(path).fill('y'));
    sameTime(`${path}.new`);
    renameSync(`${path}.new`, path);
  },
  'removed and made again': (path) => {
    const bytes = readFileSync(path).fill('y');
    rmSync(path);
    writeFileSync(path, bytes);
  },
  'another name of a file elsewhere': (path) => {
    const other = join(dirname(path), 'other');
    writeFileSync(other, readFileSync(path).fill('y'));
    rmSync(path);
    linkSync(other, path);
    rmSync(other);
  },
  'shortened and written on': (path) => {
    const bytes = readFileSync(path).fill('y');
    truncateSync(path, 3);
    writeFileSync(path, bytes);
  },
};

test.each(Object.keys(CHANGES))('%s, of the same size and with the time set back: it is saved', async (how) => {
  const project = await saved();
  for (const path of ['3/30.txt', 'large.bin']) {
    CHANGES[how]?.(at(project, path));
    sameTime(at(project, path));
  }
  const now = project.there();
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
  expect(await broughtBack(project)).toEqual(now);
});

test('two files that changed places are both saved, and so are folders that did', async () => {
  const project = await saved();
  const swap = (one: string, other: string) => {
    renameSync(at(project, one), at(project, 'between'));
    renameSync(at(project, other), at(project, one));
    renameSync(at(project, 'between'), at(project, other));
  };
  writeFileSync(at(project, '3/30.txt'), 'z'.repeat(900));
  sameTime(at(project, '3/30.txt'));
  await backup(project, { trigger: 'test' });
  swap('3/30.txt', '3/39.txt');
  swap('4', '5');
  const now = project.there();
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
  expect(await broughtBack(project)).toEqual(now);
});

describe('what was written just now', () => {
  test('is read again the next time, for it may have been written to in the same moment', async () => {
    const project = await saved();
    const now = { ...project, now: () => new Date() };
    writeFileSync(at(project, '3/30.txt'), 'y'.repeat(900));
    await backup(now, { trigger: 'test' });
    const looks: unknown = JSON.parse(Buffer.from(notesOf(project).noted?.notes ?? []).toString());
    const fresh = (Array.isArray(looks) ? looks.flat() : []).filter(([, mark]) => typeof mark !== 'string');
    expect(fresh.map(([path]) => path)).toContain(`${UPLOADS}/3/30.txt`);
  });

  test('whichever of its times says so, also where a clock is ahead', () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    sameTime(file);
    const stat = lstatSync(file);
    expect(lookOf(stat, stat.ctimeMs - 1).mark).toBeUndefined();
    expect(lookOf(stat, stat.ctimeMs).mark).toBe(markOf(stat));
    expect(lookOf(stat, LATER).mark).toBe(markOf(stat));
    expect(lookOf(stat, stat.mtimeMs - 1).mark).toBeUndefined();
    utimesSync(file, new Date(Date.now() + 60_000), new Date(Date.now() + 60_000));
    expect(lookOf(statSync(file), Date.now()).mark).toBeUndefined();
  });

  test('counts for all that lies in the folders', () => {
    const folder = scratch();
    mkdirSync(join(folder, UPLOADS), { recursive: true });
    writeFileSync(join(folder, UPLOADS, 'a'), '');
    const wanted = wantedIn(folder);
    expect(markOfScan(scanFolders(wanted, new Date()))).toBeUndefined();
    const later = new Date(Date.now() + 10_000);
    expect(markOfScan(scanFolders(wanted, later))).toBe(markOfFolders(wanted));
  });
});

/** Makes one file another one without a trace: as if it looked as it did. */
function changeUnseen(project: ProjectWithFiles, path: string, runs: number, letter = 'y'): void {
  const before = markOf(lstatSync(at(project, path)));
  writeFileSync(at(project, path), readFileSync(at(project, path)).fill(letter));
  sameTime(at(project, path));
  const after = markOf(lstatSync(at(project, path)));
  const { key, noted } = notesOf(project);
  if (noted === undefined) throw new Error('nothing was noted');
  const notes = Buffer.from(noted.notes).toString().replace(before, after);
  writeReadingNotes(project.local, key, { ...noted, runs, notes: Buffer.from(notes) });
}

test('what leaves no trace at all is seen after fifty backups at the latest', async () => {
  const project = await saved();
  const slices: unknown = JSON.parse(Buffer.from(notesOf(project).noted?.notes ?? []).toString());
  const last = Array.isArray(slices) ? slices.length - 1 : 0;
  const [path] = (Array.isArray(slices) ? slices[last] : []).at(-1);
  changeUnseen(project, path.slice(UPLOADS.length + 1), last + 1);
  expect(await backup(project, { trigger: 'test' }), 'it is none of those that are read').toMatchObject({
    status: 'unchanged',
  });
  const { key, noted } = notesOf(project);
  if (noted === undefined) throw new Error('nothing was noted');
  expect(noted.runs).toBe(last + 2);
  writeReadingNotes(project.local, key, { ...noted, runs: 50 + last });
  const now = project.there();
  expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
  expect(await broughtBack(project)).toEqual(now);
});

describe('what is remembered', () => {
  const random = chance();
  const SPOILT: Record<string, (file: string) => void> = {
    'is gone': (file) => rmSync(file),
    'is empty': (file) => truncateSync(file, 0),
    'was cut': (file) => truncateSync(file, random.below(readFileSync(file).length)),
    'has a flipped bit': (file) => {
      const bytes = readFileSync(file);
      const which = random.below(bytes.length);
      bytes[which] = (bytes[which] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    },
    'is no text': (file) => writeFileSync(file, Buffer.alloc(5000, 0xff)),
  };

  test.each(Object.keys(SPOILT))('%s: everything is read', async (how) => {
    const project = await saved();
    // Without the sum, it would say that this file is as it was.
    changeUnseen(project, '3/30.txt', 40);
    SPOILT[how]?.(notesFile(project));
    const now = project.there();
    expect(await backup(project, { trigger: 'test' }), `seed ${random.seed}`).toMatchObject({ status: 'created' });
    expect(await broughtBack(project)).toEqual(now);
  });

  test('is of an older backup: what changed since is saved', async () => {
    const project = await saved();
    const old = notesOf(project).noted;
    writeFileSync(at(project, '3/30.txt'), 'y'.repeat(900));
    await backup(project, { trigger: 'test' });
    changeUnseen(project, '3/30.txt', 40, 'z');
    const { key, noted } = notesOf(project);
    if (old === undefined || noted === undefined) throw new Error('nothing was noted');
    writeReadingNotes(project.local, key, { ...noted, of: old.of });
    const now = project.there();
    expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
    expect(await broughtBack(project)).toEqual(now);
  });

  test('is of another project with the same files: everything is read', async () => {
    const [one, other] = [await saved(), await saved()];
    changeUnseen(one, '3/30.txt', 40);
    const { key, noted } = notesOf(one);
    const others = notesOf(other).noted;
    if (others === undefined || noted === undefined) throw new Error('nothing was noted');
    expect(others.of, 'their backups are told apart').not.toBe(noted.of);
    writeReadingNotes(one.local, key, { ...noted, of: others.of });
    const now = one.there();
    expect(await backup(one, { trigger: 'test' })).toMatchObject({ status: 'created' });
    expect(await broughtBack(one)).toEqual(now);
  });

  test('is left where the parts were touched: everything is read', async () => {
    const project = await saved();
    changeUnseen(project, '3/30.txt', 40);
    const parts = join(project.folder, 'backups/parts');
    for (const name of readdirSync(parts, { recursive: true }).map(String))
      if (statSync(join(parts, name)).isFile()) sameTime(join(parts, name));
    const now = project.there();
    expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
    expect(await broughtBack(project)).toEqual(now);
  });
});
