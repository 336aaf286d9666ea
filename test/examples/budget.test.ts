import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../examples/budget/app.ts';
import { openBudget } from '../../examples/budget/database.ts';
import { seedBudget } from '../../examples/budget/seed.ts';
import { type BudgetPlace, startBudget } from '../support/budget.ts';
import { scratch } from '../support/scratch.ts';

const TOKEN = 'the-panel-token-of-this-test-alone';
const ADDRESS = 'http://budget.example.org';
const MAIN = resolve(import.meta.dirname, '../../examples/budget/main.ts');
const EXPENSE = { what: 'a new kettle', amount: '49.90', day: '2026-07-01' };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function project() {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  return { folder, file: join(folder, 'budget.db'), backups: join(folder, 'backups') };
}

/** The app in this process, with the household of the seed, and a browser that keeps its cookie. */
async function visit() {
  const { file, backups } = project();
  seedBudget(file);
  const budget = await openBudget(file, backups);
  const mails: { to: string; path: string }[] = [];
  const app = createApp({ budget, file, backups, panelToken: TOKEN, send: (to, path) => mails.push({ to, path }) });
  closing.push(async () => {
    app.close();
    await budget.stop();
  });
  let cookie = '';
  const ask = async (path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await app.fetch(
      new Request(ADDRESS + path, {
        headers: { host: 'budget.example.org', origin: ADDRESS, cookie, ...headers },
        ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }),
      }),
    );
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') };
  };
  const choosePassword = async (email: string, password: string) => {
    await ask('/password', { email });
    const path = mails.at(-1)?.path ?? '';
    return { path, answer: await ask(path, { password }) };
  };
  return { ask, mails, choosePassword, budget };
}

describe('the budget', () => {
  test('asks who is there, and takes an expense, income and savings of whoever signed in', async () => {
    const { ask, choosePassword } = await visit();
    expect(await ask('/')).toMatchObject({ status: 303, to: '/sign-in' });
    expect(await ask('/expenses', EXPENSE)).toMatchObject({ status: 303, to: '/sign-in' });
    await choosePassword('first@example.org', 'correct horse battery');
    const before = await ask('/');
    expect(before.text).toContain('A week by the sea');
    expect(before.text).not.toContain('kettle');
    expect((await ask('/expenses', { ...EXPENSE, note: '<b>red</b>' })).status).toBe(303);
    expect((await ask('/income', { what: 'lottery', amount: '3', day: '2026-07-02' })).status).toBe(303);
    expect((await ask('/goals/1', { amount: '10,5' })).status).toBe(303);
    const after = await ask('/');
    for (const said of ['a new kettle', '-€49.90', 'lottery', '€460.50', '&lt;b&gt;red'])
      expect(after.text).toContain(said);
    expect(after.text).not.toContain('<b>red');
  });

  test('gives nobody the savings goal of another', async () => {
    const { ask, choosePassword } = await visit();
    await choosePassword('second@example.org', 'correct horse battery');
    await ask('/goals/1', { amount: '10' });
    await choosePassword('first@example.org', 'correct horse battery');
    expect((await ask('/')).text).toContain('€450.00');
  });

  test('refuses what is no amount, no day, or comes from elsewhere', async () => {
    const { ask, choosePassword } = await visit();
    await choosePassword('first@example.org', 'correct horse battery');
    expect((await ask('/expenses', { ...EXPENSE, amount: '-4' })).status).toBe(400);
    expect((await ask('/expenses', { ...EXPENSE, amount: '0' })).status).toBe(400);
    expect((await ask('/expenses', { ...EXPENSE, day: 'tomorrow' })).status).toBe(400);
    expect((await ask('/expenses', EXPENSE, { origin: 'http://elsewhere.example.org' })).status).toBe(403);
    expect((await ask('/')).text).not.toContain('kettle');
  });

  test('lets people choose a new password where a restore brought none back', async () => {
    const { ask, choosePassword, mails } = await visit();
    for (const password of ['', 'null', 'anything at all'])
      expect((await ask('/sign-in', { email: 'first@example.org', password })).status).toBe(403);
    expect((await ask('/sign-in')).text).toContain('backups hold no passwords');
    expect((await choosePassword('first@example.org', 'short')).answer.status).toBe(400);

    const { path, answer } = await choosePassword('first@example.org', 'correct horse battery');
    expect(mails.at(-1)?.to).toBe('first@example.org');
    expect(answer).toMatchObject({ status: 303, to: '/' });
    expect((await ask(path, { password: 'used a second time' })).status).toBe(410);
    await ask('/sign-out', {});
    expect((await ask('/')).status).toBe(303);
    expect((await ask('/sign-in', { email: 'first@example.org', password: 'used a second time' })).status).toBe(403);
    const again = await ask('/sign-in', { email: 'first@example.org', password: 'correct horse battery' });
    expect(again).toMatchObject({ status: 303, to: '/' });
    await choosePassword('second@example.org', 'correct horse battery');
    expect((await ask('/sign-in')).text).not.toContain('backups hold no passwords');
  });

  test('shows its backups to whoever has the token, and to nobody else', async () => {
    const { ask, choosePassword } = await visit();
    await choosePassword('first@example.org', 'correct horse battery');
    expect((await ask('/settings/backups')).status).toBe(401);
    expect(
      (await ask('/settings/backups', undefined, { authorization: 'Bearer another-token-of-some-length' })).status,
    ).toBe(401);
    const page = await ask('/settings/backups', undefined, { authorization: `Bearer ${TOKEN}` });
    expect(page.status).toBe(200);
    expect(page.text).toContain('How far the data has come');
  });

  test('goes back to a backup from the panel, and then asks everybody to sign in', async () => {
    const { ask, choosePassword } = await visit();
    await choosePassword('first@example.org', 'correct horse battery');
    const owner = { authorization: `Bearer ${TOKEN}` };
    const done = async (path: string, fields: Record<string, string>) => {
      const { status, text, to } = await ask(`/settings/backups/${path}`, fields, owner);
      expect(status, text).toBe(303);
      const look = async () => (await ask(to ?? 'nowhere', undefined, owner)).text;
      await expect.poll(look, { timeout: 40_000 }).not.toContain('data-events');
      return { job: (to ?? '').split('/').at(-1) ?? '', text: await look() };
    };
    await done('backup', { name: 'good' });
    await ask('/expenses', EXPENSE);
    const { job } = await done('backups/good/preview', {});
    expect((await done('backups/good/restore', { preview: job, confirm: 'good' })).text).toContain('are in place');
    expect(await ask('/')).toMatchObject({ status: 303, to: '/sign-in' });
    await choosePassword('first@example.org', 'correct horse battery');
    const page = await ask('/');
    expect(page.text).toContain('A week by the sea');
    expect(page.text).not.toContain('kettle');
  });

  test('says how its backups are, and is away while its data is replaced', async () => {
    const { ask, budget } = await visit();
    await expect.poll(async () => JSON.parse((await ask('/health')).text).light, { timeout: 30_000 }).toBe('green');
    expect(JSON.parse((await ask('/health')).text).lastBackup.rows).toBe(184);
    await budget.whileClosed(async () => {
      expect((await ask('/health')).status).toBe(503);
      expect((await ask('/sign-in')).status).toBe(503);
    });
    expect((await ask('/sign-in')).status).toBe(200);
  });
});

const start = (place: BudgetPlace) => startBudget(place, (child) => closing.push(() => child.kill('SIGKILL')));

test('what was added is back after the host lost the database', { timeout: 120_000 }, async () => {
  const place = project();
  const first = await start(place);
  const token = await first.said(/until the next start: (\S+)\n/);
  expect((await fetch(`${first.address}/settings/backups`)).status).toBe(401);
  const opened = await fetch(`${first.address}/settings/backups`, { headers: { authorization: `Bearer ${token}` } });
  expect(opened.status).toBe(200);
  expect((await first.post('/expenses', EXPENSE, await first.signIn())).status).toBe(303);
  expect(await first.stop()).toBe(0);

  for (const lost of ['budget.db', 'budget.db-wal', 'budget.db-shm', '.overwinter'])
    rmSync(join(place.folder, lost), { recursive: true, force: true });
  const second = await start(place);
  await second.said(/(rows restored)/);
  // The backups have no password, so the one from before opens nothing until a new one was chosen.
  const before = { email: 'ada@example.org', password: 'correct horse battery' };
  expect((await second.post('/sign-in', before)).status).toBe(403);
  const page = await fetch(second.address, { headers: { cookie: await second.signIn() } });
  expect(await page.text()).toContain('a new kettle');
  expect(await second.stop()).toBe(0);
});

test('it does not start in production without a token for its backups', async () => {
  const { folder, file, backups } = project();
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', BUDGET_DB: file, BUDGET_BACKUPS: backups },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  closing.push(() => child.kill('SIGKILL'));
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(told).toContain('PANEL_TOKEN is not set');
});
