import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runProgramBeside } from '../support/command-line.ts';
import { type FakeS3, fakeS3, KEY, KEYS, SECRET } from '../support/fake-s3.ts';
import { addRows, plainEnvironment, rowsIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';
import type { Ran } from '../support/warm.ts';

/** A machine that has an address and keys, and nothing else. */
function machine(bucket: FakeS3 | readonly FakeS3[], environment = 'production') {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const stores = [bucket].flat().map(({ address }) => address);
  writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', stores }));
  const env = { ...plainEnvironment, ...KEYS, OVERWINTER_HOST: 'none', OVERWINTER_ENVIRONMENT: environment };
  const ran: Ran[] = [];
  const run = async (...args: string[]) => {
    const done = await runProgramBeside(folder, args, env);
    ran.push(done);
    return done;
  };
  return {
    folder,
    db: join(folder, 'app.db'),
    run,
    json: async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout),
    /** All that it said and wrote down. */
    told: () => `${ran.map(({ stdout, stderr }) => stdout + stderr).join()}${writtenIn(folder)}`,
  };
}

function writtenIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  return files.map((file) => (statSync(file).isFile() ? readFileSync(file, 'latin1') : '')).join();
}

const KEEP_ONE = ['--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0'];

describe('a bucket, through the command line', () => {
  test('gets backups, shows them, is drilled, compared, thinned out, and a machine with only its address and keys starts with it', async () => {
    const bucket = await fakeS3();
    const { db, folder, run, json, told } = machine(bucket);
    for (let n = 0; n < 3; n++) {
      addRows(db, 1000 + n, 'x'.repeat(40));
      expect(await run('backup')).toMatchObject({ code: 0 });
      expect(await json('push')).toMatchObject([{ status: 'copied' }]);
    }
    expect(await json('push', 's3')).toMatchObject([{ status: 'there' }]);
    const { chain } = await json('status');
    expect(chain.steps).toContainEqual(expect.objectContaining({ name: 'pushed', light: 'green' }));
    rmSync(join(folder, 'backups'), { recursive: true });
    const { backups } = await json('list', '--store', 's3');
    expect(backups).toHaveLength(3);
    expect(await json('verify', '--all', '--store', 's3')).toMatchObject({ ok: true });
    const [newest, , oldest] = backups.map(({ name }: { name: string }) => name);
    expect((await json('diff', oldest, newest, '--store', 's3')).tables).toMatchObject([{ added: 2003 }]);
    const there = await json('status', '--store', 's3');
    expect(there).toMatchObject({ backups: 3, newest: { name: newest } });
    // No file there says which is the newest, and none has to.
    expect(JSON.stringify(there)).not.toContain('pointer');

    // Thinned out: at first by name, and a day later what no backup needs.
    const objects = bucket.objects.size;
    expect(await json('prune', '--store', 's3', '--dry-run', ...KEEP_ONE)).toMatchObject({
      removed: [{}, {}].map(() => expect.any(String)),
    });
    expect(bucket.objects.size).toBe(objects);
    const said = await run('prune', '--store', 's3', ...KEEP_ONE);
    expect(said.stderr + said.stdout).toMatch(/stays? for a day/);
    expect(await json('list', '--store', 's3')).toMatchObject({ backups: [{ name: newest }] });

    const started = machine(bucket);
    expect(await started.json('auto-restore')).toMatchObject({ restored: true, name: newest, rows: 3003 });
    expect(rowsIn(started.db)).toBe(3003);
    expect(await json('restore', '--store', 's3', '--to', 'copy.db')).toMatchObject({ name: newest, rows: 3003 });
    // No secret in any word, file or request.
    expect(`${told()}${started.told()}${bucket.asked.join()}`).not.toMatch(new RegExp(`${KEY}|${SECRET.slice(0, 12)}`));
  });

  test('of another environment is what a start takes where its own has none, and only of its own where it has some', async () => {
    const bucket = await fakeS3();
    const production = machine(bucket);
    addRows(production.db, 10);
    await production.run('backup');
    await production.run('push');
    const laptop = machine(bucket, 'development');
    expect(await laptop.json('auto-restore')).toMatchObject({ restored: true, rows: 10 });
    addRows(laptop.db, 5);
    await laptop.run('backup');
    await laptop.run('push');
    expect(await machine(bucket).json('auto-restore')).toMatchObject({ rows: 10 });
    bucket.asked.length = 0;
    expect(await machine(bucket, 'development').json('auto-restore')).toMatchObject({ rows: 15 });
    // The others' are not even looked at.
    expect(bucket.asked.join()).not.toContain('/production/');
    // Nor does a laptop thin out what production has.
    expect(await laptop.json('prune', '--store', 's3', ...KEEP_ONE)).toMatchObject({ removed: [] });
  });

  test('few requests: one changed row takes four whatever is there, nothing new takes one, a start its parts and six', async () => {
    const bucket = await fakeS3();
    const { db, run, json } = machine(bucket);
    addRows(db, 3000, 'x'.repeat(80));
    for (let n = 0; n < 20; n++) {
      addRows(db, 1, `row ${n}`);
      await run('backup');
      await run('push');
    }
    // Names have seconds: of those made within one, a start reads all.
    await sleep(1100);
    addRows(db, 1, 'one more');
    await run('backup');
    bucket.asked.length = 0;
    expect(await json('push')).toMatchObject([{ status: 'copied' }]);
    expect(bucket.asked.map((each) => each.replace(/ .*\//, ' '))).toEqual([
      'GET list',
      'GET list',
      expect.stringMatching(/^PUT .*\.jsonl$/),
      expect.stringMatching(/^PUT backup_.*\.json$/),
    ]);
    bucket.asked.length = 0;
    expect(await json('push')).toMatchObject([{ status: 'there' }]);
    expect(bucket.asked).toEqual(['GET list']);
    bucket.asked.length = 0;
    expect(await machine(bucket).json('auto-restore')).toMatchObject({ restored: true, rows: 3021 });
    const parts = bucket.asked.filter((each) => each.endsWith('.jsonl')).length;
    expect(parts).toBeGreaterThan(1);
    expect(bucket.asked.length).toBeLessThanOrEqual(parts + 6);
    expect(bucket.asked.filter((each) => each.endsWith('.json'))).toHaveLength(1);
  }, 60_000);

  test('a key that can only add brings backups, and says what it cannot do where that is asked of it', async () => {
    const bucket = await fakeS3({ onlyAdds: true, forbidden: ['remove'] });
    const { db, run, json } = machine(bucket);
    for (let n = 0; n < 3; n++) {
      addRows(db, 500, 'x'.repeat(60));
      await run('backup');
      expect(await json('push')).toMatchObject([{ status: 'copied' }]);
    }
    const pruned = await run('prune', '--store', 's3', ...KEEP_ONE);
    expect([pruned.code, pruned.stderr]).toEqual([1, expect.stringContaining('may not remove')]);
    expect((await json('list', '--store', 's3')).backups).toHaveLength(3);
    expect(await machine(bucket).json('auto-restore')).toMatchObject({ rows: 1500 });
  });

  test('without keys, or with wrong ones, it says which variable, and harms nothing else', async () => {
    const bucket = await fakeS3();
    const { db, run, json } = machine(bucket);
    addRows(db, 3);
    expect(await run('backup')).toMatchObject({ code: 0 });
    bucket.secrets.set(KEY, 'another');
    const pushed = await run('push');
    expect([pushed.code, pushed.stderr]).toEqual([1, expect.stringContaining('AWS_SECRET_ACCESS_KEY')]);
    const list = await run('list', '--store', 's3', '--debug');
    expect(list.stderr).toContain('AWS_SECRET_ACCESS_KEY');
    expect(list.stderr + list.stdout).not.toMatch(new RegExp(`${KEY}|${SECRET.slice(0, 12)}|StringToSign|Signature=`));
    const [first] = (await json('status')).stores;
    expect(first).toMatchObject({ light: 'red', problem: { message: expect.stringContaining('AWS_SECRET') } });
    await run('push');
    // Since when is said, not when it was last tried.
    expect((await json('status')).stores).toEqual([first]);
    expect((await run('status')).stdout).toMatch(/stores +● s3:.* takes nothing since 20[-\d: ]+ UTC; has none yet/);
    const started = await machine(bucket).run('auto-restore');
    expect([started.code, started.stderr]).toEqual([1, expect.stringContaining('AWS_SECRET_ACCESS_KEY')]);
    expect(await run('list')).toMatchObject({ code: 0 });
    bucket.secrets.set(KEY, SECRET);
    await run('push');
    expect((await json('status')).stores).toMatchObject([{ light: 'green', last: { name: expect.any(String) } }]);
  });

  test('a doctor tries what is needed of it, and leaves nothing there', async () => {
    const bucket = await fakeS3();
    const project = machine(bucket);
    addRows(project.db, 3);
    const look = async (...args: string[]) => {
      const { checks } = await project.json('doctor', ...args);
      return checks.find(({ id }: { id: string }) => id === 'stores');
    };
    expect(await look('--offline')).toMatchObject({ level: 'unknown' });
    expect(bucket.asked).toEqual([]);
    expect(await look()).toMatchObject({ level: 'fine' });
    expect(bucket.asked.map((each) => each.split(' ')[0]).sort()).toEqual([
      'DELETE',
      'GET',
      'GET',
      'GET',
      'GET',
      'PUT',
    ]);
    expect(bucket.objects.size).toBe(0);

    bucket.isPublic = true;
    expect(await look()).toMatchObject({
      level: 'failure',
      findings: [{ text: expect.stringContaining('Anybody can list') }],
    });
    bucket.isPublic = false;
    const rule = (prefix: string) =>
      `<LifecycleConfiguration><Rule><Filter><Prefix>${prefix}</Prefix></Filter><Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>`;
    bucket.lifecycle = rule('logs/');
    expect(await look()).toMatchObject({ level: 'fine' });
    for (const prefix of ['', 'app', 'app/production/parts/']) {
      bucket.lifecycle = rule(prefix);
      expect(await look()).toMatchObject({ level: 'failure', findings: [{ text: expect.stringContaining('expire') }] });
    }
    bucket.lifecycle = undefined;
    bucket.forbidden = ['write'];
    expect(await look()).toMatchObject({
      level: 'failure',
      findings: [{ text: expect.stringContaining('may not write') }],
    });
    bucket.forbidden = ['remove'];
    for (let n = 0; n < 2; n++) {
      expect(await look()).toMatchObject({
        level: 'warning',
        findings: [{ text: expect.stringContaining('may not remove') }],
      });
      expect(bucket.objects.size).toBe(1);
    }
    expect(project.told()).not.toMatch(new RegExp(`${KEY}|${SECRET.slice(0, 12)}`));
  });
});
