import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { startCommand } from '../support/app.ts';
import { MAIN } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

test('what overwinter ui serves: on this machine alone, an address for one visit, and only under its own name', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  new Database(join(folder, 'app.db')).exec('CREATE TABLE t(a)').close();
  const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder);
  const address = new URL(await app.heard('http'));
  const ask = (path: string, host = address.host, method = 'GET') =>
    new Promise<{ status: number; location: string }>((done, fail) => {
      request(
        { host: '127.0.0.1', port: address.port, path, method, headers: { host, origin: `http://${host}` } },
        (answer) => {
          answer.resume();
          done({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '' });
        },
      )
        .on('error', fail)
        .end();
    });
  expect(address.hostname).toBe('127.0.0.1');
  expect((await ask(address.pathname, 'evil.example')).status).toBe(403);
  expect((await ask('/open/nonsense')).status).toBe(403);
  expect((await ask('/')).status).toBe(404);
  const entered = await ask(address.pathname);
  expect(entered.status).toBe(303);
  expect((await ask(address.pathname)).status).toBe(403);
  expect((await ask(entered.location)).status).toBe(200);
  expect((await ask(entered.location, `localhost:${address.port}`)).status).toBe(200);
  expect((await ask(entered.location, `evil.example:${address.port}`)).status).toBe(403);
  expect((await ask(`${entered.location}backup`, `evil.example:${address.port}`, 'POST')).status).toBe(403);
  expect((await ask('/s/guess/')).status).toBe(404);
  app.signal('SIGINT');
  expect((await app.ended).code).toBe(0);
});
