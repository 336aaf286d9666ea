import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KeepEvent } from '../../src/keep/events.ts';
import { HealthRecord } from '../../src/keep/health.ts';
import { startLoop } from '../../src/keep/loop.ts';
import { tellerOf, toldBy } from '../../src/keep/tell-alarms.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { status } from '../../src/operations/status.ts';
import { openProject } from '../../src/project/open-project.ts';
import { fakeS3 } from '../support/fake-s3.ts';
import { inBucket } from '../support/in-bucket.ts';
import { receiverServer } from '../support/receivers.ts';
import { addRows } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

test('an app with three stores, two of them dead: starts and backups go on, and the lights say which and since when', async () => {
  const [good, shut, gone] = [
    await fakeS3(),
    await fakeS3({ secrets: new Map() }),
    await fakeS3({ meddle: () => 'reset' }),
  ];
  const remotes = [inBucket(good), inBucket(shut), inBucket(gone)];
  const project = projectIn(scratch(), { environment: 'production', remotes });
  const health = new HealthRecord();
  const events: KeepEvent[] = [];
  const loop = startLoop(project, {
    trigger: 'keep',
    timing: { debounce: 20, longest: 50 },
    onEvent(event) {
      events.push(event);
      health.event(event);
    },
  });
  const bring = async (rows: number) => {
    addRows(project.db, rows);
    const event = await loop.backup();
    expect(event).toMatchObject({ type: 'backup' });
    await loop.flush(10_000);
    return 'result' in event ? event.result.name : '';
  };
  try {
    for (const rows of [100, 20]) {
      const name = await bring(rows);
      expect(good.objects.has(`app/production/${name}.json`)).toBe(true);
    }
    expect(health.now).toMatchObject({ light: 'red', failures: 0 });
    const lights = Object.fromEntries(health.now.copies.map(({ store, light }) => [store, light]));
    expect(lights).toEqual(Object.fromEntries(remotes.map(({ label }, at) => [label, at === 0 ? 'green' : 'red'])));
    const first = (await status(project)).stores;
    expect(first.map(({ light }) => light)).toEqual(['green', 'red', 'red']);
    expect(first[1]?.problem?.message).toContain('does not know the key');
    expect(first[2]?.problem?.message).toContain('out of reach');
    // It stays known since when, however often it is tried.
    await bring(5);
    const later = (await status(project)).stores;
    expect(later.map(({ problem }) => problem?.since)).toEqual(first.map(({ problem }) => problem?.since));
    shut.secrets = good.secrets;
    await bring(5);
    expect((await status(project)).stores.map(({ light }) => light)).toEqual(['green', 'green', 'red']);
  } finally {
    loop.stop();
  }
  const booted = await autoRestore(projectIn(scratch(), { environment: 'production', remotes }));
  expect(booted).toMatchObject({ restored: true, rows: 130, notes: [expect.stringContaining('out of reach')] });
});

test('whoever is to hear of it hears once of each that is dead, however often it is tried, and once when it is back', async () => {
  const cwd = scratch();
  const bucket = await fakeS3();
  const { host, heard } = await receiverServer();
  const disk = join(cwd, 'disk');
  mkdirSync(disk);
  writeFileSync(join(cwd, 'package.json'), '{}');
  writeFileSync(
    join(cwd, 'overwinter.config.json'),
    JSON.stringify({
      db: 'app.db',
      stores: [`folder:${disk}`, `folder:${join(cwd, 'unmounted')}`, bucket.address],
      notify: [`webhook:http://${host}/hook`],
    }),
  );
  const env = { AWS_ACCESS_KEY_ID: 'AKIAOTHER', AWS_SECRET_ACCESS_KEY: 'other', OVERWINTER_HOST: 'none' };
  addRows(join(cwd, 'app.db'), 100);
  const { project, root, settled } = await openProject({ cwd, env, now: () => new Date() }, {});
  const teller = await tellerOf({ project, root, settled }, env, () => {});
  if (teller === undefined) throw new Error('somebody is to hear');
  const loop = toldBy(
    teller,
    startLoop(project, {
      trigger: 'keep',
      timing: { debounce: 20, longest: 50 },
      onEvent: (event) => teller.event(event),
    }),
  );
  const said = () =>
    heard.map(({ body }) => {
      const { event, subject, store } = JSON.parse(body);
      return `${event} ${subject} ${store ?? ''}`.trim();
    });
  const [unmounted, shut] = (project.remotes ?? []).slice(1).map(({ label }) => label);
  try {
    for (let n = 0; n < 4; n++) {
      addRows(join(cwd, 'app.db'), 10);
      expect(await loop.backup()).toMatchObject({ type: 'backup' });
      await loop.flush(10_000);
    }
    await expect.poll(() => said().length, { timeout: 10_000 }).toBe(2);
    expect(said().sort()).toEqual([`failure copy ${unmounted}`, `failure copy ${shut}`].sort());
    mkdirSync(join(cwd, 'unmounted'));
    addRows(join(cwd, 'app.db'), 10);
    await loop.backup();
    await loop.flush(10_000);
    await expect.poll(() => said().length, { timeout: 10_000 }).toBe(3);
    expect(said().at(-1)).toBe(`recovery copy ${unmounted}`);
  } finally {
    loop.stop();
  }
});
