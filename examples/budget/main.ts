import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { openBudget } from './database.ts';

const { env } = process;
const file = env.BUDGET_DB ?? join(import.meta.dirname, 'budget.db');
const backups = env.BUDGET_BACKUPS ?? join(import.meta.dirname, '../../backups');

/** In production it must be given: a new one with every start would lock everybody out, and stand in a log. */
function tokenForPanel(): string {
  const given = env.PANEL_TOKEN;
  if (given !== undefined && given !== '') return given;
  if (env.NODE_ENV === 'production') throw new Error('PANEL_TOKEN is not set. Make one: openssl rand -base64 32');
  return randomBytes(24).toString('base64url');
}

const panelToken = tokenForPanel();
const budget = await openBudget(file, backups);
const origin = env.PUBLIC_URL;
let address = origin ?? '';
const app = createApp({
  budget,
  file,
  backups,
  panelToken,
  ...(origin === undefined ? {} : { origin }),
  // Your mailer belongs here.
  send: (to, path) => console.log(`To ${to}: choose a password at ${address}${path}`),
});

const server = serve({ fetch: app.fetch, port: Number(env.PORT ?? 3000) }, ({ port }) => {
  address = origin ?? `http://localhost:${port}`;
  console.log(`The budget is at ${address}`);
  console.log(`Its backups are at ${address}/settings/backups`);
  if (panelToken !== env.PANEL_TOKEN) console.log(`The password for them, until the next start: ${panelToken}`);
});

let isEnding = false;

/** First no more requests, then what is unsaved is saved. */
function end(): void {
  if (isEnding) return;
  isEnding = true;
  server.close(() => {
    app.close();
    budget.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  if ('closeAllConnections' in server) server.closeAllConnections();
}
// 'on', not 'once': as long as the app listens for it, the keeper leaves it to the app to go.
process.on('SIGTERM', end);
process.on('SIGINT', end);
