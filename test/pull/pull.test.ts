import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { idOfPart } from '../../src/core/names.ts';
import { holdOf, placeHold } from '../../src/local/hold.ts';
import { restore } from '../../src/operations/restore.ts';
import { exportAddress } from '../../src/pull/address.ts';
import { LIMITS, type Listing, readListing, writeListing } from '../../src/pull/listing.ts';
import { type Pulled, pull } from '../../src/pull/pull.ts';
import type { Web } from '../../src/pull/request.ts';
import { serveExport } from '../../src/pull/serve.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { ageKey } from '../support/age.ts';
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
import { encryptionFor } from '../support/encrypted.ts';
import { type ExportServer, exportServer, TOKEN } from '../support/export-server.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { addRows, restoredRows, rowsIn, type TestRepository } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** Rows enough for a table of many parts. */
const MANY = 20_000;

/** An app that runs somewhere else, with data of its own. */
function production(rows = MANY, folder = scratch()): Project {
  addRows(join(folder, 'app.db'), rows);
  return projectIn(folder, { environment: 'production' });
}

const web: Web = { fetch, sleep: () => sleep(1), random: Math.random, patience: 10_000 };

interface Brought extends Pulled {
  readonly folder: string;
}

async function bring(server: ExportServer, have = scratch(), using: Web = web): Promise<Brought> {
  const folder = scratch();
  const known = folderStore(have);
  const parts = [...(await known.list('parts')).keys()];
  const pulled = await pull(using, {
    address: exportAddress(server.url),
    token: TOKEN,
    into: folderStore(join(folder, 'backups')),
    have: async (id) => {
      const file = parts.find((each) => idOfPart(each) === id);
      return file === undefined ? undefined : known.read(file);
    },
  });
  return { ...pulled, folder };
}

const saved = ({ folder }: Brought) => join(folder, 'backups');

async function rowsOf({ folder, opened }: Brought): Promise<number> {
  const to = join(scratch(), 'restored.db');
  await restore(projectIn(folder), { name: opened.name, to });
  return rowsIn(to);
}

describe('a pull', () => {
  test('brings one consistent backup, and asks again only for what changed', async () => {
    const app = production();
    const server = await exportServer(app);
    const first = await bring(server);
    expect(await rowsOf(first)).toBe(MANY);
    expect(first.files).toBeGreaterThan(5);
    expect(first.fetched).toBe(first.files);
    expect(first.opened.manifest.metadata.origin).toMatchObject({ environment: 'production', trigger: 'pull' });
    server.asked.splice(0);
    const second = await bring(server, saved(first));
    // The list and the manifest; not one part.
    expect(server.asked).toEqual(['', `${first.opened.name}.json`]);
    expect(second.fetched).toBe(1);
    expect(await rowsOf(second)).toBe(MANY);
    const database = new Database(app.db);
    database.exec("UPDATE notes SET text = 'changed' WHERE id = 10000");
    database.close();
    const third = await bring(server, saved(second));
    expect(third.fetched).toBe(2);
    expect(third.bytes).toBeLessThan(first.bytes / 3);
    expect(await rowsOf(third)).toBe(MANY);
  });

  test('goes on where connections break, and where the server is busy', async () => {
    const server = await exportServer(production());
    const seen = new Map<string, number>();
    server.meddle = async (request, response, body) => {
      const times = (seen.get(request.url ?? '') ?? 0) + 1;
      seen.set(request.url ?? '', times);
      if (times === 1) {
        const bytes = await body();
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
        return true;
      }
      if (times === 2) request.socket.destroy();
      if (times === 3) response.writeHead(503, { 'retry-after': '1' }).end();
      return times <= 3;
    };
    const pulled = await bring(server);
    expect(await rowsOf(pulled)).toBe(MANY);
    expect([...seen.values()].every((times) => times === 4)).toBe(true);
  });

  test('takes a body that ends too early for what it is', async () => {
    const server = await exportServer(production(1000));
    let cut = 0;
    server.meddle = async (request, response, body) => {
      if (!request.url?.includes('/parts/') || cut++ > 0) return false;
      const bytes = await body();
      response.end(bytes.subarray(0, bytes.length - 1));
      return true;
    };
    expect(await rowsOf(await bring(server))).toBe(1000);
    expect(cut).toBeGreaterThan(1);
  });

  test('gives up on a server that never answers, after a while', async () => {
    const server = await exportServer(production(3));
    server.meddle = () => true;
    await expect(bring(server, undefined, { ...web, patience: 100 })).rejects.toMatchObject({
      code: 'PULL_FAILED',
      message: expect.stringContaining('said nothing for 0.1 seconds (6 tries)'),
    });
  });

  test('a slow server is not a silent one', async () => {
    const server = await exportServer(production(1000));
    server.meddle = async (request, response, body) => {
      if (!request.url?.includes('/parts/')) return false;
      const bytes = await body();
      for (let at = 0; at < bytes.length; at += bytes.length / 5) {
        response.write(bytes.subarray(at, at + bytes.length / 5));
        await sleep(60);
      }
      response.end();
      return true;
    };
    expect(await rowsOf(await bring(server, undefined, { ...web, patience: 200 }))).toBe(1000);
  });

  test('does not take a part that is not what its name promises; one mistake on the way is forgiven', async () => {
    const server = await exportServer(production(1000));
    let flips = 1;
    server.meddle = async (request, response, body) => {
      if (!request.url?.includes('/parts/') || flips-- <= 0) return false;
      const bytes = await body();
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      response.end(bytes);
      return true;
    };
    expect(await rowsOf(await bring(server))).toBe(1000);
    flips = Number.POSITIVE_INFINITY;
    await expect(bring(server)).rejects.toMatchObject({
      code: 'PULL_FAILED',
      message: expect.stringContaining('is not what its name promises'),
    });
  });

  test('a part that is here and damaged is fetched', async () => {
    const server = await exportServer(production(1000));
    const first = await bring(server);
    const store = folderStore(saved(first));
    for (const part of (await store.list('parts')).keys())
      await store.batch((batch) => batch.put(part, Buffer.from('nonsense')));
    expect((await bring(server, saved(first))).fetched).toBe(first.fetched);
  });

  test('more than was announced is not read', async () => {
    const server = await exportServer(production(1000));
    server.meddle = (request, response) => {
      if (!request.url?.includes('/parts/')) return false;
      const more = () => response.write(Buffer.alloc(64 * 1024)) && setImmediate(more);
      response.on('drain', more);
      more();
      return true;
    };
    await expect(bring(server)).rejects.toMatchObject({ message: expect.stringContaining('more than the') });
  });

  test('begins again where the server has saved anew meanwhile, and says so where it always has', async () => {
    const app = production(1000);
    const server = await exportServer(app);
    let gone = 1;
    server.meddle = (request, response) => {
      if (!request.url?.includes('/parts/') || gone-- <= 0) return false;
      response.writeHead(404).end();
      return true;
    };
    expect(await rowsOf(await bring(server))).toBe(1000);
    gone = Number.POSITIVE_INFINITY;
    await expect(bring(server)).rejects.toMatchObject({ message: expect.stringContaining('faster than it sends') });
  });

  test('follows within an origin, and takes the token to no other', async () => {
    const app = production(10);
    const [server, other] = [await exportServer(app), await exportServer(app)];
    server.meddle = (request, response) => {
      if (request.url?.startsWith('/new')) return false;
      response.writeHead(308, { location: `/new${request.url}` }).end();
      return true;
    };
    expect(await rowsOf(await bring(server))).toBe(10);
    server.meddle = (_request, response) => {
      response.writeHead(302, { location: `${other.url}/export` }).end();
      return true;
    };
    await expect(bring(server)).rejects.toMatchObject({ message: expect.stringContaining('the token is not for') });
    expect(other.asked).toEqual([]);
    server.meddle = (request, response) => {
      response.writeHead(307, { location: request.url }).end();
      return true;
    };
    await expect(bring(server)).rejects.toMatchObject({ code: 'PULL_FAILED' });
  });

  test('whatever is no list of files is refused', async () => {
    const server = await exportServer(production(10));
    let text = '';
    server.meddle = (_request, response) => {
      response.end(text);
      return true;
    };
    for (text of ['', '<html>', '{}', '[]', 'null', '{"format":2,"backup":"a","files":[]}'])
      await expect(bring(server)).rejects.toMatchObject({ message: expect.stringContaining('no list of files') });
  });
});

describe('a list of files', () => {
  const id = 'ab'.padEnd(40, '0');
  const part = { path: `parts/notes-${id}-00000000.jsonl`, bytes: 1, id };
  const manifest = { path: 'deployment.json', bytes: 1, id };
  const listing: Listing = { backup: 'deployment', files: [manifest, part] };

  test('is read as it was written', () => {
    expect(readListing(writeListing(listing))).toEqual(listing);
  });

  test.each<[string, Partial<Listing>]>([
    ['lacks the manifest', { files: [part] }],
    ['names another manifest', { files: [manifest, { ...manifest, path: 'other.json' }] }],
    ['names the pointer', { backup: 'latest_backup', files: [{ ...manifest, path: 'latest_backup.json' }] }],
    ['leads out', { files: [manifest, { ...part, path: `parts/../../ab/${id}-00000000.jsonl` }] }],
    ['leads out as a name', { backup: '../evil', files: [{ ...manifest, path: '../evil.json' }] }],
    ['is absolute', { backup: '/etc/passwd', files: [{ ...manifest, path: '/etc/passwd.json' }] }],
    ['names git’s own files', { backup: '.gitattributes', files: [{ ...manifest, path: '.gitattributes' }] }],
    ['says another id than the part', { files: [manifest, { ...part, id: 'cd'.padEnd(40, '0') }] }],
    ['holds a file twice', { files: [manifest, part, part] }],
    ['holds a file that is too large', { files: [manifest, { ...part, bytes: LIMITS.file + 1 }] }],
    ['holds a size that is none', { files: [manifest, { ...part, bytes: -1 }] }],
    ['holds half a byte', { files: [manifest, { ...part, bytes: 0.5 }] }],
  ])('is none where it %s', (_what, change) => {
    expect(readListing(writeListing({ ...listing, ...change }))).toBeUndefined();
  });
});

describe('the export', () => {
  const ask = (project: Project, path: string, init: RequestInit = {}) =>
    serveExport(new Request(`http://app.example.org/settings/backups/export${path}`, init), project);

  test('does not send again what whoever asks knows', async () => {
    const app = production(1000);
    const answered = await ask(app, '');
    const tag = answered.headers.get('etag') ?? '';
    expect(answered.headers.get('cache-control')).toContain('private');
    const again = await ask(app, '', { headers: { 'if-none-match': tag } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    addRows(app.db, 1);
    expect((await ask(app, '', { headers: { 'if-none-match': tag } })).status).toBe(200);
    const listing = readListing(await answered.text());
    for (const { path, bytes, id } of listing?.files ?? []) {
      const file = await ask(app, `/${path}`);
      expect((await file.arrayBuffer()).byteLength).toBe(bytes);
      expect(file.headers.get('etag')).toBe(`"${id}"`);
      expect((await ask(app, `/${path}`, { headers: { 'if-none-match': `"${id}"` } })).status).toBe(304);
      expect((await ask(app, `/${path}`, { method: 'HEAD' })).headers.get('content-length')).toBe(String(bytes));
    }
  });

  test.each([
    '/../../app.db',
    '/%2e%2e/app.db',
    '/..%2fapp.db',
    '/latest_backup.json',
    '/.gitattributes',
    '/%',
    '/%00',
    '/parts',
  ])('gives nothing away at %s', async (path) => {
    const app = production(10);
    await ask(app, '');
    expect((await ask(app, path)).status).toBe(404);
  });

  test('only answers to those who read', async () => {
    const app = production(10);
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask(app, '', { method })).status).toBe(405);
    expect(existsSync(join(app.local, 'pull'))).toBe(false);
  });

  test('keeps what it told for whoever is slow, and not for ever', async () => {
    const app = production(1000);
    const first = readListing(await (await ask(app, '')).text());
    const read = async () =>
      Promise.all((first?.files ?? []).map(async ({ path }) => (await ask(app, `/${path}`)).status));
    for (let i = 0; i < 2; i++) {
      addRows(app.db, 1);
      await ask(app, '');
      expect(new Set(await read())).toEqual(new Set([200]));
    }
    for (let i = 0; i < 2; i++) {
      addRows(app.db, 1);
      await ask(app, '');
    }
    expect(await read()).toContain(404);
    const kept = readdirSync(join(app.local, 'pull', app.identity.name)).filter((file) =>
      file.startsWith('deployment_'),
    );
    expect(kept).toHaveLength(3);
  });

  test('gives what there is, though it be less: whether it may be is decided where it is kept', async () => {
    const app = production(1000);
    await ask(app, '');
    const database = new Database(app.db);
    database.exec('DELETE FROM notes WHERE id > 10');
    const fewer = await exportServer(app);
    expect(await rowsOf(await bring(fewer))).toBe(10);
    database.exec('DELETE FROM notes');
    database.close();
    expect(await rowsOf(await bring(fewer))).toBe(0);
  });

  test('gives nothing while a restore that failed holds backups back, and leaves the hold', async () => {
    const app = production(10);
    placeHold(app.local, app.db, 'the disk was full', new Date());
    const answered = await ask(app, '');
    expect(answered.status).toBe(409);
    expect(await answered.json()).toEqual({ error: { code: 'HELD' } });
    expect(holdOf(app.local, app.db)).toBeDefined();
  });

  test('says nothing of paths where something is wrong', async () => {
    const app = production(10);
    const answered = await ask(withDatabase(app, join(app.local, 'nothing.db')), '');
    expect(answered.status).toBe(500);
    expect(await answered.json()).toEqual({ error: { code: 'DATABASE_MISSING' } });
  });

  test('is one moment, though many ask and somebody writes', async () => {
    const app = production(MANY);
    const server = await exportServer(app);
    const database = new Database(app.db);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE pair(a INTEGER, b INTEGER); INSERT INTO pair VALUES (0, 0)');
    let step = 0;
    const write = database.transaction(() => {
      step++;
      database.exec(`UPDATE pair SET a = ${step}`);
      database.exec("INSERT INTO notes(text) VALUES ('more')");
      database.exec(`UPDATE pair SET b = ${step}`);
    });
    const writer = setInterval(() => write(), 5);
    try {
      for (const pulled of await Promise.all([bring(server), bring(server), bring(server)])) {
        const to = join(scratch(), 'restored.db');
        await restore(projectIn(pulled.folder), { name: pulled.opened.name, to });
        const restored = new Database(to, { readonly: true });
        const { a, b, n }: { a: number; b: number; n: number } = Object.assign(
          { a: -1, b: -2, n: -3 },
          restored.prepare('SELECT a, b, (SELECT count(*) FROM notes) AS n FROM pair').get(),
        );
        restored.close();
        expect([b, n]).toEqual([a, MANY + a]);
      }
      expect(step).toBeGreaterThan(5);
    } finally {
      clearInterval(writer);
      database.close();
    }
  });
});

describe('ci --app', () => {
  /** A deployment whose code is pushed, and the app that runs elsewhere. */
  async function running(rows = 1000): Promise<{ deployment: Deployment; app: Project; server: ExportServer }> {
    const deployment = newDeployment();
    publish(deployment, 'begin');
    const app = production(rows);
    return { deployment, app, server: await exportServer(app) };
  }

  const ci = (runner: TestRepository, server: ExportServer, args: string[] = [], token = TOKEN): Promise<Ran> =>
    runBeside(runner.top, ['ci', '--json', '--app', server.url, ...args], { OVERWINTER_TOKEN: token });

  test('keeps the running app’s data as this deployment’s, drilled and pushed', async () => {
    const { deployment, server } = await running();
    const runner = deployment.clone();
    const ran = await ci(runner, server, ['--max-age', '1h']);
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const report = JSON.parse(ran.stdout);
    expect(report).toMatchObject({
      status: 'pushed',
      backup: { how: 'saved', rows: 1000 },
      verified: { ok: true, rows: 1000 },
      freshness: { environment: 'production', stale: false },
    });
    expect(report.pulled.fetched).toBe(report.pulled.files);
    const [name = ''] = deploymentsIn(backupsAt(deployment));
    expect(backupsAt(deployment).get(name)?.metadata.origin).toMatchObject({
      environment: 'production',
      trigger: 'ci',
      commit: runner.git(['rev-parse', 'HEAD']).trim(),
    });
    expect(runner.status()).toBe('');
    expect(await restoredRows(deployment.clone().top)).toBe(1000);
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
  });

  test('a second run fetches the manifest alone, and adds nothing for the same commit', async () => {
    const { deployment, server } = await running();
    const runner = deployment.clone();
    await ci(runner, server);
    const once = deployment.atRemote('rev-parse', 'main');
    runner.git(['fetch', '-q']);
    server.asked.splice(0);
    const ran = await ci(runner, server);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      status: 'unchanged',
      backup: { how: 'kept' },
      pulled: { fetched: 1 },
    });
    expect(server.asked).toHaveLength(2);
    expect(deployment.atRemote('rev-parse', 'main')).toBe(once);
    // Another commit is another deployment of the same data.
    publish(deployment, 'more code');
    expect(JSON.parse((await ci(deployment.clone(), server)).stdout)).toMatchObject({
      status: 'pushed',
      backup: { how: 'labelled' },
      pulled: { fetched: 1 },
    });
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(2);
  });

  test('what is left out from now on is told, even where no row tells it', async () => {
    const { deployment, app, server } = await running(100);
    // Every row says already what will be declared.
    new Database(app.db).exec("UPDATE notes SET text = 'none'").close();
    const runner = deployment.clone();
    expect(JSON.parse((await ci(runner, server)).stdout).backup.how).toBe('saved');
    const declared = await exportServer({ ...app, privacy: { redact: { notes: { text: 'none' } } } });
    for (const how of ['saved', 'kept'])
      expect(JSON.parse((await ci(runner, declared)).stdout).backup).toMatchObject({ how, rows: 100 });
    const [before, after] = deploymentsIn(backupsAt(deployment))
      .map((name) => JSON.parse(deployment.atRemote('show', `main:backups/${name}.json`)))
      .sort((a, b) => Date.parse(a.metadata.backup_date) - Date.parse(b.metadata.backup_date));
    expect([before.metadata.redacted, after.metadata.redacted]).toEqual([undefined, { notes: ['text'] }]);
    expect(after.metadata.content).toBe(before.metadata.content);
  });

  test('goes to a branch of its own as well', async () => {
    const { deployment, app, server } = await running();
    expect((await ci(deployment.clone(), server, ['--branch', 'backups'])).code).toBe(0);
    addRows(app.db, 1);
    const report = JSON.parse((await ci(deployment.clone(), server, ['--branch', 'backups'])).stdout);
    expect(report).toMatchObject({ status: 'pushed', backup: { how: 'saved', rows: 1001 }, pulled: { fetched: 2 } });
    expect(backupsAt(deployment, 'backups').size).toBe(2);
  });

  test('data that was lost there is not taken for good, unless it is meant', async () => {
    const { deployment, app, server } = await running();
    await ci(deployment.clone(), server);
    const pointer = () => deployment.atRemote('show', 'main:backups/latest_backup.json');
    const before = pointer();
    const database = new Database(app.db);
    for (const [code, where] of [
      ['BACKUP_SHRUNK', 'id > 100'],
      ['BACKUP_EMPTY', 'true'],
    ]) {
      database.exec(`DELETE FROM notes WHERE ${where}`);
      const ran = await ci(deployment.clone(), server);
      expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([4, code]);
      expect(pointer()).toBe(before);
    }
    database.close();
    expect((await ci(deployment.clone(), server, ['--allow-shrink'])).code).toBe(0);
    expect(pointer()).not.toBe(before);
  });

  test('is guarded by what production had, not by a laptop that has more', async () => {
    const { deployment, app, server } = await running(100);
    await ci(deployment.clone(), server);
    deployment.app.git(['pull', '-q']);
    addRows(deployment.app.db, 5000);
    await runBeside(deployment.app.top, ['backup']);
    publish(deployment, 'a large database on a laptop');
    addRows(app.db, 1);
    const ran = await ci(deployment.clone(), server);
    expect(ran.code, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout).backup).toMatchObject({ how: 'saved', rows: 101 });
  });

  test.each([
    ['a wrong token', 'wrong-token-0815', /does not take the token \(401\)/],
    ['a token of half the length', TOKEN.slice(0, 5), /does not take the token/],
  ])('%s: nothing is pushed, and nobody reads the token', async (_what, token, says) => {
    const { deployment, server } = await running(10);
    const before = deployment.atRemote('for-each-ref');
    const ran = await runBeside(deployment.clone().top, ['ci', '--app', server.url, '--debug'], {
      OVERWINTER_TOKEN: token,
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(says);
    expect(ran.stderr + ran.stdout).not.toContain(token);
    expect(deployment.atRemote('for-each-ref')).toBe(before);
  });

  test('encrypted data comes with public keys alone, and leaves with the drill of who has a secret one', async () => {
    const key = ageKey();
    const app: Project = { ...production(1000), encryption: encryptionFor({ to: [key] }) };
    const deployment = newDeployment();
    deployment.app.write('overwinter.config.json', JSON.stringify({ encrypt: { recipients: [key.recipient] } }));
    publish(deployment, 'begin');
    const server = await exportServer(app);
    const { top } = deployment.clone();
    const from = (more: Record<string, string>) =>
      runBeside(top, ['ci', '--json', '--app', server.url], { OVERWINTER_TOKEN: TOKEN, ...more });
    const before = deployment.atRemote('for-each-ref');
    const without = await from({});
    expect([without.code, without.stdout]).toEqual([12, expect.stringContaining(key.recipient)]);
    expect(deployment.atRemote('for-each-ref')).toBe(before);
    const done = await from({ OVERWINTER_IDENTITY: key.identity });
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(JSON.parse(done.stdout)).toMatchObject({ backup: { how: 'saved' }, verified: { ok: true, rows: 1000 } });
    expect(deployment.atRemote('ls-tree', '-r', '--name-only', 'main')).not.toContain('.jsonl');
  });

  test.each([
    ['wanted here', { encrypt: true }],
    ['what is there', {}],
  ])('plain data of an app that does not know of encryption is not brought where it is %s', async (_what, config) => {
    const key = ageKey();
    const encrypt = { recipients: [key.recipient] };
    const deployment = newDeployment();
    deployment.app.write('overwinter.config.json', JSON.stringify({ db: 'app.db', encrypt }));
    addRows(deployment.app.db, 5);
    expect(run(deployment.app.top, ['backup']).code).toBe(0);
    publish(deployment, 'begin');
    const server = await exportServer(production(1000));
    const runner = deployment.clone();
    const settings = 'encrypt' in config ? { encrypt } : {};
    writeFileSync(join(runner.top, 'overwinter.config.json'), JSON.stringify(settings));
    const before = deployment.atRemote('for-each-ref');
    const ran = await ci(runner, server);
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([4, 'ENCRYPTION_OFF']);
    expect(deployment.atRemote('for-each-ref')).toBe(before);
    writeFileSync(join(runner.top, 'overwinter.config.json'), JSON.stringify({ encrypt: false }));
    expect(JSON.parse((await ci(runner, server)).stdout)).toMatchObject({ backup: { rows: 1000 } });
  });

  test('a part that was tampered with stops it before anything is pushed', async () => {
    const { deployment, server } = await running();
    const before = deployment.atRemote('for-each-ref');
    server.meddle = async (request, response, body) => {
      if (!request.url?.includes('/parts/')) return false;
      const text = (await body()).toString('utf8').replace('xxxx', 'yyyy');
      response.end(text);
      return true;
    };
    const ran = await ci(deployment.clone(), server);
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([1, 'PULL_FAILED']);
    expect(deployment.atRemote('for-each-ref')).toBe(before);
  });

  test('what could give the token away is refused before anybody is asked', async () => {
    const { deployment, server } = await running(3);
    const { top } = deployment.clone();
    const refused = async (args: string[], token = TOKEN) => {
      const ran = await runBeside(top, ['ci', ...args], token === '' ? {} : { OVERWINTER_TOKEN: token });
      expect(ran.stderr + ran.stdout).not.toContain(TOKEN);
      return ran.code;
    };
    expect(await refused(['--app', 'http://app.example.org'])).toBe(2);
    expect(await refused(['--app', 'ftp://app.example.org'])).toBe(2);
    expect(await refused(['--app', 'nonsense'])).toBe(2);
    expect(await refused(['--app', server.url.replace('//', `//ada:${TOKEN}@`)])).toBe(2);
    expect(await refused(['--app', server.url], '')).toBe(2);
    expect(await refused(['--app', server.url], `${TOKEN}\n`)).toBe(2);
    expect(await refused(['--app', server.url, '--db', 'app.db'])).toBe(2);
    expect(server.asked).toEqual([]);
  });
});

test.each([
  ['https://app.example.org', 'https://app.example.org/export'],
  ['https://app.example.org/settings/backups/', 'https://app.example.org/settings/backups/export'],
  ['https://app.example.org/settings/backups/export?x=1#y', 'https://app.example.org/settings/backups/export'],
  ['http://[::1]:3000/b', 'http://[::1]:3000/b/export'],
])('%s is asked at %s', (given, address) => {
  expect(exportAddress(given).href).toBe(address);
});
