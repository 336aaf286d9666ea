import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { withLock } from '../../src/local/lock.ts';
import { overwinter } from '../support/command-line.ts';
import { type Stage, stage, textOf } from './support.ts';

/** Rows enough for work that can be watched. */
const MANY = 300_000;
/** Making a database of a document takes longer. */
const FEWER = 80_000;

function fill({ query }: Stage, rows = MANY): void {
  query((db) =>
    db.exec(`CREATE TABLE big(n INTEGER PRIMARY KEY, line TEXT);
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
      INSERT INTO big SELECT i, 'some words to make it longer ' || i FROM c`),
  );
}

/** Every file of a project but its database and what this machine notes of what was tried, and the database's rows: what a cancelled job must leave as it was. */
function traces(app: Stage): { files: string[]; rows: string } {
  const files = readdirSync(app.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(app.folder.length))
    .filter(
      (file) => !/^\/app\.db-(wal|shm)$|\/locks\/|audit\.log$|\/\.overwinter\/(attempt|drills|lineage)-/.test(file),
    )
    .sort();
  const rows = app.query((db) =>
    createHash('sha256')
      .update(JSON.stringify(db.prepare('SELECT * FROM users').all()))
      .update(JSON.stringify(db.prepare('SELECT count(*), sum(n), max(line) FROM big').all()))
      .digest('hex'),
  );
  return { files, rows };
}

const WAIT = { timeout: 10_000, interval: 5 };

interface Stopped {
  readonly page: string;
  readonly told: readonly string[];
}

/** Finds a job that was begun from a second tab in the middle of its work, reloads its page, tries another beside it, and stops it. */
async function stopMidway(app: Stage, begin: Promise<Response>, when = /"done":[1-9]/): Promise<Stopped> {
  const { post, get } = app;
  // The page that began it answers only after a moment; every other page knows of it at once.
  const job = await vi.waitFor(async () => {
    const [, found] = /notice busy.*href="([^"]+jobs[^"]+)"/.exec(await textOf(get('restore'))) ?? [];
    if (found === undefined) throw new Error('no page says that something is at work');
    return found;
  }, WAIT);
  const events = await get(`${job}/events`);
  const told: string[] = [];
  let isStopping = false;
  for await (const chunk of events.body ?? []) {
    told.push(Buffer.from(chunk).toString('utf8'));
    if (isStopping || !told.some((each) => when.test(each))) continue;
    isStopping = true;
    const reloaded = await textOf(get(job));
    expect(reloaded).toContain('data-events');
    expect(reloaded).toContain(`${job}/cancel`);
    expect((await post('backup')).status).toBe(409);
    await post(`${job}/cancel`);
  }
  expect(isStopping, told.join('')).toBe(true);
  expect((await begin).headers.get('location')).toBe(job);
  return { page: await textOf(get(job)), told };
}

const mustBeStopped = ({ page, told }: Stopped) => {
  expect(told.at(-1)).toContain('"state":"cancelled"');
  expect(page).toContain('It was stopped. What was there before is there.');
};

describe('a job that is stopped in the middle leaves nothing behind', () => {
  test('a backup', async () => {
    const app = stage();
    app.backup('small');
    fill(app);
    const before = traces(app);
    mustBeStopped(await stopMidway(app, app.post('backup', { name: 'big' })));
    expect(traces(app)).toEqual(before);
    expect((await app.done('backup', { name: 'big' })).text).toContain('rows saved');
  });

  test('a verification, a comparison, and a look before restoring', async () => {
    const app = stage();
    fill(app);
    app.backup('big');
    app.query((db) => db.exec("UPDATE big SET line = 'other' WHERE n % 100 = 0"));
    const before = traces(app);
    mustBeStopped(await stopMidway(app, app.post('verify', { name: 'big' })));
    mustBeStopped(await stopMidway(app, app.post('compare', { of: 'big' })));
    mustBeStopped(await stopMidway(app, app.post('backups/big/preview')));
    expect(traces(app)).toEqual(before);
  });

  test('a verification of all, which keeps what it found until then', async () => {
    const app = stage();
    fill(app);
    app.backup('big');
    app.query((db) => db.exec('DROP TABLE big'));
    const { code } = overwinter(app.folder, ['backup', 'small', '--db', 'app.db', '--allow-shrink']);
    expect(code).toBe(0);
    const { page, told } = await stopMidway(app, app.post('verify'), /"words":"2 of 2 backups\. /);
    expect(told.at(-1)).toContain('"state":"cancelled"');
    expect(page).toContain('It was stopped after 1 of 2 backups');
    expect(page).toContain('<strong>small</strong>: restores exactly, 4 rows');
    expect(page).not.toContain('<strong>big</strong>');
  });

  test('a restore, as long as the database is not put in its place', async () => {
    const app = stage();
    fill(app);
    app.backup('big');
    app.query((db) => db.exec("DELETE FROM users; UPDATE big SET line = 'other'"));
    const { job: preview } = await app.done('backups/big/preview');
    const before = traces(app);
    mustBeStopped(await stopMidway(app, app.post('backups/big/restore', { preview, confirm: 'big' })));
    expect(traces(app)).toEqual(before);
    expect((await app.done('backups/big/restore', { preview, confirm: 'big' })).text).toContain('are in place');
  });

  test('an import, and the look before it', async () => {
    const app = stage();
    fill(app, FEWER);
    const text = await textOf(app.get('download'));
    app.query((db) => db.exec("DELETE FROM users; UPDATE big SET line = 'other'"));
    const before = traces(app);
    mustBeStopped(await stopMidway(app, app.send(text)));
    expect(traces(app)).toEqual(before);
    const { job: preview } = await app.upload(text);
    const confirmed = app.post('import/confirm', { preview, confirm: 'document.json' });
    mustBeStopped(await stopMidway(app, confirmed));
    expect(traces(app)).toEqual(before);
  });

  test('one that is stuck is ended all the same', async () => {
    const app = stage();
    const local = join(app.folder, '.overwinter');
    await withLock(local, join(app.folder, 'backups'), 1000, async () => {
      const begun = await app.post('backup', { name: 'stuck' });
      const job = begun.headers.get('location') ?? '';
      await app.post(`${job}/cancel`);
      expect(await textOf(app.get(job))).toContain('Stopping');
      await vi.waitFor(async () => expect(await textOf(app.get(job))).toContain('It was stopped'), WAIT);
    });
    expect((await app.done('backup', { name: 'stuck' })).text).toContain('4 rows saved');
  });
});
