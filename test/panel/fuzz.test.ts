import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { startCommand } from '../support/app.ts';
import { chance, isSlow, tries } from '../support/chance.ts';
import { mustBeAnswered, type RawRequest, rawRequest, sendRaw } from '../support/raw-requests.ts';
import { scratch } from '../support/scratch.ts';
import { BASE, WRITE } from './support.ts';

const APP = resolve(import.meta.dirname, '../support/mounted.mjs');
const REQUESTS = tries(400, 20_000);
const MOUNTS = ['node:http', 'Express 4', 'Express 5', 'Hono'];
const AT_ONCE = 16;
const TIME_MS = isSlow ? 1_800_000 : 60_000;
/** Most answers come at once; a body that is promised and does not come is waited for by whoever reads it. */
const PATIENCE_MS = 800;
/** No connection takes longer than this. A request that is whole is answered by then, or it hangs. */
const BOUND_MS = 10_000;

async function mounted(how: string) {
  const folder = scratch();
  new Database(`${folder}/app.db`).exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)').close();
  const app = startCommand(process.execPath, [APP, how, folder, BASE, WRITE], folder);
  const port = Number((await app.heard('port')).slice(5));
  const ask = (head: string) =>
    sendRaw(port, { bytes: Buffer.from(`${head}\r\nConnection: close\r\n\r\n`), leaving: 'answered' }, 60_000);
  return { app, port, ask };
}

/** How many requests the app says are still being answered, this one apart. */
const openIn = async (ask: (head: string) => Promise<string>) =>
  Number(/\r\n\r\nopen (\d+)/.exec(await ask('GET /open HTTP/1.1\r\nHost: x'))?.[1] ?? Number.NaN);

const STACK = /\n\s+at .*:\d+:\d+|node_modules|node:internal/;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe.each(MOUNTS)('mounted in %s', (how) => {
  test('what is no request is answered with 400 in one sentence, and the app goes on', async () => {
    const { ask, app } = await mounted(how);
    const none: readonly (readonly [what: string, head: string])[] = [
      ['TRACE', `TRACE ${BASE}/ HTTP/1.1\r\nHost: x`],
      ['a host with a user', `GET ${BASE}/ HTTP/1.1\r\nHost: a@b`],
      ['a port that is none', `GET ${BASE}/ HTTP/1.1\r\nHost: x:99999`],
      ['an address that is none', `GET ${BASE}/ HTTP/1.1\r\nHost: 999.1.1.1`],
    ];
    for (const [what, head] of none) {
      const answer = await ask(head);
      expect([what, statusOf(answer)]).toEqual([what, 400]);
      expect(answer, what).not.toMatch(STACK);
    }
    expect(statusOf(await ask(`GET ${BASE}/icon.svg HTTP/1.1\r\nHost: x`))).toBe(200);
    expect(app.errors()).toBe('');
  });

  test('whatever comes over the socket, no process ends, no stack trace shows, and no answer blames the app', {
    timeout: TIME_MS,
  }, async () => {
    const { app, port, ask } = await mounted(how);
    const random = chance();
    const { seed } = random;
    const requests = Array.from({ length: REQUESTS / MOUNTS.length }, () =>
      rawRequest(random, `127.0.0.1:${port}`, BASE, WRITE),
    );
    const seen = new Map<number, number>();
    let whole = 0;
    const left = requests.values();
    await ask(`GET ${BASE}/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${WRITE}`);
    const told = (request: RawRequest) =>
      `seed ${seed}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 600))}`;
    const worker = async () => {
      for (const request of left) {
        const isWhole = mustBeAnswered(request);
        const answer = await sendRaw(port, request, PATIENCE_MS, isWhole ? BOUND_MS : PATIENCE_MS);
        const status = statusOf(answer);
        if (isWhole) whole++;
        expect([isWhole, isWhole && Number.isNaN(status)], `no answer: ${told(request)}`).toEqual([isWhole, false]);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(answer, told(request)).not.toMatch(STACK);
        // What takes its turn may be turned away; everything else that is wrong is wrong with the request.
        expect([status, status < 500 || status === 503 || Number.isNaN(status)], told(request)).toEqual([status, true]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const after = await ask(`GET ${BASE}/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${WRITE}`);
    expect(statusOf(after), `seed ${seed}`).toBe(200);
    expect(app.errors(), `seed ${seed}`).not.toMatch(/\n\s+at |Warning|Error:/);
    // Some come in, some do not, and some are none; on a busy machine some are not waited for.
    for (const status of [400, 404]) expect(seen.get(status) ?? 0, `${status}, seed ${seed}`).toBeGreaterThan(0);
    expect(whole, `seed ${seed}`).toBeGreaterThan(REQUESTS / MOUNTS.length / 4);
    // Everybody has gone: what is not over by now waits for what never comes.
    await expect.poll(() => openIn(ask), { timeout: BOUND_MS, message: `seed ${seed}` }).toBe(0);
    if (isSlow) console.log(how, Object.fromEntries(seen), `${whole} of them whole`);
  });
});
