import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { redirectFile } from '../../src/panel/redirect-file.ts';
import { servePanel } from '../../src/panel/serve.ts';
import { now as english } from '../../src/panel/texts/english/now.ts';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { emptyPglite } from '../support/pglite.ts';
import { scratch } from '../support/scratch.ts';
import { worldIn } from './support.ts';

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

const SQL = 'CREATE TABLE t(a int PRIMARY KEY); INSERT INTO t VALUES (1)';

test.each([
  [
    'pglite:data/pg',
    async (folder: string) => {
      const pglite = await PGlite.create(await emptyPglite(join(folder, 'pg')));
      await pglite.exec(SQL);
      await pglite.close();
    },
  ],
  [
    'duckdb:data/app.db',
    async (folder: string) => {
      const instance = await DuckDBInstance.create(join(folder, 'app.db'));
      const connection = await instance.connect();
      await connection.run(SQL);
      connection.closeSync();
      instance.closeSync();
    },
  ],
])('overwinter ui shows the database that %s means', async (db, fill) => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { db } }));
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'data'));
  await fill(join(folder, 'data'));
  expect(overwinter(folder, ['backup', 'kept']).code).toBe(0);
  const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder);
  const page = await (await fetch(await app.heard('http'))).text();
  app.signal('SIGINT');
  await app.ended;
  expect(page).not.toContain(english.isGone);
  expect(page).toContain('The one row is in kept.');
});

test('the browser is given a private file, not the ticket, which all users of the machine could list', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  new Database(join(folder, 'app.db')).exec('CREATE TABLE t(a)').close();
  // What it is started with, and who may read what it is to open.
  const browser =
    '#!/bin/sh\n{ echo "$#"; echo "$1"; stat -c %a "$1" "$(dirname "$1")"; cat "$1"; } > "$SEEN.part"; mv "$SEEN.part" "$SEEN"\n';
  writeFileSync(join(folder, 'xdg-open'), browser, { mode: 0o755 });
  const seen = join(folder, 'seen');
  const env = { PATH: `${folder}:${process.env.PATH}`, SEEN: seen };
  const app = startCommand(process.execPath, [MAIN, 'ui'], folder, env);
  const address = await app.heard('http');
  while (!existsSync(seen)) await new Promise((go) => setTimeout(go, 20));
  const [count, file = '', fileMode, folderMode, ...page] = readFileSync(seen, 'utf8').split('\n');
  expect([count, fileMode, folderMode]).toEqual(['1', '600', '700']);
  expect(file).not.toContain(new URL(address).pathname.split('/').at(-1));
  expect(page.join('\n')).toContain(`url=${address}"`);
  expect(existsSync(file)).toBe(true);
  expect((await fetch(address, { redirect: 'manual' })).status).toBe(303);
  while (existsSync(file)) await new Promise((go) => setTimeout(go, 20));
  expect((await fetch(address, { redirect: 'manual' })).status).toBe(403);
  app.signal('SIGINT');
  expect((await app.ended).code).toBe(0);
});

test('an address that nobody opened is good for a while only, and the file goes when it ends', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const served = await servePanel({ db: join(folder, 'app.db') }, worldIn(folder), 0, 50);
  await served.spent;
  const late = await fetch(served.address, { redirect: 'manual' });
  expect([late.status, late.headers.get('content-security-policy')?.includes("frame-ancestors 'none'")]).toEqual([
    403,
    true,
  ]);
  served.close();
  const old = await redirectFile(folder, served.address, 1000);
  utimesSync(old.file, 1, 1);
  const { file, remove } = await redirectFile(folder, served.address, 1000);
  expect([existsSync(old.file), existsSync(file)]).toEqual([false, true]);
  remove();
  expect(existsSync(file)).toBe(false);
});
