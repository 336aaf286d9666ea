import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { writeQueue } from '../../src/operations/write-parts.ts';
import type { Batch, WritableStore } from '../../src/stores/store.ts';
import type { TestProject } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const MB = 1024 * 1024;

/** Works that end when they are told to, and how many run. */
function works() {
  const running = new Set<() => void>();
  let most = 0;
  const work = () =>
    new Promise<void>((done) => {
      const end = () => {
        running.delete(end);
        done();
      };
      running.add(end);
      most = Math.max(most, running.size);
    });
  return { running, work, most: () => most, endOne: () => [...running][0]?.() };
}

describe('writes beside each other', () => {
  test('are as many as are allowed, and each that ends lets another begin', async () => {
    const { running, work, most, endOne } = works();
    const queue = writeQueue(3);
    let added = 0;
    const adding = (async () => {
      for (let n = 0; n < 9; n++) {
        await queue.add(1, work);
        added++;
      }
    })();
    await sleep(5);
    expect(running.size).toBe(3);
    expect(added).toBe(3);
    endOne();
    await sleep(5);
    expect(added).toBe(4);
    while (added < 9 || running.size > 0) {
      endOne();
      await sleep(1);
    }
    await adding;
    await queue.done();
    expect(most()).toBe(3);
  });

  test('hold back whoever reads while many bytes are on their way, and never for good', async () => {
    const { running, work, endOne } = works();
    const queue = writeQueue(100);
    // One that is larger than all that may be on its way goes alone.
    await queue.add(100 * MB, work);
    let added = 0;
    const adding = (async () => {
      for (let n = 0; n < 5; n++) {
        await queue.add(3 * MB, work);
        added++;
      }
    })();
    await sleep(5);
    expect(added).toBe(0);
    endOne();
    await sleep(5);
    expect(running.size).toBe(2);
    while (added < 5) {
      endOne();
      await sleep(1);
    }
    await adding;
  });

  test('are over when the last has ended', async () => {
    const queue = writeQueue();
    let ended = 0;
    for (let n = 0; n < 4; n++) await queue.add(1, () => sleep(10 * n).then(() => void ended++));
    await queue.done();
    expect(ended).toBe(4);
  });

  test('one that fails is told to whoever adds the next, and to whoever waits; all others end first', async () => {
    const queue = writeQueue();
    let ended = 0;
    await queue.add(1, () => sleep(5).then(() => Promise.reject(new Error('first'))));
    await queue.add(1, () => sleep(40).then(() => void ended++));
    await sleep(15);
    await expect(queue.add(1, async () => void ended++)).rejects.toThrow('first');
    await expect(queue.done()).rejects.toThrow('first');
    expect(ended).toBe(1);
  });
});

describe('a backup whose parts are written slowly', () => {
  /** A project with a table of several parts, in a store whose parts are put as `put` says. */
  function slow(put: (batch: Batch, file: string, bytes: Uint8Array) => Promise<void>): TestProject {
    const project = projectIn(scratch());
    const db = new Database(project.db);
    db.exec(`CREATE TABLE wide(id INTEGER PRIMARY KEY, line TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
      INSERT INTO wide SELECT i, 'line ' || i || hex(randomblob(60)) FROM n`);
    db.close();
    const { store } = project;
    const slowly: WritableStore['batch'] = (work) =>
      store.batch((batch) => work({ ...batch, put: async (file, bytes) => put(batch, file, bytes) }));
    return { ...project, store: { ...store, batch: slowly } };
  }

  test('is there when all of them are', async () => {
    const written: string[] = [];
    let atManifest = 0;
    const project = slow(async (batch, file, bytes) => {
      await sleep(30);
      written.push(file);
      return batch.put(file, bytes);
    });
    const { store } = project;
    const watching: WritableStore['batch'] = (work) =>
      store.batch((batch) =>
        work({
          ...batch,
          publish: (file, bytes) => {
            atManifest ||= written.length;
            return batch.publish(file, bytes);
          },
        }),
      );
    await backup({ ...project, store: { ...store, batch: watching } }, { trigger: 'test' });
    expect(written.length).toBeGreaterThan(3);
    expect(atManifest).toBe(written.length);
  });

  test.each([0, 1, 2])('is none where one of them cannot be written: %d', async (which) => {
    let n = 0;
    const project = slow(async (batch, file, bytes) => {
      const isWrong = n++ === which;
      await sleep(isWrong ? 40 : 1);
      if (isWrong) throw new Error('no more room');
      return batch.put(file, bytes);
    });
    await expect(backup(project, { trigger: 'test' })).rejects.toThrow('no more room');
    expect((await readCatalog(project.store)).entries).toEqual([]);
    expect([...(await project.store.list('top')).keys()].filter((file) => file.endsWith('.json'))).toEqual([]);
    expect((await project.store.list('parts')).size).toBe(0);
  });
});
