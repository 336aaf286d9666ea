import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { knownCopy } from '../../src/local/copied.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { remotesAt } from '../../src/stores/index.ts';
import type { Remote, WritableStore } from '../../src/stores/store.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const HOUR = 3_600_000;
const FEW = { last: 2, daily: 0, weekly: 0, monthly: 0 };

/** An app whose clock goes an hour further with every backup. */
function app() {
  let time = Date.parse('2026-03-01T00:30:00Z');
  const project = projectIn(scratch(), { retention: FEW, now: () => new Date(time) });
  const save = async (trigger: string, name?: string) => {
    time += HOUR;
    const db = new Database(project.db);
    db.exec('CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES (1)');
    db.close();
    return (await backup(project, { trigger, ...(name === undefined ? {} : { name }) })).name;
  };
  return { project, save };
}

function elsewhere() {
  const there = folderStore(join(scratch(), 'there'));
  const remote: Remote = { address: 'folder:there', label: 'there', id: 'there', open: () => there };
  const names = async () => (await readCatalog(there)).entries.map(({ name }) => name);
  return { there, remote, names };
}

test('before there is a backup, nothing is brought and nothing is noted', async () => {
  const { project } = app();
  const { remote, names } = elsewhere();
  expect(await bringNewest(project, remote)).toBeUndefined();
  expect(knownCopy(project.local, project.store.id, 'there')).toEqual({});
  expect(await names()).toEqual([]);
});

test('the newest is brought once, and that it is there is noted', async () => {
  const { project, save } = app();
  const { remote, names } = elsewhere();
  await save('keep');
  const name = await save('keep');
  expect(await bringNewest(project, remote)).toMatchObject({ status: 'copied', name, rows: 2 });
  expect(await bringNewest(project, remote)).toMatchObject({ status: 'there', name });
  expect(await names()).toEqual([name]);
  expect(knownCopy(project.local, project.store.id, 'there')).toEqual({ name, date: project.now().toISOString() });
});

test('of those that watching made the old ones go there; of those that somebody made none does', async () => {
  const { project, save } = app();
  const { remote, names } = elsewhere();
  const mine = await save('command-line');
  await bringNewest(project, remote);
  const watched: string[] = [];
  for (let n = 0; n < 5; n++) {
    watched.unshift(await save('keep'));
    await bringNewest(project, remote);
  }
  const left = await names();
  expect(left[0]).toBe(watched[0]);
  expect(left).toContain(mine);
  expect(left.length).toBeLessThan(5);
});

test('what could not be brought is noted with its reason, since when, and what got there before', async () => {
  const { project, save } = app();
  const { remote } = elsewhere();
  const broken: Remote = {
    ...remote,
    open() {
      throw new Error('no way there');
    },
  };
  const first = await save('keep');
  await bringNewest(project, remote);
  await save('keep');
  const since = project.now().toISOString();
  await expect(bringNewest(project, broken)).rejects.toThrow('no way there');
  await save('keep');
  await expect(bringNewest(project, broken)).rejects.toThrow('no way there');
  expect(knownCopy(project.local, project.store.id, 'there')).toMatchObject({
    name: first,
    failure: { time: project.now().toISOString(), since, message: 'no way there' },
  });
  const last = await save('keep');
  await bringNewest(project, remote);
  expect(knownCopy(project.local, project.store.id, 'there')).toEqual({
    name: last,
    date: project.now().toISOString(),
  });
});

/** What is written is kept only a while after all was written, as a push is. */
const slowToEnd = (there: ReturnType<typeof folderStore>): WritableStore => ({
  ...there,
  batch: (work) =>
    there.batch(async (batch) => {
      const result = await work(batch);
      await sleep(600);
      return result;
    }),
});

test('a place that ends by itself what hangs may take longer than others to end what goes on', async () => {
  const { project, save } = app();
  const { remote, there } = elsewhere();
  await save('keep');
  const slow: Remote = { ...remote, open: () => slowToEnd(there) };
  await expect(bringNewest(project, slow, { patience: 300 })).rejects.toThrow('did not answer');
  const bounded: Remote = { ...slow, id: 'bounded', isBounded: true };
  await expect(bringNewest(project, bounded, { longest: 300 })).rejects.toThrow('did not answer');
  const { remote: other, there: empty, names } = elsewhere();
  const brought = { ...other, isBounded: true, open: () => slowToEnd(empty) } as const;
  expect(await bringNewest(project, brought, { patience: 300 })).toMatchObject({ status: 'copied' });
  expect(await names()).toHaveLength(1);
});

test('every kind but a folder ends by itself what hangs', async () => {
  const addresses = [
    'branch:backups',
    'folder:/mnt/usb/app',
    'gist:0123456789abcdef0123456789abcdef',
    'mailto:me@example.org',
    'rclone:there:app',
    's3://bucket/app',
    `sheets:${'a'.repeat(44)}?tables=orders`,
  ];
  const nowhere = { local: '/nowhere', backups: '/nowhere/backups', folder: '/nowhere/backups' };
  const remotes = await remotesAt(addresses, { env: {}, base: '/', environment: 'production', ...nowhere });
  expect(remotes.filter(({ isBounded }) => !isBounded).map(({ address }) => address)).toEqual(['folder:/mnt/usb/app']);
});

test('what everybody could read is not brought', async () => {
  const { project, save } = app();
  const { remote, names } = elsewhere();
  await save('keep');
  const open: Remote = { ...remote, publicAs: async () => 'a public place' };
  await expect(bringNewest(project, open)).rejects.toMatchObject({ code: 'PUBLIC_REMOTE' });
  expect(await names()).toEqual([]);
});
