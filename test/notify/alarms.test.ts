import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { openAlarms } from '../../src/notify/alarms.ts';
import { backup } from '../../src/operations/backup.ts';
import { stage } from '../panel/support.ts';
import { startApp, startCommand } from '../support/app.ts';
import { MAIN, type Ran } from '../support/command-line.ts';
import { newDeployment, publish, runBeside } from '../support/deployment.ts';
import { apart, beside, type ReceiverServer, receiverServer } from '../support/receivers.ts';
import { newRepository, plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

let folder: string;
let server: ReceiverServer;

beforeEach(async () => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  server = await receiverServer();
});

function sql(text: string, at = folder): void {
  const db = new Database(join(at, 'app.db'));
  db.exec(text);
  db.close();
}

const TABLE = 'create table if not exists notes (text)';
const ROWS = `${TABLE}; with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into notes select 'a secret of somebody' from n`;
const hook = () => `webhook:http://${server.host}/hook`;
const monitor = () => `http://${server.host}/ping`;

/** What was heard at the webhook: `failure backup`. */
const heard = () =>
  server.heard
    .filter(({ path }) => path === '/hook')
    .map(({ body }) => JSON.parse(body))
    .map(({ event, subject, store }) => [event, subject, ...(store === null ? [] : [store])].join(' '));
const pinged = () => server.paths().filter((path) => path.startsWith('/ping'));
const patient = { timeout: 15_000 };

type Call = (...args: string[]) => Promise<Ran>;
const calling =
  (notify: string, env: Record<string, string> = {}): Call =>
  (...args) =>
    beside(folder, args, { OVERWINTER_NOTIFY: notify, ...env });

describe('overwinter backup', () => {
  test('five failures in a row are one alarm, and what ends them is one', async () => {
    const run = calling(`${hook()} ${monitor()}`);
    sql(ROWS);
    expect((await run('backup')).code).toBe(0);
    expect(heard()).toEqual([]);
    expect(pinged()).toEqual(['/ping/start', '/ping']);
    sql('delete from notes');
    for (let i = 0; i < 5; i++) expect((await run('backup')).code).toBe(4);
    expect(heard()).toEqual(['failure backup']);
    expect(pinged().filter((path) => path === '/ping/fail')).toHaveLength(1);
    expect(pinged().filter((path) => path === '/ping')).toHaveLength(1);
    sql(ROWS);
    for (let i = 0; i < 3; i++) expect((await run('backup')).code).toBe(0);
    expect(heard()).toEqual(['failure backup', 'recovery backup']);
    // Nothing changed, and it is told all the same.
    expect(pinged().filter((path) => path === '/ping')).toHaveLength(4);
    const told = server.heard.map(({ body }) => body).join('\n');
    expect(told).toContain('BACKUP_EMPTY');
    for (const word of ['somebody', 'notes', folder]) expect(told).not.toContain(word);
  });

  test('a monitor hears of no success while the restore drill fails', async () => {
    const run = calling(`${hook()} ${monitor()}`);
    sql(ROWS);
    await run('backup');
    const parts = join(folder, 'backups/parts');
    rmSync(parts, { recursive: true });
    expect((await run('verify', '--json')).code).toBe(3);
    expect((await run('verify', '--json')).code).toBe(3);
    expect(heard()).toEqual(['failure verify']);
    sql(ROWS);
    const before = pinged().filter((path) => path === '/ping').length;
    await run('backup');
    expect(pinged().filter((path) => path === '/ping')).toHaveLength(before);
    expect((await run('verify', '--json')).code).toBe(0);
    expect(heard()).toEqual(['failure verify', 'recovery verify']);
    expect(pinged().filter((path) => path === '/ping')).toHaveLength(before + 1);
  });

  test('a receiver that is dead is one quiet line, and hears it all once it lives', async () => {
    const run = calling(hook());
    server.answer = () => 500;
    sql(ROWS);
    await run('backup');
    sql('delete from notes');
    const first = await run('backup');
    expect(first.stderr).toContain(`no alarm reaches webhook:http://${server.host}/hook: it answered 500`);
    expect((await run('backup')).stderr).not.toContain('no alarm');
    const { alarms } = JSON.parse((await run('status', '--json')).stdout);
    expect(alarms).toMatchObject([{ light: 'yellow', reason: 'it answered 500', due: 1 }]);
    const { checks } = JSON.parse((await run('doctor', '--offline', '--json')).stdout);
    expect(checks).toContainEqual(
      expect.objectContaining({
        id: 'alarms',
        level: 'warning',
        findings: [
          expect.objectContaining({
            text: expect.stringMatching(/^No alarm from here reaches .*: it answered 500, and one waits\.$/),
            fix: expect.stringContaining('notify --test'),
          }),
        ],
      }),
    );
    server.answer = () => 200;
    server.heard.length = 0;
    sql(ROWS);
    const last = await run('backup');
    expect(last.stderr).not.toContain('no alarm');
    expect(heard()).toEqual(['failure backup', 'recovery backup']);
    expect(JSON.parse((await run('status', '--json')).stdout).alarms).toMatchObject([{ light: 'green', due: 0 }]);
  });

  test('what is remembered and was meddled with is not believed', async () => {
    const run = calling(hook());
    sql(ROWS);
    await run('backup');
    sql('delete from notes');
    await run('backup');
    const file = join(folder, '.overwinter/alarms.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"failing"', '"fine and dandy"'));
    expect((await run('backup')).code).toBe(4);
    expect(heard()).toEqual(['failure backup', 'failure backup']);
  });
});

describe('the hook', () => {
  test('waits for nobody who does not answer, and the alarm is on its way', async () => {
    const repository = newRepository();
    server.answer = () => undefined;
    const env = { OVERWINTER_NOTIFY: hook(), OVERWINTER_HOST: 'none' };
    const commit = async (more: Record<string, string>) => {
      repository.write(`file-${Math.random()}`, '');
      repository.git(['add', '.']);
      const begun = performance.now();
      const ran = await apart(repository.root, ['hook', 'pre-commit'], { ...plainEnvironment, ...more });
      return { ran, took: performance.now() - begun };
    };
    await apart(repository.root, ['backup'], plainEnvironment);
    sql('delete from notes', repository.root);
    const without = await commit({ OVERWINTER_HOST: 'none' });
    const first = await commit(env);
    expect(first.ran).toMatchObject({ code: 0 });
    expect(first.ran.stderr).toContain('the commit goes on without a backup');
    await expect.poll(heard, patient).toEqual(['failure backup']);
    const second = await commit(env);
    // It is asked for ten seconds, three times.
    expect(Math.max(first.took, second.took) - without.took).toBeLessThan(2000);
    expect(heard()).toEqual(['failure backup']);
  });
});

test('overwinter push tells of each store by itself', async () => {
  const usb = join(folder, 'usb');
  const there = join(folder, 'there');
  mkdirSync(there);
  const run = calling(hook(), { OVERWINTER_STORES: `folder:${usb} folder:${there}` });
  sql(ROWS);
  await run('backup');
  expect((await run('push')).code).toBe(1);
  expect((await run('push')).code).toBe(1);
  expect(heard()).toEqual([`failure copy ${usb}`]);
  mkdirSync(usb);
  expect((await run('push')).code).toBe(0);
  expect(heard()).toEqual([`failure copy ${usb}`, `recovery copy ${usb}`]);
});

test('a start that cannot bring the data back tells it once, and waits for nobody', async () => {
  const run = calling(hook());
  sql(ROWS);
  await run('backup');
  const parts = join(folder, 'backups/parts');
  const kept = readFileSync(join(folder, 'backups/latest_backup.json'));
  rmSync(parts, { recursive: true });
  rmSync(join(folder, 'app.db'));
  for (let i = 0; i < 2; i++) expect((await run('auto-restore', '--db', 'app.db')).code).not.toBe(0);
  await expect.poll(heard, patient).toEqual(['failure boot']);
  // What is there now is meant.
  writeFileSync(join(folder, 'backups/latest_backup.json'), kept);
  sql(ROWS);
  expect((await run('backup', '--allow-shrink')).code).toBe(0);
  expect((await run('auto-restore')).code).toBe(0);
  await expect.poll(heard, patient).toEqual(['failure boot', 'recovery boot']);
});

describe('while an app runs', () => {
  test('overwinter run tells of a store that does not get its copies, once, and of its end', async () => {
    const usb = join(folder, 'usb');
    sql(ROWS);
    const app = startCommand(
      process.execPath,
      [MAIN, 'run', '--db', 'app.db', '--debounce', '0', '--', 'sh', '-c', 'echo begun; read line'],
      folder,
      { OVERWINTER_NOTIFY: hook(), OVERWINTER_STORES: `folder:${usb}`, OVERWINTER_HOST: 'none' },
    );
    await app.heard('begun');
    await expect.poll(heard, patient).toEqual([`failure copy ${usb}`]);
    mkdirSync(usb);
    await expect.poll(heard, patient).toEqual([`failure copy ${usb}`, `recovery copy ${usb}`]);
    app.say('enough');
    await app.ended;
  });

  test('what fails in its last moment is told after it ended', async () => {
    sql(ROWS);
    await calling('')('backup');
    // Whoever is asked while the app ends does not answer; whoever asks then is answered.
    server.answer = () => (server.heard.length === 1 ? undefined : 200);
    const app = startCommand(
      process.execPath,
      [
        MAIN,
        'run',
        '--db',
        'app.db',
        '--debounce',
        '600',
        '--longest',
        '600',
        '--',
        'sh',
        '-c',
        'echo begun; read line',
      ],
      folder,
      { OVERWINTER_NOTIFY: hook(), OVERWINTER_HOST: 'none' },
    );
    await app.heard('begun');
    sql('delete from notes');
    const begun = performance.now();
    app.say('enough');
    await app.ended;
    expect(performance.now() - begun).toBeLessThan(5000);
    await expect.poll(heard, patient).toEqual(['failure backup', 'failure backup']);
    // Whoever got it twice can tell.
    expect(new Set(server.heard.map(({ body }) => JSON.parse(body).id)).size).toBe(1);
  });

  test('keep() tells it from its thread', async () => {
    const app = startApp(
      folder,
      `
      db.exec("${TABLE}; insert into notes values ('a'), ('b')");
      const keeper = await keep(db, { dir, debounce: 0, notify: ['${hook()}'], logger: { info() {}, warn() {}, error() {} } });
      await keeper.backup();
      db.exec('delete from notes');
      await keeper.backup();
      await keeper.backup();
      db.exec("insert into notes values ('a'), ('b')");
      await keeper.backup();
      await keeper.stop();
      say('done');
      `,
    );
    await app.heard('done');
    await app.ended;
    await expect.poll(heard, patient).toEqual(['failure backup', 'recovery backup']);
  });
});

test('the panel tells of the backups that somebody asks it for', async () => {
  const panel = stage();
  panel.backup('one');
  writeFileSync(join(panel.folder, 'overwinter.config.json'), JSON.stringify({ notify: [hook()] }));
  panel.query((db) => db.exec('delete from users; delete from notes'));
  await panel.done('backup');
  await panel.done('backup');
  await expect.poll(heard, patient).toEqual(['failure backup']);
  panel.query((db) => db.exec("insert into users(name) values ('a'), ('b'), ('c'); insert into notes values ('d')"));
  await panel.done('backup');
  await expect.poll(heard, patient).toEqual(['failure backup', 'recovery backup']);
});

test('overwinter ci tells of the drill and the age of the data', async () => {
  const deployment = newDeployment();
  const { app } = deployment;
  sql(ROWS, app.top);
  await beside(app.top, ['backup'], { ...plainEnvironment, OVERWINTER_HOST: 'none' });
  publish(deployment, 'begin');
  const runner = deployment.clone();
  const ci = (...args: string[]) =>
    runBeside(runner.top, ['ci', ...args], { CI: 'true', OVERWINTER_NOTIFY: `${hook()} ${monitor()}` });
  expect(await ci()).toMatchObject({ code: 0 });
  expect(heard()).toEqual([]);
  expect(pinged()).toEqual(['/ping']);
  // Nobody but whoever tries it hears of that.
  expect(await ci('--dry-run')).toMatchObject({ code: 0 });
  expect(pinged()).toEqual(['/ping']);
  // As a schedule does it.
  expect((await ci('--dry-run', '--max-age', '1d')).code).toBe(3);
  expect(heard()).toEqual(['stale backup']);
  expect((await ci('--dry-run', '--max-age', '1d', '--environment', 'development')).code).toBe(0);
  expect(heard()).toEqual(['stale backup', 'recovery backup']);
});

test('where nothing is remembered, the backups there are say when the last was made', async () => {
  sql(ROWS);
  const old = new Date(Date.now() - 9 * 86_400_000);
  await backup(projectIn(folder, { now: () => old }), { trigger: 'command-line' });
  rmSync(join(folder, '.overwinter'), { recursive: true });
  const run = calling(hook());
  expect((await run('notify')).stdout).toContain('the backup of app is out of date');
  expect(heard()).toEqual(['stale backup']);
  await run('backup', 'anew');
  expect(heard()).toEqual(['stale backup', 'recovery backup']);
});

test('what is configured no more keeps no monitor waiting', async () => {
  sql(ROWS);
  const gone = calling(monitor(), { OVERWINTER_STORES: `folder:${join(folder, 'gone')}` });
  await gone('backup');
  expect((await gone('push')).code).toBe(1);
  await gone('backup', 'one');
  const successes = () => pinged().filter((path) => path === '/ping').length;
  expect(successes()).toBe(1);
  await calling(monitor())('backup', 'two');
  expect(successes()).toBe(2);
  // Whoever brings it to a place of no configuration is there and sees it.
  expect((await calling(monitor())('push', `folder:${join(folder, 'elsewhere')}`)).code).toBe(1);
  await calling(monitor())('backup', 'three');
  expect(successes()).toBe(3);
});

test('where nothing can be remembered, an alarm still goes out, and once', async () => {
  const alarms = openAlarms({
    addresses: [hook()],
    // Below a file.
    local: join(folder, 'package.json/.overwinter'),
    env: {},
    now: () => new Date(),
  });
  const failed = { project: 'a', database: 'a', environment: 'test', subject: 'backup', code: 'DISK_FULL' } as const;
  for (let i = 0; i < 3; i++) {
    await alarms.tell(failed);
    expect(await alarms.send(5000)).toEqual([]);
  }
  expect(heard()).toEqual(['failure backup']);
});

test('overwinter notify tells what did not happen', async () => {
  const run = calling(hook());
  sql(ROWS);
  await run('backup');
  expect((await run('notify')).code).toBe(0);
  expect(heard()).toEqual([]);
  const file = join(folder, '.overwinter/alarms.json');
  const old = new Date(Date.now() - 9 * 86_400_000).toISOString();
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"lastFine":"[^"]+"/, `"lastFine":"${old}"`));
  expect((await run('notify')).code).toBe(0);
  expect((await run('notify')).code).toBe(0);
  expect(heard()).toEqual(['stale backup']);
  const { amiss } = JSON.parse((await run('notify', '--json')).stdout);
  expect(amiss).toMatchObject([{ subject: 'backup', database: 'app', state: 'stale' }]);
});

test.skipIf(!existsSync('/proc/self/cmdline'))(
  'no secret is in an argument of any process, a file of the project or a word, also of what sends for others',
  async () => {
    const secrets = ['slack-secret-4711', 'webhook-secret-4711', 'tk_ntfy-secret-4711', 'smtp-secret-4711'];
    const [slack = '', webhook = '', ntfy = '', smtp = ''] = secrets;
    const env = {
      OVERWINTER_NOTIFY: `slack:env:SLACK webhook:env:HOOK ntfy://${server.host}/topic mailto:me@example.org`,
      SLACK: `http://${server.host}/services/${slack}`,
      HOOK: `http://${server.host}/hook?token=${webhook}`,
      OVERWINTER_WEBHOOK_SECRET: webhook,
      OVERWINTER_NTFY_TOKEN: ntfy,
      OVERWINTER_SMTP_URL: `smtp://me:${smtp}@127.0.0.1:1`,
    };
    sql(ROWS);
    await apart(folder, ['backup'], env);
    rmSync(join(folder, 'backups/parts'), { recursive: true });
    rmSync(join(folder, 'app.db'));
    server.answer = (path) => (path.startsWith('/services') ? 403 : 200);
    let said = '';
    const ran = apart(folder, ['auto-restore', '--db', 'app.db', '--debug'], env).then(({ stdout, stderr }) => {
      said += stdout + stderr;
    });
    const seen = new Set<string>();
    while (server.heard.length < 3) {
      for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) seen.add(argumentsOf(pid));
      await new Promise((go) => setImmediate(go));
    }
    await ran;
    // Those that were not reached say why, in there.
    await expect.poll(() => JSON.stringify(JSON.parse(remembered()).receivers), patient).toMatch(/403.*mail|mail.*403/);
    expect([...seen].some((args) => args.includes('alarm-sender.js'))).toBe(true);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const { stdout, stderr } = await apart(folder, ['status', '--json'], env);
    const doctor = await apart(folder, ['doctor', '--offline'], env);
    said += stdout + stderr + doctor.stdout + doctor.stderr;
    expect(said).toContain('slack:env:SLACK');
    for (const secret of secrets) {
      expect(said).not.toContain(secret);
      expect([...seen, ...files].filter((text) => text.includes(secret))).toEqual([]);
    }
  },
);

const remembered = () => readFileSync(join(folder, '.overwinter/alarms.json'), 'utf8');

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

test('openDatabase() tells that the data did not come back, and is not held up', async () => {
  sql(ROWS);
  await calling('')('backup');
  rmSync(join(folder, 'backups/parts'), { recursive: true });
  rmSync(join(folder, 'app.db'));
  server.answer = () => undefined;
  const library = JSON.stringify(resolve(import.meta.dirname, '../../dist/index.js'));
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { openDatabase } from ${library};
    const begun = performance.now();
    await openDatabase('app.db').catch(({ code }) => console.log(code));
    console.log(performance.now() - begun < 5000 ? 'at once' : 'late');`,
  );
  const app = startCommand(process.execPath, ['app.mjs'], folder, { OVERWINTER_NOTIFY: hook() });
  await app.heard('BACKUP_DAMAGED');
  await app.heard('at once');
  expect(await app.ended).toMatchObject({ code: 0 });
  await expect.poll(heard, patient).toEqual(['failure boot']);
});
