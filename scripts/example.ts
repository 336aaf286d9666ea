import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBudget } from '../examples/budget/database.ts';
import { seedBudget, seedPostgres } from '../examples/budget/seed.ts';

/**
 * Starts the example. Where it has no database, its own boot restores this repository's backup; where there is none either, it begins
 * with made-up rows. With `--postgres` it runs on PostgreSQL, where DATABASE_URL says which, and on PGlite in a folder otherwise; its backups
 * have a folder of their own there, for a backup belongs to one kind of database.
 */
const root = join(import.meta.dirname, '..');
const budget = join(root, 'examples/budget');

if (process.argv.includes('--postgres')) {
  const { DATABASE_URL } = process.env;
  process.env.BUDGET_DB ??= DATABASE_URL ?? `pglite:${join(budget, 'on-postgres/pg')}`;
  process.env.BUDGET_BACKUPS ??= join(budget, 'on-postgres/backups');
  mkdirSync(process.env.BUDGET_BACKUPS, { recursive: true });
  await begin(process.env.BUDGET_DB, process.env.BUDGET_BACKUPS);
} else {
  const db = join(budget, 'budget.db');
  if (!existsSync(db) && !existsSync(join(root, 'backups/latest_backup.json'))) seedBudget(db);
}
await import('../examples/budget/main.ts');

/** Whatever its boot brought back stays as it is. */
async function begin(target: string, backups: string): Promise<void> {
  const opened = await openBudget(target, backups);
  const sql = opened.db();
  if (sql !== undefined && (await sql.all('SELECT 1 FROM users LIMIT 1')).length === 0) await seedPostgres(sql);
  await opened.stop();
}
