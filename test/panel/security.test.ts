import { readFileSync } from 'node:fs';
import { createServer, request as nodeRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPanel } from '../../src/index.ts';
import { type PanelOptions, settlePanel } from '../../src/panel/options.ts';
import { BASE, basic, HOST, quiet, READ, stage, textOf, WRITE } from './support.ts';

const own = { origin: `http://${HOST}`, host: HOST };

describe('who may mount it', () => {
  test.each<[string, PanelOptions]>([
    ['nothing', {}],
    ['a short token', { token: 'short' }],
    ['two equal tokens', { token: WRITE, readToken: WRITE }],
    ['a misspelt option', Object.assign({ token: WRITE }, { tokn: 'x' })],
    ['a base path that is none', { token: WRITE, basePath: 'settings' }],
  ])('%s is an error at once', (_, options) => {
    expect(() => createPanel(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('an authorize or a token is enough', () => {
    expect(settlePanel({ token: WRITE }).tokens).toHaveLength(1);
    expect(settlePanel({ authorize: () => 'read' }).authorize).toBeDefined();
  });
});

describe('who may come in', () => {
  test.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['a wrong one', basic('wrong-token-of-the-panel-tests')],
    ['a wrong bearer', { authorization: 'Bearer nonsense' }],
    ['an empty one', { authorization: 'Basic ' }],
    ['half of one', basic(WRITE.slice(0, 12))],
  ])('%s gets nothing', async (_, headers) => {
    const { get, post } = stage();
    for (const path of [
      '',
      'timeline',
      'backups/x',
      'backups/x/download-db',
      'download',
      'jobs/x/events',
      'no-such-page',
    ]) {
      const answer = await get(path, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Basic');
      expect(await answer.text()).not.toContain('app.db');
    }
    expect((await post('backup', {}, { ...headers, ...own })).status).toBe(401);
  });

  test('anything but rights from authorize is a no, and a response is sent on', async () => {
    for (const verdict of [false, undefined] as const) {
      const { get } = stage({ authorize: () => verdict });
      expect((await get('', {})).status).toBe(401);
    }
    const truthy = stage({ authorize: () => JSON.parse('true') });
    expect((await truthy.get('', {})).status).toBe(401);
    const login = stage({ authorize: () => new Response(null, { status: 302, headers: { location: '/login' } }) });
    expect((await login.get('', {})).headers.get('location')).toBe('/login');
    const throwing = stage({ authorize: () => Promise.reject(new Error('the session store is down')) });
    const answer = await throwing.get('', {});
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('session store');
  });

  test('who may read may look and download, and change nothing', async () => {
    const { get, post, backup } = stage();
    backup('one');
    for (const path of ['', 'timeline', 'backups/one', 'backups/one/download', 'backups/one/download-db']) {
      expect((await get(path, basic(READ))).status).toBe(200);
    }
    expect(await textOf(get('', basic(READ)))).not.toContain('Back up now');
    const changes = [
      'backup',
      'snapshots',
      'undo',
      'clean-up',
      'clean-up/preview',
      'import',
      'backups/one/restore',
      'backups/one/name',
      'backups/one/delete',
      'backups/one/preview',
      'jobs/x/cancel',
    ];
    for (const path of changes) expect((await post(path, {}, { ...basic(READ), ...own })).status).toBe(403);
  });

  test('after too many failures there is a pause, for that client and account, and never for who knows the secret', async () => {
    const { get, panel, folder } = stage();
    const guess = (n: number) => get('', basic(`guess ${n}`));
    const answers: Response[] = [];
    for (let n = 0; n < 100; n++) answers.push(await guess(n));
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(401), ...Array(80).fill(429)]);
    for (const { headers } of answers) expect(headers.get('www-authenticate')).toContain('Basic');
    expect((await get('')).status).toBe(200);
    // Whoever brings nothing is asked, or nobody could come in any more.
    expect((await get('', {})).status).toBe(401);
    const elsewhere = { socket: { remoteAddress: '10.0.0.9' } };
    const asked = new Request(`http://${HOST}${BASE}/`, { headers: { authorization: `Basic ${btoa('other:guess')}` } });
    expect((await panel.fetch(asked, elsewhere)).status).toBe(401);
    // What is too much for single lines is counted.
    panel.close();
    const log = () => readFileSync(join(folder, '.overwinter/refused.log'), 'utf8').trimEnd().split('\n');
    while (!log().some((line) => line.includes('42 more'))) await new Promise((go) => setTimeout(go, 20));
    expect(log()).toHaveLength(61);
  });

  test('many exports at once are made one after another, and only so many wait', async () => {
    const { get, panel } = stage();
    const statuses = await Promise.all(Array.from({ length: 24 }, async () => (await get('export')).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    expect(statuses.filter((status) => status === 503)).toHaveLength(20);
    expect((await get('export')).status).toBe(200);
    panel.close();
  });

  test('many pages at once are answered as far as one caller may ask for them, and nobody else waits for theirs', async () => {
    const { get, panel } = stage();
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => (await get(n % 2 === 0 ? '' : 'backups/..%2f..')).status),
    );
    expect(statuses.filter((status) => status === 503)).toHaveLength(60 - 24);
    const both = Promise.all(Array.from({ length: 30 }, () => get('')));
    expect((await get('', basic(READ))).status).toBe(200);
    expect((await both).filter(({ status }) => status === 200)).toHaveLength(24);
    // Whatever became of them, none is counted any more.
    expect((await get('')).status).toBe(200);
    panel.close();
  });

  test('only so many watch a job, and who goes makes room', async () => {
    let goOn = () => {};
    const held = new Promise<void>((done) => {
      goOn = done;
    });
    const { get, done, post, backup } = stage({ withDatabaseClosed: (work) => held.then(work) });
    backup('one');
    const { job: preview } = await done('backups/one/preview');
    const sent = await post('backups/one/restore', { preview, confirm: 'one' });
    const events = `${sent.headers.get('location')}/events`;
    const watching = await Promise.all(Array.from({ length: 20 }, () => get(events)));
    expect(watching.map(({ status }) => status)).toEqual([...Array(16).fill(200), ...Array(4).fill(503)]);
    await watching[0]?.body?.cancel();
    const another = await get(events);
    expect([another.status, (await get(events)).status]).toEqual([200, 503]);
    goOn();
    const last = await another.text();
    expect(last).toContain('"state":"done"');
    for (const { body } of watching.slice(1)) await body?.cancel();
  });

  test('one document at a time of one caller, and a few of all, are taken in', async () => {
    const { panel } = stage({
      authorize: (request) => ({ rights: 'write', name: request.headers.get('x-name') ?? '' }),
    });
    const slow = (name: string) => {
      let end = () => {};
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(1000));
          end = () => controller.close();
        },
      });
      const headers = { ...own, 'x-name': name, 'content-type': 'multipart/form-data; boundary=x' };
      const request = new Request(`http://${HOST}${BASE}/import`, { method: 'POST', body, headers, duplex: 'half' });
      return { answer: panel.fetch(request), end: () => end() };
    };
    const first = slow('ada');
    await new Promise((go) => setTimeout(go, 50));
    expect((await slow('ada').answer).status).toBe(503);
    const second = slow('bob');
    await new Promise((go) => setTimeout(go, 50));
    expect((await slow('cy').answer).status).toBe(503);
    first.end();
    expect((await first.answer).status).toBe(400);
    const third = slow('cy');
    second.end();
    third.end();
    expect((await Promise.all([second.answer, third.answer])).map(({ status }) => status)).toEqual([400, 400]);
  });

  test('changes are limited too', async () => {
    const { post } = stage();
    const statuses: number[] = [];
    for (let n = 0; n < 65; n++) statuses.push((await post('jobs/none/cancel')).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });
});

describe('where a change may come from', () => {
  test.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example' }],
    ['another site, as browsers say it', { 'sec-fetch-site': 'cross-site', origin: `http://${HOST}` }],
    ['a sister of this site', { 'sec-fetch-site': 'same-site' }],
    ['a sandbox', { origin: 'null' }],
    ['nowhere', {}],
    ['another port', { origin: `http://${HOST}:81` }],
    ['a name that begins alike', { origin: `http://${HOST}.evil.example` }],
  ])('not %s', async (_, headers) => {
    const { post, get } = stage();
    expect((await post('backup', { name: 'evil' }, { ...basic(WRITE), host: HOST, ...headers })).status).toBe(403);
    expect(await textOf(get('timeline'))).not.toContain('evil');
  });

  test('its own pages, with a proxy before them or not, and programs with a token', async () => {
    const { post } = stage();
    expect((await post('backup', {}, { ...basic(WRITE), ...own })).status).toBe(303);
    expect((await post('backup', {}, { authorization: `Bearer ${WRITE}`, host: HOST })).status).not.toBe(403);
    const behind = stage({ origin: 'https://app.example.org' });
    const headers = { ...basic(WRITE), host: '10.0.0.7:3000', origin: 'https://app.example.org' };
    expect((await behind.post('backup', {}, headers)).status).toBe(303);
    // A name of somebody else's that leads here: both headers say it, and it is not the panel's.
    const rebound = { ...basic(WRITE), host: 'evil.example', origin: 'https://evil.example' };
    expect((await behind.post('backup', {}, rebound)).status).toBe(403);
  });

  test('GET changes nothing anywhere', async () => {
    const { get } = stage();
    for (const path of ['backup', 'undo', 'import', 'verify', 'clean-up/preview', 'backups/x/preview', 'jobs/x/cancel'])
      expect((await get(path)).status).toBe(405);
  });
});

describe('what is hostile', () => {
  test('names that lead elsewhere find nothing', async () => {
    const { get, post } = stage();
    const names = [
      '..%2f..%2fpackage',
      '%2e%2e%2fpackage.json',
      'latest_backup',
      '%00',
      '..%5c..%5cx',
      'parts%2fx',
      '%E0%A4%A',
    ];
    for (const name of names) {
      for (const end of [
        '',
        '/rows?table=x',
        '/row?table=x&number=0',
        '/download',
        '/download-db',
        '/restore',
        '/delete',
      ])
        expect((await get(`backups/${name}${end}`)).status, name + end).toBe(404);
      expect((await post(`backups/${name}/preview`)).status).toBe(404);
    }
    expect((await post('backup', { name: '../../evil' })).status).toBe(404);
    expect((await post('verify', { name: '../x' })).status).toBe(404);
    expect((await post('undo', { id: '../../app' })).status).toBe(404);
  });

  test('script in names, values, labels and questions is shown as text', async () => {
    const { get, query, done } = stage();
    const evil = '<script>alert(1)</script>';
    const table = `t"'><img src=x onerror=alert(1)>`;
    query((db) => {
      db.exec(`CREATE TABLE "${table.replaceAll('"', '""')}"("<b>column</b>" TEXT)`);
      db.prepare(`INSERT INTO "${table.replaceAll('"', '""')}" VALUES (?)`).run(evil);
    });
    await done('backup', { name: 'first' });
    query((db) => db.prepare(`UPDATE "${table.replaceAll('"', '""')}" SET "<b>column</b>" = ?`).run(`${evil}${evil}`));
    const pages = [
      await textOf(get('')),
      await textOf(get('backups/first')),
      await textOf(get(`backups/first/rows?${new URLSearchParams({ table })}`)),
      await textOf(get(`backups/first/row?${new URLSearchParams({ table, number: '0' })}`)),
      await textOf(
        get(`backups/first/rows?${new URLSearchParams({ table: evil, 'filter.x': `"${evil}`, sort: evil })}`),
      ),
      (await done('compare', { of: 'first' })).text,
      (await done('backups/first/preview')).text,
      (await done('snapshots', { label: evil })).text,
      await textOf(get('timeline?show=snapshots')),
      await textOf(get('timeline?show=activity')),
    ];
    for (const page of pages) {
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('<img');
      expect(page).not.toContain('<b>column');
    }
    expect(pages[2]).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(pages[4]).toContain('&lt;script&gt;');
  });

  test('every page forbids frames, other origins, and caches', async () => {
    const { get } = stage();
    for (const path of ['', 'timeline', 'nothing']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('set-cookie')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const page = await textOf(get(''));
    expect(page).not.toMatch(/ style=|<style|<script>| on\w+=/);
  });

  test('a document of 200 MB is refused: at its announcement, and while it comes', async () => {
    const { panel } = stage();
    const server = createServer((request, response) => void panel.node(request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const { port }: AddressInfo =
      typeof address === 'object' && address !== null ? address : { port: 0, address: '', family: '' };
    const send = (headers: Record<string, string>, chunks: number) =>
      new Promise<{ status: number; sent: number }>((done, fail) => {
        let sent = 0;
        const asked = nodeRequest(
          {
            port,
            host: '127.0.0.1',
            method: 'POST',
            path: `${BASE}/import`,
            headers: {
              ...basic(WRITE),
              host: HOST,
              origin: `http://${HOST}`,
              'content-type': 'multipart/form-data; boundary=x',
              ...headers,
            },
          },
          (answer) => {
            answer.resume();
            done({ status: answer.statusCode ?? 0, sent });
            asked.destroy();
          },
        );
        asked.on('error', (error) => (asked.destroyed ? undefined : fail(error)));
        const chunk = Buffer.alloc(1_000_000, 120);
        const more = () => {
          while (sent < chunks && !asked.destroyed) {
            sent++;
            if (!asked.write(chunk)) return void asked.once('drain', more);
          }
          if (!asked.destroyed) asked.end();
        };
        more();
      });
    try {
      expect((await send({ 'content-length': String(200 * 1_000_000) }, 1)).status).toBe(413);
      const streamed = await send({ 'transfer-encoding': 'chunked' }, 200);
      expect(streamed.status).toBe(413);
      expect(streamed.sent).toBeLessThan(100);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('documents that are none are refused, and nothing is replaced', async () => {
    const { panel, query, get } = stage({ logger: quiet });
    for (const text of ['', '{', 'PK\u0003', '{"a":1}', `${'['.repeat(100_000)}`]) {
      const body = new FormData();
      body.set('document', new File([text], '../../../etc/passwd'));
      const sent = await panel.fetch(
        new Request(`http://${HOST}${BASE}/import`, { method: 'POST', body, headers: { ...basic(WRITE), ...own } }),
      );
      if (text === '') {
        expect(sent.status).toBe(422);
        continue;
      }
      const job = sent.headers.get('location') ?? '';
      const giveUpAt = performance.now() + 20_000;
      let page = '';
      while (!page.includes('It did not work') && performance.now() < giveUpAt) {
        await new Promise((go) => setTimeout(go, 20));
        page = await textOf(get(job));
      }
      expect(page).toContain('cannot be imported');
    }
    expect(query((db) => db.prepare('SELECT count(*) FROM users').pluck().get())).toBe(3);
  });
});
