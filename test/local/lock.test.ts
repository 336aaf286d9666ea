import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withLock } from '../../src/local/lock.ts';
import { startChild } from '../support/child.ts';
import { projectIn, scratch } from '../support/scratch.ts';

test('two in one process take turns, and neither keeps the other from ending', async () => {
  const { local } = projectIn(scratch());
  const order: string[] = [];
  const turn = (name: string) =>
    withLock(local, 'it', 2000, async () => {
      order.push(`${name} in`);
      await sleep(60);
      order.push(`${name} out`);
    });
  await Promise.all([turn('a'), turn('b')]);
  expect(order.map((each) => each.slice(2))).toEqual(['in', 'out', 'in', 'out']);
});

test('whoever waited in vain gets BUSY, and not before', async () => {
  const { local } = projectIn(scratch());
  await withLock(local, 'it', 0, async () => {
    const begun = performance.now();
    await expect(withLock(local, 'it', 150, async () => {})).rejects.toMatchObject({ code: 'BUSY' });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(150);
    await expect(withLock(local, 'something else', 0, async () => 'free')).resolves.toBe('free');
  });
});

test('a failure inside lets go of it', async () => {
  const { local } = projectIn(scratch());
  const failing = withLock(local, 'it', 0, async () => {
    throw new Error('inside');
  });
  await expect(failing).rejects.toThrow('inside');
  await expect(withLock(local, 'it', 0, async () => 'free')).resolves.toBe('free');
});

test('a holder in another process keeps it until it is killed, however it is killed', async () => {
  const folder = scratch();
  const { local, db } = projectIn(folder);
  const holder = startChild('hold-lock', folder);
  expect(await holder.line()).toBe('held');
  await expect(withLock(local, db, 50, async () => {})).rejects.toMatchObject({ code: 'BUSY' });
  await holder.kill();
  await expect(withLock(local, db, 0, async () => 'free')).resolves.toBe('free');
});

test('a file has one lock by whatever path it is reached, and before and after it is made', async () => {
  const folder = scratch();
  const { local } = projectIn(folder);
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  const file = join(folder, 'real', 'app.db');
  const id = (path: string) => projectIn(folder, { db: path }).database.id;
  await withLock(local, id(join(folder, 'link', 'app.db')), 0, async () => {
    await expect(withLock(local, id(file), 0, async () => {})).rejects.toMatchObject({ code: 'BUSY' });
    writeFileSync(file, '');
    await expect(withLock(local, id(file), 0, async () => {})).rejects.toMatchObject({ code: 'BUSY' });
  });
});

test('a place where no lock can be made is NOT_WRITABLE', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'file'), '');
  await expect(withLock(join(folder, 'file', 'folder'), 'it', 0, async () => {})).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
  });
});
