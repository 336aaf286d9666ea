import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { createPanel } from 'overwinter';
import * as books from './books.ts';
import type { Budget } from './database.ts';
import { amount, email, entry, Mistake, newPassword, text } from './form.ts';
import { createLinks } from './links.ts';
import * as pages from './pages.ts';
import { fits, hashOf } from './passwords.ts';
import { style } from './style.ts';

export interface AppOptions {
  readonly budget: Budget;
  /** The database: a file, or an address of PostgreSQL's. */
  readonly file: string;
  readonly backups: string;
  /** Opens the panel. */
  readonly panelToken: string;
  /** Where people see the app, where a proxy hides it: `https://budget.example.org`. */
  readonly origin?: string;
  /** Brings a link to somebody's mailbox. */
  readonly send: (to: string, path: string) => void;
}

const BACKUPS = '/settings/backups';
const CLOSED = 'The data is being restored. Please try again in a moment.';

class NobodyThere extends Error {}

export function createApp({ budget, file, backups, panelToken, origin, send }: AppOptions) {
  const sessions = new Map<string, number>();
  const links = createLinks(Date.now);
  const panel = createPanel({
    db: file,
    dir: backups,
    basePath: BACKUPS,
    token: panelToken,
    ...(origin === undefined ? {} : { origin }),
    // Afterwards a number may be another person's: everybody signs in again.
    withDatabaseClosed: (work) => budget.whileClosed(work).finally(() => sessions.clear()),
  });

  const open = () => {
    const db = budget.db();
    if (db === undefined) throw new HTTPException(503, { message: CLOSED });
    return db;
  };
  const userOf = (c: Context) => books.userById(open(), sessions.get(getCookie(c, 'session') ?? '') ?? 0);
  const signedIn = async (c: Context) => {
    const user = await userOf(c);
    if (user === undefined) throw new NobodyThere();
    return user;
  };
  const begin = (c: Context, user: number) => {
    const session = randomBytes(24).toString('base64url');
    sessions.set(session, user);
    setCookie(c, 'session', session, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure: origin?.startsWith('https:') === true,
    });
    return c.redirect('/', 303);
  };

  const app = new Hono();
  // Before everything else: it has rules of its own.
  app.all(`${BACKUPS}/*`, (c) => panel.fetch(c.req.raw));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  // By host alone: behind a proxy the app does not see that it is https.
  app.use(csrf({ origin: (from, c) => URL.canParse(from) && new URL(from).host === c.req.header('host') }));
  app.onError((error, c) => {
    if (error instanceof NobodyThere) return c.redirect('/sign-in', 303);
    if (error instanceof Mistake) return c.html(pages.message('That did not work', error.message), 400);
    if (error instanceof HTTPException) return c.html(pages.message('Not now', error.message), error.status);
    console.error(error);
    return c.html(pages.message('Something went wrong', 'It is our fault, and it is in the log.'), 500);
  });
  app.notFound((c) => c.html(pages.message('Nothing here', 'There is no such page.'), 404));

  app.get('/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  // A backup that fails is no reason for a host to restart the app, so it answers 200 then too; what it says is for a monitor.
  app.get('/health', (c) => {
    const health = budget.health();
    if (budget.db() === undefined) return c.json({ light: 'yellow', restoring: true }, 503);
    if (health === undefined) return c.json({ light: 'yellow', saved: 'when it ends' });
    const { light, lastBackup, lastChecked, pending, failures } = health;
    return c.json({ light, lastBackup, lastChecked, pending, failures });
  });

  app.get('/', async (c) => {
    const user = await signedIn(c);
    const today = new Date().toISOString().slice(0, 10);
    return c.html(pages.home(user.name, await books.overviewOf(open(), user.id), today));
  });
  app.post('/expenses', async (c) => {
    const user = await signedIn(c);
    await books.addExpense(open(), user.id, entry(await c.req.parseBody()));
    return c.redirect('/', 303);
  });
  app.post('/income', async (c) => {
    const user = await signedIn(c);
    await books.addIncome(open(), user.id, entry(await c.req.parseBody()));
    return c.redirect('/', 303);
  });
  app.post('/goals', async (c) => {
    const user = await signedIn(c);
    const fields = await c.req.parseBody();
    await books.addGoal(open(), user.id, text(fields, 'title'), amount(fields));
    return c.redirect('/', 303);
  });
  app.post('/goals/:id', async (c) => {
    const user = await signedIn(c);
    await books.save(open(), user.id, Number(c.req.param('id')), amount(await c.req.parseBody()));
    return c.redirect('/', 303);
  });

  app.get('/sign-in', async (c) => c.html(pages.signIn(await books.lacksPasswords(open()))));
  app.post('/sign-in', async (c) => {
    const fields = await c.req.parseBody();
    const user = await books.userByEmail(open(), email(fields));
    const given = typeof fields.password === 'string' ? fields.password : '';
    const isRight = await fits(given, user?.password_hash ?? null);
    if (user === undefined || !isRight) return c.html(pages.signIn(await books.lacksPasswords(open()), true), 403);
    return begin(c, user.id);
  });
  app.post('/sign-out', (c) => {
    sessions.delete(getCookie(c, 'session') ?? '');
    deleteCookie(c, 'session', { path: '/' });
    return c.redirect('/sign-in', 303);
  });

  app.get('/password', (c) => c.html(pages.askForLink()));
  app.post('/password', async (c) => {
    const to = email(await c.req.parseBody());
    send(to, `/password/${links.make(to)}`);
    // The same for every address: it says nothing of who has an account.
    return c.html(pages.message('Look into your mail', 'We sent you a link. It is good for half an hour.'));
  });
  app.get('/password/:link', (c) => {
    const link = c.req.param('link');
    const owner = links.owner(link);
    if (owner === undefined) return c.html(pages.message('Too late', 'This link was used, or is too old.'), 410);
    return c.html(pages.choosePassword(link, owner));
  });
  app.post('/password/:link', async (c) => {
    const password = newPassword(await c.req.parseBody());
    const hash = await hashOf(password);
    const db = open();
    const owner = links.use(c.req.param('link'));
    if (owner === undefined) return c.html(pages.message('Too late', 'This link was used, or is too old.'), 410);
    await books.setPassword(db, owner, hash);
    const user = await books.userByEmail(db, owner);
    if (user === undefined) return c.html(pages.message('Not now', 'This account is switched off.'), 403);
    for (const [session, id] of sessions) if (id === user.id) sessions.delete(session);
    return begin(c, user.id);
  });

  return { fetch: app.fetch, request: app.request, close: () => panel.close() };
}
