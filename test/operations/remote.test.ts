import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { manifestFile } from '../../src/core/names.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { verify } from '../../src/operations/verify.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import type { Remote } from '../../src/stores/store.ts';
import { type MemoryPlace, memoryPlace, memoryStore, outOfReach, Torn } from '../support/memory-store.ts';
import type { TestProject } from '../support/project.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const at = (place: MemoryPlace, label = 'memory'): Remote => ({
  address: `memory:${label}`,
  label,
  id: label,
  open: () => memoryStore(place, label),
});

const TRIGGER = { trigger: 'test' };

/** A project with so many backups. */
async function saved(backups: number, every = 60_000, folder = scratch()): Promise<TestProject> {
  let time = Date.parse('2026-11-20T10:00:00.100Z');
  const now = () => {
    time += every;
    return new Date(time);
  };
  const project = projectIn(folder, { environment: 'production', now });
  addRows(project.db, 3000, 'x'.repeat(80));
  await backup(project, TRIGGER);
  for (let n = 1; n < backups; n++) {
    addRows(project.db, 1, `row ${n}`);
    await backup(project, TRIGGER);
  }
  return project;
}

let many: TestProject;

/** A project with twenty, which is made once: whoever changes it has it after the others. */
beforeAll(async () => {
  many = await saved(20, 60_000, lasting());
});

/** Everything of the folder, as an earlier process brought it there. */
function broughtAll({ store }: TestProject): MemoryPlace {
  const place = memoryPlace();
  for (const file of readdirSync(store.path, { recursive: true, encoding: 'utf8' })) {
    const isBackup = file.startsWith('parts') || (file.endsWith('.json') && file !== 'latest_backup.json');
    if (isBackup && statSync(join(store.path, file)).isFile())
      place.files.set(file, readFileSync(join(store.path, file)));
  }
  return place;
}

const kinds = ({ asked }: MemoryPlace) => asked.map((each) => each.split(' ')[0]);

/** The same project on a disk that has forgotten everything. */
const elsewhere = (remotes: readonly Remote[]) => projectIn(scratch(), { environment: 'production', remotes });

test('one changed row takes four requests, whatever is there already, and nothing new takes one', async () => {
  const project = many;
  const place = broughtAll(project);
  addRows(project.db, 1, 'new');
  const { name } = await backup(project, TRIGGER);
  expect(await bringNewest(project, at(place))).toMatchObject({ status: 'copied', name });
  expect(place.asked).toEqual(['list top', 'list parts', expect.stringMatching(/^put parts/), `publish ${name}.json`]);
  place.asked.length = 0;
  expect(await bringNewest(project, at(place))).toMatchObject({ status: 'there', name });
  expect(place.asked).toEqual(['list top']);
});

test('what the folder does not have is read once, however often something is brought', async () => {
  const place = broughtAll(many);
  const remote = at(place);
  const project = elsewhere([remote]);
  await autoRestore(project);
  const restored = kinds(place).length;
  const there = (await many.store.list('top')).size - 1;
  addRows(project.db, 1, 'new');
  await backup(project, TRIGGER);
  await bringNewest(project, remote);
  expect(
    kinds(place)
      .slice(restored)
      .filter((kind) => kind === 'read').length,
  ).toBeLessThan(there);
  place.asked.length = 0;
  addRows(project.db, 1, 'newer');
  await backup(project, TRIGGER);
  await bringNewest(project, remote);
  expect(kinds(place)).toEqual(['list', 'list', 'put', 'publish']);
});

test('a boot reads the newest manifest and its parts, not the others', async () => {
  const place = broughtAll(many);
  const parts = (await many.store.list('parts')).size;
  const project = elsewhere([at(place)]);
  expect(await autoRestore(project)).toMatchObject({ restored: true, source: 'memory' });
  expect(place.asked.length).toBeLessThanOrEqual(parts + 6);
  expect(place.asked.filter((each) => each.endsWith('.json'))).toHaveLength(1);
});

test('goes around what is damaged there, in the order of what backups say of themselves', async () => {
  const first = await saved(4);
  const place = broughtAll(first);
  const [newest, second] = (await readCatalog(first.store)).entries;
  const file = manifestFile(newest?.name ?? '');
  // A flipped byte in the date, which its size does not show.
  place.files.set(file, Buffer.from(String(place.files.get(file)).replace(/("backup_date": ?")2/, '$11')));
  expect(await autoRestore(elsewhere([at(place)]))).toMatchObject({ restored: true, name: second?.name });
});

test('a backup that a user named is where its date says', async () => {
  const first = await saved(3);
  addRows(first.db, 1);
  await backup(first, { ...TRIGGER, name: 'before-migration' });
  expect(await autoRestore(elsewhere([at(broughtAll(first))]))).toMatchObject({ name: 'before-migration' });
  addRows(first.db, 1);
  const { name } = await backup(first, TRIGGER);
  expect(await autoRestore(elsewhere([at(broughtAll(first))]))).toMatchObject({ name });
});

test('of several within one second the newest is taken', async () => {
  const first = await saved(6, 1);
  const newest = (await readCatalog(first.store)).entries[0]?.name;
  expect(await autoRestore(elsewhere([at(broughtAll(first))]))).toMatchObject({ name: newest });
});

test('half a manifest, as a writer that died leaves it, is mended by the next', async () => {
  const project = await saved(1);
  const place = memoryPlace();
  place.meddle = (request) => {
    if (request === 'publish') throw new Torn('told to die');
  };
  await expect(bringNewest(project, at(place))).rejects.toThrow('told to die');
  // Nothing was published, so nothing that was put is there.
  expect([...place.files.keys()].filter((path) => path.startsWith('parts/'))).toEqual([]);
  const [torn = Buffer.alloc(0)] = place.files.values();
  expect(torn.length).toBeGreaterThan(0);
  place.meddle = () => {};
  expect(await bringNewest(project, at(place))).toMatchObject({ status: 'copied' });
  expect(await verify({ ...project, store: memoryStore(place) }, 'all')).toMatchObject([{ ok: true }]);
});

test('wherever a writer dies, the place has whole backups and no others', async () => {
  const project = await saved(2);
  const whole = memoryPlace();
  await bringNewest(project, at(whole));
  for (const [n] of whole.asked.entries()) {
    const place = memoryPlace();
    place.meddle = () => {
      if (place.asked.length === n + 1) throw outOfReach();
    };
    await expect(bringNewest(project, at(place))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    const found = await readCatalog(memoryStore({ ...place, meddle: () => {} }));
    expect([found.entries, found.unreadable]).toEqual([[], []]);
    place.meddle = () => {};
    expect(await bringNewest(project, at(place))).toMatchObject({ status: 'copied' });
    expect(place.files).toEqual(whole.files);
  }
});

test('a boot asks all places at once, and stops only where the first of them is out of reach', async () => {
  const first = await saved(2);
  const [good, dead] = [broughtAll(first), memoryPlace()];
  dead.meddle = () => {
    throw outOfReach();
  };
  let asking = 0;
  let together = 0;
  good.meddle = async (request) => {
    if (request !== 'list') return;
    asking++;
    together = Math.max(together, asking);
    await sleep(20);
    asking--;
  };
  const also: MemoryPlace = { ...good, asked: [] };
  const booted = await autoRestore(elsewhere([at(good), at(also, 'also'), at(dead, 'dead')]));
  expect(booted).toMatchObject({ restored: true, source: 'memory' });
  expect(booted).toMatchObject({ notes: [expect.stringContaining('dead could not be asked')] });
  expect(together).toBe(2);
  const stopped = elsewhere([at(dead, 'dead'), at(good)]);
  await expect(autoRestore(stopped)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

test('a place that has older ones than the folder comes after it', async () => {
  const project = await saved(2);
  const place = broughtAll(project);
  addRows(project.db, 1, 'newer');
  const { name } = await backup(project, TRIGGER);
  for (const end of ['', '-wal', '-shm']) rmSync(`${project.db}${end}`, { force: true });
  const booted = await autoRestore({ ...project, remotes: [at(place)] });
  expect(booted).toMatchObject({ restored: true, name, source: project.store.label });
});

test('a mailbox is handed the newest backup as one document, made only where it is wanted', async () => {
  const project = await saved(2);
  const delivered = new Map<string, string>();
  const mailbox: Remote = {
    address: 'mail:x',
    label: 'a mailbox',
    id: 'mail',
    open: () => ({
      label: 'a mailbox',
      id: 'mail',
      async deliver({ name, document }) {
        if (delivered.has(name)) return { is: 'there' };
        delivered.set(name, gunzipSync((await document()).bytes).toString());
        return { is: 'handed-over' };
      },
    }),
  };
  const brought = await bringNewest(project, mailbox);
  expect(brought).toMatchObject({ status: 'copied' });
  expect(JSON.parse(delivered.get(brought?.name ?? '') ?? '')).toHaveProperty('schema');
  expect(await bringNewest(project, mailbox)).toMatchObject({ status: 'there' });
  // A start of the app has nothing to read from it.
  expect(await autoRestore({ ...elsewhere([mailbox]) })).toMatchObject({ restored: false });
});

test('a git host that says nothing is left alone after a while, and git with it', async () => {
  const first = await saved(2);
  const server = createServer(() => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const heldOpen = () => process.getActiveResourcesInfo().filter((each) => /Process|Pipe/.test(each));
  const before = heldOpen();
  const { local, store, ...project } = elsewhere([]);
  const place = {
    branch: 'saved',
    folder: store.path,
    backups: store.path,
    local,
    remote: `http://127.0.0.1:${port}/a.git`,
  };
  const silent: Remote = { address: 'branch:saved', ...liveBranch(place, plainEnvironment) };
  try {
    const booted = await autoRestore({
      ...project,
      local,
      store,
      remotes: [at(broughtAll(first)), silent],
      patience: 700,
    });
    expect(booted).toMatchObject({ restored: true, notes: [expect.stringContaining('did not answer')] });
    // Nothing of it keeps this process from its end.
    await expect.poll(heldOpen).toEqual(before);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('two that say nothing of three harm neither a start nor what it brings back', async () => {
  const first = await saved(2);
  const good = broughtAll(first);
  const silent = () => {
    const place = memoryPlace();
    place.meddle = () => new Promise(() => {});
    return place;
  };
  const aborted: string[] = [];
  const heard = (place: MemoryPlace, label: string): Remote => ({
    ...at(place, label),
    open(signal) {
      signal?.addEventListener('abort', () => aborted.push(label));
      return memoryStore(place, label);
    },
  });
  const patience = 50;
  const three = [at(good), heard(silent(), 'one'), heard(silent(), 'other')];
  const booted = await autoRestore({ ...elsewhere(three), patience });
  expect(booted).toMatchObject({ restored: true, source: 'memory' });
  expect(booted).toMatchObject({
    notes: [expect.stringContaining('one did not answer'), expect.stringMatching(/^other/)],
  });
  // What they were at is stopped: nobody waits for it.
  expect(aborted).toEqual(['one', 'other']);
  const stopped = { ...elsewhere([heard(silent(), 'one'), at(good)]), patience };
  await expect(autoRestore(stopped)).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
