import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { servePanel } from '../../src/panel/serve.ts';
import { overwinter } from '../support/command-line.ts';
import { installed } from '../support/installed.ts';
import { scratch } from '../support/scratch.ts';
import { quiet, worldIn } from './support.ts';

const program = installed('chromium');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  if (program !== undefined) browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
});
afterAll(() => browser?.close());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(complaints.splice(0)).toEqual([]);
});

interface Place {
  readonly address: string;
  readonly folder: string;
  change(sql: string): void;
  users(): unknown[];
}

/** A project with two backups, and the panel on it as 'overwinter ui' opens it. */
async function project(): Promise<Place> {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const db = join(folder, 'app.db');
  const query = <T>(work: (open: Database.Database) => T) => {
    const open = new Database(db);
    try {
      return work(open);
    } finally {
      open.close();
    }
  };
  const change = (sql: string) => void query((open) => open.exec(sql));
  change(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users(name) VALUES ('ada'), ('bob');
    CREATE TABLE log(n INTEGER PRIMARY KEY, line TEXT, wide TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300) INSERT INTO log SELECT i, 'line ' || i, hex(randomblob(90)) FROM c`);
  overwinter(folder, ['backup', 'first']);
  change("INSERT INTO users(name) VALUES ('cy')");
  overwinter(folder, ['backup', 'second']);
  const { address, close } = await servePanel(
    { db, logger: quiet, retention: { last: 1, daily: 0, weekly: 0, monthly: 0 } },
    worldIn(folder),
    0,
  );
  closing.push(close);
  return {
    address,
    folder,
    change,
    users: () => query((open) => open.prepare('SELECT name FROM users ORDER BY id').pluck().all()),
  };
}

interface Opened extends Place {
  readonly page: Page;
  readonly root: string;
}

/** A window of the one browser. What it complains about fails the test. */
async function windowOf(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  closing.push(() => context.close());
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (404|409|422)/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return page;
}

async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const place = await project();
  const page = await windowOf(options);
  await page.goto(place.address);
  return { ...place, page, root: page.url() };
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
  // A time that is wider than its column stands over what is beside it.
  const times = await page.evaluate(
    '[...document.querySelectorAll(".moments time")].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)',
  );
  expect(times).toEqual([]);
}

const PAGES = [
  '',
  'timeline',
  'timeline?show=snapshots',
  'timeline?show=activity&search=nothing-like-it',
  'backups/second',
  'backups/second/rows?table=log',
  'browse',
  'backups/second/row?table=users&number=1',
  'backups/second/restore',
  'backups/first/delete',
  'backups/second/delete',
  'restore',
  'backups/second/restore?table=log',
  'backups/second/restore?table=log&row=0&row=5',
  'nothing-here',
];

/** A way to work the panel: by mouse or by keyboard. */
interface Hand {
  press(what: Locator): Promise<void>;
  write(where: Locator, text: string): Promise<void>;
  choose(where: Locator, option: string): Promise<void>;
  pick(where: Locator, file: string): Promise<void>;
}

const mouse: Hand = {
  press: (what) => what.click(),
  write: (where, text) => where.fill(text),
  choose: async (where, option) => void (await where.selectOption(option)),
  pick: (where, file) => where.setInputFiles(file),
};

function keyboard(page: Page): Hand {
  const reach = async (what: Locator) => {
    await what.waitFor();
    for (let n = 0; n < 80; n++) {
      if ((await what.and(page.locator(':focus')).count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${what}`);
  };
  return {
    async press(what) {
      await reach(what);
      await page.keyboard.press((await what.getAttribute('type')) === 'checkbox' ? 'Space' : 'Enter');
    },
    async write(where, text) {
      await reach(where);
      await page.keyboard.insertText(text);
    },
    async choose(where, option) {
      await reach(where);
      await page.keyboard.type(option);
    },
    async pick(where, file) {
      await reach(where);
      // Registered before the key: the browser needs a moment until it asks us instead of opening its own window.
      const asked = page.waitForEvent('filechooser');
      await page.evaluate('0');
      await page.keyboard.press('Space');
      await (await asked).setFiles(file);
    },
  };
}

const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: true });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const said = (page: Page, text: string) => page.getByText(text).first().waitFor();

type Look = () => Promise<void>;

/** Back up, restore after a look, undo. */
async function restoring({ page, change, users, root }: Opened, { press, write }: Hand, look: Look) {
  await write(page.getByLabel(/^Name/), 'third');
  await press(button(page, 'Back up now'));
  await said(page, 'rows saved');
  await look();
  change("DELETE FROM users WHERE name = 'ada'; UPDATE users SET name = 'bobby' WHERE name = 'bob'");
  await page.goto(`${root}timeline`);
  await press(link(page, 'second'));
  await press(link(page, 'Restore from here'));
  await press(button(page, 'Show what would change'));
  await said(page, 'would be added');
  await look();
  await press(button(page, 'Restore this backup'));
  await said(page, 'are in place');
  await look();
  expect(users()).toEqual(['ada', 'bob', 'cy']);
  await press(button(page, 'Undo'));
  await said(page, 'The database is again as it was');
  expect(users()).toEqual(['bobby', 'cy']);
}

/** Bring single rows back, from the table they are ticked in. */
async function bringing({ page, root, change, users }: Opened, { press }: Hand, look: Look) {
  change("DELETE FROM users WHERE name = 'cy'");
  await page.goto(`${root}backups/second/rows?table=users`);
  await press(page.getByLabel('Pick row 3'));
  await press(button(page, 'Bring these back'));
  await said(page, '1 row of users, as ticked');
  await look();
  await press(button(page, 'Show what would change'));
  await said(page, 'Nothing would go');
  await look();
  await press(button(page, 'Restore this backup'));
  await said(page, 'are in place');
  expect(users()).toEqual(['bobby', 'cy']);
}

/** Look into a backup, search, compare, verify. */
async function looking({ page, root }: Opened, { press, write, choose }: Hand, look: Look) {
  await page.goto(`${root}backups/first`);
  await press(link(page, 'log'));
  await press(link(page, 'Next rows'));
  await said(page, 'Rows 51 to 100');
  await press(link(page, 'line'));
  await said(page, 'line 100');
  await press(link(page, 'line ↑'));
  await said(page, 'line 99');
  await write(page.getByLabel('Filter by line'), 'line 299');
  await page.getByLabel('Filter by line').press('Enter');
  await said(page, 'Rows 1 to 1 of 1');
  await look();
  await press(page.locator('tbody summary').first());
  await press(link(page, 'Row 299 and its life'));
  await said(page, 'Its life');
  await said(page, 'added');
  await look();
  await page.goto(`${root}browse`);
  await press(link(page, 'Older'));
  await page.getByRole('heading', { name: 'second' }).waitFor();
  await press(button(page, 'Go'));
  await page.getByRole('heading', { name: 'second' }).waitFor();
  await look();
  await page.goto(`${root}backups/second`);
  await press(button(page, 'Compare with now'));
  await said(page, 'bobby');
  await look();
  await page.goto(`${root}timeline`);
  await press(page.getByLabel('Choose second to compare'));
  await press(page.getByLabel('Choose first to compare'));
  await look();
  await press(button(page, 'Compare'));
  await said(page, 'From first to second');
  await said(page, 'name: cy');
  await page.goto(`${root}backups/second`);
  await press(button(page, 'Verify'));
  await said(page, 'restores exactly');
  await look();
  await page.goto(`${root}timeline`);
  await choose(page.getByLabel('Show'), 'Snapshots');
  await press(button(page, 'Filter'));
  await said(page, 'before restoring second');
  await press(button(page, 'Verify all backups'));
  await said(page, '3 backups restored exactly');
}

/** Take a snapshot and go back to it; download, and import after a look; clean up after a look; save what lost its rows. */
async function caring(opened: Opened, { press, write, pick, choose }: Hand, look: Look) {
  const { page, root, change, users, folder } = opened;
  await page.goto(`${root}timeline`);
  await press(page.getByText('Take a snapshot').first());
  await write(page.getByLabel('What are you about to do?'), 'try something');
  await press(button(page, 'Take a snapshot'));
  await said(page, 'The snapshot is taken');
  change('DELETE FROM users');
  await press(link(page, 'Timeline').last());
  await press(link(page, 'Go back to this: try something'));
  await look();
  await press(button(page, 'Go back to this'));
  await said(page, 'The database is again as it was try something');
  expect(users()).toEqual(['bobby', 'cy']);

  await page.goto(root);
  const coming = page.waitForEvent('download');
  await press(link(page, 'Download the database as it is now'));
  const file = join(folder, 'document.json');
  await (await coming).saveAs(file);
  change("UPDATE users SET name = 'eve' WHERE name = 'cy'");
  await page.goto(`${root}restore`);
  await pick(page.getByLabel('Document'), file);
  await press(button(page, 'Look at the document'));
  await said(page, 'would be changed');
  await look();
  expect(users()).toEqual(['bobby', 'eve']);
  await write(page.getByLabel('Type document.json to confirm'), 'document.json');
  await press(button(page, 'Import this document'));
  await said(page, 'are in place');
  expect(users()).toEqual(['bobby', 'cy']);

  await page.goto(root);
  await press(button(page, 'Back up now'));
  await said(page, 'Done');
  // Retention keeps the newest that has the rows of the log, so only one before it may go.
  change("UPDATE users SET name = 'cyd' WHERE name = 'cy'");
  await page.goto(root);
  await press(button(page, 'Back up now'));
  await said(page, 'Done');
  change("DELETE FROM log; DELETE FROM users WHERE name = 'bobby'");
  await page.goto(root);
  await press(button(page, 'Back up now'));
  await said(page, 'no backup was written');
  await look();
  await press(page.getByLabel('I have looked'));
  await press(button(page, 'Save it all the same'));
  await said(page, '1 row saved');
  await page.goto(`${root}timeline`);
  await press(page.getByText('Clean up').first());
  await press(button(page, 'Show what would go'));
  await said(page, 'would go');
  await look();
  await press(button(page, 'Remove 1 backup'));
  await said(page, '1 backup went');
  await naming(opened, { press, write, pick, choose }, look);
}

/** Give a backup a name, take one as a database, and let one go. */
async function naming({ page, root, folder }: Opened, { press, write }: Hand, look: Look) {
  await page.goto(`${root}timeline`);
  await press(page.locator('.moments a[href*="/backups/backup_"]').first());
  await write(page.getByLabel('Name'), 'the-last');
  await press(button(page, 'Give it a name'));
  await page.getByRole('heading', { name: 'the-last' }).waitFor();
  await page.goto(`${root}timeline`);
  await press(page.getByLabel('More for first'));
  await look();
  const coming = page.waitForEvent('download');
  await press(link(page, 'Download as .db'));
  await (await coming).saveAs(join(folder, 'taken.db'));
  const taken = new Database(join(folder, 'taken.db'), { readonly: true });
  expect(taken.prepare('SELECT name FROM users ORDER BY id').pluck().all()).toEqual(['ada', 'bob']);
  taken.close();
  await page.goto(`${root}timeline`);
  await press(page.getByLabel('More for first'));
  await press(link(page, 'Delete…'));
  await look();
  await press(button(page, 'Delete this backup'));
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  expect(existsSync(join(folder, 'backups/first.json'))).toBe(false);
}

/** What the log calls all that. */
const DEEDS = [
  ...['backup', 'preview', 'restore', 'bring', 'undo', 'diff', 'verify', 'snapshot'],
  ...['download', 'import preview', 'import', 'prune preview', 'prune', 'name', 'delete'],
];

async function everything(opened: Opened, hand: Hand, look: Look = async () => {}) {
  await restoring(opened, hand, look);
  await bringing(opened, hand, look);
  await looking(opened, hand, look);
  await caring(opened, hand, look);
}

describe.skipIf(program === undefined)('the panel in a browser', () => {
  test('everything by mouse, and nothing that a checker of accessibility would find', async () => {
    const opened = await open();
    await everything(opened, mouse, () => mustBeFine(opened.page));
    const log = readFileSync(join(opened.folder, '.overwinter/audit.log'), 'utf8').trimEnd().split('\n');
    const done = log.map((line) => JSON.parse(line)).filter(({ outcome }) => outcome === 'done');
    expect(new Set(done.map(({ action }) => action))).toEqual(new Set(DEEDS));
  });

  test('everything by keyboard alone, in the dark', async () => {
    const opened = await open({ colorScheme: 'dark' });
    const { page } = opened;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await everything(opened, keyboard(page));
  });

  test('backing up, restoring, importing and cleaning up without JavaScript, on a phone', async () => {
    const opened = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, hasTouch: true });
    const hand: Hand = { ...mouse, press: (what) => what.tap() };
    await restoring(opened, hand, async () => {});
    await bringing(opened, hand, async () => {});
    await caring(opened, hand, async () => {});
  });

  test('a restore by which much would be lost waits for the right name', async () => {
    const { page, root, change } = await open();
    change(
      'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 150) INSERT INTO users(name) SELECT i FROM c',
    );
    await page.goto(`${root}backups/first/restore`);
    await button(page, 'Show what would change').click();
    const restore = button(page, 'Restore this backup');
    await expect.poll(() => restore.isDisabled()).toBe(true);
    await page.getByLabel('Type first to confirm').fill('first');
    expect(await restore.isEnabled()).toBe(true);
  });

  test('says what changed without being asked, where there is JavaScript', async () => {
    const { page, change } = await open();
    await said(page, 'Saved up to');
    change("INSERT INTO users(name) VALUES ('dan')");
    await said(page, '1 row not saved yet');
    await mustBeFine(page);
  });

  test('brings a database that is gone back in one click', async () => {
    const { page, root, folder, users } = await open({ viewport: { width: 390, height: 844 } });
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
    await page.goto(root);
    await said(page, 'The database is gone');
    await mustBeFine(page);
    await button(page, 'Bring it back').click();
    await said(page, 'are in place');
    expect(users()).toEqual(['ada', 'bob', 'cy']);
  });

  test('what is said of each backup has room on a phone, and a name ends a line between its parts alone', async () => {
    const { page, root, folder, change } = await open({ viewport: { width: 320, height: 844 } });
    change("ALTER TABLE users ADD COLUMN password_hash TEXT; UPDATE users SET password_hash = 'x'");
    overwinter(folder, ['backup']);
    await page.goto(`${root}timeline`);
    await button(page, 'Verify all backups').click();
    await said(page, 'Left out of backups: users.password_hash');
    const heights: number[] = await page.evaluate(
      '[...document.querySelectorAll(".reasons li")].map((each) => each.clientHeight)',
    );
    expect(heights).toHaveLength(3);
    expect(Math.max(...heights)).toBeLessThan(180);
    const partsInTwo = async () =>
      page.evaluate(
        `[...document.querySelectorAll('wbr')].flatMap(({ previousSibling, nextSibling }) => [previousSibling, nextSibling]).filter((part) => {
          const range = document.createRange();
          range.selectNodeContents(part);
          return /^\\d+_?$/.test(part.data) && new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
        }).map(({ data }) => data)`,
      );
    expect(await page.evaluate('document.querySelectorAll("strong wbr").length')).toBeGreaterThan(2);
    expect(await partsInTwo()).toEqual([]);
    await page.goto(`${root}timeline`);
    expect(await page.evaluate('document.querySelectorAll(".below wbr").length')).toBeGreaterThan(2);
    expect(await partsInTwo()).toEqual([]);
  });

  test('days and times are those of the reader', async () => {
    const { root } = await open();
    const page = await windowOf({ timezoneId: 'Pacific/Kiritimati', locale: 'en-GB' });
    await page.goto(`${root}timeline`);
    const stated = await page.locator('.moments time').first().getAttribute('datetime');
    const there = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'Pacific/Kiritimati' }).format(new Date(stated ?? ''));
    expect(await page.locator('.moments time').first().textContent()).toBe(there({ timeStyle: 'short' }));
    expect(await page.locator('.day time').first().textContent()).toBe(there({ dateStyle: 'full' }));
  });

  test('shows progress as it comes, in every tab, survives a reload, and stops when told', async () => {
    const { page, root, change, folder } = await open();
    change(`CREATE TABLE big(n INTEGER PRIMARY KEY, line TEXT);
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000000) INSERT INTO big SELECT i, 'some words to make it longer ' || i FROM c`);
    overwinter(folder, ['backup', 'big']);
    const second = await page.context().newPage();
    await second.goto(`${root}restore`);
    await page.goto(`${root}backups/big`);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/Restoring: [\d,]+ of/).waitFor();
    await mustNotStickOut(page);
    await second.reload();
    await second.getByRole('link', { name: 'See what is going on' }).click();
    await page.reload();
    await page.getByText(/(Restoring|Checking): [\d,]+ of/).waitFor();
    const [here, there] = [page, second].map((each) => each.getByText('It was stopped').waitFor());
    await keyboard(second).press(button(second, 'Cancel'));
    await Promise.all([here, there]);
    await mustBeFine(page);
  });

  test('every page in both themes, on a desktop and on phones', async () => {
    const { page, root } = await open({ colorScheme: 'light' });
    const phone = await windowOf({ colorScheme: 'dark', viewport: { width: 390, height: 844 } });
    const look = async (where: Page, path: string) => {
      await where.goto(root + path);
      await where.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      await mustBeFine(where);
    };
    for (const path of PAGES) {
      await Promise.all([look(page, path), look(phone, path)]);
      for (const width of [320, 1440]) {
        await page.setViewportSize({ width, height: 640 });
        await mustNotStickOut(page);
      }
      await page.setViewportSize({ width: 1200, height: 900 });
    }
  });
});
