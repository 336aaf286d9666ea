import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { manifestFile } from '../../src/core/names.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { verify } from '../../src/operations/verify.ts';
import type { Remote } from '../../src/stores/store.ts';
import { type FakeS3, fakeS3 } from '../support/fake-s3.ts';
import { aDayLater, inBucket, storeIn } from '../support/in-bucket.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';
import type { TestProject } from '../support/project.ts';
import { addRows } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const ONE = { last: 1, daily: 0, weekly: 0, monthly: 0 };
const parts = ({ objects }: FakeS3) => [...objects.keys()].filter((key) => key.includes('/parts/'));
const notes = ({ objects }: FakeS3) => [...objects.keys()].filter((key) => key.endsWith('.txt'));

/** A clock that goes on by a minute whenever it is looked at: names have seconds. */
function clock(): () => Date {
  let time = Date.parse('2026-11-20T10:00:00Z');
  return () => {
    time += 60_000;
    return new Date(time);
  };
}

async function filled(bucket: FakeS3, backups = 3): Promise<TestProject> {
  const project = projectIn(scratch(), { environment: 'production', now: clock() });
  addRows(project.db, 1500);
  for (let n = 0; n < backups; n++) {
    rewrite(project.db, n);
    await backup(project, { trigger: 'test' });
    await bringNewest(project, inBucket(bucket));
  }
  return project;
}

/** As many rows as before, and each another. */
function rewrite(file: string, n: number): void {
  const db = new Database(file);
  db.prepare('UPDATE notes SET text = ? || id').run(`${n}`.repeat(90));
  db.close();
}

const thin = (project: TestProject, bucket: FakeS3, dry = false) =>
  prune({ ...project, store: storeIn(bucket) }, ONE, dry);

test('what no backup needs goes a day after it was marked, with whatever was written down for it', async () => {
  const bucket = await fakeS3();
  const project = await filled(bucket);
  const before = parts(bucket).length;
  expect(await thin(project, bucket, true)).toMatchObject({ removed: [{}, {}].map(() => expect.any(String)) });
  expect(parts(bucket)).toHaveLength(before);
  const first = await thin(project, bucket);
  expect(first.removed).toHaveLength(2);
  expect(first).toMatchObject({ partsRemoved: 0, bytesFreed: 0 });
  expect(first.partsLater).toBeGreaterThan(0);
  expect([parts(bucket).length, notes(bucket).length]).toEqual([before, 1]);
  // Sooner it is asked in vain, and nothing more is written down.
  expect(await thin(project, bucket)).toMatchObject({ removed: [], partsRemoved: 0, partsLater: first.partsLater });
  expect(notes(bucket)).toHaveLength(1);
  aDayLater(bucket);
  const second = await thin(project, bucket);
  expect(second).toMatchObject({ removed: [], partsRemoved: first.partsLater, partsLater: 0 });
  expect(second.bytesFreed).toBeGreaterThan(10_000);
  expect([parts(bucket).length, notes(bucket).length]).toEqual([before - first.partsLater, 0]);
  expect(await verify({ ...project, store: storeIn(bucket) }, 'all')).toMatchObject([{ ok: true }]);
});

test('what is needed again before the day is over stays', async () => {
  const bucket = await fakeS3();
  const project = await filled(bucket);
  const newest = [...bucket.objects.keys()].filter((key) => key.endsWith('.json')).sort();
  const first = await thin(project, bucket);
  // The first backup comes to be the newest of another machine, which had seen its parts there.
  const older = projectIn(scratch(), { environment: 'production', store: only(project, first.removed.at(-1) ?? '') });
  expect(await bringNewest(older, inBucket(bucket))).toMatchObject({ status: 'copied' });
  expect(
    notes(bucket)
      .map((key) => key.replace(/.*\/|_.*/g, ''))
      .sort(),
  ).toEqual(['needed', 'unneeded']);
  aDayLater(bucket);
  const keepTwo = { ...ONE, last: 2 };
  await prune({ ...project, store: storeIn(bucket) }, keepTwo, false);
  expect([...bucket.objects.keys()].filter((key) => key.endsWith('.json'))).toHaveLength(2);
  expect(newest).toHaveLength(3);
  expect(await verify({ ...project, store: storeIn(bucket) }, 'all')).toMatchObject([{ ok: true }, { ok: true }]);
});

/** The project's folder as it was when it had this backup alone. */
function only({ store }: TestProject, name: string): TestProject['store'] {
  return {
    ...store,
    list: async (shelf) => {
      const all = await store.list(shelf);
      return shelf === 'parts' ? all : new Map([...all].filter(([path]) => path === manifestFile(name)));
    },
  };
}

test('who dies while removing keeps others waiting for an hour, and no longer', async () => {
  const bucket = await fakeS3();
  const project = await filled(bucket, 2);
  await thin(project, bucket);
  aDayLater(bucket);
  bucket.meddle = (request) =>
    request.startsWith('DELETE') || request === 'POST delete' ? { status: 403, code: 'AccessDenied' } : undefined;
  await expect(thin(project, bucket)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  bucket.meddle = () => undefined;
  expect(notes(bucket).some((key) => key.includes('/thinning_'))).toBe(true);
  const names = [...(await project.store.list('top')).keys()].filter((path) => path.startsWith('backup_')).sort();
  const older = () =>
    bringNewest(
      projectIn(scratch(), { environment: 'production', store: only(project, (names[0] ?? '').replace('.json', '')) }),
      inBucket(bucket),
    );
  await expect(older()).rejects.toMatchObject({ code: 'BUSY' });
  bucket.ahead += 2 * 3_600_000;
  expect(await older()).toMatchObject({ status: 'copied' });
  expect(await verify({ ...project, store: storeIn(bucket) }, 'all')).toMatchObject([{ ok: true }, { ok: true }]);
});

test('an app that backs up all day asks five times a backup, one of which removes what is too old', async () => {
  const bucket = await fakeS3();
  const retention = { ...ONE, last: 2 };
  const project = { ...projectIn(scratch(), { environment: 'production', now: clock() }), retention };
  const remote = inBucket(bucket);
  addRows(project.db, 3000, 'x'.repeat(80));
  const counts: number[] = [];
  for (let n = 0; n < 8; n++) {
    addRows(project.db, 1, `row ${n}`);
    await backup(project, { trigger: 'keep' });
    bucket.asked.length = 0;
    await bringNewest(project, remote);
    counts.push(bucket.asked.length);
  }
  // The third was the first that removed, and wrote down what nobody needs.
  expect(Math.max(...counts.slice(4))).toBeLessThanOrEqual(5);
  expect([...bucket.objects.keys()].filter((key) => key.endsWith('.json'))).toHaveLength(2);
  bucket.asked.length = 0;
  await bringNewest(project, remote);
  expect(bucket.asked).toEqual(['GET list']);
});

test('two machines that gave a backup the same name: the first stays, and the second says so', async () => {
  const bucket = await fakeS3();
  const place = memoryPlace(true);
  const folder: Remote = { address: 'memory:', label: 'memory', id: 'memory', open: () => memoryStore(place) };
  const bring = async (n: number, remote: Remote) => {
    const project = projectIn(scratch(), { environment: 'production', now: clock() });
    addRows(project.db, 1500);
    rewrite(project.db, n);
    await backup(project, { trigger: 'test', name: 'before-migration' });
    return bringNewest(project, remote);
  };
  const isTaken = { code: 'NAME_TAKEN', message: expect.stringContaining('another backup called before-migration') };
  for (const remote of [inBucket(bucket), folder]) {
    expect(await bring(1, remote)).toMatchObject({ status: 'copied', name: 'before-migration' });
    expect(await bring(1, remote)).toMatchObject({ status: 'there' });
    // As long as the other, so that a listing does not tell them apart.
    await expect(bring(2, remote)).rejects.toMatchObject(isTaken);
    await expect(bring(333, remote)).rejects.toMatchObject(isTaken);
  }
  const kept = bucket.objects.get('app/production/before-migration.json')?.bytes;
  expect(place.files.get('before-migration.json')).toEqual(kept);
});
