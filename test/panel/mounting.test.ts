import { spawnSync } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { bundledSources } from '../support/bundled-sources.ts';
import { BASE, basic, HOST, READ, stage, textOf, WRITE } from './support.ts';

const DIST = resolve(import.meta.dirname, '../../dist');

const open: { close(): void; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

const portOf = (address: AddressInfo | string | null) => (typeof address === 'object' ? (address?.port ?? 0) : 0);

async function listen(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${portOf(server.address())}`;
}

/** What must work wherever it is mounted: pages with addresses that are right, a form, what comes of it, and no for strangers. */
async function mustWork(origin: string): Promise<void> {
  expect((await fetch(`${origin}${BASE}`)).status).toBe(401);
  for (const root of [BASE, `${BASE}/`]) {
    const page = await textOf(fetch(`${origin}${root}`, { headers: basic(WRITE) }));
    expect(page).toContain(`href="${BASE}/timeline"`);
    const style = /href="([^"]+\.css)"/.exec(page)?.[1] ?? '';
    expect((await fetch(`${origin}${style}`)).headers.get('content-type')).toContain('text/css');
  }
  const sent = await fetch(`${origin}${BASE}/backup`, {
    method: 'POST',
    headers: { ...basic(WRITE), origin },
    body: new URLSearchParams({ name: 'mounted' }),
    redirect: 'manual',
  });
  expect(sent.status).toBe(303);
  const job = sent.headers.get('location') ?? '';
  expect(job.startsWith(`${BASE}/jobs/`)).toBe(true);
  const events = await textOf(fetch(`${origin}${job}/events`, { headers: basic(WRITE) }));
  expect(events).toContain('"state":"done"');
  expect(await textOf(fetch(`${origin}${BASE}/backups/mounted/rows?table=users`, { headers: basic(WRITE) }))).toContain(
    'ada',
  );
  const foreign = await fetch(`${origin}${BASE}/backup`, {
    method: 'POST',
    headers: { ...basic(WRITE), origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
  const file = await fetch(`${origin}${BASE}/download`, { headers: basic(WRITE) });
  expect(Object.keys(JSON.parse(await file.text()).data)).toEqual(['users', 'notes']);
}

describe('mounted in', () => {
  test('Hono', async () => {
    const app = new Hono();
    const { panel } = stage();
    app.all(`${BASE}/*`, (c) => panel.fetch(c.req.raw));
    app.get('/', (c) => c.text('the app'));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    open.push(server);
    await new Promise((done) => server.once('listening', done));
    const origin = `http://127.0.0.1:${portOf(server.address())}`;
    await mustWork(origin);
    expect(await textOf(fetch(origin))).toBe('the app');
  });

  test('Hono, by mount, which cuts the base off', async () => {
    const app = new Hono();
    app.mount(BASE, stage().panel.fetch);
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    open.push(server);
    await new Promise((done) => server.once('listening', done));
    await mustWork(`http://127.0.0.1:${portOf(server.address())}`);
  });

  test('Express, which says where it is mounted, and reads forms before us', async () => {
    const app = express();
    app.use(express.urlencoded({ extended: false }));
    app.use(BASE, stage({ basePath: '' }).panel.node);
    await mustWork(await listen(app));
  });

  test('node:http', async () => {
    const { panel } = stage();
    await mustWork(
      await listen((request, response) => {
        if (request.url?.startsWith(BASE)) void panel.node(request, response);
        else response.end('the app');
      }),
    );
  });

  test('an app whose own login decides, and who is named in the log', async () => {
    const app = express();
    const seen: unknown[] = [];
    const { panel } = stage({
      token: undefined,
      readToken: undefined,
      basePath: '',
      authorize: (request, context) => {
        seen.push(typeof context);
        const user = /user=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
        return user === undefined
          ? new Response(null, { status: 302, headers: { location: '/login' } })
          : { rights: 'write', name: user };
      },
    });
    app.use(BASE, panel.node);
    const origin = await listen(app);
    const stranger = await fetch(`${origin}${BASE}/`, { redirect: 'manual' });
    expect([stranger.status, stranger.headers.get('location')]).toEqual([302, '/login']);
    await fetch(`${origin}${BASE}/backup`, {
      method: 'POST',
      headers: { cookie: 'user=ada', origin },
      body: new URLSearchParams(),
      redirect: 'manual',
    });
    expect(
      await textOf(fetch(`${origin}${BASE}/timeline?show=activity`, { headers: { cookie: 'user=ada' } })),
    ).toContain('>ada</p>');
    expect(new Set(seen)).toEqual(new Set(['object']));
  });
});

test('CI pulls from it: a token that may read is enough, and what is known is not sent again', async () => {
  const { get, query } = stage();
  query((db) =>
    db.exec(
      "CREATE TABLE log(n INTEGER PRIMARY KEY, line TEXT); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) INSERT INTO log SELECT i, 'line ' || i FROM c",
    ),
  );
  expect((await get('export', {})).status).toBe(401);
  const listing = await get('export', basic(READ));
  expect(listing.status).toBe(200);
  const { files }: { files: { path: string; bytes: number }[] } = JSON.parse(await listing.text());
  expect(files.length).toBeGreaterThan(1);
  for (const { path, bytes } of files) {
    const file = await get(`export/${path}`, basic(READ));
    expect([path, (await file.arrayBuffer()).byteLength]).toEqual([path, bytes]);
  }
  const again = await get('export', { ...basic(READ), 'if-none-match': listing.headers.get('etag') ?? '' });
  expect(again.status).toBe(304);
  expect((await get('export/../../app.db', basic(READ))).status).toBe(404);
});

test('its words can be others, and numbers and dates follow the language', async () => {
  const { get, query, done } = stage({
    texts: { language: 'de', title: 'Daten & Sicherung', now: 'Überblick', backUpNow: 'Jetzt <sichern>' },
  });
  query((db) =>
    db.exec(
      'CREATE TABLE log(n); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1234) INSERT INTO log SELECT i FROM c',
    ),
  );
  await done('backup', { name: 'eins' });
  const page = await textOf(get(''));
  for (const words of [
    '<html lang="de">',
    'Überblick &middot; Daten &amp; Sicherung',
    'Jetzt &lt;sichern&gt;',
    '1.238',
    'vor ',
  ])
    expect(page).toContain(words);
});

describe('it is light', () => {
  test('importing the library and making a panel loads nothing of it, and starts nothing', async () => {
    const script = `
      import { createPanel } from ${JSON.stringify(join(DIST, 'index.js'))};
      createPanel({ token: '${WRITE}' });
      console.log(process.getActiveResourcesInfo().join());`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm' },
    });
    expect(ran.status).toBe(0);
    expect(ran.stdout).not.toContain('Process');
    const files = new Set([...ran.stderr.matchAll(/dist\/([\w-]+\.js)/g)].flatMap(([, file]) => file ?? []));
    const sources = await bundledSources(files);
    const ofPanel = sources.flatMap((source) => /\/panel\/([\w-]+)\.ts$/.exec(source)?.[1] ?? []);
    expect(ofPanel.sort()).toEqual(['create-panel', 'headers', 'options']);
  });
});

test('the words are those of a language that the reader reads, and numbers and reasons follow', async () => {
  const { panel, backup, query } = stage({
    texts: (languages) =>
      languages.some((each) => each.startsWith('de'))
        ? { language: 'de', now: 'Jetzt', reasons: { changed: ({ unsaved }) => `${unsaved} Zeilen fehlen` } }
        : {},
  });
  query((db) =>
    db.exec(
      'CREATE TABLE log(n); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1234) INSERT INTO log SELECT i FROM c',
    ),
  );
  backup('one');
  query((db) => db.exec('INSERT INTO log VALUES (1), (2)'));
  const seenBy = async (language: string) => {
    const headers = { ...basic(WRITE), 'accept-language': language };
    return (await panel.fetch(new Request(`http://${HOST}${BASE}/`, { headers }))).text();
  };
  const swiss = await seenBy('fr;q=0.3, de-CH, x"><script>;q=1, zz-zz');
  expect(swiss).toContain('<html lang="de">');
  expect(swiss).toContain('>Jetzt</a>');
  expect(swiss).toContain('2 Zeilen fehlen');
  expect(swiss).toMatch(/<dd>1(&#39;|’)240<\/dd>/);
  const indian = await seenBy('en-IN');
  expect(indian).toContain('<html lang="en">');
  expect(indian).toContain('<dd>1,240</dd>');
  expect(indian).toMatch(/title="\d+ \w+ \d{4}, /);
  expect(await seenBy('')).toContain('<html lang="en">');
});
