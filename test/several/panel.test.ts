import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { createPanelIn, type Panel } from '../../src/panel/create-panel.ts';
import type { PanelOptions } from '../../src/panel/options.ts';
import { BASE, basic, HOST, quiet, READ, WRITE, worldIn } from '../panel/support.ts';
import { startCommand } from '../support/app.ts';
import { MAIN } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const open: Panel[] = [];
afterEach(() => {
  for (const panel of open.splice(0)) panel.close();
});

/** A project of two databases, and its panel. */
function two(options: Partial<PanelOptions> = {}) {
  const folder = scratch();
  writeFileSync(join(folder, 'overwinter.config.json'), '{"databases": [{"db": "app.db"}, {"db": "jobs.db"}]}');
  new Database(join(folder, 'app.db')).exec("CREATE TABLE users(name); INSERT INTO users VALUES ('ada')").close();
  new Database(join(folder, 'jobs.db'))
    .exec("CREATE TABLE nightshift(at); INSERT INTO nightshift VALUES ('noon'), ('night')")
    .close();
  const panel = createPanelIn(
    { token: WRITE, readToken: READ, basePath: BASE, logger: quiet, ...options },
    worldIn(folder),
  );
  open.push(panel);
  const ask = (path: string, init: RequestInit = {}) =>
    panel.fetch(
      new Request(`http://${HOST}${path.startsWith('/') ? path : `${BASE}${path && `/${path}`}`}`, {
        redirect: 'manual',
        ...init,
        headers: { ...basic(WRITE), host: HOST, origin: `http://${HOST}`, ...init.headers },
      }),
    );
  const page = async (path: string) => (await ask(path)).text();
  const done = async (path: string, fields: Record<string, string> = {}) => {
    const sent = await ask(path, { method: 'POST', body: new URLSearchParams(fields) });
    const job = sent.headers.get('location') ?? '';
    for (;;) {
      const text = await page(job);
      if (!text.includes('data-events')) return { job, text };
    }
  };
  return { folder, panel, ask, page, done };
}

const backupsIn = (folder: string, dir: string) =>
  readdirSync(join(folder, dir)).filter((name) => name.startsWith('backup_')).length;

describe('the panel of a project with several databases', () => {
  test('shows the first where it is mounted and each other under its name, with a switch on every page', async () => {
    const { page, ask } = two();
    const [first, second] = [await page(''), await page('db/jobs')];
    for (const text of [first, second]) {
      expect(text).toContain(`<a href="${BASE}/"`);
      expect(text).toContain(`<a href="${BASE}/db/jobs/"`);
    }
    expect(first).toContain(`<a href="${BASE}/" aria-current="true">app</a>`);
    expect(second).toContain(`<a href="${BASE}/db/jobs/" aria-current="true">jobs</a>`);
    expect([first.includes('>app.db<'), first.includes('>jobs.db<')]).toEqual([true, false]);
    expect([second.includes('>app.db<'), second.includes('>jobs.db<')]).toEqual([false, true]);
    expect(second).toContain(`href="${BASE}/db/jobs/timeline"`);
    expect((await ask('db/nobody')).status).toBe(404);
  });

  test('a backup of one is made, kept and shown where it belongs, and a host that cuts the base away is understood', async () => {
    const { folder, done, page } = two();
    const { job, text } = await done('db/jobs/backup', { name: 'noted' });
    expect(job).toContain(`${BASE}/db/jobs/jobs/`);
    expect(text).toContain('noted');
    expect(readdirSync(join(folder, 'backups'))).toEqual(['jobs']);
    expect(await page('db/jobs/backups/noted/rows?table=nightshift')).toContain('noon');
    expect(await page('/db/jobs/backups/noted/rows?table=nightshift')).toContain('noon');
    await done('backup');
    expect([backupsIn(folder, 'backups'), backupsIn(folder, 'backups/jobs')]).toEqual([1, 0]);
  });

  test('only the database that is replaced is closed, and nobody is shown a name before they may look', async () => {
    const closed: (string | undefined)[] = [];
    const { ask, done, panel } = two({
      withDatabaseClosed: (work, name) => {
        closed.push(name);
        return work();
      },
    });
    await done('db/jobs/backup', { name: 'before' });
    const { job } = await done('db/jobs/backups/before/preview');
    const { text } = await done('db/jobs/backups/before/restore', {
      preview: job.split('/').at(-1) ?? '',
      confirm: 'before',
    });
    expect(text).toContain('2 rows');
    expect(closed).toEqual(['jobs']);
    const stranger = await panel.fetch(new Request(`http://${HOST}${BASE}/db/jobs`));
    expect([stranger.status, (await stranger.text()).includes('>jobs<')]).toEqual([401, false]);
    expect((await ask('db/jobs/backup', { method: 'POST', headers: { origin: 'https://evil.example' } })).status).toBe(
      403,
    );
  });

  test('overwinter ui shows all of them', async () => {
    const { folder } = two();
    const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder);
    const address = await app.heard('http');
    const entered = await fetch(address);
    const text = await entered.text();
    expect(text).toMatch(/aria-current="true">app<\/a>[\s\S]*\/db\/jobs\/">jobs</);
    expect(await (await fetch(`${entered.url}db/jobs/`)).text()).toContain('>jobs.db<');
    app.signal('SIGINT');
    expect((await app.ended).code).toBe(0);
  });
});
