import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { Ran } from '../support/command-line.ts';
import {
  backupsAt,
  type Deployment,
  deploymentsIn,
  newDeployment,
  publish,
  run,
  runBeside,
} from '../support/deployment.ts';
import type { TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';
import { BASE, READ, stage, WRITE } from './support.ts';

const ROWS = 20_000;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

interface Sent {
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
}

interface RunningApp {
  readonly url: string;
  /** The app's own connection, as open as an app's is. */
  readonly db: Database.Database;
  /** What the panel answered since this was last asked. */
  sent(): Sent[];
}

/** An app that runs with its database open and its panel mounted, and answers over real connections. */
async function runningApp(): Promise<RunningApp> {
  const { panel, folder } = stage({ environment: 'production' });
  const db = new Database(join(folder, 'app.db'));
  db.exec(`CREATE TABLE log(n INTEGER PRIMARY KEY, line TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${ROWS}) INSERT INTO log SELECT i, 'a line of the log, number ' || i FROM c`);
  const sent: Sent[] = [];
  const server: Server = createServer((request, response) => {
    let bytes = 0;
    const count = (chunk: unknown) => {
      if (chunk instanceof Uint8Array) bytes += chunk.length;
    };
    const write = response.write.bind(response);
    response.write = (chunk: unknown) => {
      count(chunk);
      return write(chunk);
    };
    response.on('close', () =>
      sent.push({ path: (request.url ?? '').replace(`${BASE}/export`, ''), status: response.statusCode, bytes }),
    );
    void panel.node(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  open.push(db, { close });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}${BASE}`, db, sent: () => sent.splice(0) };
}

/** A runner that has the code and no data. */
function pushed(): Deployment {
  const deployment = newDeployment();
  publish(deployment, 'begin');
  return deployment;
}

const ci = (runner: TestRepository, from: string, token = READ): Promise<Ran> =>
  runBeside(runner.top, ['ci', '--json', '--app', from], { OVERWINTER_TOKEN: token });

/** Lines of the log in what a stranger restores from the pushed branch. */
function restoredLines(deployment: Deployment): unknown {
  const to = join(scratch(), 'restored.db');
  const { code, stderr } = run(deployment.clone().top, ['restore', 'latest', '--to', to]);
  if (code !== 0) throw new Error(stderr);
  const db = new Database(to, { readonly: true });
  open.push(db);
  return db.prepare('SELECT count(*) FROM log').pluck().get();
}

const total = (sent: readonly Sent[]) => sent.reduce((sum, { bytes }) => sum + bytes, 0);
const parts = (sent: readonly Sent[]) => sent.filter(({ path }) => path.startsWith('/parts/'));

describe('ci --app the panel of a running app', () => {
  test('brings everything once, nothing again where nothing changed, and only what changed where a row did', async () => {
    const deployment = pushed();
    const { url, db, sent } = await runningApp();
    const runner = deployment.clone();
    const first = await ci(runner, url);
    expect(first.code, first.stderr).toBe(0);
    // Users and notes are there beside the log.
    const rows = ROWS + 4;
    expect(JSON.parse(first.stdout)).toMatchObject({
      status: 'pushed',
      backup: { how: 'saved', rows },
      verified: { ok: true, rows },
    });
    const [name = ''] = deploymentsIn(backupsAt(deployment));
    expect(backupsAt(deployment).get(name)?.metadata.origin).toMatchObject({
      environment: 'production',
      trigger: 'ci',
    });
    expect(restoredLines(deployment)).toBe(ROWS);
    const all = sent();
    expect(parts(all).length).toBeGreaterThan(8);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));

    runner.git(['fetch', '-q']);
    const second = await ci(runner, url);
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'unchanged', pulled: { fetched: 1 } });
    const again = sent();
    // The list, and the manifest it names; not one part.
    expect(again.map(({ path }) => path)).toEqual(['', expect.stringMatching(/^\/deployment_\w+\.json$/)]);

    db.exec(`UPDATE log SET line = 'changed' WHERE n = ${ROWS / 2}`);
    const third = await ci(deployment.clone(), url);
    expect(third.code, third.stderr).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({ status: 'pushed', backup: { how: 'saved', rows } });
    const changed = sent();
    expect(parts(changed)).toHaveLength(1);
    expect(total(changed)).toBeLessThan(total(all) / 4);
  });

  test.each([
    ['a wrong token', 'wrong-token-of-the-panel-tests'],
    ['half of the right one', READ.slice(0, 15)],
  ])('gets nothing with %s, and pushes nothing', async (_what, token) => {
    const deployment = pushed();
    const before = deployment.atRemote('for-each-ref');
    const { url, sent } = await runningApp();
    const ran = await ci(deployment.clone(), url, token);
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([1, 'PULL_FAILED']);
    expect(ran.stderr + ran.stdout).toContain('does not take the token (401)');
    expect(ran.stderr + ran.stdout).not.toContain(token);
    expect(sent().map(({ path, status }) => [path, status])).toEqual([['', 401]]);
    expect(deployment.atRemote('for-each-ref')).toBe(before);
  });

  test('takes the token that may write too, and says where there is no panel', async () => {
    const deployment = pushed();
    const { url } = await runningApp();
    expect((await ci(deployment.clone(), url, WRITE)).code).toBe(0);
    const elsewhere = await ci(deployment.clone(), url.replace(BASE, '/nothing'));
    expect(elsewhere.stderr + elsewhere.stdout).toContain('there is nothing at /nothing/export');
  });

  test('does not send its token over http to another machine', async () => {
    const deployment = pushed();
    const { url, sent } = await runningApp();
    // A name that leads here all the same: nothing must have arrived.
    const ran = await ci(deployment.clone(), url.replace('127.0.0.1', 'app.localhost'));
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([2, 'USAGE']);
    expect(ran.stderr + ran.stdout).toContain('only brought over https');
    expect(sent()).toEqual([]);
  });
});
