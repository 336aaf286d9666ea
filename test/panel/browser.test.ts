import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCommand } from '../support/app.ts';
import { MAIN, overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = PROGRAMS.find((each) => existsSync(each));
if (program === undefined && process.env.CI) throw new Error(`no browser in CI: none of ${PROGRAMS.join(', ')}`);
if (program === undefined)
  console.warn(`The panel was not tried in a browser: there is none of ${PROGRAMS.join(', ')}.`);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  if (program !== undefined) browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
});
afterAll(() => browser?.close());
afterEach(() => expect(complaints.splice(0)).toEqual([]));

interface Opened {
  readonly page: Page;
  readonly root: string;
  readonly folder: string;
  change(sql: string): void;
  users(): unknown[];
}

/** A project with two backups, 'overwinter ui' on it, and a browser there. */
async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const change = (sql: string) => {
    const db = new Database(join(folder, 'app.db'));
    db.exec(sql);
    db.close();
  };
  change(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users(name) VALUES ('ada'), ('bob');
    CREATE TABLE log(n INTEGER PRIMARY KEY, line TEXT, wide TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300) INSERT INTO log SELECT i, 'line ' || i, hex(randomblob(90)) FROM c`);
  overwinter(folder, ['backup', 'first']);
  change("INSERT INTO users(name) VALUES ('cy')");
  overwinter(folder, ['backup', 'second']);
  const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder);
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (409|422)/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(await app.heard('http'));
  return {
    page,
    root: page.url(),
    folder,
    change,
    users() {
      const db = new Database(join(folder, 'app.db'), { readonly: true });
      const names = db.prepare('SELECT name FROM users ORDER BY id').pluck().all();
      db.close();
      return names;
    },
  };
}

/** What a checker of accessibility finds, and whether anything sticks out of the window. */
async function mustBeFine(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const faults: { id: string; nodes: { html: string; failureSummary: string }[] }[] = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations)',
  );
  const told = faults.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  expect(told, page.url().replace(/.*\/s\/[^/]+/, '')).toEqual([]);
  await mustNotStickOut(page);
}

async function mustNotStickOut(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
}

const PAGES = [
  '',
  'backups',
  'backups/second',
  'backups/second/rows?table=log',
  'backups/second/restore',
  'compare',
  'snapshots',
  'clean-up',
  'transfer',
  'activity',
  'nothing-here',
];

/** A way to work the panel: by mouse or by keyboard. */
interface Hand {
  press(what: Locator): Promise<void>;
  write(where: Locator, text: string): Promise<void>;
}

const mouse: Hand = {
  press: (what) => what.click(),
  write: (where, text) => where.fill(text),
};

function keyboard(page: Page): Hand {
  const reach = async (what: Locator) => {
    for (let n = 0; n < 80; n++) {
      if ((await what.and(page.locator(':focus')).count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${what}`);
  };
  return {
    async press(what) {
      await what.waitFor();
      await reach(what);
      await page.keyboard.press('Enter');
    },
    async write(where, text) {
      await where.waitFor();
      await reach(where);
      await page.keyboard.type(text);
    },
  };
}

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const said = (page: Page, text: string) => page.getByText(text).first().waitFor();

/** The main job: back up, restore after a look, undo. */
async function story({ page, change, users, root }: Opened, { press, write }: Hand, look: () => Promise<void>) {
  await write(page.getByLabel(/^Name/), 'third');
  await press(button(page, 'Back up now'));
  await said(page, 'rows saved');
  await look();
  change("DELETE FROM users WHERE name = 'ada'; UPDATE users SET name = 'bobby' WHERE name = 'bob'");
  await page.goto(`${root}backups`);
  await press(link(page, 'second'));
  await press(link(page, 'Restore'));
  await press(button(page, 'Show what would change'));
  await said(page, 'would be added');
  await look();
  await write(page.getByLabel('Type second to confirm'), 'second');
  await press(button(page, 'Restore this backup'));
  await said(page, 'are in place');
  await look();
  expect(users()).toEqual(['ada', 'bob', 'cy']);
  await press(button(page, 'Undo'));
  await said(page, 'The database is again as it was');
  expect(users()).toEqual(['bobby', 'cy']);
}

/** All the rest: look into a backup, search, compare, verify, take a snapshot, clean up. */
async function rest({ page, root }: Opened, { press, write }: Hand, look: () => Promise<void>) {
  await page.goto(`${root}backups/first`);
  await press(link(page, 'log'));
  await write(page.getByLabel('Search in log'), 'line 299');
  await press(button(page, 'Search'));
  await said(page, '1 row found');
  await look();
  await page.goto(`${root}backups/second`);
  await press(button(page, 'Compare with now'));
  await said(page, 'bobby');
  await look();
  await page.goto(`${root}backups/second`);
  await press(button(page, 'Verify'));
  await said(page, 'restores exactly');
  await look();
  await page.goto(`${root}snapshots`);
  await write(page.getByLabel('What are you about to do?'), 'try something');
  await press(button(page, 'Take a snapshot'));
  await said(page, 'The snapshot is taken');
  await page.goto(`${root}clean-up`);
  await press(button(page, 'Show what would go'));
  await said(page, 'Nothing would go');
  await look();
}

describe.skipIf(program === undefined)('the panel in a browser', () => {
  test('by mouse', async () => {
    const opened = await open();
    await story(opened, mouse, () => mustBeFine(opened.page));
    await rest(opened, mouse, () => mustBeFine(opened.page));
  });

  test('by keyboard alone', async () => {
    const opened = await open();
    const { page } = opened;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await story(opened, keyboard(page), async () => {});
    await rest(opened, keyboard(page), async () => {});
  });

  test('without JavaScript', async () => {
    const opened = await open({ javaScriptEnabled: false });
    await story(opened, mouse, async () => {});
  });

  test('exports and imports, and the restore waits for the right name', async () => {
    const { page, root, change, users, folder } = await open();
    await page.goto(`${root}transfer`);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the database as it is now' }).click();
    const file = join(folder, 'document.json');
    await (await coming).saveAs(file);
    change('DELETE FROM users WHERE id > 1');
    await page.getByLabel('Document').setInputFiles(file);
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText('are in place').waitFor();
    expect(users()).toEqual(['ada', 'bob', 'cy']);
    await page.goto(`${root}backups/first/restore`);
    await page.getByRole('button', { name: 'Show what would change' }).click();
    const restore = page.getByRole('button', { name: 'Restore this backup' });
    await expect.poll(() => restore.isDisabled()).toBe(true);
    await page.getByLabel('Type first to confirm').fill('first');
    expect(await restore.isEnabled()).toBe(true);
  });

  test('shows progress as it comes, survives a reload, and stops when told', async () => {
    const { page, root, change, folder } = await open();
    change(`CREATE TABLE big(n INTEGER PRIMARY KEY, line TEXT);
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000000) INSERT INTO big SELECT i, 'some words to make it longer ' || i FROM c`);
    overwinter(folder, ['backup', 'big']);
    await page.goto(`${root}backups/big`);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/Restoring: [\d,]+ of/).waitFor();
    await mustBeFine(page);
    await page.reload();
    await page.getByText(/(Restoring|Checking): [\d,]+ of/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('It was stopped').waitFor();
  });

  test.each([
    ['light', 1200],
    ['dark', 390],
  ] as const)('every page in %s, %d pixels wide and on the narrowest phone', async (colorScheme, width) => {
    const { page, root } = await open({ colorScheme, viewport: { width, height: 900 } });
    for (const path of PAGES) {
      await page.goto(root + path);
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      await mustBeFine(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await mustNotStickOut(page);
      await page.setViewportSize({ width, height: 900 });
    }
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('404')));
  });

  test('an address is good for one visit, and only under its own name', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    new Database(join(folder, 'app.db')).exec('CREATE TABLE t(a)').close();
    const app = startCommand(process.execPath, [MAIN, 'ui', '--no-open'], folder);
    const address = new URL(await app.heard('http'));
    const { request } = await import('node:http');
    const ask = (path: string, host = address.host) =>
      new Promise<{ status: number; location: string }>((done, fail) => {
        request({ host: '127.0.0.1', port: address.port, path, headers: { host } }, (answer) => {
          answer.resume();
          done({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '' });
        })
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
    expect((await ask('/s/guess/')).status).toBe(404);
    app.signal('SIGINT');
    expect((await app.ended).code).toBe(0);
  });
});
