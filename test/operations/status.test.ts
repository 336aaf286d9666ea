import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overwinter } from '../../src/core/hint.ts';
import { noteCopied, noteNotCopied } from '../../src/local/copied.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { type Status, status } from '../../src/operations/status.ts';
import { verify } from '../../src/operations/verify.ts';
import type { Remote } from '../../src/stores/store.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/encrypted.ts';
import type { TestProject } from '../support/project.ts';
import { repositoryIn } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes, projectWithFiles } from '../support/with-files.ts';

const ada = ageKey();
const DAY = 86_400_000;

const step = ({ chain }: Status, name: string) => chain.steps.find((each) => each.name === name);

async function saved<P extends TestProject>(project: P): Promise<{ project: P; name: string; manifest: string }> {
  addNotes(project.db, 5);
  const { name } = await backup(project, { trigger: 'test' });
  return { project, name, manifest: join(project.store.path, `${name}.json`) };
}

const partsOf = ({ store }: TestProject) =>
  readdirSync(join(store.path, 'parts'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a newest backup whose manifest is broken behind its beginning is not green, and what no commit has is made anew', async () => {
  const { project, name, manifest } = await saved(projectIn(scratch()));
  await verify(project, 'newest');
  expect(step(await status(project), 'drilled')).toMatchObject({ light: 'green', backup: name });
  writeFileSync(manifest, readFileSync(manifest, 'utf8').slice(0, -20));
  const found = await status(project);
  expect(found).toMatchObject({ light: 'red', backups: 1, newest: { name } });
  expect(step(found, 'drilled')).toMatchObject({ light: 'red', cause: 'damaged' });
  expect(step(found, 'drilled')?.text).toMatch(/^The newest backup cannot be restored: /);
  expect(step(found, 'drilled')?.command).toEqual(overwinter('backup'));
  expect(step(found, 'boots')).toMatchObject({ light: 'red' });
});

test('of a backup that no key here opens status says that, and of a damaged one that it is damaged, without the key, too', async () => {
  const folder = scratch();
  const here = encryptionFor({ to: [ada], with: [ada] });
  const { project } = await saved(projectIn(folder, { encryption: here }));
  const shut = projectIn(folder, { encryption: encryptionFor({ to: [ada] }), local: join(scratch(), '.overwinter') });
  expect(step(await status(project), 'drilled')).toMatchObject({ light: 'yellow', cause: 'never-drilled' });
  const locked = step(await status(shut), 'drilled');
  expect(locked).toMatchObject({ light: 'yellow', cause: 'no-key' });
  expect(locked?.text).toMatch(/^The newest backup cannot be restored here: /);

  const [part] = partsOf(project);
  if (part === undefined) throw new Error('what is encrypted has parts');
  writeFileSync(part, Buffer.alloc(readFileSync(part).length));
  for (const each of [project, shut])
    expect(step(await status(each), 'drilled')).toMatchObject({ light: 'red', cause: 'damaged' });
  rmSync(part);
  for (const each of [project, shut]) {
    const mending = step(await status(each), 'drilled');
    expect(mending).toMatchObject({ light: 'red', cause: 'damaged' });
    expect(JSON.stringify(mending?.command)).toContain('verify');
  }
});

test('a backups folder with nothing but what cannot be read is told apart from one that is empty', async () => {
  const { project, manifest } = await saved(projectIn(scratch()));
  writeFileSync(manifest, 'nothing');
  expect(step(await status(project), 'saved')).toMatchObject({ light: 'red', cause: 'unreadable' });
  rmSync(manifest);
  expect(step(await status(project), 'saved')).toMatchObject({ light: 'red', cause: 'no-backup' });
});

test('status says what stands where the database is', async () => {
  const { project } = await saved(projectIn(scratch()));
  expect((await status(project)).database).toMatchObject({
    path: project.database.label,
    isThere: true,
    tables: 1,
    rows: 5,
  });
  writeFileSync(project.db, 'this is no database at all, however it is called');
  const unreadable = await status(project);
  expect(unreadable.database).toMatchObject({ isThere: true, bytes: 48, tables: undefined, rows: undefined });
  expect(step(unreadable, 'saved')).toMatchObject({ light: 'red', cause: 'database' });
  rmSync(project.db);
  const gone = await status(project);
  expect(gone.database).toMatchObject({ isThere: false, bytes: undefined, tables: undefined, rows: undefined });
  expect(step(gone, 'saved')).toMatchObject({ light: 'yellow', cause: 'empty' });
});

test('settings that keep every backup from being written are red before one fails', async () => {
  const { project } = await saved(projectIn(scratch()));
  const found = step(await status({ ...project, privacy: { redact: { nowhere: ['x'] } } }), 'saved');
  expect(found).toMatchObject({ light: 'red', cause: 'settings' });
  expect(found?.text).toMatch(/^No backup can be written: /);
});

test('the age of the newest backup is counted in seconds, and one of tomorrow is said to be so', async () => {
  const now = new Date('2026-05-01T10:00:00.400Z');
  const { project, name } = await saved(projectIn(scratch(), { now: () => now }));
  const after = (ms: number) => status({ ...project, now: () => new Date(now.getTime() + ms) });
  expect((await after(90_300)).newest).toMatchObject({ name, ageSeconds: 90 });
  const early = await after(-2 * DAY);
  expect(early.newest).toMatchObject({ ageSeconds: 0 });
  expect(step(early, 'saved')).toMatchObject({ light: 'yellow', cause: 'future' });
});

test('rows of another branch that nobody has taken in are told of, until they are in an ordinary backup', async () => {
  const folder = scratch();
  const { project } = await saved(projectIn(folder));
  addNotes(project.db, 2);
  const { name } = await backup(project, { trigger: 'test', kind: 'conflict' });
  const open = await status(project);
  expect(step(open, 'pushed')?.text).toContain(name);
  expect(open.backups).toBe(1);
  await restore(project, { name });
  await backup(project, { trigger: 'test' });
  expect(JSON.stringify((await status(project)).chain)).not.toContain(name);
});

/** Status knows of other places what this machine remembers, and asks none. */
const remote = (label: string, more: Partial<Remote> = {}): Remote => ({
  label,
  id: label,
  address: label,
  open: () => {
    throw new Error('nobody is asked');
  },
  ...more,
});

test('a place has the newest backup, does not have it yet, or the last try failed', async () => {
  const { project, name } = await saved(projectIn(scratch()));
  const remotes = [remote('other')];
  const place = async () => (await status({ ...project, remotes })).stores[0];
  expect(await place()).toEqual({ store: 'other', light: 'yellow', last: undefined, problem: undefined });
  const at = new Date('2026-05-01T10:00:00.000Z');
  noteCopied(project.local, project.store.id, 'other', name, at);
  expect(await place()).toMatchObject({ light: 'green', last: { name, date: at.toISOString() } });
  addNotes(project.db, 1);
  await backup(project, { trigger: 'test' });
  expect(await place()).toMatchObject({ light: 'yellow', last: { name } });
  const failure = { time: '2026-05-02T10:00:00.000Z', message: 'It is full.', hint: [] };
  noteNotCopied(project.local, project.store.id, 'other', failure);
  noteNotCopied(project.local, project.store.id, 'other', { ...failure, time: '2026-05-03T10:00:00.000Z' });
  expect(await place()).toMatchObject({
    light: 'red',
    last: { name },
    problem: { message: 'It is full.', since: failure.time },
  });
});

test('a mail is late after a quarter more than the time between two, and nothing was ever read from it', async () => {
  const { project, name } = await saved(projectIn(scratch()));
  const sent = new Date('2026-05-01T10:00:00.000Z');
  const after = async (days: number) => {
    const at = {
      ...project,
      remotes: [remote('mailbox', { sentEvery: 4 * DAY })],
      now: () => new Date(sent.getTime() + days * DAY),
    };
    return (await status(at)).stores[0];
  };
  expect(await after(0)).toMatchObject({ light: 'yellow', handedOver: true, last: undefined });
  noteCopied(project.local, project.store.id, 'mailbox', 'an_older_one', sent);
  expect(await after(4.9)).toMatchObject({ light: 'green', handedOver: true });
  expect(await after(5)).toMatchObject({ light: 'green' });
  expect(await after(5.1)).toMatchObject({ light: 'yellow' });
  noteCopied(project.local, project.store.id, 'mailbox', name, sent);
  expect(await after(50)).toMatchObject({ light: 'green' });
});

test('a pointer that a branch left where it was is none to mend, but on the default branch it is', async () => {
  const repository = repositoryIn(scratch());
  repository.git(['init', '-q', '-b', 'main']);
  repository.write('.gitignore', 'app.db*\n.overwinter\n');
  const own = projectIn(repository.top, { repository: () => repository.open() });
  const { project } = await saved(own);
  const old = readFileSync(join(project.store.path, 'latest_backup.json'));
  addNotes(project.db, 1);
  await backup(project, { trigger: 'test' });
  writeFileSync(join(project.store.path, 'latest_backup.json'), old);
  repository.git(['add', '-A']);
  repository.git(['commit', '-q', '-m', 'x']);
  const said = async () => JSON.stringify((await status(project)).chain);
  expect(await said()).toContain('which is not the newest');
  repository.git(['checkout', '-q', '-b', 'side']);
  expect(await said()).not.toContain('which is not the newest');
  rmSync(join(project.store.path, 'latest_backup.json'));
  expect(await said()).toContain('The pointer is missing');
});

test('files beside the rows are compared with the newest backup: what was written to, what is new, what is gone', async () => {
  const own = projectWithFiles(scratch());
  own.put('a.txt', 'a');
  own.put('b.txt', 'b');
  const { project } = await saved(own);
  const said = async (of = project) => step(await status(of), 'saved');
  expect(await said()).toMatchObject({ light: 'green' });
  project.put('a.txt', 'A');
  project.put('c.txt', 'c');
  expect((await said())?.text).toContain('2 files are in no backup as they are now');
  rmSync(join(project.folder, 'data/uploads/b.txt'));
  expect((await said())?.text).toContain('is gone');
  // Another machine has no memory of how they looked, and reads them.
  const elsewhere = { ...project, local: join(scratch(), '.overwinter') };
  expect((await said(elsewhere))?.text).toContain('2 files are in no backup as they are now, and 1 file of');
  await backup(project, { trigger: 'test' });
  expect(await said()).toMatchObject({ light: 'green' });
  expect(await said(elsewhere)).toMatchObject({ light: 'green' });
  rmSync(join(project.folder, 'data/uploads/c.txt'));
  expect((await said())?.text).toMatch(/^1 file of \S+ is gone\.$/);
});

test('a folder of files that cannot be saved as it is, is red before a backup fails of it', async () => {
  const own = projectWithFiles(scratch());
  own.put('a.txt', 'a');
  const { project } = await saved(own);
  const uploads = join(project.folder, 'data/uploads');
  rmSync(uploads, { recursive: true });
  symlinkSync(scratch(), uploads);
  expect(step(await status(project), 'saved')).toMatchObject({ light: 'red', cause: 'settings' });
});
