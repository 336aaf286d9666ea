import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type BudgetPlace, startBudget } from '../support/budget.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

/** What `npm run example -- --postgres` starts. */
const EXAMPLE = [resolve(import.meta.dirname, '../../scripts/example.ts'), '--postgres'];
const EXPENSE = { what: 'a new kettle', amount: '49.90', day: '2026-07-01' };

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const start = (place: BudgetPlace) => startBudget(place, (child) => closing.push(() => child.kill('SIGKILL')));

function place(file: string | undefined, env: Readonly<Record<string, string>> = {}): BudgetPlace {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  return { folder, file, backups: join(folder, 'backups'), script: EXAMPLE, env };
}

/** Adds an expense, loses the database, and starts again. */
async function keepsItsBooks(where: BudgetPlace, lose: () => void): Promise<void> {
  const first = await start(where);
  const cookie = await first.signIn('first@example.org');
  const page = await (await fetch(first.address, { headers: { cookie } })).text();
  for (const said of ['A week by the sea', '€450.00', 'salary']) expect(page).toContain(said);
  expect((await first.post('/expenses', EXPENSE, cookie)).status).toBe(303);
  expect((await first.post('/goals/1', { amount: '10,5' }, cookie)).status).toBe(303);
  expect(await first.stop()).toBe(0);
  lose();
  const second = await start(where);
  const again = await fetch(second.address, { headers: { cookie: await second.signIn('first@example.org') } });
  const after = await again.text();
  for (const said of ['a new kettle', '-€49.90', '€460.50']) expect(after).toContain(said);
  expect((await fetch(`${second.address}/health`)).status).toBe(200);
  expect(await second.stop()).toBe(0);
}

describe('the budget', () => {
  test('keeps its books on PGlite, in a folder', { timeout: 180_000 }, async () => {
    const pg = join(scratch(), 'pg');
    await keepsItsBooks(place(`pglite:${pg}`), () => rmSync(pg, { recursive: true }));
  });

  // Needs PostgreSQL's programs: `apt-get install postgresql`.
  test.skipIf(postgresPrograms() === undefined)(
    'keeps its books on a server, where DATABASE_URL says which',
    { timeout: 180_000 },
    async () => {
      const database = await freshDatabase();
      const lose = () => database.psql('DROP SCHEMA public CASCADE; CREATE SCHEMA public', 'postgres');
      const after = () => {
        lose();
        database.psql('GRANT ALL ON SCHEMA public TO app', 'postgres');
      };
      await keepsItsBooks(place(undefined, { DATABASE_URL: database.url }), after);
    },
  );
});
