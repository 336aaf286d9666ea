import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { milliseconds } from '../../src/keep/duration.ts';
import { keep } from '../../src/keep/keep.ts';
import { Schedule } from '../../src/keep/schedule.ts';
import { restore } from '../../src/operations/restore.ts';
import { type App, startApp } from '../support/app.ts';
import { overwinter } from '../support/command-line.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TABLE = "db.exec('CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, n)');";
const KEEPER = `
  const keeper = await keep(db, { dir, debounce: '50ms', longest: '300ms', logger: { info() {}, warn() {}, error() {} } });
  for (const type of ['backup', 'unchanged', 'refused', 'error'])
    keeper.on(type, (event) => say(type + ' ' + JSON.stringify(event.result ?? event.problem)));
  const add = (n) => db.prepare('INSERT INTO t(n) VALUES (?)').run(n);
`;

/** What the newest backup holds. */
async function saved(folder: string): Promise<unknown[]> {
  const to = join(folder, `restored-${Math.random()}.db`);
  await restore(projectIn(folder), { name: 'latest', to });
  const db = new Database(to);
  try {
    return db.prepare('SELECT n FROM t ORDER BY id').pluck().all();
  } finally {
    db.close();
  }
}

const rowsOf = (line: string) => JSON.parse(line.slice(line.indexOf(' '))).rows;

async function untilRows(app: App, rows: number): Promise<void> {
  while (rowsOf(await app.heard('backup ')) !== rows);
}

describe('the schedule', () => {
  const timing = { debounce: 5, longest: 60 };

  test('waits until it is quiet, but not longer than the longest', () => {
    const schedule = new Schedule(timing, 0);
    schedule.changed(10);
    expect(schedule.dueAt()).toBe(15);
    for (let now = 11; now < 100; now++) schedule.changed(now);
    expect(schedule.dueAt()).toBe(70);
  });

  test('looks once a day when nothing changes', () => {
    const schedule = new Schedule(timing, 1000);
    expect(schedule.dueAt()).toBe(1000 + 24 * 3_600_000);
    schedule.changed(2000);
    schedule.begun();
    schedule.succeeded(3000);
    expect(schedule.dueAt()).toBe(3000 + 24 * 3_600_000);
  });

  test('has more patience with every failure, up to an hour, and none left after a success', () => {
    const schedule = new Schedule(timing, 0);
    schedule.changed(0);
    const waits = Array.from({ length: 12 }, () => schedule.failed(0, schedule.begun()));
    expect(waits.slice(0, 3)).toEqual([5000, 10_000, 20_000]);
    expect(waits.at(-1)).toBe(3_600_000);
    expect(schedule.dueAt()).toBe(3_600_000);
    schedule.succeeded(1);
    schedule.begun();
    schedule.changed(10);
    expect(schedule.dueAt()).toBe(15);
  });
});

describe('a call that is wrong in itself is said at once', () => {
  test.each([
    [{ debounce: 'soon' as '5s' }, 'CONFIG_INVALID'],
    [{ heartbeat: 'http://example.org/ping' }, 'CONFIG_INVALID'],
    [{ heartbeat: 'nowhere' }, 'CONFIG_INVALID'],
    [{ maxShrink: 7 }, 'CONFIG_INVALID'],
    [{ prepare: () => {} }, 'CONFIG_INVALID'],
  ])('%j', async (options, code) => {
    await expect(keep('app.db', options)).rejects.toMatchObject({ code });
  });

  test('a database in memory', async () => {
    await expect(keep(new Database(':memory:'))).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('spans of time', () => {
    expect([milliseconds('x', '5s'), milliseconds('x', '1.5m'), milliseconds('x', 20)]).toEqual([5000, 90_000, 20]);
  });

  test('a configuration file with a misspelt key, which only the thread reads', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'overwinter.config.json'), '{"maxShrnk": 1}');
    const app = startApp(
      folder,
      "process.chdir(folder); await keep(db, { dir }).then(() => say('kept'), (e) => say(e.code)); process.exit()",
    );
    await app.heard('CONFIG_INVALID');
  });
});

describe('while the app runs', () => {
  test('its own changes are saved, and those of other processes, and health says so', async () => {
    const folder = scratch();
    const app = startApp(
      folder,
      `${TABLE}${KEEPER}
      say('health ' + keeper.health().light);
      add(1);
      process.stdin.on('data', async (text) => {
        if (String(text).includes('health')) return say('health ' + JSON.stringify(keeper.health()));
        await keeper.stop(); db.close(); process.stdin.destroy();
      });`,
    );
    await app.heard('health yellow');
    await untilRows(app, 1);
    const other = new Database(join(folder, 'app.db'));
    other.exec('INSERT INTO t(n) VALUES (2)');
    other.close();
    await untilRows(app, 2);
    app.say('health');
    const health = JSON.parse((await app.heard('health ')).slice(7));
    expect(health).toMatchObject({ light: 'green', lastBackup: { rows: 2 }, pending: false, failures: 0 });
    app.say('stop');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.errors()).toBe('');
    expect(await saved(folder)).toEqual([1, 2]);
    expect(existsSync(join(folder, 'app.db-wal'))).toBe(false);
  });

  test('a database that is opened elsewhere, named by its path, is watched from a process of its own', async () => {
    const folder = scratch();
    const app = startApp(
      folder,
      `${TABLE}${KEEPER.replace('keep(db', 'keep(file')} add(1);
      process.stdin.on('data', () => { add(2); process.exit(3); });`,
    );
    await untilRows(app, 1);
    app.say('exit');
    expect((await app.ended).code).toBe(3);
    expect(await saved(folder)).toEqual([1, 2]);
  });

  test('from there it even survives the app: what was not saved is saved after a kill', async () => {
    const folder = scratch();
    const app = startApp(
      folder,
      `${TABLE} const keeper = await keep(file, { dir, debounce: '1h', longest: '1h' });
      db.exec('INSERT INTO t(n) VALUES (1)'); say('added'); setInterval(() => {}, 1000);`,
    );
    await app.heard('added');
    app.signal('SIGKILL');
    await app.ended;
    await expect.poll(() => existsSync(join(folder, 'backups/latest_backup.json')), { timeout: 10_000 }).toBe(true);
    expect(await saved(folder)).toEqual([1]);
  });

  test('a backup that lost its rows is refused, and the app goes on', async () => {
    const folder = scratch();
    const app = startApp(
      folder,
      `${TABLE}${KEEPER} for (let n = 0; n < 10; n++) add(n);
      process.stdin.on('data', () => { db.exec('DELETE FROM t'); setTimeout(() => {
        say('health ' + JSON.stringify(keeper.health())); process.exit(0); }, 700); });`,
    );
    await untilRows(app, 10);
    app.say('delete');
    expect(await app.heard('refused ')).toContain('BACKUP_EMPTY');
    expect(JSON.parse((await app.heard('health ')).slice(7))).toMatchObject({
      light: 'red',
      pending: true,
      failures: 1,
    });
    await app.ended;
    expect((await saved(folder)).length).toBe(10);
  });

  test('an error, and a listener that throws, do not reach the app', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'backups'), 'in the way');
    const app = startApp(
      folder,
      `${TABLE}${KEEPER} add(1);
      keeper.on('error', () => { throw new Error('listener'); }).on('error', async () => { throw new Error('later'); });
      const event = await keeper.backup(); say('answered ' + event.type);
      setTimeout(() => { say('alive'); process.exit(0); }, 300);`,
    );
    await app.heard('error ');
    await app.heard('answered error');
    await app.heard('alive');
    expect((await app.ended).code).toBe(0);
    expect(app.errors()).toContain('a listener threw: Error: listener');
    expect(app.errors()).toContain('a listener threw: Error: later');
  });

  test('a database that is replaced by another file is followed', async () => {
    const folder = scratch();
    const app = startApp(folder, `${TABLE}${KEEPER} add(1); setInterval(() => {}, 1000);`);
    await untilRows(app, 1);
    const other = new Database(join(folder, 'other.db'));
    other.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, n); INSERT INTO t(n) VALUES (7), (8), (9)');
    other.close();
    for (const end of ['-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    renameSync(join(folder, 'other.db'), join(folder, 'app.db'));
    await untilRows(app, 3);
    expect(await saved(folder)).toEqual([7, 8, 9]);
  });

  test('the heartbeat is asked when it went well and told when not', async () => {
    const folder = scratch();
    const beats: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        beats.push(`${request.method} ${request.url} ${body}`);
        response.end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const app = startApp(
        folder,
        `${TABLE}${KEEPER.replace('{ dir,', `{ dir, heartbeat: 'http://127.0.0.1:${port}/ping/1?a=b',`)} add(1);
        process.stdin.on('data', () => db.exec('DELETE FROM t'));`,
      );
      await expect.poll(() => beats[0], { timeout: 5000 }).toBe('GET /ping/1?a=b ');
      app.say('delete');
      await expect.poll(() => beats.at(-1), { timeout: 5000 }).toBe('POST /ping/1/fail?a=b BACKUP_EMPTY');
    } finally {
      server.close();
    }
  });
});

describe('when the app ends', () => {
  const LATE = "{ dir, debounce: '1h', longest: '1h' }";
  const app = (folder: string, script: string) =>
    startApp(
      folder,
      `${TABLE} const keeper = await keep(db, ${LATE}); db.exec('INSERT INTO t(n) VALUES (1)'); ${script}`,
    );

  test.each([
    ['because nothing is left to do', '', { code: 0, signal: null }],
    ['by process.exit', 'process.exit(5)', { code: 5, signal: null }],
    ['by an error of its own', "setTimeout(() => { throw new Error('mine'); })", { code: 1, signal: null }],
    [
      'by a signal nobody listens for',
      "process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1000)",
      { code: null, signal: 'SIGINT' },
    ],
    [
      'by a listener of its own that writes and leaves at once',
      "process.on('SIGTERM', () => { db.exec('UPDATE t SET n = 1'); process.exit(7); }); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)",
      { code: 7, signal: null },
    ],
    [
      'by a listener for one time only that takes a while',
      "process.once('SIGTERM', () => setTimeout(() => process.exit(3), 300)); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)",
      { code: 3, signal: null },
    ],
    [
      'after closing its database',
      "process.on('SIGTERM', () => { db.close(); setTimeout(() => process.exit(0), 50); }); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)",
      { code: 0, signal: null },
    ],
  ])('%s, what is not saved is saved', async (_, script, end) => {
    const folder = scratch();
    expect(await app(folder, script).ended).toEqual(end);
    expect(await saved(folder)).toEqual([1]);
  });

  test('a listener of its own that does not end it is respected', async () => {
    const folder = scratch();
    const running = app(
      folder,
      "process.on('SIGINT', () => say('heard')); setInterval(() => {}, 1000); process.kill(process.pid, 'SIGINT'); setTimeout(() => say('alive'), 600);",
    );
    await running.heard('heard');
    await running.heard('alive');
  });

  test('a backup that cannot be made holds it up no longer than the deadline', async () => {
    const folder = scratch();
    const blocked = startApp(
      folder,
      `${TABLE} await keep(db, { dir, debounce: '1h', longest: '1h', deadline: 300 });
      db.exec('PRAGMA journal_mode = delete; BEGIN EXCLUSIVE; INSERT INTO t(n) VALUES (1)');
      const begun = Date.now(); process.on('exit', () => say('after ' + (Date.now() - begun)));
      setTimeout(() => process.exit(0), 10);`,
    );
    const after = Number((await blocked.heard('after ')).slice(6));
    expect(after).toBeLessThan(3000);
    expect((await blocked.ended).code).toBe(0);
  });

  test('backups made by watching are thinned out as retention says, and others are left', async () => {
    const folder = scratch();
    const running = startApp(
      folder,
      `${TABLE}${KEEPER.replace('{ dir,', '{ dir, retention: { last: 3, daily: 1, weekly: 0, monthly: 0 },')}
      say('ready');
      process.stdin.once('data', async () => {
        for (let n = 0; n < 45; n++) { add(n); await keeper.backup(); }
        say('done'); await keeper.stop(); process.exit(0);
      });`,
    );
    await running.heard('ready');
    overwinter(folder, ['backup', '--db', 'app.db', '--dir', 'backups']);
    const triggersOf = (names: readonly string[]) =>
      names.map((name) => JSON.parse(readFileSync(join(folder, 'backups', name), 'utf8')).metadata.origin.trigger);
    const backups = () => readdirSync(join(folder, 'backups')).filter((name) => name.startsWith('backup_'));
    // The keeper may have been first, and then there was nothing left to save by hand.
    const byHand = triggersOf(backups()).filter((trigger) => trigger === 'command-line').length;
    running.say('go');
    await running.ended;
    expect(backups().length).toBeLessThan(30);
    expect(triggersOf(backups()).filter((trigger) => trigger === 'command-line').length).toBe(byHand);
  });
});

test('a file that was put beside the rows is saved too, although no row changed', async () => {
  const folder = scratch();
  const files = [join(folder, 'uploads')];
  mkdirSync(join(folder, 'uploads'));
  const db = new Database(join(folder, 'app.db'));
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, n); INSERT INTO t(n) VALUES (1)');
  const silent = { info() {}, warn() {}, error() {} };
  const dir = join(folder, 'backups');
  const keeper = await keep(db, { dir, files, debounce: '20ms', longest: '60ms', logger: silent });
  const saved: number[] = [];
  keeper.on('backup', (event) => 'result' in event && saved.push(event.result.files?.files ?? -1));
  while (saved.length === 0) await sleep(20);
  writeFileSync(join(folder, 'uploads/a.txt'), 'hello');
  await keeper.stop();
  expect(saved).toEqual([0, 1]);
  db.close();
});
