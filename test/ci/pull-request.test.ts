import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { pullRequestOf } from '../../src/ci/pull-request.ts';
import { type Deployment, newDeployment, pageIn, publish, run, runBeside } from '../support/deployment.ts';
import { scratch } from '../support/scratch.ts';

const TOKEN = 'ghs_aTokenThatIsNobodys';
const SHA = 'a'.repeat(40);

interface Comment {
  readonly id: number;
  readonly user: { readonly type: string };
  body: string;
}

/** As much of GitHub as looks after the comments of pull requests. */
interface Hub {
  readonly api: string;
  readonly comments: Comment[];
  readonly asked: string[];
  /** What every question is answered with, where it is no more than a number. */
  refuse?: number;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function hub(): Promise<Hub> {
  const state: { refuse?: number } = {};
  const comments: Comment[] = [];
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const text = await bodyOf(request);
    const answer = (status: number, document: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    if (state.refuse !== undefined) return answer(state.refuse, { message: 'Resource not accessible by integration' });
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(401, {});
    const url = new URL(request.url ?? '', 'http://hub');
    if (url.pathname === '/repos/you/app/issues/7/comments' && request.method === 'GET') {
      const page = Number(url.searchParams.get('page'));
      return answer(200, comments.slice((page - 1) * 100, page * 100));
    }
    if (url.pathname === '/repos/you/app/issues/7/comments' && request.method === 'POST') {
      const { body }: { body: string } = JSON.parse(text);
      comments.push({ id: 1000 + comments.length, user: { type: 'Bot' }, body });
      return answer(201, comments.at(-1));
    }
    const id = Number(/^\/repos\/you\/app\/issues\/comments\/(\d+)$/.exec(url.pathname)?.[1]);
    const found = comments.find((each) => each.id === id);
    if (found === undefined || request.method !== 'PATCH') return answer(404, {});
    const { body }: { body: string } = JSON.parse(text);
    found.body = body;
    return answer(200, found);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return Object.assign(state, { api, comments, asked });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

function change(db: string, sql: string): void {
  const open = new Database(db);
  open.exec(sql);
  open.close();
}

const SHOP = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT);
INSERT INTO users VALUES (1, 'Ada', 'hash-of-ada'), (2, 'Bob', 'hash-of-bob');
CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL); INSERT INTO orders VALUES (1, 9.5), (2, 7.25);`;

/** An app on `main`, with rows. */
function shop(): Deployment {
  const deployment = newDeployment();
  change(deployment.app.db, SHOP);
  expect(run(deployment.app.top, ['backup']).code).toBe(0);
  publish(deployment, 'begin');
  return deployment;
}

/** What a push to a branch with a pull request starts: a checkout of the merge, and the event in a file. */
async function pushed(
  deployment: Deployment,
  hubs: Hub,
  sql: string,
  more: { fork?: boolean; env?: Record<string, string>; inside?: string } = {},
) {
  const { app } = deployment;
  const inside = more.inside ?? '';
  if (sql !== '') change(join(app.top, inside, 'app.db'), sql);
  run(join(app.top, inside), ['backup']);
  app.git(['add', '-A']);
  app.git(['commit', '-q', '--allow-empty', '-m', 'change']);
  app.git(['push', '-q', 'origin', 'HEAD:refs/heads/feature']);
  const runner = deployment.clone();
  const base = deployment.atRemote('rev-parse', 'main').trim();
  runner.git(['checkout', '-q', '--detach', 'origin/feature']);
  const event = join(scratch(), 'event.json');
  const repo = (owner: string) => ({ repo: { full_name: `${owner}/app` } });
  const pull_request = {
    number: 7,
    base: { sha: base, ref: 'main', ...repo('you') },
    head: { sha: base, ref: 'feature', ...repo(more.fork ? 'stranger' : 'you') },
  };
  writeFileSync(event, JSON.stringify({ action: 'synchronize', number: 7, pull_request }));
  const page = pageIn(scratch());
  const ran = await runBeside(join(runner.top, inside), ['ci'], {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_REPOSITORY: 'you/app',
    GITHUB_API_URL: hubs.api,
    GITHUB_STEP_SUMMARY: page.path,
    OVERWINTER_GIT_TOKEN: TOKEN,
    ...more.env,
  });
  return { ran, page };
}

describe('on a pull request', () => {
  test('one comment, kept up to date, says what it does to the rows, and nothing is pushed', async () => {
    const deployment = shop();
    const hubs = await hub();
    hubs.comments.push({ id: 1, user: { type: 'User' }, body: '<!-- overwinter: backups app -->\nI copied the mark.' });
    for (let at = 2; at < 120; at++) hubs.comments.push({ id: at, user: { type: 'User' }, body: 'Looks good' });
    const before = deployment.atRemote('for-each-ref', 'refs/heads/main', 'refs/heads/backups');

    const first = await pushed(deployment, hubs, "INSERT INTO users VALUES (3, 'Cy', 'hash-of-cy')");
    expect(first.ran.code, first.ran.stderr).toBe(0);
    expect(first.ran.stderr).toContain('A comment on the pull request says');
    const ours = () => hubs.comments.filter(({ user }) => user.type === 'Bot');
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.body).toMatch(/\| `users` \| 1 \| 0 \| 0 \| 3 \|/);
    expect(ours()[0]?.body).toContain('✅ It restores');
    expect(first.page.read()).toContain('| `users` | 1 | 0 | 0 | 3 |');

    await pushed(deployment, hubs, 'UPDATE orders SET total = 1 WHERE id = 2');
    const third = await pushed(deployment, hubs, 'DELETE FROM orders WHERE id = 1');
    expect(ours()).toHaveLength(1);
    const [{ body } = { body: '' }] = ours();
    expect(body).toMatch(/\| `users` \| 1 \| 0 \| 0 \| 3 \|/);
    expect(body).toMatch(/\| `orders` \| 0 \| 1 \| ⚠️ 1 \| 1 \|/);
    expect(body).toContain('without 1 of the 2 rows');
    expect(body).toContain('Cy');
    // What backups leave out is in none of them, so it cannot be here.
    expect(body).not.toContain('hash-of');
    expect(hubs.comments[0]?.body).toContain('I copied the mark.');
    for (const text of [body, third.ran.stdout, third.ran.stderr, third.page.read()]) expect(text).not.toContain(TOKEN);
    expect(deployment.atRemote('for-each-ref', 'refs/heads/main', 'refs/heads/backups')).toBe(before);

    hubs.asked.length = 0;
    await pushed(deployment, hubs, '');
    expect(hubs.asked.map((each) => each.split(' ')[0])).toEqual(['GET', 'GET']);
  });

  test('where no row differs there is no comment', async () => {
    const hubs = await hub();
    const { ran } = await pushed(shop(), hubs, '');
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('changes no row') });
    expect(hubs.comments).toEqual([]);
  });

  test('two apps of one repository have a comment each, and neither touches what is the other’s', async () => {
    const apps = ['apps/shop', 'apps/blog'];
    const deployment = newDeployment();
    for (const at of apps) {
      deployment.app.write(`${at}/package.json`, '{}\n');
      change(join(deployment.app.top, at, 'app.db'), SHOP);
      expect(run(join(deployment.app.top, at), ['backup']).code).toBe(0);
    }
    publish(deployment, 'begin');
    const hubs = await hub();
    const bodies = () => hubs.comments.map(({ body }) => body);
    const [shopAt = '', blogAt = ''] = apps;
    const done = async (sql: string, inside: string) => {
      const { ran } = await pushed(deployment, hubs, sql, { inside });
      expect(ran.code, ran.stderr).toBe(0);
    };
    await done("INSERT INTO users VALUES (3, 'Cy', '')", shopAt);
    await done('INSERT INTO orders VALUES (3, 1)', blogAt);
    const [shops, blogs] = bodies();
    expect(bodies()).toEqual([
      expect.stringMatching(/\| `users` \| 1 \| 0 \| 0 \| 3 \|/),
      expect.stringMatching(/\| `orders` \| 1 \| 0 \| 0 \| 3 \|/),
    ]);
    expect(shops).not.toContain('`orders`');
    expect(blogs).not.toContain('`users`');
    await done('DELETE FROM orders WHERE id = 1', shopAt);
    expect(bodies()).toEqual([expect.stringMatching(/\| `orders` \| 0 \| 0 \| ⚠️ 1 \|/), blogs]);

    publish(deployment, 'both');
    const runner = deployment.clone();
    const labels = () =>
      deployment
        .atRemote('ls-tree', '-r', '--name-only', 'main')
        .split('\n')
        .filter((path) => path.includes('/deployment_'));
    for (const [at, inside] of apps.entries()) {
      const ran = run(join(runner.top, inside), ['ci'], { CI: 'true' });
      expect(ran.code, ran.stderr).toBe(0);
      expect(
        labels()
          .map((path) => path.replace(/\/backups\/.*/, ''))
          .sort(),
      ).toEqual(apps.slice(0, at + 1).sort());
    }
  });

  test('nothing is written for a fork, without a token, or where GitHub says no; and that fails nothing', async () => {
    const deployment = shop();
    const hubs = await hub();
    const fork = await pushed(deployment, hubs, "INSERT INTO users VALUES (3, 'Cy', '')", { fork: true });
    expect(fork.ran).toMatchObject({ code: 0, stderr: expect.stringContaining('from a fork') });
    const without = await pushed(deployment, hubs, '', { env: { OVERWINTER_GIT_TOKEN: '' } });
    expect(without.ran).toMatchObject({ code: 0, stderr: expect.stringContaining('OVERWINTER_GIT_TOKEN') });
    expect(hubs.asked).toEqual([]);
    hubs.refuse = 403;
    const refused = await pushed(deployment, hubs, '');
    expect(refused.ran).toMatchObject({ code: 0, stderr: expect.stringContaining('the answer is 403') });
    expect(refused.page.read()).toContain('`users`');
    const nobody = await pushed(deployment, hubs, '', { env: { GITHUB_API_URL: 'http://127.0.0.1:9' } });
    expect(nobody.ran).toMatchObject({ code: 0, stderr: expect.stringContaining('nobody answers') });
  });
});

test.each([
  ['a push', 'push', `{"pull_request":{"number":1,"base":{"sha":"${SHA}","ref":"main"}}}`],
  ['an event that is no JSON', 'pull_request', '{'],
  ['no number', 'pull_request', `{"pull_request":{"base":{"sha":"${SHA}","ref":"main"}}}`],
  [
    'a base that is no commit',
    'pull_request',
    '{"pull_request":{"number":1,"base":{"sha":"--upload-pack=x","ref":"main"}}}',
  ],
])('%s is no pull request', (_name, event, text) => {
  expect(pullRequestOf({ GITHUB_EVENT_NAME: event, GITHUB_REPOSITORY: 'you/app' }, text)).toBeUndefined();
});

test('a fork that was removed meanwhile is a fork', () => {
  const text = `{"pull_request":{"number":1,"base":{"sha":"${SHA}","ref":"main"},"head":{"repo":null}}}`;
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REPOSITORY: 'you/app' };
  expect(pullRequestOf(env, text)).toMatchObject({ isFork: true, api: 'https://api.github.com' });
});
