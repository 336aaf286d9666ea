import { expect, test } from 'vitest';
import { noteCopied, noteNotCopied } from '../../src/local/copied.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { copyFacts, storeStatus } from '../../src/operations/look-at-copies.ts';
import type { Remote } from '../../src/stores/store.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** How it goes with another place, as far as this machine knows: green must mean that the newest backup is there. */

const NOW = new Date('2026-02-01T00:00:00.000Z');
const HOUR = 3_600_000;

async function app(sentEvery?: number) {
  const open = () => memoryStore(memoryPlace());
  const remote: Remote = {
    label: 'the bucket',
    address: 'bucket',
    id: 'bucket',
    open,
    ...(sentEvery === undefined ? {} : { sentEvery }),
  };
  const project = projectIn(scratch(), { remotes: [remote], now: () => NOW });
  addNotes(project.db, 1);
  const { name } = await backup(project, { trigger: 'test' });
  const { metadata } = (await openBackup(project.store, name)).manifest;
  const newest = { name, metadata };
  const { local, store } = project;
  return {
    name,
    copied: (which: string, hoursAgo: number) =>
      noteCopied(local, store.id, 'bucket', which, new Date(NOW.getTime() - hoursAgo * HOUR)),
    failed: (time: string) =>
      noteNotCopied(local, store.id, 'bucket', { time, message: 'no answer', hint: ['try again'] }),
    look: () => copyFacts(project, newest).map(storeStatus),
    lookWithout: () => copyFacts(project, undefined).map(storeStatus),
  };
}

test('a place is yellow until the newest backup got there, and then green', async () => {
  const { name, copied, look, lookWithout } = await app();
  expect(look()).toEqual([{ store: 'the bucket', light: 'yellow', last: undefined, problem: undefined }]);
  copied('backup_before', 1);
  expect(look()).toMatchObject([{ light: 'yellow', last: { name: 'backup_before' } }]);
  copied(name, 0);
  expect(look()).toMatchObject([{ light: 'green', last: { name, date: NOW.toISOString() } }]);
  expect(lookWithout()).toMatchObject([{ light: 'yellow' }]);
});

test('it is red once a try failed, also where the newest is there, and says since when', async () => {
  const { name, copied, failed, look } = await app();
  copied(name, 0);
  failed('2026-01-30T00:00:00.000Z');
  failed('2026-01-31T00:00:00.000Z');
  expect(look()).toMatchObject([
    { light: 'red', last: { name }, problem: { message: 'no answer', since: '2026-01-30T00:00:00.000Z' } },
  ]);
  copied(name, 0);
  expect(look()).toMatchObject([{ light: 'green', problem: undefined }]);
});

test('a mailbox is yellow only when a mail is late, and more than a little', async () => {
  const { name, copied, look } = await app(24 * HOUR);
  expect(look()).toMatchObject([{ light: 'yellow', handedOver: true }]);
  copied('backup_before', 29);
  expect(look()).toMatchObject([{ light: 'green', handedOver: true }]);
  copied('backup_before', 31);
  expect(look()).toMatchObject([{ light: 'yellow', handedOver: true }]);
  copied(name, 99);
  expect(look()).toMatchObject([{ light: 'green', handedOver: true }]);
});
