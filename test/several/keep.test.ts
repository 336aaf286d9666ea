import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keep } from '../../src/keep/keep.ts';
import { verify } from '../../src/operations/verify.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { startApp } from '../support/app.ts';
import { projectIn, scratch } from '../support/scratch.ts';

describe('keep, given several databases', () => {
  test('saves each in a folder of its own, says of which it speaks, and saves all when the app ends', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'overwinter.config.json'), '{"databases": [{"db": "app.db"}, {"db": "jobs.db"}]}');
    const app = startApp(
      folder,
      `process.chdir(folder);
      const jobs = new Database(folder + '/jobs.db');
      for (const each of [db, jobs]) each.exec('CREATE TABLE t(n)');
      const logger = { info: say, warn: say, error: say };
      const keepers = await keep([db, folder + '/jobs.db'], { debounce: '50ms', logger });
      keepers[1].on('backup', ({ result }) => say('jobs has ' + result.rows));
      say(keepers.length + ' keepers');
      db.exec('INSERT INTO t VALUES (1)');
      jobs.exec('INSERT INTO t VALUES (1), (2)');
      process.stdin.on('data', () => { db.exec('INSERT INTO t VALUES (2)'); jobs.exec('INSERT INTO t VALUES (3)'); process.exit(0); });`,
    );
    await app.heard('2 keepers');
    await app.heard('overwinter (jobs): backup ');
    await app.heard('jobs has 2');
    app.say('end');
    expect((await app.ended).code).toBe(0);
    const rowsIn = async (dir: string) => {
      const project = { ...projectIn(folder), store: folderStore(join(folder, dir)) };
      return (await verify(project, 'all')).map(({ ok, rows }) => [ok, rows]).at(0);
    };
    expect([await rowsIn('backups'), await rowsIn('backups/jobs')]).toEqual([
      [true, 2],
      [true, 3],
    ]);
  });

  test('a call that is wrong begins nothing', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    const there = join(folder, 'app.db');
    const options = { dir: join(folder, 'backups'), logger: { info() {}, warn() {}, error() {} } };
    await expect(keep([], options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(keep([there], { ...options, heartbeat: 'https://hc.example.org/x' })).rejects.toThrow(/heartbeat/);
    await expect(keep([there, 'mysql://x/y'], options)).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(folder)).not.toContain('backups');
  });
});
